"""What the hub counts of itself while it works. Plain numbers: counting costs a press less than a microsecond, and what
they are called for monitors is worked out when somebody asks (hub.web.vitals).
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 15.0, 60.0, 600.0)
"""Bounds for durations. 0.5 s is what a call may take to the display, 2 s what a rating may take to the disk."""

SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500)
"""Bounds for commands in one transaction, of which there are 500 at most."""


class Histogram:
    """How many values were at most as large as each of `bounds`, and the sum of all."""

    def __init__(self, bounds: tuple[float, ...]):
        self.bounds = bounds
        self.total = 0.0
        self._counts = [0] * (len(bounds) + 1)

    def observe(self, value: float) -> None:
        self._counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def buckets(self) -> list[tuple[str, int]]:
        """(bound, how many values were not above it), as Prometheus wants them; the last bound is "+Inf"."""
        found, so_far = [], 0
        for bound, count in zip([*map(str, self.bounds), "+Inf"], self._counts, strict=True):
            so_far += count
            found.append((bound, so_far))
        return found


@dataclass(slots=True)
class Measures:
    """Since the start of the hub. `command_s`: from a command's arrival to the disk; `rating_s`: from the press on the
    pad, where the pad knows it; `shown_s`: from a call to the display that shows it. `store_fails`: the last commit
    could not be stored. `busy_since_s`: since when (clock of the event loop) the writer has had its batch; 0: idle.
    """

    command_s: Histogram = field(default_factory=lambda: Histogram(SECONDS))
    rating_s: Histogram = field(default_factory=lambda: Histogram(SECONDS))
    shown_s: Histogram = field(default_factory=lambda: Histogram(SECONDS))
    batch: Histogram = field(default_factory=lambda: Histogram(SIZES))
    store_errors: int = 0
    store_fails: bool = False
    busy_since_s: float = 0.0
