"""A flash in memory that remembers every operation, so that a test can look at what a power cut after any one leaves.

For MicroPython only, whose real littlefs it mounts.
"""

import vfs  # pyright: ignore[reportMissingImports] - MicroPython's

BLOCK_BYTES = 512
BLOCKS = 96
"""Smaller than a board's 4 KB: files cross more blocks, and the tests' heap has room for what was written."""

MOUNTED = "/flash"
NOW = bytearray(BLOCK_BYTES * BLOCKS)
LEFT = bytearray(BLOCK_BYTES * BLOCKS)
"""Made before anything else: later a test's heap has no such piece left."""

ERASED = bytes([0xFF] * BLOCK_BYTES)


class Flash:
    """A block device. `operations` has (place, bytes written, or None for an erased block) in order."""

    def __init__(self, data=None):
        self.data = bytearray(BLOCK_BYTES * BLOCKS) if data is None else data
        self.operations = []

    def readblocks(self, block, buffer, offset=0):
        start = block * BLOCK_BYTES + offset
        buffer[:] = memoryview(self.data)[start : start + len(buffer)]

    def writeblocks(self, block, buffer, offset=None):
        if offset is None:
            self.ioctl(6, block)
            offset = 0
        self._do(block * BLOCK_BYTES + offset, bytes(buffer))

    def ioctl(self, request, argument):
        if request == 4:
            return BLOCKS
        if request == 5:
            return BLOCK_BYTES
        if request == 6:
            self._do(argument * BLOCK_BYTES, None)
        return 0

    def _do(self, place, written):
        self.operations.append((place, written))
        carry_out(self.data, place, written)


def carry_out(data, place, written):
    if written is None:
        data[place : place + BLOCK_BYTES] = ERASED
    else:
        data[place : place + len(written)] = written


class Mounted:
    """`with Mounted(flash)`: its file system is at /flash."""

    def __init__(self, flash):
        self.flash = flash

    def __enter__(self):
        vfs.mount(vfs.VfsLfs2(self.flash), MOUNTED)
        return self.flash

    def __exit__(self, *_):
        vfs.umount(MOUNTED)


def formatted():
    flash = Flash()
    vfs.VfsLfs2.mkfs(flash)
    flash.operations = []
    return flash


def cuts(before, operations, torn):
    """(how many operations were done, what is on the flash then) for a power cut after each of the `operations` on a
    flash that had `before`. Torn: of the next write, the first half was done too. It is one bytearray."""
    data, left = NOW, LEFT
    data[:] = before
    for done, (place, written) in enumerate(operations):
        left[:] = data
        if torn and written:
            left[place : place + len(written) // 2] = written[: len(written) // 2]
        yield done, left
        carry_out(data, place, written)
    yield len(operations), data
