"""A pad on a real littlefs whose power is cut after every operation on the flash, with whole and with torn writes.

The pad presses, is acknowledged, compacts, meets hubs of higher epochs, starts anew, counts its starts and gets another
configuration. After each cut the flash is mounted again: every press that was promised and not acknowledged by the
present hub is there, once, in order; nothing that it acknowledged comes back; what earlier hubs acknowledged is there
as far as it is kept; no sequence number is used twice; the other files are the old ones or the new ones.
"""

import os
import sys

ONLY = "micropython"
WHY = "it needs MicroPython's VfsLfs2"

if sys.implementation.name == "micropython":
    from tests.firmware.flash import Flash, Mounted, cuts, formatted

from firmware import files, journal_upkeep  # noqa: E402 - after what only MicroPython has
from firmware.journal import PRESSES_PER_KEPT, Journal  # noqa: E402

CAPACITY = 40
PRESSES = 150
"""Enough for several compactions."""

FOLDER = "/flash/journal"
STARTS = "/flash/starts"
CONFIG = "/flash/config.json"
CONFIGS = (b'{"old": 1}' * 20, b'{"new": 2}' * 25)


class QuickJournal(Journal):
    """It does not compile its upkeep each time; a board has it compiled."""

    def _upkeep(self, name):
        return getattr(journal_upkeep, name)(self)


class Pad:
    """What a pad does; `ledger` has (operations done on the flash, kind, value) of what it may be held to."""

    def __init__(self, flash):
        self.flash = flash
        self.ledger = []
        self.hub = 5
        self.start()
        self.epoch = self.journal.epoch

    def note(self, kind, value):
        self.ledger.append((len(self.flash.operations), kind, value))

    def start(self):
        self.note("started", files.count_up(STARTS))
        self.journal = QuickJournal(FOLDER, lambda: 77, CAPACITY)
        self.meet()

    def meet(self):
        self.journal.meet(self.hub)
        self.note("hub", self.hub)

    def work(self):
        for count in range(1, PRESSES + 1):
            self.note("promised", self.journal.append("w3", "visit", 5, 0))
            if count % 3 == 0:
                self.settle()
            if count % 25 == 0:
                self.start()
            if count % 50 == 40:
                self.hub += 1
                self.meet()
            if count % 40 == 20:
                self.configure(CONFIGS[count // 40 % 2])

    def settle(self):
        """The hub acknowledges all that it got but one, so that compaction has something to keep."""
        while True:
            offered = [rating.seq for rating in self.journal.oldest(16, 0)]
            self.note("settling", (self.hub, offered[:-1]))
            self.journal.settle(offered[:-1], self.hub)
            self.note("settled", (self.hub, offered[:-1]))
            if len(offered) < 16:
                return

    def configure(self, data):
        self.note("configuring", data)
        files.replace(CONFIG, data)
        self.note("configured", data)


class Promises:
    """What a pad's ledger had when so many operations were done."""

    def __init__(self, ledger, done):
        self.promised, self.started, self.hub = [], 0, 0
        self.settled, self.settling, self.configs = {}, {}, [b""]
        for when, kind, value in ledger:
            if when > done:
                break
            if kind == "promised":
                self.promised.append(value)
            elif kind in ("settled", "settling"):
                for seq in value[1]:
                    (self.settled if kind == "settled" else self.settling)[seq] = value[0]
            elif kind == "configuring":
                self.configs.append(value)
            elif kind == "configured":
                self.configs = [value]
            else:
                setattr(self, kind, value)

    def needed(self):
        """Those that no hub may have, and the newest that earlier hubs had."""
        never = [seq for seq in self.promised if seq not in self.settled and seq not in self.settling]
        had = [seq for seq in self.promised if seq in self.settled][-(CAPACITY // PRESSES_PER_KEPT) :]
        return never + [seq for seq in had if self.settling[seq] < self.hub]


def check(epoch, promises):
    """After the power came back."""
    assert files.count_up(STARTS) > promises.started, "a start was counted twice"
    assert config_there() in promises.configs, "the configuration is neither the old nor the new one"
    journal = QuickJournal(FOLDER, lambda: 78, CAPACITY)
    assert journal.epoch == epoch, "the journal lost its name"
    journal.meet(promises.hub)
    offered = []
    while journal.pending:
        batch = [rating.seq for rating in journal.oldest(16, 0)]
        assert batch, "what is pending is not offered"
        offered += batch
        journal.settle(batch, promises.hub)
    assert offered == sorted(set(offered)), "doubled, or out of order"
    for seq in promises.needed():
        assert seq in offered, "a promised press is lost"
    for seq in offered:
        assert promises.settled.get(seq) != promises.hub, "what the present hub has came back"
    assert journal.append("w3", "after", 5, 0) > max(promises.promised, default=0), "a number was used twice"


def config_there():
    if not files.exists(CONFIG):
        return b""
    with open(CONFIG, "rb") as file:
        return file.read()


def cut_everywhere(torn):
    flash = formatted()
    with Mounted(flash):
        os.mkdir(FOLDER)
        QuickJournal(FOLDER, lambda: 77, CAPACITY)
        before = bytes(flash.data)
        flash.operations = []
        pad = Pad(flash)
        pad.work()
    assert pad.journal.slots < PRESSES, "it was never compacted"
    for done, left in cuts(before, flash.operations, torn):
        with Mounted(Flash(left)):
            check(pad.epoch, Promises(pad.ledger, done))
    assert len(flash.operations) > 500, len(flash.operations)


def test_what_a_cut_compaction_left_does_not_keep_an_almost_full_flash_from_the_next_one():
    with Mounted(formatted()):
        os.mkdir(FOLDER)
        journal = QuickJournal(FOLDER, lambda: 77, CAPACITY)
        promised = [journal.append("w3", "visit", 5, 0) for _ in range(CAPACITY)]
        journal_upkeep.write_compacted(journal)  # the power is cut before it is renamed
        room = os.statvfs("/flash")[3] - 2  # in blocks of 512 bytes
        with open("/flash/other", "wb") as other:
            for _ in range(room):
                other.write(bytes(512))
        journal._compact()
        assert [rating.seq for rating in journal.oldest(16, 0)] == promised[:16]


def test_power_cut_after_every_operation():
    cut_everywhere(False)


def test_power_cut_in_the_middle_of_every_write():
    cut_everywhere(True)
