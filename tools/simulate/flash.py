"""A board's flash: files in memory under the firmware's `open` and `os`, and a power that fails in the middle.

As with littlefs, what was written counts when the file is closed. A power cut leaves any number of bytes of it, and
behind them nothing, rubbish, or what erased flash reads as.
"""

from __future__ import annotations

import errno
import io
from collections.abc import Callable
from dataclasses import dataclass

from tools.simulate.loop import PowerCut

NOTHING, RUBBISH, ERASED = "nothing", "rubbish", "erased"
TAILS = (NOTHING, RUBBISH, ERASED)
"""What stands behind the bytes that were still written."""

ROOT = "/flash/"
"""Where every board's files are for the firmware: ROOT + name of the board."""


@dataclass(frozen=True, slots=True)
class Cut:
    """When the power goes: in the next write after `size` bytes of it, or before or after the next rename."""

    where: str
    size: int = 0
    tail: str = NOTHING


class Flash:
    """One board's. `fail()` is called when an armed `cut` happens."""

    def __init__(self, fail: Callable[[Cut], None]):
        self._fail = fail
        self.files: dict[str, bytes] = {}
        self.cut: Cut | None = None
        self.powered = True

    def erase(self) -> None:
        self.files = {}

    def read(self, path: str) -> bytes:
        if path not in self.files:
            raise OSError(errno.ENOENT, path)
        return self.files[path]

    def commit(self, path: str, before: bytes, data: bytes) -> None:
        """`data` behind `before` is the file's content now; or a piece of it, and there is no power."""
        self.check_power()
        cut = self.cut
        if cut is None or cut.where != "write":
            self.files[path] = before + data
            return
        size = min(cut.size, len(data))
        self.files[path] = before + data[:size] + _tail(cut.tail, data[size:])
        self._go_dark(cut)

    def rename(self, path: str, to: str) -> None:
        self.check_power()
        cut = self.cut if self.cut and self.cut.where in ("before-rename", "after-rename") else None
        if cut is None or cut.where == "after-rename":
            self.files[to] = self.files.pop(path)
        if cut is not None:
            self._go_dark(cut)

    def check_power(self) -> None:
        if not self.powered:
            raise PowerCut

    def _go_dark(self, cut: Cut) -> None:
        self.cut = None
        self._fail(cut)
        raise PowerCut


def _tail(kind: str, lost: bytes) -> bytes:
    if kind == NOTHING or not lost:
        return b""
    if kind == ERASED:
        return b"\xff" * len(lost)
    return bytes(byte ^ 0x5A for byte in lost[: max(1, len(lost) * 3 // 4)])


class _Reader(io.BytesIO):
    """A file that is read."""


class _Writer:
    """A file that is written, in one piece; it counts when it is closed."""

    def __init__(self, flash: Flash, path: str, before: bytes):
        self._flash = flash
        self._path = path
        self._before = before
        self._behind = b""
        self._data = bytearray()

    def seek(self, place: int) -> None:
        """Before anything is written."""
        self._before, self._behind = self._before[:place], self._before[place:]

    def write(self, data: bytes) -> int:
        self._flash.check_power()
        self._data += data
        return len(data)

    def __enter__(self) -> _Writer:
        return self

    def __exit__(self, kind: type | None, *_: object) -> None:
        if kind is not PowerCut:
            self._flash.commit(self._path, self._before, bytes(self._data) + self._behind[len(self._data) :])


class Files:
    """What stands for `open` and `os` in the firmware's modules: paths lead to the flash of the board they name."""

    def __init__(self, flashes: dict[str, Flash]):
        self._flashes = flashes

    def _find(self, path: str) -> tuple[Flash, str]:
        name, _, rest = path.removeprefix(ROOT).partition("/")
        flash = self._flashes[name]
        flash.check_power()
        return flash, rest

    def open(self, path: str, mode: str = "r"):
        flash, rest = self._find(path)
        if mode in ("rb", "r"):
            data = flash.read(rest)
            return _Reader(data) if mode == "rb" else io.StringIO(data.decode())
        return _Writer(flash, rest, b"" if mode == "wb" else flash.files.get(rest, b""))

    def stat(self, path: str) -> tuple[int, ...]:
        flash, rest = self._find(path)
        return (0, 0, 0, 0, 0, 0, len(flash.read(rest)), 0, 0, 0)

    def mkdir(self, path: str) -> None:
        flash, rest = self._find(path)
        flash.files[rest] = b""

    def rename(self, path: str, to: str) -> None:
        flash, rest = self._find(path)
        flash.rename(rest, to.removeprefix(ROOT).partition("/")[2])
