"""The press journal: what was promised is kept, in order, under one name for ever."""

import builtins
import os

from firmware import journal as module
from firmware.journal import RECORD_BYTES, Journal
from tests.firmware.fakes import Folder


class Chance:
    """32 random bits that a test can foresee: 101, 102 ..."""

    def __init__(self):
        self.drawn = 100

    def __call__(self):
        self.drawn += 1
        return self.drawn


def press(journal, count, now_ms=0):
    return [journal.append("w3", f"v{number}", 1 + number % 5, now_ms) for number in range(count)]


def seqs(journal, limit=16):
    return [rating.seq for rating in journal.oldest(limit, 0)]


def test_a_press_is_kept_with_its_window_visit_and_level():
    with Folder("journal") as folder:
        journal = Journal(folder, Chance())
        assert journal.append("w3", "v12", 5, 1000) == 1
        (rating,) = journal.oldest(16, 1250)
        assert rating == (1, 250, "w3", "v12", 5)


def test_the_longest_window_and_visit_fit():
    with Folder("journal") as folder:
        journal = Journal(folder, Chance())
        journal.append("w" * 32, "v" * 32, 1, 0)
        assert journal.oldest(16, 0)[0][2:4] == ("w" * 32, "v" * 32)


def test_it_is_all_there_after_a_restart_with_an_unknown_age():
    with Folder("journal") as folder:
        first = Journal(folder, Chance())
        press(first, 3, 5000)
        second = Journal(folder, Chance())
        assert (second.epoch, second.pending) == (first.epoch, 3)
        assert second.append("w3", "", 5, 10) == 4
        assert [rating.age_ms for rating in second.oldest(16, 60)] == [-1, -1, -1, 50]


def test_what_is_settled_is_not_offered_again_not_even_after_a_restart():
    with Folder("journal") as folder:
        journal = Journal(folder, Chance())
        press(journal, 5)
        journal.oldest(16, 0)
        assert journal.settle([1, 3, 5]) == 3
        assert seqs(journal) == [2, 4]
        assert seqs(Journal(folder, Chance())) == [2, 4]


def test_an_acknowledgement_that_is_a_repeat_or_wrong_changes_nothing():
    with Folder("journal") as folder:
        journal = Journal(folder, Chance())
        press(journal, 3)
        journal.oldest(16, 0)
        assert journal.settle([2]) == 1
        assert journal.settle([2]) == 0
        assert journal.settle([99, 0]) == 0
        assert journal.pending == 2


def test_at_most_a_batch_is_offered():
    with Folder("journal") as folder:
        journal = Journal(folder, Chance())
        press(journal, 40)
        assert seqs(journal, 100) == list(range(1, 17))
        assert seqs(journal, 3) == [1, 2, 3]


def test_a_full_journal_refuses_and_overwrites_nothing():
    with Folder("journal") as folder:
        journal = Journal(folder, Chance(), 5)
        assert press(journal, 6) == [1, 2, 3, 4, 5, 0]
        assert journal.full and journal.error == "the journal is full"
        assert seqs(journal) == [1, 2, 3, 4, 5]
        assert journal.settle([1]) == 1
        assert not journal.full
        assert journal.append("w3", "", 5, 0) == 6


def test_a_journal_works_through_many_times_its_capacity_and_stays_small():
    with Folder("journal") as folder:
        journal = Journal(folder, Chance(), 50)
        for round_number in range(60):
            first = round_number * 10 + 1
            assert press(journal, 10) == list(range(first, first + 10))
            assert seqs(journal) == list(range(first, first + 10))
            assert journal.settle(list(range(first, first + 10))) == 10
        assert journal.pending == 0
        assert os.stat(folder + "/presses")[6] < 2 * module.COMPACT_SLOTS * RECORD_BYTES


def test_the_sequence_survives_compaction_and_restart_when_nothing_is_left():
    with Folder("journal") as folder:
        journal = Journal(folder, Chance(), 3)  # a quarter of three: it keeps nothing of what is settled
        pressed = 0
        while pressed == 0 or os.stat(folder + "/presses")[6] > RECORD_BYTES:  # until only the mark is left
            pressed += len(press(journal, 1))
            journal.settle([rating.seq for rating in journal.oldest(16, 0)])
            assert pressed < 200, "it was never compacted"
        again = Journal(folder, Chance())
        assert again.epoch == journal.epoch
        assert again.append("w3", "", 5, 0) == pressed + 1


