"""Few tries for whoever types codes in: a code is short, and must not be found by trying."""

from __future__ import annotations

from collections import deque

from hub.web.accounts import Caller
from hub.web.problems import Problem

WRONG = 10
"""Wrong codes from one asker within SPAN_MS; a kiosk in a full hall has one now and then."""

SPAN_MS = 60_000

CODES = frozenset({"unknown-code", "unknown-check"})
"""Refusals that say that a code was wrong."""


class Guesses:
    """Wrong codes of each asker. Askers are logins and keys, so there are few."""

    def __init__(self) -> None:
        self._wrong_ms: dict[str, deque[int]] = {}

    def check(self, caller: Caller, now_ms: int) -> None:
        """Raises Problem when the caller had too many wrong codes lately."""
        wrong_ms = self._wrong_ms.get(caller.by, ())
        if len(wrong_ms) == WRONG and now_ms - wrong_ms[0] < SPAN_MS:
            wait_s = -(-(SPAN_MS - (now_ms - wrong_ms[0])) // 1000)
            raise Problem(429, "wait-code", headers={"Retry-After": str(wait_s)}, seconds=wait_s)

    def learn(self, caller: Caller, refused: str, now_ms: int) -> None:
        """What became of a code."""
        if refused in CODES:
            self._wrong_ms.setdefault(caller.by, deque(maxlen=WRONG)).append(now_ms)
