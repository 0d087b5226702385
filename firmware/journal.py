"""The press journal: what a rating pad promised to keep, on flash, until the hub has it.

One file of records of equal size, each with a CRC. A press is appended and the file closed before anybody is thanked;
closing is what makes littlefs commit. What the hub acknowledged is noted by one more record that lists *slots* (places
in the file), and once most of the file is settled it is compacted: what is still pending goes to a new file, which is
renamed over the old one. So a power cut leaves the old file or the new one, and at worst a torn last record, which was
promised to nobody and is cut off when the journal is opened.

The first record is the mark: the journal's epoch (32 random bits, drawn when it began) and the next sequence
number, which therefore survives compaction. Every record repeats the epoch, so a spoiled mark does not lose it.
(device, epoch, sequence) names a press for ever.

The file is never read whole. In memory there are one bit per slot and a few numbers.
"""

import os
import struct
from binascii import crc32

from protocol.limits import EVENTS_PER_BATCH
from protocol.upward import Rating

CAPACITY = 2000
"""Presses that may wait for the hub: a week of a busy window. Then the pad is out of service; it never overwrites."""

SLOTS_PER_PRESS = 2
"""The file has at most this many records per press of the capacity: 4,000 of 86 bytes are 344 KB of a board's 2 MB."""

COMPACT_SLOTS = 64
"""A file with fewer records is not worth the wear of compacting it."""

UNKNOWN_AGE = -1
"""The age of a press that was made before the last start."""

BODY = "<BBIIQ"  # kind, level, epoch, seq, ms since start
HEAD_BYTES = struct.calcsize(BODY)
PAYLOAD_BYTES = 64  # a press: window and visit, 32 bytes each; a settlement: up to 16 slots of 4 bytes
RECORD_BYTES = HEAD_BYTES + PAYLOAD_BYTES + 4

MARK = 0x4D
PRESS = 0x50
SETTLED = 0x53

NO_SLOT = 0xFFFFFFFF


def _pack(kind: int, level: int, epoch: int, seq: int, at_ms: int, payload: bytes) -> bytes:
    body = struct.pack(BODY, kind, level, epoch, seq, at_ms) + payload
    body += bytes(HEAD_BYTES + PAYLOAD_BYTES - len(body))
    return body + struct.pack("<I", crc32(body))


def _unpack(record: bytes):
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


def _slots(record: bytes) -> list[int]:
    listed = struct.unpack("<16I", record[HEAD_BYTES : HEAD_BYTES + PAYLOAD_BYTES])
    return [slot for slot in listed if slot != NO_SLOT]


