"""What is said while boards are flashed, several at once: lines that stay, and one bar for each board that moves."""

from __future__ import annotations

import sys
import threading
import time
from dataclasses import dataclass

BAR_CHARS = 24
REDRAW_S = 0.1


@dataclass(slots=True)
class _Bar:
    total: int
    done: int
    began_s: float


class Progress:
    """Speaks on standard error, so that standard output is the result alone. Bars only on a terminal; `quiet`: nothing
    at all. May be used by several threads."""

    def __init__(self, *, quiet: bool = False):
        self._quiet = quiet
        self._moves = sys.stderr.isatty() and not quiet
        self._bars: dict[str, _Bar] = {}
        self._lines = 0
        self._drawn_s = 0.0
        self._lock = threading.Lock()

    def say(self, port: str, words: str) -> None:
        """A line that stays."""
        if self._quiet:
            return
        with self._lock:
            self._wipe()
            print(f"{port}: {words}", file=sys.stderr)
            self._draw()

    def begin(self, port: str, total: int) -> None:
        """`total` bytes are to be copied."""
        with self._lock:
            self._bars[port] = _Bar(total, 0, time.monotonic())

    def add(self, port: str, count: int) -> None:
        """So many more bytes are copied."""
        with self._lock:
            bar = self._bars[port]
            bar.done += count
            if self._moves and (time.monotonic() - self._drawn_s > REDRAW_S or bar.done >= bar.total):
                self._wipe()
                self._draw()

    def end(self, port: str) -> None:
        with self._lock:
            self._wipe()
            self._bars.pop(port, None)
            self._draw()

    def _wipe(self) -> None:
        if self._lines:
            sys.stderr.write(f"\x1b[{self._lines}F\x1b[J")  # up to the first bar, and clear from there
            self._lines = 0

    def _draw(self) -> None:
        if not self._moves:
            return
        now_s = self._drawn_s = time.monotonic()
        for port, bar in self._bars.items():
            print(drawn(port, bar.done, bar.total, now_s - bar.began_s), file=sys.stderr)
        self._lines = len(self._bars)


def drawn(port: str, done: int, total: int, took_s: float) -> str:
    """`/dev/ttyUSB0  [######......]  45 %  52,224 of 115,712 bytes  4 s left`."""
    share = done / total if total else 1.0
    filled = int(share * BAR_CHARS)
    left = f"{took_s * (total - done) / done:.0f} s left" if done else "..."
    return f"{port}  [{'#' * filled}{'.' * (BAR_CHARS - filled)}] {share:4.0%}  {done:,} of {total:,} bytes  {left}"
