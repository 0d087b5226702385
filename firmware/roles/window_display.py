"""The display over a window: the number that is called, never an older one, and a mark when it may not be true.

A new call, or the same number called once more, flashes and beeps.
"""

from firmware.roles.vocabulary import Beep, Show
from firmware.roles.window import Window

FLASH_MS = 500
"""Half a period of the flashing: quick enough to be seen, slow enough to be read."""

FLASHES = 6
"""Half periods of a flash: three seconds, the time of a spoken call. Even, so that it ends as it began."""

BEEP_MS = 300


class WindowDisplay:
    """A role: `handle(event, now_ms)` gives effects."""

    def __init__(self, config, texts, now_ms: int):
        self._window = Window(config.language, texts, now_ms)
        self._flash_from_ms = None
        self._shown = None

    def handle(self, event, now_ms: int) -> list:
        before = self._window.state
        if not self._window.follow(event, now_ms):
            return self._draw(now_ms)
        effects = []
        if _is_call(before, self._window.state):
            self._flash_from_ms = now_ms
            effects.append(Beep(BEEP_MS))
        return effects + self._draw(now_ms)

    def _draw(self, now_ms: int) -> list:
        """What is new on the glass."""
        texts = (self._window.text(),)
        show = Show(texts, self._window.mark(now_ms), self._inverted(now_ms), *self._window.shown())
        if show == self._shown:
            return []
        self._shown = show
        return [show]

    def _inverted(self, now_ms: int) -> bool:
        if self._flash_from_ms is None:
            return False
        phase = (now_ms - self._flash_from_ms) // FLASH_MS
        if phase >= FLASHES:
            self._flash_from_ms = None
            return False
        return phase % 2 == 0


def _is_call(before, after) -> bool:
    """Whether `after` calls somebody whom `before` did not, or once more."""
    if after.mode != "called":
        return False
    if before is None or before.mode != "called":
        return True
    return after.number != before.number or after.calls > before.calls
