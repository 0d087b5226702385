"""Finds two boards that pass for one. Pure.

A board draws a random number when it starts (`run` in its presence), and another one with its journal (the epoch of its
presses). A number that another one had followed never comes back from one board alone; two with one login push each
other off the broker and take turns, and so do their numbers.
"""

from __future__ import annotations

from collections import deque

RETURNS = 3
"""A broker that was killed can hand out a presence of before once, and the board's own answer to that is the second."""

WITHIN_MS = 60_000
"""Boards that push each other off come back each 1 to 7 s."""

REMEMBERED = 8
"""Numbers of a board that are kept in mind."""


class Turns:
    """The numbers of one board, in the order in which they were heard."""

    def __init__(self) -> None:
        self._now = 0
        self._before: deque[int] = deque(maxlen=REMEMBERED)
        self._returns_ms: deque[int] = deque(maxlen=RETURNS)

    def are_two(self, number: int, now_ms: int) -> bool:
        """Whether two boards take turns, now that `number` was heard; 0: a board that says none."""
        if number in (0, self._now):
            return False
        if number in self._before:
            self._returns_ms.append(now_ms)
        self._before.append(self._now)
        self._now = number
        return len(self._returns_ms) == RETURNS and now_ms - self._returns_ms[0] <= WITHIN_MS