def test_ages_survive_compaction():
    with Folder("journal") as folder:
        press(Journal(folder, Chance()), 1)
        journal = Journal(folder, Chance())
        for number in range(70):
            journal.append("w3", "", 5, number)
        while journal.pending > 9:
            offered = [rating.seq for rating in journal.oldest(16, 0)]
            journal.settle(offered[1:])  # the press of the last start stays
        ages = [rating.age_ms for rating in journal.oldest(16, 100)]
        assert ages[0] == -1
        assert all(age > 0 for age in ages[1:])


def served(journal, hub):
    """All that is pending is acknowledged by `hub`; their sequence numbers in order."""
    found = []
    while batch := seqs(journal):
        found += batch
        assert journal.settle(batch, hub) == len(batch)
    return found


def test_a_hub_that_was_restored_gets_again_what_the_earlier_one_had():
    with Folder("journal") as folder:
        journal = Journal(folder, Chance())
        press(journal, 20)
        assert served(journal, 5) == list(range(1, 21))
        journal.meet(5)
        assert journal.pending == 0
        press(journal, 2)
        journal.meet(6)
        assert journal.pending == 22
        assert served(journal, 6) == list(range(1, 23))
        journal.meet(6)
        assert journal.pending == 0


def test_a_pad_that_was_off_during_the_restore_learns_of_it_when_it_meets_the_hub():
    with Folder("journal") as folder:
        journal = Journal(folder, Chance())
        press(journal, 20)
        served(journal, 5)
        again = Journal(folder, Chance())
        assert (again.hub, again.pending) == (5, 0)
        again.meet(6)
        assert seqs(again, 2) == [1, 2]
        assert again.settle([1, 2], 6) == 2
        third = Journal(folder, Chance())  # started anew in the middle of it
        assert (third.hub, third.pending) == (6, 18)
        assert served(third, 6) == list(range(3, 21))


def test_an_acknowledgement_of_a_newer_hub_says_that_there_is_one():
    with Folder("journal") as folder:
        journal = Journal(folder, Chance())
        press(journal, 3)
        served(journal, 5)
        press(journal, 1)
        assert seqs(journal) == [4]
        assert journal.settle([4], 6) == 1
        assert served(journal, 6) == [1, 2, 3]


def test_what_a_broker_kept_of_an_earlier_hub_is_not_believed():
    with Folder("journal") as folder:
        journal = Journal(folder, Chance())
        press(journal, 3)
        served(journal, 6)
        for epoch in (5, 6, 5, 0, 6):
            journal.meet(epoch)
            assert journal.pending == 0
        press(journal, 1)
        seqs(journal)
        assert journal.settle([4], 5) == 0, "late words of a hub that is gone settle nothing"
        assert served(journal, 6) == [4]


def test_a_hub_with_a_lower_epoch_that_is_really_there_is_believed_when_it_acknowledges():
    with Folder("journal") as folder:
        journal = Journal(folder, Chance())
        press(journal, 3)
        served(journal, 6)
        journal.meet(2)
        press(journal, 1)
        assert served(journal, 2) == [4, 1, 2, 3]
        assert journal.pending == 0


def test_a_hub_that_does_not_say_its_epoch_is_the_present_one():
    with Folder("journal") as folder:
        journal = Journal(folder, Chance())
        journal.meet(5)
        press(journal, 3)
        served(journal, 0)
        again = Journal(folder, Chance())
        again.meet(5)
        assert again.pending == 0


