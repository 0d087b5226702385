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

    def begin(self, caller: Caller, now_ms: int) -> None:
        """Counts a code as wrong before it is looked at, so that many at once do not slip through. Raises Problem when
        the caller had too many lately."""
        wrong_ms = self._wrong_ms.setdefault(caller.by, deque(maxlen=WRONG))
        if len(wrong_ms) == WRONG and now_ms - wrong_ms[0] < SPAN_MS:
            wait_s = -(-(SPAN_MS - (now_ms - wrong_ms[0])) // 1000)
            raise Problem(429, "wait-code", headers={"Retry-After": str(wait_s)}, seconds=wait_s)
        wrong_ms.append(now_ms)

    def end(self, caller: Caller, refused: str) -> None:
        """What became of the code that was begun; one that was right does not count."""
        if refused not in CODES:
            self._wrong_ms[caller.by].pop()
