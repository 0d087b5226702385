"""The board of a zone: who was called last, the newest on top, and where to go: `A012 ← 3`. As many lines as the glass
has. Whoever was called since the board last looked flashes. It never goes back to an older state, and has a mark when
what it shows may not be true.
"""

from firmware.roles.place import Place
from firmware.roles.vocabulary import FLASH_MS, FLASHES
from protocol.board import BoardState


class HallBoard:
    """A role: `handle(event, now_ms)` gives effects."""

    def __init__(self, config, texts, now_ms: int):
        self._arrows = config.arrows
        self._texts = texts
        self._place = Place(BoardState, config.zone, config, texts, now_ms)
        self._fresh = ()  # the calls that flash
        self._flash_from_ms = now_ms
        self._shown = None

    def handle(self, event, now_ms: int) -> list:
        before = self._place.state
        if self._place.follow(event, now_ms) and before:
            fresh = [call for call in event.calls if call not in before.calls]
            if fresh:
                self._fresh, self._flash_from_ms = fresh, now_ms
        show = self._place.show(self._lines(now_ms), False, now_ms)
        if show == self._shown:
            return []
        self._shown = show
        return [show]

    def _lines(self, now_ms: int) -> tuple:
        if not self._place.state:
            return ()
        phase = (now_ms - self._flash_from_ms) // FLASH_MS
        if phase >= FLASHES:
            self._fresh = ()
        lines = []
        for call in self._place.state.calls:
            number, window, _ = call
            line = f"{number} {self._arrow(window)} {window}"
            is_hidden = call in self._fresh and phase % 2  # it keeps its place: the others must not grow meanwhile
            lines.append(" " * len(line) if is_hidden else line)
        return tuple(lines) or (self._texts["nobody"],)

    def _arrow(self, window: str) -> str:
        """Where the window is from this board; empty if nobody said it, for a wrong arrow is worse than none."""
        for arrow, windows in self._arrows.items():
            if window in windows.split():
                return arrow
        return ""
