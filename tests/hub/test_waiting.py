"""Estimates are kept for a while, so that many who look cost little, and are still true for whoever draws meanwhile."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.core import commands, staffing
from hub.core.hall import MINUTE_MS, Admission, Slots, TicketClass
from hub.waiting import LEAST_MS, SHARE, Waiting
from tests.hub.halls import Play, names, small_hall


class Timer:
    """Each look at it is `pass_s` after the one before: so long a pass takes."""

    def __init__(self, pass_s: float = 0.001):
        self.pass_s = pass_s
        self.looks = 0

    def __call__(self) -> float:
        self.looks += 1
        return self.looks * self.pass_s

    @property
    def passes(self) -> int:
        return self.looks // 2


def busy_hall() -> Play:
    """One window works, with somebody at it and one waiting."""
    play = Play()
    play.sign_in("1")
    play.draw()
    play.press("next")
    play.draw()
    return play


def test_a_second_look_within_a_second_costs_no_pass():
    play, timer = busy_hall(), Timer()
    waiting = Waiting(lambda: play.state, timer)
    for passed_ms in (0, 10, LEAST_MS - 1):
        waiting.for_newcomer("a", "walk-in", play.ms + passed_ms)
    assert timer.passes == 1
    waiting.for_newcomer("a", "walk-in", play.ms + LEAST_MS)
    assert timer.passes == 2


def test_a_slow_pass_is_kept_longer_so_that_estimates_never_take_over():
    play, timer = busy_hall(), Timer(pass_s=0.2)
    waiting = Waiting(lambda: play.state, timer)
    good_ms = int(0.2 * SHARE * 1000)
    for passed_ms in range(0, good_ms, 500):
        waiting.of("visit-2", play.ms + passed_ms)
    assert timer.passes == 1


def test_whoever_draws_between_two_passes_waits_for_those_who_drew_meanwhile():
    play = busy_hall()
    waiting = Waiting(lambda: play.state)
    first = waiting.for_newcomer("a", "walk-in", play.ms)
    play.draw()
    second = waiting.for_newcomer("a", "walk-in", play.ms)
    assert first is not None
    assert second is not None
    assert (first[0], second[0]) == (1, 2)
    cycle_ms = staffing.usual(play.state, "a") + staffing.gap(play.state)
    assert second[1].expected_ms - first[1].expected_ms == cycle_ms


def test_a_ticket_of_after_the_pass_has_an_estimate_too():
    play = busy_hall()
    waiting = Waiting(lambda: play.state)
    assert waiting.of("visit-2", play.ms) is not None
    play.ms += 10
    visit = play.draw()
    assert waiting.of(visit, play.ms) is not None


def test_who_lets_others_go_first_is_told_so_at_once():
    play, timer = busy_hall(), Timer()
    for _ in range(3):
        play.ms += MINUTE_MS
        play.draw()
    waiting = Waiting(lambda: play.state, timer)
    before, promise = waiting.of("visit-2", play.ms) or (9, None)
    assert before == 0 and promise
    for minutes, behind in ((1, 1), (1, 2), (30, 3)):
        play.do(commands.PostponeTicket("", "visit-2", minutes, "visitor"))
        told = waiting.of("visit-2", play.ms)
        assert told and told[0] == behind and told[1].expected_ms > promise.expected_ms
    assert timer.passes == 1
    waiting.of("visit-2", play.ms + LEAST_MS)
    assert (waiting.of("visit-2", play.ms + LEAST_MS) or (9,))[0] == 3, "a new pass says the same"


def test_between_passes_time_goes_on():
    play = busy_hall()
    waiting = Waiting(lambda: play.state)
    first, second = waiting.of("visit-2", play.ms), waiting.of("visit-2", play.ms + 900)
    assert first is not None
    assert second is not None
    assert first[1].expected_ms - second[1].expected_ms == 900


@pytest.mark.parametrize("back_ms", [1, MINUTE_MS, 24 * 60 * MINUTE_MS])
def test_a_clock_that_is_set_back_makes_a_new_pass(back_ms: int):
    play, timer = busy_hall(), Timer()
    waiting = Waiting(lambda: play.state, timer)
    waiting.of("visit-2", play.ms)
    waiting.of("visit-2", play.ms - back_ms)
    assert timer.passes == 2


def test_other_rules_make_a_new_pass():
    play, timer = busy_hall(), Timer()
    waiting = Waiting(lambda: play.state, timer)
    waiting.of("visit-2", play.ms)
    play.do(commands.ConfigureHall("", replace(small_hall(), slip_guard_ms=1)))
    waiting.of("visit-2", play.ms)
    assert timer.passes == 2


def test_nothing_is_promised_where_nobody_will_call():
    play = Play()
    waiting = Waiting(lambda: play.state)
    assert waiting.promise(commands.DrawTicket("", "v", "a", "kiosk:k"), play.ms) is None
    assert waiting.of(play.draw(), play.ms) is None


def test_an_appointment_is_promised_what_its_time_is_worth():
    classes = {
        "walk-in": TicketClass("walk-in", names("w")),
        "appointment": TicketClass("appointment", names("a"), credit_min=60),
    }
    hall = replace(
        small_hall(),
        classes=classes,
        slots=(Slots(("*",), 540, 1020, 10, 5),),
        admission=(Admission(("*",), "mixed"),),
    )
    play = Play(hall)
    play.ms = play.state.midnight_ms + 590 * MINUTE_MS
    booked = play.do(commands.BookAppointment("", "b", "code", play.state.day, 600, "a", 1, "h", "workday", "hub"))
    assert isinstance(booked, list)
    play.sign_in("1")
    for _ in range(5):
        play.draw()
    play.press("next")
    waiting = Waiting(lambda: play.state)
    walk_in = waiting.promise(commands.DrawTicket("", "v", "a", "kiosk:k"), play.ms)
    by_code = waiting.promise(commands.CheckIn("", "w", "code", "kiosk:k"), play.ms)
    assert walk_in is not None
    assert by_code is not None
    assert by_code.expected_ms < walk_in.expected_ms
    assert waiting.promise(commands.CheckIn("", "w", "no-such-code", "kiosk:k"), play.ms) is None


def test_who_asks_right_after_drawing_is_told_the_same_again():
    play = busy_hall()
    waiting = Waiting(lambda: play.state)
    waiting.for_newcomer("a", "walk-in", play.ms)
    for number in (1, 2):
        draw = commands.DrawTicket("", f"new-{number}", "a", "kiosk:k")
        promise = waiting.promise(draw, play.ms)
        play.do(replace(draw, promise=promise))
        assert waiting.of(f"new-{number}", play.ms) == (number, promise)
    play.ms += LEAST_MS
    told = waiting.of("new-2", play.ms)
    assert told and told[0] == 2
