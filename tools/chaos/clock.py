"""The hub's wall clock, which the harness can make jump while the hub runs.

A time namespace cannot move the wall clock, and a preloaded library moves the clocks that time-outs wait by too. So
eight bytes in a file, which harness and hub share, are added to what the hub's process reads as the time of day. It
works everywhere, and a hub that is started again finds the clock as wrong as it was.
"""

from __future__ import annotations

import mmap
import struct
import time
from pathlib import Path

VARIABLE = "JIAOHAO_CHAOS_CLOCK"
"""Names the file, in the environment of the hub."""

SHIFT = struct.Struct("<q")  # nanoseconds


class WallClock:
    """The harness's end."""

    def __init__(self, file: Path):
        self.file = file
        self.jump(0)

    def jump(self, shift_ms: int) -> None:
        """From now on the hub's wall clock is so much ahead of the machine's."""
        with self.file.open("r+b" if self.file.exists() else "wb") as out:
            out.write(SHIFT.pack(shift_ms * 1_000_000))


def take_over(file: Path) -> None:
    """This process's time of day is the shifted one from now on; to be called before anything else takes the clock."""
    with file.open("rb") as opened:
        shared = mmap.mmap(opened.fileno(), SHIFT.size, access=mmap.ACCESS_READ)
    real_ns = time.time_ns

    def shifted_ns() -> int:
        return real_ns() + SHIFT.unpack_from(shared)[0]

    time.time_ns = shifted_ns
    time.time = lambda: shifted_ns() / 1e9
