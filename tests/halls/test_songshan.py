"""Songshan Lake: who comes before closing is served, Saturday never closes, and most windows take any item."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from statistics import mean

import pytest

from hub.core import events
from hub.core.hall import Admission, Hall
from tests.halls.days import SATURDAY, WEDNESDAY, PlayedDay, a_day, at, the_hall

HALL = the_hall("songshan-lake")
CLOSING = at("17:30")
ON_REST_DAYS = 163
"""Cases a day, by the report: 6,912 on the rest days of a year."""


def played(hall: Hall) -> PlayedDay:
    return PlayedDay(hall, a_day(HALL, WEDNESDAY, seed=3))


def saturday(hall: Hall) -> PlayedDay:
    return PlayedDay(hall, a_day(HALL, SATURDAY, "restday", seed=11))


def assert_who_came_is_served_after_closing(day: PlayedDay) -> None:
    """Nobody who came while the hall was open is sent away, some are called after closing, and the time that it took is
    booked for each window and clerk."""
    assert not day.played.away
    late = [span for journey in day.journeys for span in journey.calls if day.minute(span.ended_ms) > CLOSING]
    assert sum(day.minute(span.called_ms) > CLOSING for span in late) >= 5
    assert {journey.state for journey in day.journeys} <= {"done", "missed", "cancelled"}
    booked = {(row.window, row.clerk) for row in day.clerk_periods() if row.overtime_ms}
    assert booked == {(span.window, span.clerk) for span in late}


def assert_saturday_is_open(day: PlayedDay) -> None:
    done = sum(journey.state == "done" for journey in day.journeys)
    assert done == pytest.approx(ON_REST_DAYS, abs=15)


def assert_any_item_windows_keep_waits_short(day: PlayedDay) -> None:
    """The clerks of ten windows for everything share the peaks of all services."""
    assert mean(day.waits_min()) < 7


def assert_ratings_can_be_believed(day: PlayedDay) -> None:
    """Each rating belongs to a visit, a window and the clerk who sat there; and many pressed, but not all."""
    ratings = [entry.event for entry in day.events(events.RatingRecorded)]
    stops = {(journey.visit, span.window, span.clerk) for journey in day.journeys for span in journey.calls}
    assert ratings and all((event.visit, event.window, event.clerk) in stops for event in ratings)
    assert Counter(event.standing for event in ratings).keys() == {"counted"}
    assert 0.5 < len(ratings) / sum(journey.state == "done" for journey in day.journeys) < 0.7


CUT_OFF = (Admission(("*",), cut_off_min=30),)
NO_SATURDAY = tuple(row for row in HALL.opening if "sat" not in row.days)


def special_windows() -> Hall:
    """As many windows for each service as its share of the visits asks for; none takes another."""
    order = ["company"] * 4 + ["person"] * 4 + ["social"] * 3 + ["cross-city"]
    windows = {
        window.id: replace(window, services=(service,), prefer={})
        for window, service in zip(HALL.windows.values(), order, strict=True)
    }
    return replace(HALL, windows=windows)


@pytest.mark.parametrize(
    ("assert_special", "of", "without"),
    [
        (assert_who_came_is_served_after_closing, played, replace(HALL, admission=CUT_OFF)),
        (assert_saturday_is_open, saturday, replace(HALL, opening=NO_SATURDAY)),
        (assert_any_item_windows_keep_waits_short, played, special_windows()),
    ],
)
def test_what_is_special(assert_special, of, without):
    """It holds by the hall's own rules, and does not when the rule is switched off."""
    assert_special(of(HALL))
    day_without = of(without)
    with pytest.raises(AssertionError):
        assert_special(day_without)


def test_ratings_can_be_believed():
    """They cannot when people press for somebody else's visit."""
    day = played(HALL)
    assert_ratings_can_be_believed(day)
    for journey in day.journeys:
        for span in journey.spans:
            span.clerk = "somebody else"
    with pytest.raises(AssertionError):
        assert_ratings_can_be_believed(day)
