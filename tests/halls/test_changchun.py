"""Changchun Jingkai: no break at noon, tickets only after a pre-check, alarms to one named person and then the next."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from hub.core import commands, events
from hub.core.forecast import forecast
from hub.core.hall import MINUTE_MS, Hall
from hub.core.schedule import admission
from hub.core.state import State
from tests.halls.days import PlayedDay, a_day, at, the_hall
from tools.days.people import Day, Person, Turn
from tools.days.staff import planned

HALL = the_hall("changchun-jingkai")
NOON = (at("11:30"), at("13:00"))

HER = Person("her", at("11:25") * MINUTE_MS, (Turn("instant", 6 * MINUTE_MS, 20_000),), checks=((),))
"""The applicant of the report: 8 people were before her at 11:25."""

SLOW = Person("slow", at("13:30") * MINUTE_MS, (Turn("instant", 50 * MINUTE_MS, 20_000),), checks=((),))
"""Instant business that takes much longer than the 30 minutes it may."""

LATE = Person("late", at("16:29") * MINUTE_MS, (Turn("consult", 5 * MINUTE_MS, 20_000),))


class ADay(PlayedDay):
    """`before`: how many were before her, by the rules, when she drew."""

    def __init__(self, hall: Hall, day: Day):
        self.before = -1
        super().__init__(hall, day, self._look)

    def _look(self, state: State, asked: commands.DrawTicket | commands.CheckIn, now_ms: int) -> None:
        if asked.visit == HER.id:
            found = forecast(state, now_ms).newcomer("instant")
            self.before = found.before if found else -1


def played(hall: Hall, people: tuple[Person, ...]) -> ADay:
    """Rules and staff are those of `hall`."""
    day = replace(a_day(HALL), people=people)
    return ADay(hall, replace(day, staff=planned(hall, day.day, day.kind)))


@cache
def the_day() -> ADay:
    """A full morning, of which the last ones before her stay away until 8 are before her, as in the report."""
    crowd = sorted(a_day(HALL, seed=10, more=(HER, SLOW, LATE)).people, key=lambda person: person.arrives_ms)
    hers = crowd.index(HER)
    for fewer in range(30):
        day = played(HALL, tuple(crowd[: hers - fewer] + crowd[hers:]))
        if day.before <= 8:
            return day
    raise ValueError(f"{day.before} are before her still")


def assert_noon_is_served(day: ADay) -> None:
    """8 are before her at 11:25, she is called over noon, and done within 40 minutes."""
    assert day.before == 8
    her = day.happened.journeys[HER.id]
    called, done = her.calls[0].called_ms, her.calls[-1].ended_ms
    assert NOON[0] <= day.minute(called) < NOON[1]
    assert (done - her.drawn_ms) / MINUTE_MS <= 40


def assert_noon_is_for_some_services(day: ADay) -> None:
    """Over noon three windows call, and only what is offered then; whoever comes for something else is told when."""
    noon = [span for each in day.journeys for span in each.calls if NOON[0] <= day.minute(span.called_ms) < NOON[1]]
    assert len(noon) > 20
    assert {span.window for span in noon} == {"1", "2", "3"}
    assert {span.service for span in noon} <= {"consult", "instant", "registration"}
    assert day.played.refused["not-offered-until"] > 0


def assert_papers_come_first(day: ADay) -> None:
    """Whoever lacks papers leaves with a list, and has a ticket only after another look found nothing missing."""
    failed = [entry.event for entry in day.events(events.PreCheckFailed)]
    passed = {entry.event.check for entry in day.events(events.PreCheckPassed)}
    assert len(failed) > 20 and all(event.missing for event in failed)
    drawn = [entry.event for entry in day.events(events.TicketDrawn)]
    assert all(event.check in passed for event in drawn if event.service != "consult")
    sent_away = {person for person, why in day.played.away.items() if why == "papers"}
    assert sent_away and not sent_away & {event.visit for event in drawn}


def assert_one_is_told_and_then_the_next(day: ADay) -> None:
    """Instant business over 30 minutes: first the supervisor (督办), and ten minutes later the chief (催办)."""
    started_ms = day.happened.journeys[SLOW.id].calls[0].started_ms
    raised = [entry for entry in day.events(events.AlarmRaised) if entry.event.subject == SLOW.id]
    told = [(entry.event.to, round((entry.at_ms - started_ms) / MINUTE_MS)) for entry in raised]
    assert [to for to, _ in told] == ["supervisor", "chief"]
    assert 30 <= told[0][1] <= 31 and told[1][1] - told[0][1] == 10


ROTA = tuple(row for row in HALL.shifts if row.ends != NOON[1])
ALL_AT_NOON = tuple(replace(row, services=()) for row in HALL.shifts)
NO_CHECK = {key: replace(service, pre_check=False) for key, service in HALL.services.items()}


@pytest.mark.parametrize(
    ("assert_special", "without"),
    [
        (assert_noon_is_served, replace(HALL, shifts=ROTA)),
        (assert_noon_is_for_some_services, replace(HALL, shifts=ALL_AT_NOON)),
        (assert_papers_come_first, replace(HALL, services=NO_CHECK)),
        (assert_one_is_told_and_then_the_next, replace(HALL, alarms=())),
    ],
)
def test_what_is_special(assert_special, without):
    """It holds by the hall's own rules, and does not when the rule is switched off."""
    assert_special(the_day())
    day_without = played(without, the_day().day.people)
    with pytest.raises(AssertionError):
        assert_special(day_without)


def test_a_day_ends_with_nobody_left_behind():
    """Who came a minute before closing is served; there is no cut-off in this hall."""
    day = the_day()
    assert admission(HALL, day.day.day, "workday").cut_off_min == 0
    assert day.happened.journeys[LATE.id].state == "done"
    assert {journey.state for journey in day.journeys} <= {"done", "missed", "cancelled"}
