"""The forecast calls people as the rules do; it knows shifts, and says when it knows nothing."""

from __future__ import annotations

import random
from dataclasses import replace
from heapq import heapify, heappop, heappush

import pytest

from hub.core import commands, pace, staffing
from hub.core.forecast import Estimate, forecast
from hub.core.hall import MINUTE_MS, Hall, Opening, Service, Shift, TicketClass, Window
from hub.core.lines import for_window
from hub.core.tickets import WAITING
from tests.hub.halls import Play, names, small_hall

MINUTE = MINUTE_MS


def ruled_hall() -> Hall:
    """Services of different lengths; windows that prefer, that are reserved, and one of a clerk who may not do all."""
    services = {
        key: Service(key, names(key), key.upper(), 1, 999, 1, 3, minutes=minutes)
        for key, minutes in (("a", 5), ("b", 11), ("c", 7))
    }
    windows = {
        "1": Window("1", names("1"), "main", ("a", "b", "c")),
        "2": Window("2", names("2"), "main", ("a", "b", "c"), prefer={"b": 9}),
        "3": Window("3", names("3"), "main", ("a", "c"), only=("old",), else_any=True),
        "4": Window("4", names("4"), "main", ("a", "b"), only=("old",)),
        "5": Window("5", names("5"), "main", ("b", "c")),
    }
    classes = {
        "walk-in": TicketClass("walk-in", names("w"), 0),
        "old": TicketClass("old", names("o"), 20),
        "vip": TicketClass("vip", names("v"), 7),
    }
    return Hall(
        "ruled",
        names("ruled"),
        "Asia/Shanghai",
        "04:00",
        0,
        services,
        windows,
        classes=classes,
        clerks={"wu": ("c",)},
    )


def crowd(seed: int, people: int = 60) -> Play:
    """A hall with `people` waiting, all windows staffed and some of them busy."""
    chance = random.Random(seed)
    play = Play(ruled_hall())
    for window, clerk in zip("12345", ("li", "he", "fu", "ma", "wu"), strict=True):
        play.sign_in(window, clerk)
    for number in range(people):
        play.ms += chance.randrange(1, 2 * MINUTE)
        klass = chance.choice(("walk-in", "walk-in", "old", "vip"))
        service = chance.choice("abc")
        play.do(commands.DrawTicket("", f"v{number}", service, "hub", klass))
        if number % 13 == 5:
            play.press("next", chance.choice("1235"))
    return play


def played_out(play: Play) -> list[tuple[str, int]]:
    """(visit, ms) of the calls when every visit takes just as long as is expected of it: the rules themselves."""
    state = play.state
    free_ms = forecast(state, play.ms).free_ms
    turns = [(free_ms[window], order, window) for order, window in enumerate("12345")]
    heapify(turns)
    gap_ms = staffing.gap(state)
    usual_ms = {service: staffing.usual(state, service) for service in "abc"}
    calls = []
    while turns:
        play.ms, order, window = heappop(turns)
        before = state.windows[window].visit
        play.press("next", window)
        visit = state.windows[window].visit
        if visit != before:
            calls.append((visit, play.ms))
            heappush(turns, (play.ms + usual_ms[state.tickets[visit].service] + gap_ms, order, window))
    return calls


@pytest.mark.parametrize("seed", range(8))
def test_people_are_called_just_as_foretold_when_nothing_takes_longer_than_usual(seed: int):
    play = crowd(seed)
    told = forecast(play.state, play.ms)
    waiting = [visit for visit, ticket in play.state.tickets.items() if ticket.state == WAITING]
    began_ms = play.ms
    estimates = {visit: told.of(visit) for visit in waiting}
    calls = played_out(play)
    assert {visit: ms - began_ms for visit, ms in calls} == {
        visit: found.wait_ms for visit, found in estimates.items() if found
    }
    assert len(calls) == len(waiting)


@pytest.mark.parametrize("seed", range(4))
def test_before_you_are_those_who_are_called_first_at_windows_that_could_take_you(seed: int):
    play = crowd(seed)
    told = forecast(play.state, play.ms)
    estimates = {visit: told.of(visit) for visit, ticket in play.state.tickets.items() if ticket.state == WAITING}
    calls = [visit for visit, _ in played_out(play)]
    takes = {"a": "123", "b": "12", "c": "1235"}  # the clerk wu at window 5 serves c only
    for index, visit in enumerate(calls):
        ticket = play.state.tickets[visit]
        could = takes[ticket.service] + ("4" if ticket.klass == "old" and ticket.service != "c" else "")
        before = sum(play.state.tickets[other].stops[0].window in could for other in calls[:index])
        found = estimates[visit]
        assert found is not None
        assert found.before == before


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("service", "klass"), [("a", "walk-in"), ("b", "old"), ("c", "vip"), ("b", "walk-in")])
def test_a_newcomer_is_told_what_the_forecast_says_once_the_ticket_is_drawn(seed: int, service: str, klass: str):
    play = crowd(seed)
    expected = forecast(play.state, play.ms).newcomer(service, klass)
    play.do(commands.DrawTicket("", "new", service, "hub", klass))
    assert forecast(play.state, play.ms).of("new") == expected


