"""Limits in working days, over the weeks around the National Day of 2026: the Mid-Autumn break from 25 to 27 September,
the National Day break from 1 to 7 October, and two weekends that are worked for them, Sunday 20 September and Saturday
10 October."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from hub.adapters.calendar import Calendar
from hub.core.limits import MOST_DAYS, moments

CHINA = Calendar("CN")
CLOSES_MIN = 17 * 60 + 30


def at(day: str, minute: int) -> int:
    return round((datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(minutes=minute)).timestamp() * 1000)


def limit(day: str, days: int, minute: int = 600, exceptions: dict[str, str] | None = None) -> str:
    """The last day of a limit that begins on `day` at `minute`."""
    kinds = exceptions or {}
    ends = moments(
        lambda each: kinds.get(each, CHINA.kind(each)) == "workday",
        lambda each: at(each, CLOSES_MIN),
        day,
        at(day, minute),
    )
    return datetime.fromtimestamp(ends[days] / 1000, UTC).strftime("%m-%d %H:%M")


@pytest.mark.parametrize(
    ("begins", "days", "ends"),
    [
        ("2026-09-17", 1, "09-18"),
        ("2026-09-18", 1, "09-20"),  # the Sunday is worked
        ("2026-09-18", 2, "09-21"),
        ("2026-09-24", 1, "09-28"),  # over the Mid-Autumn break
        ("2026-09-24", 5, "10-09"),  # and three days, the National Day break, Thursday and Friday
        ("2026-09-30", 1, "10-08"),
        ("2026-09-30", 2, "10-09"),
        ("2026-09-30", 3, "10-10"),  # the Saturday is worked
        ("2026-09-30", 4, "10-12"),
        ("2026-09-30", 10, "10-20"),
        ("2026-10-03", 1, "10-08"),  # began within the break
        ("2026-10-10", 1, "10-12"),
        ("2026-10-11", 1, "10-12"),
        ("2026-09-21", 9, "10-10"),
        ("2026-09-21", 10, "10-12"),
    ],
)
def test_a_limit_counts_the_days_that_are_worked_after_the_first(begins, days, ends):
    assert limit(begins, days) == f"{ends} 17:30"


@pytest.mark.parametrize(
    ("begins", "minute", "ends"),
    [
        ("2026-09-30", 600, "09-30"),
        ("2026-09-30", CLOSES_MIN, "10-08"),  # after closing the same day is over
        ("2026-10-05", 600, "10-08"),  # nobody is there
        ("2026-10-10", 600, "10-10"),  # a Saturday that is worked
    ],
)
def test_the_same_day_is_the_next_one_that_is_worked_when_it_is_over(begins, minute, ends):
    assert limit(begins, 0, minute) == f"{ends} 17:30"


def test_after_closing_the_first_working_day_is_the_next_as_ever():
    assert limit("2026-09-29", 1, CLOSES_MIN + 60) == "09-30 17:30"


def test_a_halls_own_closed_day_is_no_working_day():
    assert limit("2026-09-29", 1, exceptions={"2026-09-30": "closed"}) == "10-08 17:30"


def test_there_is_a_moment_for_every_limit_and_each_is_later():
    ends = moments(lambda day: CHINA.kind(day) == "workday", lambda day: at(day, CLOSES_MIN), "2026-01-05", 0)
    assert len(ends) == MOST_DAYS + 1
    assert list(ends[1:]) == sorted(set(ends[1:]))


def test_counted_by_hand_another_way():
    """Every day of the year, every limit to 15: as many working days lie after the first as the limit has."""
    worked = {
        day
        for n in range(366 + 60)
        if CHINA.kind(day := (date(2026, 1, 1) + timedelta(days=n)).isoformat()) == "workday"
    }
    for n in range(0, 365, 3):
        begins = (date(2026, 1, 1) + timedelta(days=n)).isoformat()
        for days in (1, 5, 10, 15):
            ends = f"2026-{limit(begins, days)[:5]}"
            if ends < begins:
                continue  # next year
            assert sum(begins < day <= ends for day in worked) == days
            assert ends in worked
