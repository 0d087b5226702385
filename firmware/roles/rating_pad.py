"""The rating pad: one press, safely kept, then a thank-you that is the same for every level.

The order is the promise: the journal has the press on flash before anybody is thanked. The choice can be read from
nothing that the pad shows, lights or sounds. The pad works without the hub; presses then wait in the journal.
"""

from firmware.roles.vocabulary import (
    Beep,
    JournalRoom,
    KeyPressed,
    Leds,
    PressRefused,
    PressStored,
    Promised,
    Record,
    Report,
    Screen,
    Show,
)
from firmware.roles.window import Window
from protocol.ratings import level_of_key

RATING_GRACE_MS = 10_000
"""So long after the next number was called, the applicant before may still stand at the pad."""

LOCK_MS = 3000
"""After a press further ones are ignored, so that one applicant answers once. The thank-you stands as long."""

RETRY_MS = 10_000
"""After a press that flash refused the pad is out of service; then it may be tried again."""

BEEP_MS = 100


class RatingPad:
    """A role: `handle(event, now_ms)` gives effects."""

    def __init__(self, config, prompts, now_ms: int):
        self._window_id = config.window
        self._keys = config.keys
        self._prompts = prompts
        self._window = Window(config.language, prompts, now_ms)
        self._storing = False
        self._locked_until_ms = now_ms
        self._broken_until_ms = now_ms
        self._room = True
        self._shown = None
        self._lit = None

    def handle(self, event, now_ms: int) -> list:
        fresh = self._window.follow(event, now_ms)
        effects = self._react(event, now_ms)
        # The thank-you is on the glass before it is said that the press was promised.
        effects = self._draw(now_ms) + effects
        return effects + [Report(self._window.version)] if fresh else effects

    def _react(self, event, now_ms: int) -> list:
        kind = type(event)
        if kind is KeyPressed:
            return self._press(event.key, now_ms)
        if kind is PressStored:
            self._storing = False
            self._locked_until_ms = now_ms + LOCK_MS
            return [Beep(BEEP_MS), Promised(event.seq, event.visit, event.level)]
        if kind is PressRefused:
            self._storing = False
            self._broken_until_ms = now_ms + RETRY_MS
        elif kind is JournalRoom:
            self._room = event.free
        return []

    def _press(self, key: int, now_ms: int) -> list:
        if self._storing or self._thanking(now_ms) or self._out_of_service(now_ms) or key >= self._keys:
            return []
        self._storing = True
        return [Record(self._window_id, self._visit(now_ms), level_of_key(self._keys, key))]

    def _visit(self, now_ms: int) -> str:
        """Whom a press now belongs to: nobody (empty), the visit that may be rated, or the one before it."""
        state = self._window.state
        if not state:
            return ""
        just_called = state.mode == "called" and now_ms - self._window.called_ms < RATING_GRACE_MS
        return state.rate_before if just_called and state.rate_before else state.rate

    def _thanking(self, now_ms: int) -> bool:
        return now_ms < self._locked_until_ms

    def _out_of_service(self, now_ms: int) -> bool:
        return not self._room or now_ms < self._broken_until_ms

    def _prompt(self, now_ms: int) -> str:
        if self._thanking(now_ms):
            return "thanks"
        if self._out_of_service(now_ms):
            return "out-of-service"
        return "rate" if self._visit(now_ms) else "welcome"

    def _draw(self, now_ms: int) -> list:
        """What is new on the glass, and the keys' lights: all on to invite a press, or all off."""
        prompt = self._prompt(now_ms)
        screen = Screen((self._prompts(prompt),), self._window.mark(now_ms), False)
        state = self._window.state
        show = Show(screen, self._window.version, state.mode if state else "", state.number if state else "")
        leds = Leds((1 if prompt == "rate" else 0,) * self._keys)
        news = [effect for effect in (show, leds) if effect not in (self._shown, self._lit)]
        self._shown, self._lit = show, leds
        return news