def test_the_file_of_an_earlier_version_is_read_and_what_it_had_settled_is_offered_once_more():
    with Folder("journal") as folder:
        epoch = 7
        with open(folder + "/presses", "wb") as file:  # as the version before hub epochs wrote it
            file.write(module.pack(module.MARK, 0, epoch, 1, 0, b""))
            for seq in (1, 2, 3):
                file.write(module.pack(module.PRESS, 5, epoch, seq, 0, PAYLOAD))
            file.write(module.note(epoch, 0, [1, 3]))
        journal = Journal(folder, Chance())
        assert (journal.epoch, seqs(journal)) == (epoch, [2])
        journal.meet(5)
        assert served(journal, 5) == [1, 2, 3]
        assert journal.append("w3", "", 5, 0) == 4


PAYLOAD = b"w3" + bytes(30) + b"v1" + bytes(30)


def test_the_newest_presses_are_kept_through_compaction_and_restart():
    with Folder("journal") as folder:
        journal = Journal(folder, Chance(), 80)  # keeps 20
        for _ in range(40):
            press(journal, 10)
            served(journal, 5)
        assert os.stat(folder + "/presses")[6] < 150 * RECORD_BYTES
        again = Journal(folder, Chance(), 80)
        again.meet(6)
        offered = served(again, 6)
        assert offered == sorted(offered) and set(range(381, 401)) <= set(offered)


def test_what_is_kept_never_puts_the_pad_out_of_service():
    with Folder("journal") as folder:
        journal = Journal(folder, Chance(), 80)
        press(journal, 80)
        assert journal.full
        served(journal, 5)
        journal.meet(6)
        assert journal.pending >= 20
        assert press(journal, 80)[-1] == 160
        assert journal.full and not journal.append("w3", "", 5, 0)
        found = served(journal, 6)
        assert set(range(61, 161)) <= set(found)


def test_compaction_doubles_at_most_what_is_written_to_flash():
    """At a pad that is acknowledged press by press: a record for the press and one for its settlement."""
    with Folder("journal") as folder:
        journal = Journal(folder, Chance(), 200)
        counted = Counted()
        module.open = counted
        try:
            for _ in range(1500):
                press(journal, 1)
                served(journal, 5)
        finally:
            del module.open
        assert counted.written < 2 * 2 * 1500 * RECORD_BYTES, counted.written


class Counted:
    """An `open` that counts the bytes written."""

    written = 0

    def __call__(self, path, mode="r"):
        if mode == "rb":
            return open(path, mode)
        self.file = open(path, mode)  # noqa: SIM115 - closed by __exit__
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()

    def seek(self, place):
        self.file.seek(place)

    def write(self, data):
        self.written += len(data)
        return self.file.write(data)


def failed_append(journal):
    module.open = Broken()
    try:
        assert journal.append("w3", "", 5, 0) == 0
    finally:
        del module.open


def test_an_acknowledgement_after_a_failed_rename_settles_no_other_press():
    with Folder("journal") as folder:
        journal = Journal(folder, Chance(), 3)  # keeps nothing of what is settled
        press(journal, 3)
        assert seqs(journal, 2) == [1, 2]
        journal.settle([1, 2], 5)
        press(journal, 2)
        assert seqs(journal) == [3, 4, 5]
        journal.settle([3], 5)
        assert seqs(journal) == [4, 5]
        fails(LateRename, journal._compact)
        journal.settle([4], 5)  # the file is read first, in which the places have changed
        assert 5 in seqs(journal)
        assert 5 in seqs(Journal(folder, Chance()))


def test_what_another_hub_had_stays_known_as_that_through_compaction_and_restart():
    with Folder("journal") as folder:
        journal = Journal(folder, Chance(), 80)
        press(journal, 20)
        served(journal, 5)
        journal.meet(6)
        journal._compact()
        again = Journal(folder, Chance(), 80)
        assert press(again, 80)[-1] == 100 and again.full
        assert len(served(again, 6)) == 100


def test_a_rename_that_fails_does_not_make_it_forget_which_hub_is_there():
    with Folder("journal") as folder:
        journal = Journal(folder, Chance())
        press(journal, 3)
        served(journal, 5)
        journal.meet(6)
        fails(NoRename, journal._compact)
        assert seqs(journal) == [1, 2, 3]