class Journal:
    """The journal in `folder`, which exists; opened or created. Raises OSError when the flash fails.

    `random32()` gives 32 random bits. `epoch` names this journal, `pending` counts presses that wait for the hub,
    `error` says why the last press could not be stored.
    """

    def __init__(self, folder: str, random32, capacity: int = CAPACITY):
        self._path = folder + "/presses"
        self._capacity = capacity
        self._max_slots = SLOTS_PER_PRESS * capacity
        self._random32 = random32
        self.error = ""
        with open(self._path, "ab"):  # a file that was not there is empty now, which is one that begins anew
            pass
        self._load()

    @property
    def full(self) -> bool:
        return self.pending >= self._capacity or self._slots >= self._max_slots

    def append(self, window: str, visit: str, level: int, now_ms: int) -> int:
        """The sequence number of the press once it is safe on flash; 0 if it could not be stored (see `error`)."""
        if self.full:
            self.error = "the journal is full"
            return 0
        seq = self._next_seq
        self._next_seq += 1  # even if the write fails: it may have landed all the same
        try:
            self._write(_pack(PRESS, level, self.epoch, seq, now_ms, _field(window) + _field(visit)))
        except OSError as error:
            self.error = f"the journal cannot be written: {error}"
            return 0
        self.pending += 1
        return seq

    def oldest(self, limit: int, now_ms: int) -> list[Rating]:
        """Up to `limit` pending presses, oldest first, with their age at `now_ms`. Raises OSError."""
        self._recover()
        self._offered = {}
        ratings = []
        with open(self._path, "rb") as file:
            for slot in range(self._first, self._slots):
                if len(ratings) == min(limit, self.pending, EVENTS_PER_BATCH):
                    break
                record = self._pending_record(file, slot)
                if record:
                    ratings.append(self._rating(slot, record, now_ms))
                    self._offered[ratings[-1].seq] = slot
        return ratings

    def settle(self, seqs: list[int]) -> int:
        """Note that the hub has these presses. How many of them were news; only what `oldest` gave last can be settled,
        anything else is a repeat. Raises OSError: then they stay pending and are offered again."""
        slots = [self._offered[seq] for seq in seqs if seq in self._offered]
        slots = [slot for slot in slots if not self._is_settled(slot)][:EVENTS_PER_BATCH]
        if not slots:
            return 0
        filler = [NO_SLOT] * (EVENTS_PER_BATCH - len(slots))
        self._write(_pack(SETTLED, 0, self.epoch, 0, 0, struct.pack("<16I", *(slots + filler))))
        self._mark_settled(self._slots - 1)  # the note itself waits for nobody
        for slot in slots:
            self._mark_settled(slot)
        self.pending -= len(slots)
        self._skip_settled()
        if self._slots >= COMPACT_SLOTS and self.pending * 4 <= self._slots:
            self._compact()
        return len(slots)

    def _rating(self, slot: int, record: bytes, now_ms: int) -> Rating:
        _, level, _, seq, at_ms = struct.unpack(BODY, record[:HEAD_BYTES])
        age_ms = now_ms - at_ms if slot >= self._first_of_this_start else UNKNOWN_AGE
        return Rating(seq, age_ms, _text(record, HEAD_BYTES), _text(record, HEAD_BYTES + 32), level)

    # The file

    def _write(self, record: bytes) -> None:
        """Append one record as the next slot."""
        self._recover()
        self._torn = True
        with open(self._path, "ab") as file:
            file.write(record)
        self._torn = False
        self._slots += 1

    def _recover(self) -> None:
        """After a failed write there may be a piece at the end; after a failed rename, either file."""
        if self._unsure:
            self._load()
        elif self._torn:
            self._compact()

    def _load(self) -> None:
        """Learn from the file what is pending; cut off what is torn."""
        self._unsure = True
        size = os.stat(self._path)[6]
        self._slots = (size + RECORD_BYTES - 1) // RECORD_BYTES
        self._settled = bytearray(self._slots // 8 + 1)
        self._offered = {}
        self._next_seq = 1
        self._first = self.epoch = self.pending = 0
        self._torn = False
        with open(self._path, "rb") as file:
            for slot in range(self._slots):
                self._learn(slot, file.read(RECORD_BYTES))
        if not self.epoch:  # nothing in the file can be read: begin anew, under another name
            self.epoch = self._random32() or 1
            self._torn = True
        self._first_of_this_start = self._slots
        if self._torn:
            self._compact()
        self._skip_settled()
        self._unsure = False

    def _learn(self, slot: int, record: bytes) -> None:
        head = _unpack(record)
        if head is None or head[0] != PRESS:
            self._mark_settled(slot)
        else:
            self.pending += 1
        if head is None:
            self._torn = True
            return
        kind, _, self.epoch, seq, _ = head
        self._next_seq = max(self._next_seq, seq if kind == MARK else seq + 1)
        if kind == SETTLED:
            for settled in _slots(record):
                self.pending -= not self._is_settled(settled)
                self._mark_settled(settled)

    def _compact(self) -> None:
        """Write what is pending to a new file and put it in place of this one."""
        kept = known = 1
        with open(self._path + ".new", "wb") as new, open(self._path, "rb") as old:
            new.write(_pack(MARK, 0, self.epoch, self._next_seq, 0, b""))
            for slot in range(self._first, self._slots):
                record = self._pending_record(old, slot)
                if record:
                    new.write(record)
                    kept += 1
                    known += slot < self._first_of_this_start
        self._unsure = True
        os.rename(self._path + ".new", self._path)
        self._unsure = self._torn = False
        self._slots, self._first_of_this_start = kept, known
        self._settled = bytearray(kept // 8 + 1)
        self._mark_settled(0)
        self._first = 1
        self.pending = kept - 1
        self._offered = {}

    def _pending_record(self, file, slot: int):
        """The press in `slot` if it waits for the hub, else None."""
        if self._is_settled(slot):
            return None
        file.seek(slot * RECORD_BYTES)
        record = file.read(RECORD_BYTES)
        head = _unpack(record)
        return record if head and head[0] == PRESS else None

    # One bit per slot: nothing waits there

    def _is_settled(self, slot: int) -> bool:
        return slot // 8 < len(self._settled) and bool(self._settled[slot // 8] & 1 << slot % 8)

    def _mark_settled(self, slot: int) -> None:
        while slot // 8 >= len(self._settled):
            self._settled.append(0)
        self._settled[slot // 8] |= 1 << slot % 8

    def _skip_settled(self) -> None:
        while self._first < self._slots and self._is_settled(self._first):
            self._first += 1
