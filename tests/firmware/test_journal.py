"""The press journal: what was promised is kept, in order, under one name for ever."""

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
        journal = Journal(folder, Chance())
        pressed = 0
        while pressed == 0 or os.stat(folder + "/presses")[6] > RECORD_BYTES:  # until only the mark is left
            pressed += len(press(journal, 8))
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
        self.file = open(path, mode)  # noqa: SIM115 - closed by __exit__
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()

    def write(self, data):
        self.file.write(data[: len(data) // 2])
        raise OSError(5)
