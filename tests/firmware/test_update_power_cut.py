"""Updates on a real littlefs whose power is cut after every operation on the flash, with whole and with torn writes.

The board gets versions by turns into both slots, one of which is never confirmed; it starts anew often, and presses are
promised all the while. After each cut the board starts a version that is whole, which is one of those that it may start
then; no press is lost, and the update that was cut off can be done again.
"""

import os
import sys

ONLY = "micropython"
WHY = "it needs MicroPython's VfsLfs2"

if sys.implementation.name == "micropython":
    from tests.firmware.flash import Flash, Mounted, cuts, formatted

from binascii import hexlify  # noqa: E402 - after what only MicroPython has
from hashlib import sha256  # noqa: E402

from firmware import journal_upkeep, slots  # noqa: E402
from firmware.journal import Journal  # noqa: E402

ROOT = "/flash"
JOURNAL = "/flash/journal"
NAMES = ("one", "two", "bad", "three")


class QuickJournal(Journal):
    """It does not compile its upkeep each time; a board has it compiled."""

    def _upkeep(self, name):
        return getattr(journal_upkeep, name)(self)


def version(name):
    return {
        "firmware/main.mpy": (name * 500).encode(),
        "firmware/hal/board.mpy": (name * 30).encode(),
        "protocol/topics.mpy": name.encode(),
    }


def listed(name):
    found = version(name)
    return [(len(found[path]), hexlify(sha256(found[path]).digest()).decode(), path) for path in sorted(found)]


def running(folder):
    """Which version is whole in `folder`; "flashed" for none."""
    if not folder:
        return "flashed"
    with open(folder + "/protocol/topics.mpy") as file:
        name = file.read()
    slots.verify(folder, listed(name))
    return name


class Board:
    """`ledger` has (operations done, kind, value): which versions "may start" from then on, and what is "promised"."""

    def __init__(self, flash):
        self.flash = flash
        self.ledger = []
        self.journal = QuickJournal(JOURNAL, lambda: 77)

    def note(self, kind, value):
        self.ledger.append((len(self.flash.operations), kind, value))

    def press(self):
        self.note("promised", self.journal.append("w3", "visit", 5, 0))

    def start(self):
        self.journal = QuickJournal(JOURNAL, lambda: 77)
        self.folder = slots.enter(ROOT)
        return running(self.folder)

    def stage(self, name):
        folder = slots.spare_folder(ROOT)
        for _ in slots.clear(folder):
            pass
        for path, data in version(name).items():
            self.press()
            with open(slots.place(folder, path), "wb") as file:
                file.write(data)

    def work(self):
        works = "flashed"
        for name in NAMES:
            self.stage(name)
            self.note("may start", [works, name])
            slots.switch(ROOT, listed(name))
            self.note("may start", [name, works] if name == "bad" else [name])
            assert self.start() == name
            self.press()
            if name == "bad":  # it falls over at every start
                assert [self.start() for _ in range(3)] == ["bad", "bad", works]
                self.note("may start", [works])
            else:
                self.note("may start", [works, name])
                slots.confirm(ROOT, self.folder)
                works = name
                self.note("may start", [works])


def check(ledger, done):
    """After the power came back."""
    may_start, promised = ["flashed"], []
    for when, kind, value in ledger:
        if when <= done and kind == "promised":
            promised.append(value)
        elif when <= done:
            may_start = value
    started = running(slots.enter(ROOT))
    assert started in may_start, (started, may_start)
    kept = [rating.seq for rating in QuickJournal(JOURNAL, lambda: 78).oldest(16, 0)]
    assert kept[: len(promised)] == promised, (kept, promised)


def check_that_an_update_works():
    while slots.read(ROOT).trying:  # nobody confirms it: it goes back
        slots.enter(ROOT)
    board = Board(Flash())
    board.stage("next")
    slots.switch(ROOT, listed("next"))
    assert board.start() == "next"


def cut_everywhere(torn):
    flash = formatted()
    with Mounted(flash):
        os.mkdir(JOURNAL)
        QuickJournal(JOURNAL, lambda: 77)
        before = bytes(flash.data)
        flash.operations = []
        board = Board(flash)
        board.work()
    for done, left in cuts(before, flash.operations, torn):
        with Mounted(Flash(left)):
            check(board.ledger, done)
            if done % 5 == 0:
                check_that_an_update_works()
    assert len(flash.operations) > 300, len(flash.operations)


def test_power_cut_after_every_operation_of_updates():
    cut_everywhere(False)


def test_power_cut_in_the_middle_of_every_write_of_updates():
    cut_everywhere(True)
