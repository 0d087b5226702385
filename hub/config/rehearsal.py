"""Tries the plan of a checked hall on every sort of day: whether the rows for days and hours fit together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from hub.config.references import Finding
from hub.config.words import minute_of, quoted, time_of
from hub.core import schedule
from hub.core.hall import Hall

ANY_MONDAY = date(2001, 1, 1)
"""A week long ago, which no hall file names: its days stand for all of their sort."""

Sort = tuple[str, str, str]
"""A sort of day: how it is called for people, a day of it, its kind."""


def misfits(hall: Hall) -> Iterator[Finding]:
    """Slots outside the opening hours, and services that the plan never offers."""
    sorts = list(_sorts(hall))
    for index, row in enumerate(hall.slots):
        for name, day, kind in sorts:
            hours = schedule.opening(hall, day, kind)
            inside = any(begins <= row.begins and row.ends <= ends for begins, ends in hours)
            if schedule.matches(row.days, day, kind) and not inside:
                yield ("slots", index), f"not within the opening hours on {name}: {_told(hours)}"
                break
    for service in hall.services:
        if not any(_is_offered(hall, service, day, kind) for _, day, kind in sorts):
            reason = "no window ever takes it while the hall is open, by [[opening]] and [[shifts]]"
            yield ("services", service), reason
    for index, row in enumerate(hall.shifts):
        for window, clerk in row.clerks.items():
            if not set(hall.clerks[clerk]) & set(hall.windows[window].services):
                reason = (
                    f'"{clerk}" can serve nothing at window {window}; it takes {quoted(hall.windows[window].services)}'
                )
                yield ("shifts", index, "clerks"), reason


def _sorts(hall: Hall) -> Iterator[Sort]:
    week = [(ANY_MONDAY + timedelta(days=number)).isoformat() for number in range(7)]
    for number, day in enumerate(week):
        ordinary = schedule.WORKDAY if number < 5 else schedule.RESTDAY
        yield schedule.WEEKDAYS[number], day, ordinary
    yield "a Saturday that is worked", week[5], schedule.WORKDAY
    yield "holidays", week[0], schedule.HOLIDAY
    rows = (*hall.opening, *hall.shifts, *hall.slots)
    dates = {word for row in rows for word in row.days if word[:1].isdigit()} | hall.exceptions.keys()
    for day in sorted(dates):
        ordinary = schedule.WORKDAY if date.fromisoformat(day).weekday() < 5 else schedule.RESTDAY
        yield day, day, schedule.kind_of(hall, day, ordinary)


def _is_offered(hall: Hall, service: str, day: str, kind: str) -> bool:
    return schedule.next_offered(hall, service, day, kind, minute_of(hall.day_starts)) is not None


def _told(hours: list[tuple[int, int]]) -> str:
    return ", ".join(f"{time_of(begins)}-{time_of(ends)}" for begins, ends in hours) or "closed"
