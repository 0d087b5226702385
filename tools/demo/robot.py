"""A clerk and the applicant at one window. Pure: the time and the glass go in, presses on keys come out.

The robot knows only what the people there would see: what the display over the window shows, the thank-you on the
rating pad, and a refusal on the call pad. Its rules, by what the glass shows:

    open      after a pause: next (some press twice)       and who was served just now rates
    called    the applicant walks: start                   who does not come: recall, then missed (as the hall asks)
    serving   after the service: finish

A press that changes nothing within PRESS_AGAIN_S is made again: pads and hubs are pulled and killed here. That is safe
because a press counts only for the version of the window that the pad showed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from protocol import ratings
from protocol.freshness import NOTHING
from protocol.verbs import KEYPAD
from tools.demo.crowd import Visit

PRESS_AGAIN_S = 3.5
"""Longer than a pad tries a call for (3 s): by then it has said that it is offline, and one presses again."""

AFTER_REFUSAL_S = 1.0
"""A clerk reads the reason, then tries again."""

RATE_TRIES = 4
"""How often an applicant presses a pad that does not say thank you."""


class Glass(NamedTuple):
    """What the display over the window shows. `mode` is one of protocol.downward.MODES, or another sign."""

    mode: str
    number: str
    version: tuple[int, int]


class Press(NamedTuple):
    """A key to press: `role` is call_pad or rating_pad, `key` counts from 0 at the left."""

    role: str
    key: int


@dataclass(slots=True)
class _Rating:
    key: int
    due_s: float
    tries: int = 0


class Robot:
    """The people at one window. `visits` says how each visit goes; all durations are divided by `speed`. `min_calls`:
    after so many calls *missed* may be pressed."""

    def __init__(self, visits: Iterator[Visit], speed: float, min_calls: int = 2):
        self._visits = visits
        self._speed = speed
        self._min_calls = max(2, min_calls)
        self._coming = next(visits)
        self._visit = self._coming
        self._glass: Glass | None = None
        self._number = ""
        self._last_call = NOTHING
        self._calls = 0
        self._served = False
        self._due_s = 0.0
        self._rating: _Rating | None = None

    def step(self, now_s: float, glass: Glass) -> list[Press]:
        """What is pressed now. To be asked every few ten milliseconds."""
        if glass != self._glass:
            self._glass = glass
            self._look(now_s, glass)
        return [*self._rate(now_s), *self._work(now_s, glass.mode)]

    def thanked(self) -> None:
        """The rating pad showed its thank-you."""
        self._rating = None

    def refused(self, now_s: float) -> None:
        """The call pad showed why not: whatever was tried last is tried again soon, if it still makes sense."""
        self._due_s = min(self._due_s, now_s + AFTER_REFUSAL_S)

    def _look(self, now_s: float, glass: Glass) -> None:
        """The glass changed: whose visit is it now, and when is the next press due?"""
        if glass.number and glass.number != self._number:
            self._welcome(glass.number)
        if glass.mode == "called" and glass.version > self._last_call:
            self._last_call = glass.version
            self._calls += 1
        if glass.mode == "serving":
            self._served = True
        if glass.mode == "open" and self._served:
            self._served = False
            self._leave(now_s)
        self._due_s = now_s + self._duration_s(glass.mode) / self._speed

    def _welcome(self, number: str) -> None:
        self._number = number
        self._visit, self._coming = self._coming, next(self._visits)
        self._calls = 0
        self._served = False
        self._rating = None

    def _leave(self, now_s: float) -> None:
        if self._visit.level is not None:
            key = ratings.LEVELS.index(self._visit.level)
            self._rating = _Rating(key, now_s + self._visit.rate_s / self._speed)

    def _duration_s(self, mode: str) -> float:
        if mode == "open":
            return self._coming.pause_s
        if mode == "called":
            return self._visit.walk_s if self._is_on_the_way() else self._visit.absent_s
        return self._visit.service_s

    def _is_on_the_way(self) -> bool:
        return self._visit.comes and (self._calls > 1 or not self._visit.recalled)

    def _rate(self, now_s: float) -> list[Press]:
        rating = self._rating
        if rating is None or now_s < rating.due_s:
            return []
        rating.tries += 1
        rating.due_s = now_s + PRESS_AGAIN_S
        if rating.tries >= RATE_TRIES:
            self._rating = None
        return [Press("rating_pad", rating.key)]

    def _work(self, now_s: float, mode: str) -> list[Press]:
        verb = self._verb(mode)
        if not verb or now_s < self._due_s:
            return []
        self._due_s = now_s + PRESS_AGAIN_S
        press = Press("call_pad", KEYPAD.index(verb))
        return [press, press] if verb == "next" and self._coming.double_press else [press]

    def _verb(self, mode: str) -> str:
        """What the clerk wants to press next; nothing before a sign that needs a technician."""
        if mode == "called":
            if self._is_on_the_way():
                return "start"
            return "recall" if self._calls < self._min_calls else "missed"
        return {"open": "next", "serving": "finish"}.get(mode, "")
