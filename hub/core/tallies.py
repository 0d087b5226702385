"""What visits came to, added up: at a window, for a service, in a hall, in several halls together.

A tally keeps every wait and every time at a window. So tallies can be added, and what is said of the sum is said of
people: a mean is never one of means, a 90th percentile never one of percentiles.

A ticket (`drawn` to `expired`, `promised`, `held`) belongs to the service that it was drawn for. A stop (`called`,
`served`, `missed`, the times) and its rating belong to the service, the window and the clerk that it was at: a visit
for two services is one ticket, and served twice.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, sqrt
from statistics import fmean, median
from typing import Any, NamedTuple

from hub.core.ratings import SCORES
from protocol.ratings import BAD, LEVELS

Z_95 = 1.959964
"""So many standard errors hold 95 % of a normal distribution."""


@dataclass(slots=True)
class Tally:
    """`people`: companions too. `waits_ms`: of those who were called. `serves_ms`: at the window, of those who were
    served. `idle_ms`: of clerks whose window was free. `rated_stops`: stops with a rating that counts; `levels`: how
    often each level was given; `set_aside`: the same of ratings that two people struck out or excluded. `promised`
    ranges of waiting came out, `held` of them were true."""

    drawn: int = 0
    people: int = 0
    cancelled: int = 0
    expired: int = 0
    promised: int = 0
    held: int = 0
    called: int = 0
    served: int = 0
    missed: int = 0
    overtime_ms: int = 0
    idle_ms: int = 0
    rated_stops: int = 0
    waits_ms: list[int] = field(default_factory=list)
    serves_ms: list[int] = field(default_factory=list)
    levels: Counter[int] = field(default_factory=Counter)
    set_aside: Counter[int] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        """Takes in what `other` counted."""
        self.drawn += other.drawn
        self.people += other.people
        self.cancelled += other.cancelled
        self.expired += other.expired
        self.promised += other.promised
        self.held += other.held
        self.called += other.called
        self.served += other.served
        self.missed += other.missed
        self.overtime_ms += other.overtime_ms
        self.idle_ms += other.idle_ms
        self.rated_stops += other.rated_stops
        self.waits_ms += other.waits_ms
        self.serves_ms += other.serves_ms
        if other.levels:
            self.levels.update(other.levels)
        if other.set_aside:
            self.set_aside.update(other.set_aside)

    @property
    def rated(self) -> int:
        """How many ratings count."""
        return self.levels.total()


def added(tallies: Iterable[tuple[str, Tally]]) -> dict[str, Tally]:
    """The sums of those that have the same key, by key."""
    sums: defaultdict[str, Tally] = defaultdict(Tally)
    for key, tally in tallies:
        sums[key].add(tally)
    return dict(sorted(sums.items(), key=lambda item: natural(item[0])))


def natural(key: str) -> list[tuple[int, str]]:
    """By which keys are in the order in which people count: window 2 before window 10."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"([0-9]+)", key)]


OF_TICKETS = ("drawn", "people", "cancelled", "expired", "promised", "held", "held_share")
"""Figures of a row that windows and clerks do not have."""

OF_SEATS = ("overtime_ms", "idle_ms")
"""Figures of a row that services do not have: overtime and idle time are spent at a window."""


class Scale(NamedTuple):
    """How ratings are told: points of each level, and from how many ratings on a figure is not small."""

    scores: Mapping[str, int] = SCORES
    small: int = 30


def row(tally: Tally, without: Sequence[str] = (), scale: Scale = Scale()) -> dict[str, Any]:  # noqa: B008  never changed
    """A line of a report as JSON values, `without` some of them. Shares are of 1; None: of nothing.

    `active_share`: served stops of which somebody really said something; the others said nothing, and are in no other
    figure of ratings. `satisfied` and what follows is of the ratings that count; `..._with_all` with those too that
    were set aside. `small`: so few that the share says little.
    """
    waits, serves = sorted(tally.waits_ms), sorted(tally.serves_ms)
    everything = tally.levels + tally.set_aside
    figures = {
        "drawn": tally.drawn,
        "people": tally.people,
        "cancelled": tally.cancelled,
        "expired": tally.expired,
        "called": tally.called,
        "served": tally.served,
        "missed": tally.missed,
        "wait_mean_ms": round(fmean(waits)) if waits else None,
        "wait_p50_ms": int(median(waits)) if waits else None,
        "wait_p90_ms": percentile(waits, 90),
        "wait_worst_ms": waits[-1] if waits else None,
        "serve_mean_ms": round(fmean(serves)) if serves else None,
        "serve_p50_ms": int(median(serves)) if serves else None,
        "serve_p90_ms": percentile(serves, 90),
        "overtime_ms": tally.overtime_ms,
        "idle_ms": tally.idle_ms,
        "rated": tally.rated,
        "rated_stops": tally.rated_stops,
        "silent": max(0, tally.served - tally.rated_stops),
        "active_share": min(1.0, tally.rated_stops / tally.served) if tally.served else None,
        "levels": {str(level): tally.levels[level] for level in LEVELS},
        "mean": _mean_level(tally.levels),
        "score": _score(tally.levels, scale.scores),
        "satisfied": _good_share(tally.levels),
        "satisfied_range": wilson(_good(tally.levels), tally.rated),
        "bad": tally.rated - _good(tally.levels),
        "bad_share": (tally.rated - _good(tally.levels)) / tally.rated if tally.rated else None,
        "small": tally.rated < scale.small,
        "set_aside": tally.set_aside.total(),
        "rated_with_all": everything.total(),
        "satisfied_with_all": _good_share(everything),
        "promised": tally.promised,
        "held": tally.held,
        "held_share": tally.held / tally.promised if tally.promised else None,
    }
    return {name: value for name, value in figures.items() if name not in without}


def percentile(ordered: Sequence[int], percent: int) -> int | None:
    """The smallest of the values that so many percent of them do not exceed (nearest rank); None: there are none."""
    return ordered[ceil(percent * len(ordered) / 100) - 1] if ordered else None


def _mean_level(levels: Mapping[int, int]) -> float | None:
    return _mean(levels, {str(level): level for level in levels})


def _score(levels: Mapping[int, int], scores: Mapping[str, int]) -> float | None:
    """The mean of the levels' points."""
    return _mean(levels, scores)


def _mean(levels: Mapping[int, int], points: Mapping[str, int]) -> float | None:
    """To hundredths, cut and never rounded up: the best is reached when everybody gave it."""
    rated = sum(levels.values())
    return sum(points[str(level)] * count for level, count in levels.items()) * 100 // rated / 100 if rated else None


def _good(levels: Mapping[int, int]) -> int:
    """How many gave what is no bad rating."""
    return sum(count for level, count in levels.items() if level not in BAD)


def _good_share(levels: Mapping[int, int]) -> float | None:
    rated = sum(levels.values())
    return _good(levels) / rated if rated else None


def wilson(good: int, rated: int) -> tuple[float, float] | None:
    """From where to where the true share lies with 95 % confidence, when `good` of `rated` were (Wilson, 1927). Unlike
    the share plus or minus its error it never ends above 1, and never has no width: five of five prove little."""
    if not rated:
        return None
    share, spread = good / rated, Z_95**2 / rated
    middle = (share + spread / 2) / (1 + spread)
    half = Z_95 * sqrt(share * (1 - share) / rated + spread / (4 * rated)) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)
