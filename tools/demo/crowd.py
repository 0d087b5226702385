"""Who comes to the hall and how each visit goes. Pure: a seed goes in, the same people come out.

Times are seconds of the demo at speed 1. A second here stands for about a minute in a hall, so that something happens
every few seconds; the caller divides by its speed.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

PAUSE_S = (0.8, 1.6)
"""Between the end of one service and *next*: the applicant rates and leaves, the clerk tidies up."""

WALK_S = (0.8, 2.0)
"""From the call to the window. A call is on the glass after some 50 ms, so the applicant has seen it."""

SERVICE_S = (1.5, 3.0, 7.0)
"""Shortest, most likely and longest service."""

ABSENT_S = (1.5, 2.2)
"""How long a clerk waits for somebody who does not come, before *recall*, and again before *missed*."""

RATE_S = (0.2, 0.7)
"""From the end of the service to the press on the pad; shorter than any pause, so it is not rushed."""

CYCLE_S = 7.0
"""One visit, from *next* to *next*, on average (a test works it out). It sets how often people come."""

RATING_SHARE = 0.9
ABSENT_SHARE = 0.04
RECALL_SHARE = 0.06
DOUBLE_PRESS_SHARE = 0.08
"""How many rate; do not come at all; come only after a second call; and how often *next* is pressed twice by a slip."""

LEVEL_WEIGHTS = {5: 78, 4: 15, 3: 4, 2: 2, 1: 1}
"""Most people are satisfied; without some bad ratings nobody would see how those look."""

FIRST_PER_WINDOW = 3
"""People who wait already when the hall opens: every window has somebody to call at once."""

PRESSURE = 1.15
"""People come this much faster than the windows can serve, so that no window runs dry."""

QUEUE_PER_WINDOW = 8
"""Who finds more people than this before each open window goes away: a demo may run for hours."""


@dataclass(frozen=True, slots=True)
class Visit:
    """How one visit goes, in seconds. `level` is None for who does not rate; `comes` False for who has gone away."""

    pause_s: float
    walk_s: float
    service_s: float
    absent_s: float
    rate_s: float
    comes: bool
    recalled: bool
    double_press: bool
    level: int | None


def visits(seed: int, window: str) -> Iterator[Visit]:
    """The visits at `window`, one after the other, without end. The first one comes and rates: it proves the pad."""
    chance = random.Random(f"{seed}:visits:{window}")
    yield _visit(chance, first=True)
    while True:
        yield _visit(chance, first=False)


def _visit(chance: random.Random, first: bool) -> Visit:
    shortest, likely, longest = SERVICE_S
    comes = chance.random() >= ABSENT_SHARE
    rates = chance.random() < RATING_SHARE
    level = chance.choices(tuple(LEVEL_WEIGHTS), tuple(LEVEL_WEIGHTS.values()))[0]
    return Visit(
        pause_s=chance.uniform(*PAUSE_S),
        walk_s=chance.uniform(*WALK_S),
        service_s=chance.triangular(shortest, longest, likely),
        absent_s=chance.uniform(*ABSENT_S),
        rate_s=chance.uniform(*RATE_S),
        comes=first or comes,
        recalled=chance.random() < RECALL_SHARE and not first,
        double_press=chance.random() < DOUBLE_PRESS_SHARE,
        level=level if first or rates else None,
    )


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody comes for `service`, `at_s` seconds after the opening."""

    at_s: float
    service: str


def arrivals(seed: int, windows: Mapping[str, Sequence[str]]) -> Iterator[Arrival]:
    """Who comes, in order, without end. `windows` has the services of each open window; empty: nobody comes."""
    if not windows:
        return
    yield from arrivals_at_opening(seed, windows)
    chance = random.Random(f"{seed}:arrivals")
    weights = _weights(windows)
    per_s = PRESSURE * len(windows) / CYCLE_S
    at_s = 0.0
    while True:
        at_s += chance.expovariate(per_s)
        yield Arrival(at_s, chance.choices(tuple(weights), tuple(weights.values()))[0])


def arrivals_at_opening(seed: int, windows: Mapping[str, Sequence[str]]) -> Iterator[Arrival]:
    """Who waits already when the hall opens."""
    chance = random.Random(f"{seed}:opening")
    for _ in range(FIRST_PER_WINDOW):
        for services in windows.values():
            yield Arrival(0.0, chance.choice(services))


def _weights(windows: Mapping[str, Sequence[str]]) -> dict[str, float]:
    """Service -> its share: each window brings as many people as it serves, spread over its services."""
    weights: dict[str, float] = {}
    for services in windows.values():
        for service in services:
            weights[service] = weights.get(service, 0.0) + 1 / len(services)
    return weights


def goes_away(waiting: int, windows: int) -> bool:
    """Whether somebody who finds `waiting` people before `windows` open windows leaves without a ticket."""
    return waiting >= QUEUE_PER_WINDOW * windows
