"""Binhai Bay: 22 clerks on 10 windows, a green channel that is fair and explained, groups that are split."""

from __future__ import annotations

from dataclasses import replace
from statistics import mean

import pytest

from hub.core import events
from hub.core.hall import MINUTE_MS, Hall
from tests.halls.days import WEDNESDAY, PlayedDay, a_day, the_hall
from tools.days.people import Day
from tools.days.staff import planned

HALL = the_hall("binhai-bay")
TUESDAY = "2026-03-03"
GREEN_MS = 45 * MINUTE_MS


def made(day: str = WEDNESDAY) -> Day:
    return a_day(HALL, day, seed=4)


def played(hall: Hall, day: str = WEDNESDAY) -> PlayedDay:
    """The rota is that of `hall`."""
    return PlayedDay(hall, replace(made(day), staff=planned(hall, day, "workday")))


def two_days(hall: Hall) -> list[PlayedDay]:
    """Both halves of the rota."""
    return [played(hall, TUESDAY), played(hall, WEDNESDAY)]


def assert_more_clerks_than_windows(days: list[PlayedDay]) -> None:
    """22 clerks sit at 10 windows and the mobile one, some at two in a day; what was done and how it was rated is
    theirs, not the desk's."""
    sat = [each for day in days for each in day.happened.sat]
    assert len({each.clerk for each in sat}) == 22 and len({each.window for each in sat}) == 11
    assert {"5", "1"} in [{each.window for each in day.happened.sat if each.clerk == "c05"} for day in days]
    for day in days:
        for span in (span for journey in day.journeys for span in journey.calls):
            assert any(
                (each.clerk, each.window) == (span.clerk, span.window) and each.from_ms <= span.called_ms <= each.to_ms
                for each in day.happened.sat
            )
        rated = [entry.event for entry in day.events(events.RatingRecorded)]
        by_window = {event.window: {other.clerk for other in rated if other.window == event.window} for event in rated}
        assert max(len(clerks) for clerks in by_window.values()) == 2


def assert_green_channel_is_fair_and_explained(day: PlayedDay) -> None:
    """Green tickets wait less; each of their calls says by how much they count as earlier and whom they passed, and
    nobody who came more than 45 minutes before them."""
    assert mean(day.waits_min("green")) < mean(day.waits_min("walk-in")) / 2
    calls = [span for journey in day.journeys if journey.klass == "green" for span in journey.calls]
    passing = [span for span in calls if span.why.get("passed")]
    assert passing
    for span in passing:
        assert span.why.get("credit_ms") == GREEN_MS or span.why["kind"] == "reserved"
        for _, klass, waited_ms, _ in span.why["passed"]:
            assert klass != "green" and waited_ms - span.wait_ms <= GREEN_MS


def assert_groups_go_in_parallel(day: PlayedDay) -> None:
    """One booking of 24 people becomes six tickets with the same arrival, at several windows at once."""
    (group,) = [person for person in day.day.people if person.party == 24]
    pieces = [journey for journey in day.journeys if group.id in (journey.visit, journey.origin)]
    assert [journey.party for journey in pieces] == [4] * 6
    assert len({journey.drawn_ms for journey in pieces}) == 1 and len({journey.number for journey in pieces}) == 6
    times = [(journey.calls[0].called_ms, journey.calls[0].ended_ms) for journey in pieces]
    assert max(called for called, _ in times) < min(ended for _, ended in times) + 10 * MINUTE_MS
    assert len({journey.calls[0].window for journey in pieces}) >= 3


def test_more_clerks_than_windows():
    """Without names in the rota there are as many clerks as windows."""
    nameless = tuple(replace(row, clerks={}) for row in HALL.shifts)
    assert_more_clerks_than_windows(two_days(HALL))
    without = two_days(replace(HALL, shifts=nameless))
    with pytest.raises(AssertionError):
        assert_more_clerks_than_windows(without)


def test_the_green_channel_is_fair_and_explained():
    """Without its credit and its window, green is a colour."""
    classes = {**HALL.classes, "green": replace(HALL.classes["green"], credit_min=0)}
    windows = {**HALL.windows, "10": replace(HALL.windows["10"], only=(), else_any=False)}
    assert_green_channel_is_fair_and_explained(played(HALL))
    without = played(replace(HALL, classes=classes, windows=windows))
    with pytest.raises(AssertionError):
        assert_green_channel_is_fair_and_explained(without)


def test_a_group_is_split_and_goes_in_parallel():
    """Nobody splits it: one ticket, one window."""
    assert_groups_go_in_parallel(played(HALL))
    people = tuple(replace(person, splits=()) for person in made().people)
    without = PlayedDay(HALL, replace(made(), people=people))
    with pytest.raises(AssertionError):
        assert_groups_go_in_parallel(without)
