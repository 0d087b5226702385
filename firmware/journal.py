"""The press journal: what a rating pad promised to keep, on flash, until the hub has it, and for a good day after.

One file of records of equal size, each with a CRC. A press is appended and the file closed before anybody is thanked;
closing is what makes littlefs commit. What the hub acknowledged is noted by one more record that lists *slots* (places
in the file) and the *hub epoch*: on whose disk they are. Such presses are kept for a while: a hub that is restored from
an older backup comes back with a higher epoch, and then they are pending again (docs/decisions/0008).

Once most of the file is of no more use it is compacted: what is pending and the newest of what is kept go to a new
file, which is renamed over the old one. So a power cut leaves the old file or the new one, and at worst a torn last
record, which was promised to nobody and is cut off when the journal is opened.

The first record is the mark: the journal's epoch (32 random bits, drawn when it began), the next sequence number, which
therefore survives compaction, and the hub's epoch. Every record repeats the journal's epoch, so a spoiled mark does not
lose it. (device, epoch, sequence) names a press for ever.

The file is never read whole. In memory there are two bits per slot and a few numbers.
"""

import os
import struct
import sys
from binascii import crc32

from protocol.limits import EVENTS_PER_BATCH
from protocol.upward import Rating

CAPACITY = 2000
"""Presses that may wait for the hub: a week of a busy window. Then the pad is out of service; it never overwrites."""

KEEP = 500
"""Presses that are kept after the hub acknowledged them: more than a day of the busiest window. A count, because a
board has no clock that survives a power cut."""

PRESSES_PER_KEPT = 4
"""A smaller journal keeps fewer: a quarter of its capacity."""

SLOTS_PER_PRESS = 4
"""The file has at most this many records per press of the capacity: 8,000 of 86 bytes are 688 KB of a board's 2 MB.
With a hub that acknowledges it stays below 5,100."""

COMPACT_SLOTS = 64
"""A file with fewer records is not worth the wear of compacting it."""

UNKNOWN_AGE = -1
"""The age of a press that was made before the last start."""

BODY = "<BBIIQ"  # kind, level, epoch, seq, ms since start; mark and settlement: the hub's epoch in place of ms
HEAD_BYTES = struct.calcsize(BODY)
PAYLOAD_BYTES = 64  # a press: window and visit, 32 bytes each; a settlement: up to 16 slots of 4 bytes
RECORD_BYTES = HEAD_BYTES + PAYLOAD_BYTES + 4

MARK = 0x4D
PRESS = 0x50
SETTLED = 0x53

NO_SLOT = 0xFFFFFFFF

# What is in a slot, in two bits
NOTHING = 0  # no press, or one that nobody needs
FRESH = 1  # a press that no hub has acknowledged
AGAIN = 2  # a press that another hub than the present one has acknowledged: it is offered again
KEPT = 3  # a press that the present hub has acknowledged


def pack(kind: int, level: int, epoch: int, seq: int, at_ms: int, payload: bytes) -> bytes:
    body = struct.pack(BODY, kind, level, epoch, seq, at_ms) + payload
    body += bytes(HEAD_BYTES + PAYLOAD_BYTES - len(body))
    return body + struct.pack("<I", crc32(body))


def unpack(record: bytes):
    """(kind, level, epoch, seq, at_ms), or None when the record is torn or spoiled."""
    if len(record) != RECORD_BYTES or struct.unpack("<I", record[-4:])[0] != crc32(record[:-4]):
        return None
    return struct.unpack(BODY, record[:HEAD_BYTES])


def _field(text: str) -> bytes:
    data = text.encode()
    if len(data) > 32:
        raise ValueError("a window or visit has at most 32 bytes")
    return data + bytes(32 - len(data))


def _text(record: bytes, start: int) -> str:
    return record[start : start + 32].rstrip(b"\0").decode()


def note(epoch: int, hub: int, slots: list[int]) -> bytes:
    """The record that says: the hub of this epoch has the presses in these slots, at most 16."""
    filler = [NO_SLOT] * (EVENTS_PER_BATCH - len(slots))
    return pack(SETTLED, 0, epoch, 0, hub, struct.pack("<16I", *(slots + filler)))


