"""What the hall's plan says about a day and a minute of it. `day` is YYYY-MM-DD, `kind` what kind of day it is here.

A word of `days` in a row of the plan is a date, "*" (every day that is not closed), "workday", "restday" (an ordinary
weekend), "holiday", or a weekday: "mon" to "fri" mean working days only, "sat" and "sun" ordinary weekends only, so
that a Saturday that is worked (调休) follows the rows for working days.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from hub.core.hall import Admission, Hall, Shift

WORKDAY = "workday"
RESTDAY = "restday"
HOLIDAY = "holiday"
CLOSED = "closed"
KINDS = (WORKDAY, RESTDAY, HOLIDAY, CLOSED)

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ANY_DAY = "*"

DAY_MINUTES = 1440


class Slot(NamedTuple):
    """A time that can be booked. `key` names the quota that it uses: the day, when it begins, and the services that
    share it; `minute` is when it begins."""

    key: str
    minute: int
    quota: int


def kind_of(hall: Hall, day: str, national: str) -> str:
    """The kind of `day` here, where the country's calendar says `national`."""
    return hall.exceptions.get(day, national)


def is_day(text: str) -> bool:
    """Whether `text` is a day of the calendar as YYYY-MM-DD, so that days compare as texts do."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def days_after(day: str, count: int) -> str:
    """The day that is `count` days after `day`."""
    return (date.fromisoformat(day) + timedelta(days=count)).isoformat()


def clock(minute: int) -> str:
    """ "HH:MM" of a minute of the day, for people; after midnight it begins again at 00:00."""
    return f"{minute // 60 % 24:02}:{minute % 60:02}"


@lru_cache(maxsize=4096)  # the rows of some halls for some weeks; a plan asks for the same ones at every call
def matches(days: tuple[str, ...], day: str, kind: str) -> bool:
    """Whether a row for `days` is about this day."""
    if kind == CLOSED:
        return False
    weekday = date.fromisoformat(day).weekday()
    ordinary = WORKDAY if weekday < 5 else RESTDAY
    words = {ANY_DAY, day, kind}
    if kind == ordinary:
        words.add(WEEKDAYS[weekday])
    return not words.isdisjoint(days)


def opening(hall: Hall, day: str, kind: str) -> list[tuple[int, int]]:
    """When the hall gives tickets that day: (from, to) in minutes, in order. A hall without hours is always open."""
    if not hall.opening:
        return [] if kind == CLOSED else [(0, 2 * DAY_MINUTES)]
    return sorted((row.begins, row.ends) for row in hall.opening if matches(row.days, day, kind))


def is_open(hall: Hall, day: str, kind: str, minute: int) -> bool:
    if not hall.opening:
        return kind != CLOSED  # whatever the minute: a clock that was set back a day must not close the hall
    return any(begins <= minute < ends for begins, ends in opening(hall, day, kind))


def next_open(hall: Hall, day: str, kind: str, minute: int) -> int | None:
    """The next minute of the day, from `minute` on, at which tickets are given."""
    return next((max(begins, minute) for begins, ends in opening(hall, day, kind) if minute < ends), None)


def closing(hall: Hall, day: str, kind: str) -> int | None:
    """The minute at which the hall closes for the day; None: it does not open, or never closes."""
    hours = opening(hall, day, kind)
    return max(ends for _, ends in hours) if hours and hall.opening else None


def shifts(hall: Hall, day: str, kind: str) -> list[Shift]:
    """The rows of the plan that are about this day."""
    return [row for row in hall.shifts if matches(row.days, day, kind)]


def is_planned(hall: Hall, window: str) -> bool:
    """Whether any shift names the window at all; one that none names is staffed whenever the hall is open."""
    return any(window in row.windows for row in hall.shifts)


def is_staffed(hall: Hall, window: str, day: str, kind: str, minute: int) -> bool:
    """Whether somebody sits at the window at that minute, by the plan."""
    if not is_planned(hall, window):
        return is_open(hall, day, kind, minute)
    return any(row.begins <= minute < row.ends and window in row.windows for row in shifts(hall, day, kind))


def offered(hall: Hall, window: str, clerk: str, day: str, kind: str, minute: int) -> tuple[str, ...]:
    """The services that may be called at the window at that minute by `clerk` ("": by anybody).

    A shift with services narrows what the window takes; outside every shift a clerk who still sits there goes on.
    """
    services = hall.windows[window].services
    now = [row for row in hall.shifts if row.begins <= minute < row.ends and window in row.windows]
    now = [row for row in now if matches(row.days, day, kind)]
    if now and all(row.services for row in now):
        narrowed = {service for row in now for service in row.services}
        services = tuple(service for service in services if service in narrowed)
    if clerk in hall.clerks:
        services = tuple(service for service in services if service in hall.clerks[clerk])
    return services


def offering(hall: Hall, service: str, day: str, kind: str, minute: int) -> list[str]:
    """The windows that take `service` at that minute, by the plan. Costs a look at each window and row."""
    running = [row for row in shifts(hall, day, kind) if row.begins <= minute < row.ends]
    shifted = {window for row in running if not row.services or service in row.services for window in row.windows}
    planned = {window for row in hall.shifts for window in row.windows}
    always = is_open(hall, day, kind, minute)
    return [
        window.id
        for window in hall.windows.values()
        if service in window.services and (window.id in shifted or (always and window.id not in planned))
    ]


def next_offered(hall: Hall, service: str, day: str, kind: str, minute: int) -> int | None:
    """The next minute of the day, from `minute` on, at which tickets are given and a window takes `service`."""
    edges = {minute}
    edges.update(begins for begins, _ in opening(hall, day, kind))
    edges.update(edge for row in shifts(hall, day, kind) for edge in (row.begins, row.ends))
    for edge in sorted(edge for edge in edges if edge >= minute):
        if is_open(hall, day, kind, edge) and offering(hall, service, day, kind, edge):
            return edge
    return None


def admission(hall: Hall, day: str, kind: str) -> Admission:
    """Who gets in that day: the first row about it, or everybody."""
    return next((row for row in hall.admission if matches(row.days, day, kind)), Admission((ANY_DAY,)))


def slots(hall: Hall, service: str, day: str, kind: str) -> list[Slot]:
    """The times at which `service` can be booked that day, in order.

    Of two rows for the same services at the same time the first counts, so that an exception is written before the
    rule. The key of a quota says what it is for, not where its row stands: a changed plan keeps what is booked.
    """
    found: dict[str, Slot] = {}
    for row in hall.slots:
        if matches(row.days, day, kind) and (not row.services or service in row.services):
            share = ",".join(sorted(row.services)) or "*"
            for minute in range(row.begins, row.ends - row.every_min + 1, row.every_min):
                key = f"{day} {minute} {share}"
                found.setdefault(key, Slot(key, minute, row.quota))
    return sorted(found.values(), key=lambda slot: slot.minute)
