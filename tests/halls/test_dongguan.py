"""Dongguan citizens' centre: appointments only, few people inside at once, open at weekends, companies apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest

from hub.core import events, schedule
from hub.core.hall import Hall
from tests.halls.days import SATURDAY, WEDNESDAY, PlayedDay, a_day, the_hall

HALL = the_hall("dongguan-citizens")
CAPACITY = 30
CASES, VISITORS = 27_872, 32_106
"""Of the 65 days from 3 February to 7 April 2020: 46 working days and 19 weekend days."""


def played(hall: Hall, day: str = WEDNESDAY, kind: str = "workday") -> PlayedDay:
    """The people are those who would come to the hall as it is; the rules are those of `hall`."""
    return PlayedDay(hall, a_day(HALL, day, kind))


def saturday(hall: Hall) -> PlayedDay:
    return played(hall, SATURDAY, "restday")


@cache
def own(of: Callable[[Hall], PlayedDay]) -> PlayedDay:
    """A day by the hall's own rules, played once."""
    return of(HALL)


def assert_no_tickets_at_the_door(day: PlayedDay) -> None:
    """Whoever has a ticket had an appointment and checked in with it; who came without one was told so."""
    assert len(day.journeys) > 400 and all(journey.booking for journey in day.journeys)
    assert Counter(day.played.away.values())["appointment-only"] > 5


def assert_few_inside(day: PlayedDay) -> None:
    """Never more people than allowed, companions counted; the hall was full, and who waited outside came in."""
    assert max(day.inside()) == CAPACITY
    outside = [journey for journey in day.journeys if journey.admitted_ms]
    assert outside and all(journey.calls for journey in outside)


def assert_no_slot_is_overbooked(day: PlayedDay) -> None:
    """In each slot at most as many people as its quota; who wanted a full one was refused."""
    quota = {slot.key: slot.quota for key in HALL.services for slot in schedule.slots(HALL, key, WEDNESDAY, "workday")}
    people: Counter[str] = Counter()
    for entry in day.events(events.AppointmentBooked):
        people[entry.event.slot] += entry.event.party
    assert people and all(count <= quota[slot] for slot, count in people.items())
    assert Counter(day.played.away.values())["slot-full"] > 10


def assert_open_on_saturday(day: PlayedDay) -> None:
    assert sum(journey.state == "done" for journey in day.journeys) > 200


def assert_groups_are_apart(day: PlayedDay) -> None:
    """Every case is counted for companies or for persons; integrated windows had 8,068 and 4,581 of them."""
    done = [day.hall.services[journey.calls[0].service] for journey in day.journeys if journey.state == "done"]
    groups = Counter(service.group for service in done)
    assert groups.keys() == {"company", "person"} and min(groups.values()) > 100


ANYBODY = tuple(replace(row, mode="mixed") for row in HALL.admission)
NO_LIMIT = tuple(replace(row, capacity=0) for row in HALL.admission)
NO_QUOTA = tuple(replace(row, quota=1000) for row in HALL.slots)
WORKDAYS = tuple(replace(row, days=("workday",)) for row in HALL.opening)
NO_GROUPS = {key: replace(service, group="") for key, service in HALL.services.items()}


@pytest.mark.parametrize(
    ("assert_special", "of", "without"),
    [
        (assert_no_tickets_at_the_door, played, replace(HALL, admission=ANYBODY)),
        (assert_few_inside, played, replace(HALL, admission=NO_LIMIT)),
        (assert_no_slot_is_overbooked, played, replace(HALL, slots=NO_QUOTA)),
        (assert_open_on_saturday, saturday, replace(HALL, opening=WORKDAYS)),
        (assert_groups_are_apart, played, replace(HALL, services=NO_GROUPS)),
    ],
)
def test_what_is_special(assert_special, of, without):
    """It holds by the hall's own rules, and does not when the rule is switched off."""
    assert_special(own(of))
    day_without = of(without)
    with pytest.raises(AssertionError):
        assert_special(day_without)


def test_65_days_have_as_many_cases_and_visitors_as_reported():
    def served(day: PlayedDay) -> tuple[int, int]:
        done = [journey for journey in day.journeys if journey.state == "done"]
        return len(done), sum(journey.party for journey in done)

    (cases, visitors), (at_weekend, visitors_at_weekend) = served(own(played)), served(own(saturday))
    assert 46 * cases + 19 * at_weekend == pytest.approx(CASES, rel=0.1)
    assert 46 * visitors + 19 * visitors_at_weekend == pytest.approx(VISITORS, rel=0.1)
