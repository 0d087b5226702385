"""Who comes to the hall, in which way, and how each visit goes. Pure: a seed goes in, the same people come out.

Times are seconds of the demo at speed 1. A second here stands for about a minute in a hall, so that something happens
every few seconds; the caller divides by its speed.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from hub.core import schedule
from hub.core.hall import APPOINTMENT, WALK_IN, Hall
from tools.demo.plan import Begin

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

BOOKED_SHARE = 0.3
CLASS_SHARE = 0.15
PARTY_SHARE = 0.15
PLAN_SHARE = 0.1
PAPERS_SHARE = 0.2
"""How many come with an appointment where one can also draw; with priority or the like; with others on the same ticket;
for two services; and how many have to fetch a paper before they get a ticket."""

PARTY_MOST = 4

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
class Ways:
    """What somebody who comes for a service may bring. `only`: windows that are kept for some classes; `classes`: those
    that can be given at the counter; `booked`: service -> share of those who have an appointment; `papers`: service
    with a pre-check -> what can be missing; `more`: service -> what a visit can be for besides; `most`: service ->
    people on one ticket."""

    services: Mapping[str, tuple[str, ...]]
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    classes: tuple[str, ...] = ()
    booked: Mapping[str, float] = field(default_factory=dict)
    papers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    more: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    most: Mapping[str, int] = field(default_factory=dict)


def ways(hall: Hall, begin: Begin) -> Ways:
    """How people come to this hall, by its rules."""
    seats = begin.seats
    served = {service for seat in seats.values() for service in seat.services}
    mode = schedule.admission(hall, begin.day, begin.kind).mode
    everybody = mode == "appointment-only"
    with_slots = {each for each in served if schedule.slots(hall, each, begin.day, begin.kind)}
    return Ways(
        services={window: seat.services for window, seat in seats.items() if seat.services},
        only={window: hall.windows[window].only for window in seats if not hall.windows[window].else_any},
        classes=tuple(k.id for k in hall.classes.values() if k.id not in (WALK_IN, APPOINTMENT) and "admin" in k.by),
        booked={each: 1.0 if everybody else BOOKED_SHARE for each in served if everybody or each in with_slots},
        papers={each: tuple(hall.services[each].papers) for each in served if hall.services[each].pre_check},
        more={each: _more(hall, served, each) for each in served},
        most={each: min(PARTY_MOST, hall.services[each].party_max) for each in served},
    )


def _more(hall: Hall, served: set[str], service: str) -> tuple[str, ...]:
    """What else is served for the same sort of people, without a look at papers."""
    wanted = hall.services[service].group
    others = (other for other in hall.services.values() if other.id in served and other.id != service)
    return tuple(other.id for other in others if other.group == wanted and not other.pre_check)


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody comes for `service`, `at_s` seconds after the opening. `booked`: with an appointment. `missing`: the
    papers to be fetched after the first look at them; None: nobody looks at papers here. `plan`: further services."""

    at_s: float
    service: str
    klass: str = WALK_IN
    party: int = 1
    plan: tuple[str, ...] = ()
    booked: bool = False
    missing: tuple[str, ...] | None = None


def arrivals(seed: int, ways: Ways) -> Iterator[Arrival]:
    """Who comes, in order, without end. Each window brings as many people as it serves, spread over its services."""
    if not ways.services:
        return
    yield from arrivals_at_opening(seed, ways)
    chance = random.Random(f"{seed}:arrivals")
    windows = tuple(ways.services)
    per_s = PRESSURE * len(windows) / CYCLE_S
    at_s = 0.0
    while True:
        at_s += chance.expovariate(per_s)
        yield _arrival(chance, ways, chance.choice(windows), at_s)


def arrivals_at_opening(seed: int, ways: Ways) -> Iterator[Arrival]:
    """Who waits already when the hall opens."""
    chance = random.Random(f"{seed}:opening")
    for _ in range(FIRST_PER_WINDOW):
        for window in ways.services:
            yield _arrival(chance, ways, window, 0.0)


def _arrival(chance: random.Random, ways: Ways, window: str, at_s: float) -> Arrival:
    """Somebody whom `window` can serve."""
    service = chance.choice(ways.services[window])
    only = ways.only.get(window)
    booked = APPOINTMENT in only if only else chance.random() < ways.booked.get(service, 0.0)
    party = chance.randint(2, most) if chance.random() < PARTY_SHARE and (most := ways.most.get(service, 1)) > 1 else 1
    if booked:
        return Arrival(at_s, service, party=party, booked=True)
    return Arrival(
        at_s,
        service,
        klass=_klass(chance, ways, only),
        party=party,
        plan=_plan(chance, ways, service),
        missing=_missing(chance, ways, service),
    )


def _klass(chance: random.Random, ways: Ways, only: tuple[str, ...] | None) -> str:
    given = tuple(klass for klass in ways.classes if not only or klass in only)
    return chance.choice(given) if given and (only or chance.random() < CLASS_SHARE) else WALK_IN


def _plan(chance: random.Random, ways: Ways, service: str) -> tuple[str, ...]:
    others = ways.more.get(service)
    return (chance.choice(others),) if others and chance.random() < PLAN_SHARE else ()


def _missing(chance: random.Random, ways: Ways, service: str) -> tuple[str, ...] | None:
    papers = ways.papers.get(service)
    if papers is None:
        return None
    return (chance.choice(papers),) if papers and chance.random() < PAPERS_SHARE else ()


def goes_away(waiting: int, windows: int) -> bool:
    """Whether somebody who finds `waiting` people before `windows` open windows leaves without a ticket."""
    return waiting >= QUEUE_PER_WINDOW * windows