def test_after_a_rename_that_failed_no_number_is_used_twice():
    with Folder("journal") as folder:
        journal = Journal(folder, Chance())
        promised = press(journal, 3)
        fails(NoRename, journal._compact)
        promised += press(journal, 3)
        assert promised == [1, 2, 3, 4, 5, 6]
        assert seqs(journal) == seqs(Journal(folder, Chance())) == promised


def test_a_file_that_cannot_be_read_for_a_while_keeps_its_name():
    with Folder("journal") as folder:
        journal = Journal(folder, Chance(), 5)
        promised = press(journal, 3)
        fails(NoRename, journal._compact)
        builtins.open = unreadable
        try:
            assert press(journal, 1) == [0]
        finally:
            builtins.open = open_file
        promised += press(journal, 3)
        assert promised == [1, 2, 3, 4, 5, 0]
        chance = Chance()
        chance.drawn = 500
        again = Journal(folder, chance)
        assert (again.epoch, seqs(again)) == (101, [1, 2, 3, 4, 5])


def test_a_full_flash_keeps_no_press_from_the_hub_and_no_pad_from_starting():
    with Folder("journal") as folder:
        journal = Journal(folder, Chance())
        promised = press(journal, 3)
        builtins.open = Broken()
        try:
            assert press(journal, 1) == [0]
            assert seqs(journal) == promised
            assert seqs(Journal(folder, Chance())) == promised
        finally:
            builtins.open = open_file
        promised += press(Journal(folder, Chance()), 1)
        assert seqs(Journal(folder, Chance())) == promised


open_file = open


def unreadable(path, mode="r"):
    if mode == "rb":
        raise OSError(5)
    return open_file(path, mode)


def fails(flash, do):
    """`do` fails because of `flash`, which stands for `os`."""
    module.os = flash
    try:
        do()
    except OSError:
        return
    finally:
        module.os = os
    raise AssertionError("it did not fail")


class NoRename:
    stat = os.stat

    def rename(*_):
        raise OSError(5)


class LateRename:
    """It is done, and fails then."""

    stat = os.stat

    def rename(before, after):
        os.rename(before, after)
        raise OSError(5)


def test_random_work_against_a_list_in_memory():
    for seed in range(12):
        Worked(seed).check()


