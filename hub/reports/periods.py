"""What a report is about: a day 2026-03-04, a week 2026-W10, a month 2026-03 or a year 2026."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from hub.core.ratings import PAST_DAYS

DAY, WEEK, MONTH, YEAR = "day", "week", "month", "year"

FIRST_YEAR = 1970
"""Moments are counted from it."""

DAILY_BACK = 35
MONTHLY_BACK = 400
"""Days for which reports are made on schedule: a hub that gets them with an update does not spend an hour on years."""


@dataclass(frozen=True, slots=True)
class Period:
    """`name` as people write it; the days from `first` to `last`."""

    name: str
    kind: str
    first: str
    last: str


def read_period(name: str) -> Period:
    """The period of that name. Raises ValueError for what is none."""
    if not name[:4].isdecimal() or not FIRST_YEAR <= int(name[:4]) < date.max.year:
        raise ValueError(f"{name!r} begins with no year from {FIRST_YEAR} to {date.max.year - 1}")
    kind, first, last = _read(name)
    found = Period(name, kind, first.isoformat(), last.isoformat())
    if name_of(first, kind) != name:
        raise ValueError(f"{name!r} is no period: it must be like 2026-03-04, 2026-W10, 2026-03 or 2026")
    return found


def _read(name: str) -> tuple[str, date, date]:
    if len(name) == 4:
        year = int(name)
        return YEAR, date(year, 1, 1), date(year, 12, 31)
    if len(name) == 7:
        first = date.fromisoformat(f"{name}-01")
        return MONTH, first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    first = date.fromisoformat(name)
    return (WEEK, first, first + timedelta(days=6)) if "W" in name else (DAY, first, first)


def name_of(day: date, kind: str) -> str:
    """How the day, week, month or year that `day` is in is called."""
    if kind == WEEK:
        year, week, _ = day.isocalendar()
        return f"{year:04}-W{week:02}"
    return day.isoformat()[: {DAY: 10, MONTH: 7, YEAR: 4}[kind]]


def is_final(period: Period, today: str) -> bool:
    """Whether no press for it can come any more: a rating counts for so many days after the visit."""
    return today > _final_from(period)


def _final_from(period: Period) -> str:
    return (date.fromisoformat(period.last) + timedelta(days=PAST_DAYS)).isoformat()


def due(days: Iterable[str], made: Mapping[str, bool], today: str) -> list[Period]:
    """Which reports are to be made on schedule, the newest first: of each of the opened `days` that is over, and of
    each month. `made`: name -> whether it was final. What was made before it could be final is made once more."""
    over = sorted({day for day in days if day < today}, reverse=True)
    wanted = [read_period(day) for day in over if day >= _back(today, DAILY_BACK)]
    months = sorted({day[:7] for day in over if day[:7] < today[:7]}, reverse=True)
    wanted += [read_period(month) for month in months if f"{month}-31" >= _back(today, MONTHLY_BACK)]
    return [it for it in wanted if it.name not in made or (is_final(it, today) and not made[it.name])]


def _back(today: str, days: int) -> str:
    return (date.fromisoformat(today) - timedelta(days=days)).isoformat()
