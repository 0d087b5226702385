"""The rating pad: one press, safely kept, then a thank-you that is the same for every level.

The order is the promise: the journal has the press on flash before anybody is thanked. The choice can be read from
nothing that the pad shows, lights or sounds. The pad works without the hub; presses then wait in the journal.
"""

from collections import namedtuple

from firmware.roles.place import Place
from firmware.roles.vocabulary import Beep, KeyPressed, Leds
from protocol.downward import WindowState
from protocol.rating_code import NO_CODE, RatingCode
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
    """A role: `handle(event, now_ms)` gives effects. Few functions: this role has the least memory to spare."""

    def __init__(self, config, texts, now_ms: int):
        self._window = config.window
        self._keys = config.keys
        self._texts = texts
        self._place = Place(WindowState, config.window, config, texts, now_ms)
        self._called_ms = now_ms  # when the window's number was first seen called; a recall does not move that
        self._storing = False
        self._locked_until_ms = now_ms
        self._broken_until_ms = now_ms
        self._room = True
        self._code = NO_CODE
        self._shown = None
        self._lit = None

    def handle(self, event, now_ms: int) -> list:
        kind = type(event)
        before = self._place.state
        effects = []
        if self._place.follow(event, now_ms):
            if not before or before.mode != "called" or before.number != event.number:
                self._called_ms = now_ms
        elif kind is KeyPressed:
            _, visit, is_open = self._now(now_ms)
            if is_open and not self._storing and event.key < self._keys:
                self._storing = True
                effects.append(Record(self._window, visit, level_of_key(self._keys, event.key)))
        elif kind is Recorded:
            self._storing = False
            if event.seq:
                self._locked_until_ms = now_ms + LOCK_MS
                effects += [Beep(BEEP_MS), Promised(event.seq, event.visit, event.level)]
            else:
                self._broken_until_ms = now_ms + RETRY_MS
        elif kind is JournalRoom:
            self._room = event.free
        elif kind is RatingCode:
            self._code = event
        # The thank-you is on the glass before it is said that the press was promised.
        return self._draw(now_ms) + effects

    def _now(self, now_ms: int) -> tuple:
        """(what to show, whom a press belongs to, whether one is taken). The visit is empty, the one that may be rated,
        or, just after a call, the one before it."""
        visit = ""
        state = self._place.state
        if state:
            just_called = state.mode == "called" and now_ms - self._called_ms < RATING_GRACE_MS
            visit = state.rate_before if just_called and state.rate_before else state.rate
        if now_ms < self._locked_until_ms:
            return "thanks", visit, False
        if not self._room or now_ms < self._broken_until_ms:
            return "out-of-service", visit, False
        return "rate" if visit else "welcome", visit, True

    def _draw(self, now_ms: int) -> list:
        """What is new on the glass, and the keys' lights: all on to invite a press, or all off. Beside the
        question, if they are about the visit in question: what was served, and by whom; a code for rating by phone."""
        prompt, visit, _ = self._now(now_ms)
        state = self._place.state
        texts, code = (self._texts[prompt],), None
        if state and prompt == "rate" and visit == state.rate:
            texts = tuple(filter(None, (self._texts[prompt], self._place.pick(state.about))))
            if self._code.seen == self._place.version:
                code = self._code.code, ""
        show = self._place.show(texts, False, now_ms, code)
        leds = Leds((1 if prompt == "rate" else 0,) * self._keys)
        news = [effect for effect in (show, leds) if effect not in (self._shown, self._lit)]
        self._shown, self._lit = show, leds
        return news
