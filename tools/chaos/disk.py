"""The hub's disk, which can be full.

Where mounting is allowed it is a small file system of its own, and full means that it is filled to the last byte. Else
the kernel refuses the hub's writes beyond the first few bytes of any file; the hub cannot tell the difference.
"""

from __future__ import annotations

import contextlib
import resource
import sqlite3
import subprocess
from pathlib import Path

from tools.chaos.netns import program

SIZE_MB = 256
BALLAST = "ballast"
PIECE_BYTES = 1 << 20


def make_small_disk(folder: Path) -> None:
    """Mounts a file system of SIZE_MB in `folder`; in a mount namespace of our own, with which it goes."""
    command = [program("mount"), "-t", "tmpfs", "-o", f"size={SIZE_MB}m,mode=0700", "chaos", str(folder)]
    subprocess.run(command, check=True, capture_output=True, text=True)


def fill(folder: Path) -> None:
    """Leaves no byte on the small disk. What the database wrote ahead is taken in first, or it would write there again
    without any new room."""
    with contextlib.suppress(sqlite3.Error), contextlib.closing(_open(folder / "hall.db")) as database:
        database.execute("pragma wal_checkpoint(truncate)").fetchall()
    piece = bytes(PIECE_BYTES)
    with (folder / BALLAST).open("wb", buffering=0) as ballast:
        while len(piece):
            try:
                ballast.write(piece)
            except OSError:
                piece = piece[: len(piece) // 2]


def _open(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{file}?mode=rw", uri=True, timeout=0.5)


def free(folder: Path) -> None:
    """There is room again."""
    (folder / BALLAST).unlink(missing_ok=True)


def limit(pid: int, most: int = 4096) -> None:
    """The process can write no byte beyond `most` in any file."""
    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    with contextlib.suppress(ProcessLookupError):
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, hard))


def unlimit(pid: int) -> None:
    """It can again."""
    with contextlib.suppress(ProcessLookupError):
        limit(pid, resource.RLIM_INFINITY)
