"""The rating pad: one press, safely kept, then a thank-you that is the same for every level.

The order is the promise: the journal has the press on flash before anybody is thanked. The choice can be read from
nothing that the pad shows, lights or sounds. The pad works without the hub; presses then wait in the journal.
"""

from collections import namedtuple

from firmware.roles.vocabulary import Beep, KeyPressed, Leds, Show
from firmware.roles.window import Window
from protocol.ratings import level_of_key

Record = namedtuple("Record", ("window", "visit", "level"))
"""An effect: append a press to the journal, then say by Recorded how it went."""

Recorded = namedtuple("Recorded", ("seq", "visit", "level"))
"""An event: the journal has the press safe on flash under the number `seq`; if that is 0, it could not be stored."""

Promised = namedtuple("Promised", ("seq", "visit", "level"))
"""An effect: the thank-you is on the glass now."""

JournalRoom = namedtuple("JournalRoom", ("free",))
"""An event: whether the journal can take a press; at start and on changes."""

RATING_GRACE_MS = 10_000
"""So long after the next number was called, the applicant before may still stand at the pad."""

LOCK_MS = 3000
"""After a press further ones are ignored, so that one applicant answers once. The thank-you stands as long."""

RETRY_MS = 10_000
"""After a press that flash refused the pad is out of service; then it may be tried again."""

BEEP_MS = 100


class RatingPad:
    """A role: `handle(event, now_ms)` gives effects."""

    def __init__(self, config, texts, now_ms: int):
        self._window_id = config.window
        self._keys = config.keys
        self._texts = texts
        self._window = Window(config.language, texts, now_ms)
        self._storing = False
        self._locked_until_ms = now_ms
        self._broken_until_ms = now_ms
        self._room = True
        self._shown = None
        self._lit = None

    def handle(self, event, now_ms: int) -> list:
        self._window.follow(event, now_ms)
        effects = self._react(event, now_ms)
        # The thank-you is on the glass before it is said that the press was promised.
        return self._draw(now_ms) + effects

    def _react(self, event, now_ms: int) -> list:
        kind = type(event)
        if kind is KeyPressed:
            return self._press(event.key, now_ms)
        if kind is Recorded:
            return self._recorded(event, now_ms)
        if kind is JournalRoom:
            self._room = event.free
        return []

    def _recorded(self, press: Recorded, now_ms: int) -> list:
        self._storing = False
        if not press.seq:
            self._broken_until_ms = now_ms + RETRY_MS
            return []
        self._locked_until_ms = now_ms + LOCK_MS
        return [Beep(BEEP_MS), Promised(press.seq, press.visit, press.level)]

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
        show = Show((self._texts[prompt],), self._window.mark(now_ms), False, *self._window.shown())
        leds = Leds((1 if prompt == "rate" else 0,) * self._keys)
        news = [effect for effect in (show, leds) if effect not in (self._shown, self._lit)]
        self._shown, self._lit = show, leds
        return news