class Journal:
    """The journal in `folder`, which exists; opened or created. Raises OSError when the flash fails.

    `random32()` gives 32 random bits. `epoch` names this journal, `hub` is the epoch of the present hub as far as it is
    known (0: not at all), `pending` counts presses that wait for it, `error` says why the last press was not stored.
    What else has no underscore is for `firmware/journal_upkeep.py`.
    """

    writes = 0
    """Since the start."""

    def __init__(self, folder: str, random32, capacity: int = CAPACITY):
        self.path = folder + "/presses"
        self._capacity = capacity
        self.keep = min(KEEP, capacity // PRESSES_PER_KEPT)
        self._max_slots = SLOTS_PER_PRESS * capacity + COMPACT_SLOTS
        self._random32 = random32
        self._said = 0
        self.error = ""
        with open(self.path, "ab"):  # a file that was not there is empty now, which is one that begins anew
            pass
        self._load()

    @property
    def full(self) -> bool:
        """What a hub had once does not count: it must not put the pad out of service."""
        return self.fresh >= self._capacity or self.slots >= self._max_slots

    @property
    def pending(self) -> int:
        return self.fresh + self.again

    def append(self, window: str, visit: str, level: int, now_ms: int) -> int:
        """The sequence number of the press once it is safe on flash; 0 if it could not be stored (see `error`)."""
        try:
            self._recover()  # before anything is believed that is in memory
            if self.full:
                self.error = "the journal is full"
                return 0
            seq = self.next_seq
            self.next_seq += 1  # even if the write fails: it may have landed all the same
            self._write(pack(PRESS, level, self.epoch, seq, now_ms, _field(window) + _field(visit)))
        except OSError as error:
            self.error = f"the journal cannot be written: {error}"
            return 0
        self.put(self.slots - 1, FRESH)
        self.fresh += 1
        return seq

    def oldest(self, limit: int, now_ms: int) -> list[Rating]:
        """Up to `limit` pending presses, oldest first, with their age at `now_ms`. Raises OSError."""
        self._recover()
        self.offered = {}
        ratings = []
        with open(self.path, "rb") as file:
            for slot in range(self.first, self.slots):
                if len(ratings) == min(limit, self.pending, EVENTS_PER_BATCH):
                    break
                record = self.press(file, slot) if self._waits(slot) else None
                if record:
                    ratings.append(self._rating(slot, record, now_ms))
                    self.offered[ratings[-1].seq] = slot
        return ratings

    def meet(self, hub: int) -> None:
        """The hub says that it is of this epoch. What an earlier one acknowledged is then pending again.

        Epochs grow, so a lower one is what a broker kept of yesterday. It is believed once such a hub acknowledges.
        """
        self._said = hub
        if hub > self.hub:
            self.follow(hub)

    def settle(self, seqs: list[int], hub: int = 0) -> int:
        """Note that the hub of this epoch has these presses; 0: a hub that does not say is the present one. How many of
        them were news; only what `oldest` gave last can be settled, anything else is a repeat. Raises OSError: then
        they stay pending and are offered again."""
        self._recover()  # before slots are taken from `offered`: it may renumber them
        hub = hub or self.hub
        if hub < self.hub and hub != self._said:
            return 0  # late words of a hub that is gone: the present one may be restored from before them
        slots = [self.offered[seq] for seq in seqs if seq in self.offered]
        if hub != self.hub:
            self.follow(hub)
        slots = [slot for slot in slots if self._waits(slot)][:EVENTS_PER_BATCH]
        if not slots:
            return 0
        self._write(note(self.epoch, hub, slots))
        for slot in slots:
            self.acknowledged(slot, KEPT)
        self.skip_idle()
        if self.slots >= max(COMPACT_SLOTS, 2 * self._needed()):
            self._compact()
        return len(slots)

    def _rating(self, slot: int, record: bytes, now_ms: int) -> Rating:
        _, level, _, seq, at_ms = struct.unpack(BODY, record[:HEAD_BYTES])
        age_ms = now_ms - at_ms if slot >= self.first_of_this_start else UNKNOWN_AGE
        return Rating(seq, age_ms, _text(record, HEAD_BYTES), _text(record, HEAD_BYTES + 32), level)

    def follow(self, hub: int) -> None:
        """`hub` is the present one; what others acknowledged waits for it."""
        self.hub = hub
        for place, four in enumerate(self.states):
            self.states[place] = four & ~(four & four >> 1 & 0x55)  # KEPT, both bits, loses the lower: AGAIN
        self.again += self.kept
        self.kept = 0
        self.first = 1

    # The file

    def _write(self, record: bytes) -> None:
        """Put one record behind the last one, over what a failed write may have left there."""
        with open(self.path, "r+b") as file:
            file.seek(self.slots * RECORD_BYTES)
            file.write(record)
        self.writes += 1
        self.put(self.slots, NOTHING)
        self.slots += 1

    def _recover(self) -> None:
        """After a failed rename there is either file, after a failed reading nothing in memory is right."""
        if self._unsure:
            self._load()

    def _needed(self) -> int:
        """How many records the file would have if it were compacted now. Compacting when it has twice as many makes the
        flash write each record at most twice, on the average."""
        acknowledged = max(self.again, min(self.keep, self.again + self.kept))
        return 1 + self.fresh + acknowledged + (acknowledged + 2 * EVENTS_PER_BATCH - 2) // EVENTS_PER_BATCH

    def _load(self) -> None:
        """Learn from the file what is pending and what is kept."""
        self._unsure = True
        self._upkeep("read")
        if not self.epoch:  # nothing in the file can be read: begin anew, under another name
            self.epoch = self._random32() or 1
            self._compact()
        if self._said > self.hub:
            self.follow(self._said)
        self.skip_idle()
        self._unsure = False

    def _compact(self) -> None:
        """Put a file with what is pending and the newest of what is kept in place of this one."""
        then = self._upkeep("write_compacted")
        self._unsure = True
        os.rename(self.path + ".new", self.path)
        self._unsure = False
        self.slots, self.first_of_this_start, self.states, self.fresh, self.again, self.kept = then
        self.first = 1
        self.offered = {}
        self.skip_idle()

    def _upkeep(self, name: str):
        """What the function of that name in `firmware/journal_upkeep.py` gives. Its code is then forgotten: it is
        needed at start and once or twice a day, and a board needs its memory for other things."""
        import firmware.journal_upkeep

        try:
            return getattr(firmware.journal_upkeep, name)(self)
        finally:
            del firmware.journal_upkeep
            del sys.modules["firmware.journal_upkeep"]

    def press(self, file, slot: int):
        """The press in `slot`, or None if there is none that can be read and is needed."""
        if self.state(slot) == NOTHING:
            return None
        file.seek(slot * RECORD_BYTES)
        record = file.read(RECORD_BYTES)
        head = unpack(record)
        return record if head and head[0] == PRESS else None

    # Two bits per slot

    def state(self, slot: int) -> int:
        return self.states[slot // 4] >> slot % 4 * 2 & 3 if slot // 4 < len(self.states) else NOTHING

    def put(self, slot: int, state: int) -> None:
        while slot // 4 >= len(self.states):
            self.states.append(0)
        shift = slot % 4 * 2
        self.states[slot // 4] = self.states[slot // 4] & ~(3 << shift) | state << shift

    def _waits(self, slot: int) -> bool:
        return self.state(slot) in (FRESH, AGAIN)

    def acknowledged(self, slot: int, state: int) -> None:
        """A hub has the press in `slot`, which is now in `state`, KEPT or AGAIN, unless the present hub had it."""
        before = self.state(slot)
        if before in (NOTHING, KEPT):
            return
        self.fresh -= before == FRESH
        self.again += (state == AGAIN) - (before == AGAIN)
        self.kept += state == KEPT
        self.put(slot, state)

    def skip_idle(self) -> None:
        while self.first < self.slots and not self._waits(self.first):
            self.first += 1
