"""What a waiting range costs: the forecast of a hall of 200 services and 222 windows, and one ticket's share of it."""

from __future__ import annotations

import statistics
import time

from hub.core import applying, events, hall, pace
from hub.core.forecast import forecast
from hub.core.hall import Hall, Service, TicketClass, Window
from hub.core.state import State

SERVICES = 200
WINDOWS = 222
ROUNDS = 31
"""The median of so many passes is shown."""

OPENS_MS = 1_790_000_000_000
CLASSES = ("walk-in", "walk-in", "walk-in", "priority", "appointment")
"""Classes of those who wait, in turns."""


def run(counts: tuple[int, ...] = (100, 1_000, 10_000)) -> list[dict]:
    """One row for each number of people: `waiting`, `range_ms` (a pass and the range of one ticket)."""
    rows = []
    for count in counts:
        state = waiting_hall(count)
        visit = f"v{count - 1}"
        rows.append({"waiting": count, "range_ms": round(_median_ms(state, visit), 2)})
    return rows


def _median_ms(state: State, visit: str) -> float:
    now_ms = OPENS_MS + 3_600_000
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        found = forecast(state, now_ms).of(visit)
        assert found is not None
        pace.range_for(state.trust, state.tickets[visit].service, found[1])
        taken.append(time.perf_counter() - began)
    return statistics.median(taken) * 1000


def waiting_hall(count: int) -> State:
    """`count` people wait in a hall where half of the windows take one service each, some ten and some all of them."""
    state = State(epoch=1)
    what: list[events.Event] = [
        events.HallConfigured(hall.to_dict(large_hall())),
        events.DayOpened("2026-01-05", "workday", OPENS_MS - 9 * 3_600_000),
        *(events.ClerkSignedIn(f"clerk-{number}", f"w{number}") for number in range(WINDOWS)),
    ]
    for number in range(count):
        klass = CLASSES[number // SERVICES % len(CLASSES)]
        service = f"s{number * 7 % SERVICES}"
        what.append(events.TicketDrawn(f"v{number}", state.day, service, number, f"N{number}", "kiosk:k", klass))
    for seq, event in enumerate(what, 1):
        applying.apply(state, seq, OPENS_MS + seq * 1000, event)
    return state


def large_hall() -> Hall:
    """Windows: 60 for one service each, 100 for ten each (of ten kinds, preferring one), 62 for any."""
    names = {"en": "large"}
    services = {f"s{number}": Service(f"s{number}", names, "A", 1, 99_999, 1, 5) for number in range(SERVICES)}
    windows = {f"w{number}": Window(f"w{number}", names, "z", *_taken_at(number)) for number in range(WINDOWS)}
    classes = {"walk-in": 0, "priority": 20, "appointment": 15}
    return Hall(
        "large",
        names,
        "Asia/Shanghai",
        "04:00",
        0,
        services,
        windows,
        classes={klass: TicketClass(klass, names, credit) for klass, credit in classes.items()},
    )


def _taken_at(number: int) -> tuple[tuple[str, ...], dict[str, int]]:
    """(services, what is preferred) of a window."""
    if number < 60:
        return (f"s{number}",), {}
    if number < 160:
        first = number % 20 * 10
        return tuple(f"s{first + each}" for each in range(10)), {f"s{first}": 5}
    return tuple(f"s{each}" for each in range(SERVICES)), {}
