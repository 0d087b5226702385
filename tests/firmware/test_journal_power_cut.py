"""The journal on a real littlefs whose flash dies after N operations, for every N, with whole and with torn writes.

After each cut the flash is mounted again and the journal opened: every press that was promised and not acknowledged is
there, once, in order; nothing that was acknowledged is forgotten to be; no sequence number is used twice.
"""

import os
import sys

ONLY = "micropython"
WHY = "it needs MicroPython's VfsLfs2"

if sys.implementation.name == "micropython":
    import vfs

from firmware.journal import Journal  # noqa: E402 - after what only MicroPython has

BLOCK_BYTES = 4096
BLOCKS = 64
PRESSES = 70
"""Enough for two compactions."""


class Flash:
    """A block device in memory that does `lives` operations and is then dead. A torn one does half of the last."""

    def __init__(self, data, lives, torn):
        self.data = data
        self.lives = lives
        self.torn = torn

    def _alive(self):
        self.lives -= 1
        return self.lives >= 0

    # A dead device returns an error and allocates nothing: the collector may call it with the heap locked.

    def readblocks(self, block, buffer, offset=0):
        start = block * BLOCK_BYTES + offset
        buffer[:] = memoryview(self.data)[start : start + len(buffer)]

    def writeblocks(self, block, buffer, offset=None):
        if offset is None:
            self.ioctl(6, block)
            offset = 0
        start = block * BLOCK_BYTES + offset
        size = len(buffer)
        if not self._alive():
            if self.lives == -1 and self.torn:
                size //= 2
                self.data[start : start + size] = memoryview(buffer)[:size]
            return -5
        self.data[start : start + size] = buffer
        return 0

    def ioctl(self, request, argument):
        if request == 4:
            return BLOCKS
        if request == 5:
            return BLOCK_BYTES
        if request == 6:
            if not self._alive():
                return -5
            start = argument * BLOCK_BYTES
            for place in range(start, start + BLOCK_BYTES, len(ERASED)):
                self.data[place : place + len(ERASED)] = ERASED
        return 0


ERASED = bytes([0xFF] * 512)


class Device:
    """What a pad does, and what it may be held to: promised and acknowledged sequence numbers."""

    def __init__(self):
        self.epoch = None
        self.promised = []
        self.settled = []

    def work(self):
        """Press and acknowledge until done. Raises OSError when the flash dies."""
        journal = Journal("/flash/journal", lambda: 77)
        assert self.epoch in (None, journal.epoch)
        self.epoch = journal.epoch
        while len(self.promised) < PRESSES:
            seq = journal.append("w3", "visit", 5, 0)
            if not seq:
                raise OSError(5)
            assert seq not in self.promised, "a number was used twice"
            self.promised.append(seq)
            if len(self.promised) % 3 == 0:
                self.settle(journal)

    def settle(self, journal):
        """The hub acknowledges all that it got but one, so that compaction has something to keep."""
        offered = [rating.seq for rating in journal.oldest(16, 0)]
        self.settling = offered[:-1]
        journal.settle(self.settling)
        self.settled += self.settling

    def check(self):
        """After the power came back."""
        journal = Journal("/flash/journal", lambda: 78)
        assert self.epoch in (None, journal.epoch), "the journal lost its name"
        kept = []
        while journal.pending:
            batch = [rating.seq for rating in journal.oldest(16, 0)]
            assert batch, "what is pending is not offered"
            kept += batch
            journal.settle(batch)
        assert kept == sorted(set(kept)), "doubled, or out of order"
        for seq in self.promised:
            if seq not in self.settled and seq not in self.settling:
                assert seq in kept, "a promised press is lost"
        for seq in kept:
            assert seq not in self.settled, "a settled press came back"
        return journal

    settling = ()


def formatted():
    """A new flash with a file system and an empty journal."""
    flash = Flash(bytearray(BLOCK_BYTES * BLOCKS), 1 << 30, False)
    vfs.VfsLfs2.mkfs(flash)
    vfs.mount(vfs.VfsLfs2(flash), "/flash")
    os.mkdir("/flash/journal")
    Journal("/flash/journal", lambda: 77)
    vfs.umount("/flash")
    return flash.data


def cut_after(operations, torn, empty):
    """One life of a device; whether it was cut."""
    flash = Flash(bytearray(empty), operations, torn)
    device = Device()
    vfs.mount(vfs.VfsLfs2(flash), "/flash")
    try:
        device.work()
    except OSError:
        pass
    cut = flash.lives < 0
    flash.lives = -2  # whatever is still open writes no more
    vfs.umount("/flash")
    vfs.mount(vfs.VfsLfs2(Flash(bytearray(flash.data), 1 << 30, False)), "/flash")
    try:
        journal = device.check()
        assert journal.append("w3", "after", 5, 0) > max(device.promised, default=0), "a number was used twice"
    finally:
        vfs.umount("/flash")
    return cut


def cut_everywhere(torn):
    empty = formatted()
    operations = 0
    while cut_after(operations, torn, empty):
        operations += 1
    assert operations > 200, operations
    return operations


def test_power_cut_after_every_operation():
    cut_everywhere(False)


def test_power_cut_in_the_middle_of_every_write():
    cut_everywhere(True)