class Worked:
    """A pad's journal through presses, acknowledgements, hubs of other epochs, restarts and failing flash. The model is
    a list of what was promised, and for each press the hubs that acknowledged it."""

    CAPACITY = 40
    STEPS = 400

    def __init__(self, seed):
        self.state = seed * 7919 + 1
        self.hub = 10
        self.promised = []
        self.had = {}

    def chance(self, count):
        self.state = (self.state * 1103515245 + 12345) & 0x7FFFFFFF
        return (self.state >> 12) % count

    def check(self):
        with Folder("journal") as folder:
            self.folder = folder
            self.start()
            for _ in range(self.STEPS):
                self.step()
            self.hub += 1
            self.journal.meet(self.hub)
            self.expect_all(served(self.journal, self.hub))

    def start(self):
        self.journal = Journal(self.folder, Chance(), self.CAPACITY)
        self.journal.meet(self.hub)

    def step(self):
        dice = self.chance(100)
        if dice < 55:
            self.press()
        elif dice < 90:
            self.acknowledge()
        elif dice < 94:
            self.start()
        elif dice < 96:
            self.hub += 1
            self.journal.meet(self.hub)
        elif dice < 98:
            self.journal.meet(self.hub - self.chance(3))  # what a broker kept
        else:
            self.fail()

    def fail(self):
        if self.chance(2):
            fails((NoRename, LateRename)[self.chance(2)], self.journal._compact)
        elif not self.journal.full:
            failed_append(self.journal)

    def press(self):
        seq = self.journal.append("w3", "v", 5, 0)
        assert seq or self.journal.full
        if seq:
            assert seq not in self.had, "a number was used twice"
            self.promised.append(seq)
            self.had[seq] = 0

    def acknowledge(self):
        offered = seqs(self.journal, 1 + self.chance(16))
        assert all(self.had[seq] != self.hub for seq in offered), "the present hub has it and gets it again"
        listed = [seq for seq in offered if self.chance(4)]
        if self.chance(10) == 0:
            self.fail()
        pending = self.journal.pending
        self.journal.settle(listed, self.hub)
        if self.journal.pending < pending:  # otherwise the file had to be read first: a repeat
            for seq in listed:
                self.had[seq] = self.hub

    def expect_all(self, offered):
        """A hub that has nothing gets what no hub had, and the newest that others had."""
        assert len(set(offered)) == len(offered)
        never = [seq for seq in self.promised if not self.had[seq]]
        kept = [seq for seq in self.promised if self.had[seq]][-self.CAPACITY // module.PRESSES_PER_KEPT :]
        assert set(offered) >= set(never + kept), (never, kept, offered)


def test_a_new_journal_has_another_name():
    with Folder("journal") as folder:
        chance = Chance()
        first = Journal(folder, chance).epoch
        os.remove(folder + "/presses")
        assert Journal(folder, chance).epoch != first


def test_a_spoiled_mark_does_not_lose_the_name():
    with Folder("journal") as folder:
        journal = Journal(folder, Chance())
        press(journal, 3)
        spoil(folder + "/presses", 5)
        again = Journal(folder, Chance())
        assert (again.epoch, seqs(again)) == (journal.epoch, [1, 2, 3])
        assert again.append("w3", "", 5, 0) == 4


def test_a_spoiled_press_is_lost_alone():
    with Folder("journal") as folder:
        press(Journal(folder, Chance()), 3)
        spoil(folder + "/presses", 2 * RECORD_BYTES + 40)
        assert seqs(Journal(folder, Chance())) == [1, 3]


def test_a_file_that_cannot_be_read_at_all_begins_anew_under_another_name():
    with Folder("journal") as folder:
        epoch = Journal(folder, Chance()).epoch
        with open(folder + "/presses", "wb") as file:
            file.write(b"rubbish" * 100)
        chance = Chance()
        chance.drawn = 500
        journal = Journal(folder, chance)
        assert journal.epoch == 501 != epoch
        assert press(journal, 2) == [1, 2]


def spoil(path, place):
    with open(path, "rb") as file:
        data = bytearray(file.read())
    data[place] ^= 0xFF
    with open(path, "wb") as file:
        file.write(data)


def test_cut_at_every_byte_it_keeps_every_whole_record_and_goes_on():
    with Folder("journal") as folder:
        journal = Journal(folder, Chance())
        press(journal, 4)
        journal.oldest(16, 0)
        journal.settle([2])
        press(journal, 2)
        with open(folder + "/presses", "rb") as file:
            whole = file.read()
        stages = [[], [1], [1, 2], [1, 2, 3], [1, 2, 3, 4], [1, 3, 4], [1, 3, 4, 5], [1, 3, 4, 5, 6]]
        for size in range(RECORD_BYTES, len(whole) + 1):
            with open(folder + "/presses", "wb") as file:
                file.write(whole[:size])
            again = Journal(folder, Chance())
            kept = list(stages[size // RECORD_BYTES - 1])
            assert seqs(again) == kept, size
            new = again.append("w3", "new", 5, 0)
            assert new == (max(kept) if kept else 0) + 1, size
            kept.append(new)
            assert seqs(again) == kept, size
            assert seqs(Journal(folder, Chance())) == kept, size


def test_flash_that_fails_for_a_while_loses_no_promise_and_uses_no_number_twice():
    with Folder("journal") as folder:
        journal = Journal(folder, Chance())
        promised = [journal.append("w3", "", 5, 0)]
        broken = Broken()
        module.open = broken
        try:
            assert journal.append("w3", "", 5, 0) == 0
            assert "cannot be written" in journal.error
        finally:
            del module.open
        promised.append(journal.append("w3", "", 5, 0))
        assert promised == [1, 3]
        assert seqs(journal) == promised
        assert seqs(Journal(folder, Chance())) == promised


class Broken:
    """An `open` whose files take half of what is written and then fail."""

    def __call__(self, path, mode="r"):
        self.file = open_file(path, mode)
        return self.file if mode == "rb" else self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()

    def seek(self, place):
        self.file.seek(place)

    def write(self, data):
        self.file.write(data[: len(data) // 2])
        raise OSError(5)