def test_whoever_is_sent_to_a_window_waits_for_that_window():
    play = Play()
    play.sign_in("1", "li")
    play.sign_in("2", "he")
    play.draw("a")
    play.press("next", "1")
    play.draw("a")
    play.press("next", "2")
    version = play.state.version("1")
    play.do(commands.TransferTicket("", "1", version, "clerk:li", to_window="2"))
    assert play.state.lines.names() == [for_window("2")]
    found = forecast(play.state, play.ms).of("visit-1")
    assert found is not None
    assert found.wait_ms == staffing.usual(play.state, "a") + staffing.gap(play.state)


def test_nobody_before_and_no_wait_where_a_clerk_is_free():
    play = Play()
    play.sign_in("1")
    play.ms += MINUTE
    assert forecast(play.state, play.ms).newcomer("a") == Estimate(0, 0)


def test_without_anybody_at_a_window_there_is_no_estimate():
    play = Play()
    play.draw("a")
    told = forecast(play.state, play.ms)
    assert told.of("visit-1") is None
    assert told.newcomer("a") is None


def test_a_service_that_nobody_at_a_window_takes_has_no_estimate():
    play = Play()
    play.sign_in("3")
    told = forecast(play.state, play.ms)
    assert told.newcomer("a") is None
    assert told.newcomer("b") is not None


def noon_hall() -> Hall:
    """Window 1 from 9 to 11:30 and from 13 to 17; window 2 all day, at noon for b only."""
    shifts = (
        Shift(("*",), 540, 690, ("1", "2")),
        Shift(("*",), 690, 780, ("2",), services=("b",)),
        Shift(("*",), 780, 1020, ("1", "2")),
    )
    return replace(small_hall(), shifts=shifts, opening=(Opening(("*",), 540, 1020),))


def at(minute: int) -> Play:
    """The noon hall at `minute`, both windows staffed and free."""
    play = Play(noon_hall())
    play.ms = play.state.midnight_ms + minute * MINUTE
    play.sign_in("1", "li")
    play.sign_in("2", "he")
    return play


def test_at_noon_people_wait_for_the_afternoon_unless_their_service_goes_on():
    play = at(689)
    for _ in range(3):
        play.draw("a")
    play.draw("b")
    told = forecast(play.state, play.ms)
    waits = [told.of(f"visit-{number}") for number in (1, 2, 3, 4)]
    assert [found.wait_ms // MINUTE for found in waits if found] == [0, 0, 91, 8]


def test_before_the_morning_shift_people_wait_for_it():
    play = Play(noon_hall())
    play.ms = play.state.midnight_ms + 510 * MINUTE
    assert forecast(play.state, play.ms).newcomer("a") == Estimate(0, 30 * MINUTE)


def test_a_clerk_who_is_a_little_late_is_still_expected():
    play = Play(noon_hall())
    play.ms = play.state.midnight_ms + 543 * MINUTE
    found = forecast(play.state, play.ms).newcomer("a")
    assert found is not None
    assert found.wait_ms == staffing.LATE_MS
    play.ms += 10 * MINUTE
    assert forecast(play.state, play.ms).newcomer("a") == Estimate(0, (780 - 553) * MINUTE)


def test_after_the_last_shift_those_who_wait_are_still_called():
    play = at(1019)
    for _ in range(4):
        play.draw("a")
    told = forecast(play.state, play.ms)
    assert all(told.of(f"visit-{number}") for number in (1, 2, 3, 4))


def test_what_a_forecast_remembers_of_the_plan_is_forgotten_when_the_window_takes_others():
    shifts = (Shift(("*",), 540, 690, ("1",), services=("b",)),)
    play = Play(replace(small_hall(), shifts=shifts))
    play.ms = play.state.midnight_ms + 689 * MINUTE
    play.sign_in("1", "li")
    assert forecast(play.state, play.ms).newcomer("a") is None
    play.ms += MINUTE
    assert forecast(play.state, play.ms).newcomer("a") is not None


def test_the_longer_a_visit_lasts_the_sooner_its_window_is_expected_to_be_free():
    play = Play()
    play.sign_in("1")
    play.draw("a")
    play.press("next")
    play.draw("a")
    waits = []
    for _ in range(4):
        found = forecast(play.state, play.ms).of("visit-2")
        assert found is not None
        waits.append(found.wait_ms - staffing.gap(play.state))
        play.ms += 6 * MINUTE
    assert waits == [8 * MINUTE, 5 * MINUTE, 4 * MINUTE, 4 * MINUTE]


def test_a_forecast_of_the_same_moment_says_the_same():
    one, two = crowd(3), crowd(3)
    visits = list(one.state.tickets)
    first, second = forecast(one.state, one.ms), forecast(two.state, two.ms)
    assert [first.of(visit) for visit in visits] == [second.of(visit) for visit in visits]


def test_the_hall_s_own_figures_replace_the_file_s():
    play = Play()
    assert staffing.usual(play.state, "a") == 8 * MINUTE
    for _ in range(pace.RECENT):
        pace.took(play.state.pace, "a", 2 * MINUTE)
    assert 2 * MINUTE < staffing.usual(play.state, "a") < 3 * MINUTE
