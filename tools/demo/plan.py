"""When the demo's day begins, who sits where then, and the hall file at the demo's pace. Pure: the time is an argument.

Whatever time it is on the machine, the hall's clock begins on a working day, in opening hours, at a moment when as many
of the wanted windows as possible are staffed for an hour to come, and when appointments can be checked in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from hub.core import schedule
from hub.core.hall import Hall

MINUTES_PER_S = 60
"""A second of the demo stands for about a minute of a hall: so many times as many people come."""

COUNT_MOST = 100_000
"""What a hall file takes at most; it is as good as no limit."""

MISSED_AFTER_S = 1
"""At that pace: how long a clerk waits for somebody at least; for a hall's half minute nobody would like to look on."""

STEP_MIN = 15
"""The moments that are tried."""

AHEAD_MIN = 60
"""A demo should not begin just before half of the clerks go to lunch."""

DAYS_MOST = 30
"""Longer no hall is closed on working days."""


@dataclass(frozen=True, slots=True)
class Seat:
    """A window that is staffed when the demo begins: its clerk by the hall's plan ("": anybody), and its services."""

    clerk: str
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Begin:
    """The moment: business day, its kind, minutes since its midnight; and the seats, by window."""

    day: str
    kind: str
    minute: int
    seats: dict[str, Seat]


def at_pace(source: str) -> str:
    """The hall file with quotas and limits for as many people as come in a demo, and shorter waits for those who do
    not come."""
    source = re.sub(r"(?m)^(\s*(?:quota|per_day)\s*=\s*)(\d+)", _more, source)
    return re.sub(r"(?m)^(\s*min_s\s*=\s*)\d+", rf"\g<1>{MISSED_AFTER_S}", source)


def _more(found: re.Match[str]) -> str:
    return f"{found[1]}{min(int(found[2]) * MINUTES_PER_S, COUNT_MOST)}"


def begin(hall: Hall, today: str, after: str, windows: int, kind_of: Callable[[str], str]) -> Begin | None:
    """Where to begin with the first `windows` windows that are staffed: on the last working day up to `today`, or the
    first one after the day `after` (YYYY-MM-DD; "": any) if that is later. `kind_of`: what the country's calendar calls
    a day. None: the hall is never open on a working day."""
    for day in _days(today, after):
        kind = schedule.kind_of(hall, day, kind_of(day))
        if kind == schedule.WORKDAY and (minutes := _minutes(hall, day, kind)):
            minute = max(minutes, key=lambda minute: (_score(hall, day, kind, minute, windows), -minute))
            return Begin(day, kind, minute, _seats(hall, day, kind, minute, windows))
    return None


def _days(today: str, after: str) -> Iterator[str]:
    first = date.fromisoformat(today)
    back = (first - timedelta(days=days) for days in range(DAYS_MOST))
    yield from (day for each in back if (day := each.isoformat()) > after)
    last = max(first, date.fromisoformat(after)) if after else first
    yield from ((last + timedelta(days=days)).isoformat() for days in range(1, DAYS_MOST))


def _minutes(hall: Hall, day: str, kind: str) -> list[int]:
    """The moments at which the hall is open, and still will be for a while."""
    hours = schedule.opening(hall, day, kind)
    return [minute for begins, ends in hours for minute in range(begins, ends - AHEAD_MIN + 1, STEP_MIN)]


def _score(hall: Hall, day: str, kind: str, minute: int, windows: int) -> tuple[int, bool]:
    lasting = _staffed(hall, day, kind, minute) & _staffed(hall, day, kind, minute + AHEAD_MIN - 1)
    return min(windows, len(lasting)), any(bookable(hall, each, day, kind, minute) for each in hall.services)


def _staffed(hall: Hall, day: str, kind: str, minute: int) -> set[str]:
    return {window for window in hall.windows if schedule.is_staffed(hall, window, day, kind, minute)}


def _seats(hall: Hall, day: str, kind: str, minute: int, windows: int) -> dict[str, Seat]:
    staffed = _staffed(hall, day, kind, minute)
    planned = {
        window: clerk
        for row in schedule.shifts(hall, day, kind)
        if row.begins <= minute < row.ends
        for window, clerk in row.clerks.items()
    }
    first = [window for window in hall.windows if window in staffed][:windows]
    return {
        window: Seat(clerk, schedule.offered(hall, window, clerk, day, kind, minute))
        for window in first
        for clerk in [planned.get(window, "")]
    }


def bookable(hall: Hall, service: str, day: str, kind: str, minute: int) -> int | None:
    """The time (minute of the day) of the next appointment for which one can book now, and check in already."""
    early_min = schedule.admission(hall, day, kind).early_min
    slots = schedule.slots(hall, service, day, kind)
    return next((slot.minute for slot in slots if minute < slot.minute <= minute + early_min), None)
