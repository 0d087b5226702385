"""The display over a window: the number that is called, never an older one, and a mark when it may not be true; below
it what is served, and by whom. Which texts that are is the hub's matter: pauses tell their reason there. Once somebody
was served it has a code for rating that by phone.

A new call, or the same number called once more, flashes and beeps.
"""

from firmware.roles.place import Place
from firmware.roles.vocabulary import FLASH_MS, FLASHES, Beep
from protocol.downward import WindowState
from protocol.rating_code import NO_CODE, RatingCode

BEEP_MS = 300


class WindowDisplay:
    """A role: `handle(event, now_ms)` gives effects."""

    def __init__(self, config, texts, now_ms: int):
        self._place = Place(WindowState, config.window, config, texts, now_ms)
        self._flash_from_ms = None
        self._texts = texts
        self._code = NO_CODE
        self._shown = None

    def handle(self, event, now_ms: int) -> list:
        place = self._place
        before = place.state
        effects = []
        if type(event) is RatingCode:
            self._code = event
        if place.follow(event, now_ms) and _is_call(before, event):
            self._flash_from_ms = now_ms
            effects.append(Beep(BEEP_MS))
        phase = FLASHES if self._flash_from_ms is None else (now_ms - self._flash_from_ms) // FLASH_MS
        if phase >= FLASHES:
            self._flash_from_ms = None
        state = place.state
        texts = (place.pick(state.texts) or state.number, place.pick(state.about)) if state else ()
        code = None
        if state and state.mode == "open" and self._code.seen == place.version:
            code = self._code.code, self._texts["scan"]
        show = place.show(tuple(filter(None, texts)), phase < FLASHES and not phase % 2, now_ms, code)
        if show != self._shown:
            self._shown = show
            effects.append(show)
        return effects


def _is_call(before, after) -> bool:
    """Whether `after` calls somebody whom `before` did not, or once more."""
    if after.mode != "called":
        return False
    if before is None or before.mode != "called":
        return True
    return after.number != before.number or after.calls > before.calls
