"""Zengcheng: 222 windows in two halls, 10,000 visits a day, and matters of several steps with one number."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from hub.core.hall import Hall
from tests.halls.days import PlayedDay, a_day, the_hall
from tools.days.people import Day
from tools.days.staff import planned

HALL = the_hall("zengcheng")
STEPS = ("property-tax", "property", "b-collect")
LONGEST_MIN = 75
"""Nobody waits longer at any step. At noon half of the windows are staffed; without them it would be ninety minutes."""


@cache
def made() -> Day:
    return a_day(HALL)


@cache
def the_day() -> PlayedDay:
    return PlayedDay(HALL, made())


def a_quarter() -> Day:
    """Every fourth person: enough to see that a rule is off."""
    return replace(made(), people=made().people[::4])


def assert_the_scale(day: PlayedDay) -> None:
    """About 10,000 visits; every window calls; every number is there once; and nobody waits beyond the bound."""
    assert len(day.journeys) == pytest.approx(10_000, rel=0.03)
    calls = [span for journey in day.journeys for span in journey.calls]
    assert {span.window for span in calls} == set(day.hall.windows) and len(day.hall.windows) == 222
    assert len({journey.number for journey in day.journeys}) == len(day.journeys)
    assert not [journey for journey in day.journeys if journey.state not in ("done", "missed", "cancelled")]
    assert max(day.minute(span.called_ms) - day.minute(span.since_ms) for span in calls) < LONGEST_MIN


def assert_steps_with_one_number(day: PlayedDay) -> None:
    """A home is taxed, registered and handed over at several windows, with one ticket that is drawn once."""
    steps = [journey for journey in day.journeys if len(journey.plan) == 2 and journey.state == "done"]
    assert len(steps) > 30
    for journey in steps:
        served = [span for span in journey.calls if span.end in ("step", "TicketFinished")]
        assert tuple(span.service for span in served)[-2:] == STEPS[1:]
        assert len({span.window for span in served}) >= 2


def assert_halls_are_apart(day: PlayedDay) -> None:
    """Companies are called in hall A and persons in hall B: nobody is sent across."""
    zones = {"company": "a", "person": "b"}
    for span in (span for journey in day.journeys for span in journey.calls):
        assert day.hall.windows[span.window].zone == zones[day.hall.services[span.service].group]


def test_the_scale():
    """Without the rota for noon everybody waits until half past one."""
    assert_the_scale(the_day())
    without_noon = tuple(row for row in HALL.shifts if row.begins != 720)
    without = replace(HALL, shifts=without_noon)
    day_without = PlayedDay(without, replace(made(), staff=planned(without, made().day, "workday")))
    with pytest.raises(AssertionError):
        assert_the_scale(day_without)


def test_several_steps_with_one_number():
    """Without a plan people get one thing done."""
    assert_steps_with_one_number(the_day())
    people = tuple(replace(person, turns=person.turns[:1]) for person in a_quarter().people)
    without = PlayedDay(HALL, replace(a_quarter(), people=people))
    with pytest.raises(AssertionError):
        assert_steps_with_one_number(without)


def anything_anywhere() -> Hall:
    windows = {key: replace(window, services=tuple(HALL.services)) for key, window in HALL.windows.items()}
    return replace(HALL, windows=windows)


def test_the_two_halls_are_apart():
    """If every window took anything, people would be sent across."""
    assert_halls_are_apart(the_day())
    without = PlayedDay(anything_anywhere(), a_quarter())
    with pytest.raises(AssertionError):
        assert_halls_are_apart(without)
