"""Reading and compacting the file of `firmware/journal.py`, which loads this when it is needed and then forgets it."""

import os
import struct

from firmware.journal import (
    AGAIN,
    FRESH,
    HEAD_BYTES,
    KEPT,
    MARK,
    NO_SLOT,
    PAYLOAD_BYTES,
    PRESS,
    RECORD_BYTES,
    SETTLED,
    note,
    pack,
    unpack,
)
from protocol.limits import EVENTS_PER_BATCH


def read(journal) -> None:
    """Sets the journal's names and numbers to what its file says. Raises OSError."""
    size = os.stat(journal.path)[6]
    journal.slots = journal.first_of_this_start = size // RECORD_BYTES
    journal.states = bytearray(journal.slots // 4 + 1)
    journal.offered = {}
    journal.next_seq = 1
    journal.first = journal.epoch = journal.hub = 0
    journal.fresh = journal.again = journal.kept = 0
    with open(journal.path, "rb") as file:
        for slot in range(journal.slots):
            _learn(journal, slot, file.read(RECORD_BYTES))


def _learn(journal, slot: int, record: bytes) -> None:
    head = unpack(record)
    if head is None:  # torn, and promised to nobody; or spoiled
        return
    kind, _, journal.epoch, seq, hub = head
    journal.next_seq = max(journal.next_seq, seq if kind == MARK else seq + 1)
    if kind == PRESS:
        journal.put(slot, FRESH)
        journal.fresh += 1
    elif hub and hub != journal.hub:
        journal.follow(hub)
    if kind == SETTLED:
        for settled in _noted(record):
            journal.acknowledged(settled, KEPT if hub == journal.hub else AGAIN)


def _noted(record: bytes) -> list[int]:
    listed = struct.unpack("<16I", record[HEAD_BYTES : HEAD_BYTES + PAYLOAD_BYTES])
    return [slot for slot in listed if slot != NO_SLOT]


def write_compacted(journal) -> tuple:
    """Writes what is pending and the newest of what is kept to a new file beside the journal's. Raises OSError.

    Gives what is true once that is in its place: slots, the first of this start, states, fresh, again, kept.
    """
    unneeded = journal.kept - max(0, journal.keep - journal.again)
    states = bytearray(journal.slots // 4 + 1)
    slots = known = 1
    counts = [0, 0, 0, 0]
    with open(journal.path + ".new", "wb"):  # what a power cut left there has its room until the file is closed
        pass
    with open(journal.path + ".new", "wb") as new:
        new.write(pack(MARK, 0, journal.epoch, journal.next_seq, journal.hub, b""))
        with open(journal.path, "rb") as old:
            for slot in range(journal.slots):
                state = journal.state(slot)
                unneeded -= state == KEPT
                record = None if state == KEPT and unneeded >= 0 else journal.press(old, slot)
                if record:
                    new.write(record)
                    states[slots // 4] |= state << slots % 4 * 2
                    counts[state] += 1
                    slots += 1
                    known += slot < journal.first_of_this_start
        slots += _write_notes(new, journal, states, slots)
    return slots, known, states[: slots // 4 + 1], counts[FRESH], counts[AGAIN], counts[KEPT]


def _write_notes(file, journal, states, presses: int) -> int:
    """Say in the new file what is acknowledged, by the present hub or by another one (0); the number of records."""
    notes = 0
    for state, hub in ((KEPT, journal.hub), (AGAIN, 0)):
        slots = []
        for slot in range(1, presses):
            if states[slot // 4] >> slot % 4 * 2 & 3 == state:
                slots.append(slot)
            if slots and (len(slots) == EVENTS_PER_BATCH or slot == presses - 1):
                file.write(note(journal.epoch, hub, slots))
                slots = []
                notes += 1
    return notes
