"""The record of time. Each test tells a short day, minute by minute, and reads the periods."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.core import events as e
from hub.core import hall
from hub.core.hall import MINUTE_MS, Hall, Opening, Shift
from hub.core.periods import ClerkPeriod, DayFold, VisitPeriod
from tests.hub.halls import small_hall

DAY = "2026-01-05"
MIDNIGHT_MS = 1_767_542_400_000


def ms(minute: int) -> int:
    return MIDNIGHT_MS + minute * MINUTE_MS


def day_of(*told: tuple[int, e.Event], of: Hall | None = None) -> DayFold:
    """The day in which so much happened: (minute, event)."""
    day = DayFold(of or small_hall())
    day.tell(ms(0), e.DayOpened(DAY, "workday", MIDNIGHT_MS))
    for minute, event in told:
        day.tell(ms(minute), event)
    return day


def visits(day: DayFold, until: int = 1000, is_over: bool = False) -> list[tuple[str, int, int]]:
    """(state, from, to), in minutes."""
    return [(p.state, _minute(p.start_ms), _minute(p.end_ms)) for p in day.visit_periods(ms(until), is_over)]


def clerks(day: DayFold, until: int = 1000, is_over: bool = False) -> list[tuple[str, int, int]]:
    return [(p.state, _minute(p.start_ms), _minute(p.end_ms)) for p in day.clerk_periods(ms(until), is_over)]


def overtime(day: DayFold, until: int = 1440) -> list[tuple[str, int]]:
    """(state, minutes of overtime), where there is some."""
    rows = day.clerk_periods(ms(until), is_over=True)
    return [(p.state, p.overtime_ms // MINUTE_MS) for p in rows if p.overtime_ms]


def _minute(at_ms: int) -> int:
    return (at_ms - MIDNIGHT_MS) // MINUTE_MS


def drawn(visit: str = "v", service: str = "a", **more) -> e.TicketDrawn:
    return e.TicketDrawn(visit, DAY, service, 1, "A001", "kiosk:k", **more)


SIGNED_IN = e.ClerkSignedIn("li", "1")
CALLED = e.TicketCalled("v", "1", "li", "device:pad")
STARTED = e.ServiceStarted("v", "1", "device:pad")
FINISHED = e.TicketFinished("v", "1", "device:pad", False)


def test_a_visit_waits_is_on_the_way_and_is_served():
    day = day_of((530, SIGNED_IN), (540, drawn()), (550, CALLED), (551, STARTED), (560, FINISHED))
    assert day.visit_periods(ms(600), False) == [
        VisitPeriod(DAY, "v", "A001", "a", "walk-in", "wait", "", "", ms(540), ms(550)),
        VisitPeriod(DAY, "v", "A001", "a", "walk-in", "way", "1", "li", ms(550), ms(551)),
        VisitPeriod(DAY, "v", "A001", "a", "walk-in", "service", "1", "li", ms(551), ms(560)),
    ]
    assert day.clerk_periods(ms(600), False) == [
        ClerkPeriod(DAY, "li", "1", "free", "", ms(530), ms(550), 0),
        ClerkPeriod(DAY, "li", "1", "way", "", ms(550), ms(551), 0),
        ClerkPeriod(DAY, "li", "1", "service", "", ms(551), ms(560), 0),
        ClerkPeriod(DAY, "li", "1", "free", "", ms(560), ms(600), 0),
    ]


def test_without_start_the_visit_was_served_from_the_call_on():
    day = day_of((530, SIGNED_IN), (540, drawn()), (550, CALLED), (560, FINISHED))
    assert visits(day) == [("wait", 540, 550), ("service", 550, 560)]
    assert clerks(day, 560) == [("free", 530, 550), ("service", 550, 560)]


def test_a_call_that_was_taken_back_leaves_no_gap_in_the_wait():
    back = e.CallTakenBack("v", "1", "clerk:li")
    day = day_of((530, SIGNED_IN), (540, drawn()), (550, CALLED), (551, back), (560, CALLED), (570, FINISHED))
    assert visits(day) == [("wait", 540, 560), ("service", 560, 570)]
    assert clerks(day, 570) == [("free", 530, 560), ("service", 560, 570)]


def test_a_call_out_of_hold_that_was_taken_back_makes_the_visit_wait_since_then():
    held = e.TicketHeld("v", "1", "clerk:li")
    back = e.CallTakenBack("v", "1", "clerk:li")
    day = day_of((530, SIGNED_IN), (540, drawn()), (550, CALLED), (552, held), (560, CALLED), (561, back))
    assert visits(day, 565) == [("wait", 540, 550), ("way", 550, 552), ("hold", 552, 560), ("wait", 560, 565)]


def test_a_start_that_was_taken_back_was_none():
    back = e.StartTakenBack("v", "1", "clerk:li")
    day = day_of((530, SIGNED_IN), (540, drawn()), (550, CALLED), (551, STARTED), (553, back), (555, STARTED))
    assert visits(day, 560) == [("wait", 540, 550), ("way", 550, 555), ("service", 555, 560)]
    assert clerks(day, 560) == [("free", 530, 550), ("way", 550, 555), ("service", 555, 560)]


def test_a_finish_that_was_taken_back_lets_the_service_go_on():
    back = e.FinishTakenBack("v", "1", "clerk:li")
    day = day_of((530, SIGNED_IN), (540, drawn()), (550, CALLED), (560, FINISHED), (561, back), (570, FINISHED))
    assert visits(day) == [("wait", 540, 550), ("service", 550, 570)]
    assert clerks(day, 570) == [("free", 530, 550), ("service", 550, 570)]


def test_all_four_steps_back_in_a_row_leave_a_person_who_waits_and_a_clerk_who_is_free():
    day = day_of(
        (530, SIGNED_IN),
        (540, drawn()),
        (550, CALLED),
        (560, FINISHED),
        (561, e.FinishTakenBack("v", "1", "clerk:li")),
        (562, e.StartTakenBack("v", "1", "clerk:li")),
        (563, e.TicketMissed("v", "1", "clerk:li")),
        (564, e.MissTakenBack("v", "1", "clerk:li")),
        (565, e.CallTakenBack("v", "1", "clerk:li")),
    )
    assert visits(day, 570) == [("wait", 540, 570)]
    assert clerks(day, 570) == [("free", 530, 570)]


def test_a_pause_before_a_step_back_stays_a_pause():
    day = day_of(
        (530, SIGNED_IN),
        (540, drawn()),
        (550, CALLED),
        (560, FINISHED),
        (561, e.WindowPaused("1", "li", "tea")),
        (565, e.WindowResumed("1", "li")),
        (566, e.FinishTakenBack("v", "1", "clerk:li")),
    )
    assert clerks(day, 570) == [
        ("free", 530, 550),
        ("service", 550, 560),
        ("free", 560, 561),
        ("paused", 561, 565),
        ("free", 565, 566),
        ("service", 566, 570),
    ]


def test_missed_counts_only_for_who_came_back():
    missed = e.TicketMissed("v", "1", "clerk:li")
    told = [(530, SIGNED_IN), (540, drawn()), (550, CALLED), (553, missed)]
    assert visits(day_of(*told)) == [("wait", 540, 550), ("way", 550, 553)]
    returned = (570, e.TicketReturned("v", ms(560), "clerk:li"))
    assert visits(day_of(*told, returned), 580)[2:] == [("missed", 553, 570), ("wait", 570, 580)]


def test_a_visit_with_two_stops_has_a_wait_before_each():
    step = e.TicketTransferred("v", "1", "b", "b", ms(560), "clerk:li", step=True)
    day = day_of(
        (530, SIGNED_IN),
        (530, e.ClerkSignedIn("wang", "3")),
        (540, drawn(plan=("b",))),
        (550, CALLED),
        (560, step),
        (565, e.TicketCalled("v", "3", "wang", "hub")),
        (570, e.TicketFinished("v", "3", "hub", False)),
    )
    assert [(p.state, p.service, p.window, _minute(p.start_ms)) for p in day.visit_periods(ms(600), False)] == [
        ("wait", "a", "", 540),
        ("service", "a", "1", 550),
        ("wait", "b", "", 560),
        ("service", "b", "3", 565),
    ]


def test_who_was_sent_on_at_once_was_not_served():
    sent = e.TicketTransferred("v", "1", "b", "b", ms(551), "clerk:li")
    day = day_of((530, SIGNED_IN), (540, drawn()), (550, CALLED), (551, sent))
    assert visits(day, 560) == [("wait", 540, 550), ("way", 550, 551), ("wait", 551, 560)]


def test_the_whole_stop_was_for_the_service_that_it_turned_out_to_be():
    changed = e.ServiceChanged("v", "1", "b", "clerk:li")
    day = day_of((530, SIGNED_IN), (540, drawn()), (550, CALLED), (551, STARTED), (552, changed), (560, FINISHED))
    assert [(p.state, p.service) for p in day.visit_periods(ms(600), False)] == [
        ("wait", "a"),
        ("way", "b"),
        ("service", "b"),
    ]


def test_a_wait_belongs_to_the_service_to_which_the_person_was_moved():
    day = day_of((540, drawn()), (545, e.TicketMoved("v", "b", ms(540), "admin:x")))
    rows = day.visit_periods(ms(550), False)
    assert [(p.service, _minute(p.start_ms), _minute(p.end_ms)) for p in rows] == [("b", 540, 550)]


def test_waiting_before_the_door_is_told_apart():
    day = day_of((540, drawn(outside=True)), (545, e.TicketAdmitted("v")), (560, e.TicketCancelled("v", "visitor")))
    assert visits(day) == [("door", 540, 545), ("wait", 545, 560)]


def test_who_was_split_off_a_group_waits_since_the_group_came():
    day = day_of((550, drawn(origin="other", arrival_ms=ms(540))))
    assert visits(day, 560) == [("wait", 540, 560)]


def test_pauses_have_their_reason():
    paused, resumed = e.WindowPaused("1", "li", "lunch"), e.WindowResumed("1", "li")
    day = day_of((530, SIGNED_IN), (540, paused), (570, resumed), (600, e.ClerkSignedOut("li", "1")))
    assert [(p.state, p.reason, _minute(p.start_ms)) for p in day.clerk_periods(ms(700), False)] == [
        ("free", "", 530),
        ("paused", "lunch", 540),
        ("free", "", 570),
    ]


def test_a_clerk_who_moves_has_periods_at_both_windows():
    moved = [(540, e.ClerkSignedOut("li", "1")), (540, e.ClerkSignedIn("li", "2"))]
    day = day_of((530, SIGNED_IN), *moved)
    rows = day.clerk_periods(ms(550), False)
    assert [(p.window, _minute(p.start_ms), _minute(p.end_ms)) for p in rows] == [("1", 530, 540), ("2", 540, 550)]


def open_until_five(**more) -> Hall:
    return replace(small_hall(), opening=(Opening(("*",), 540, 1020),), **more)


def test_work_after_closing_is_overtime_up_to_the_last_visit():
    day = day_of(
        (530, SIGNED_IN),
        (1000, drawn()),
        (1010, CALLED),
        (1011, STARTED),
        (1030, FINISHED),
        (1031, drawn("w")),
        (1035, e.TicketCalled("w", "1", "li", "hub")),
        (1040, e.TicketFinished("w", "1", "hub", False)),
        (1100, e.ClerkSignedOut("li", "1")),
        of=open_until_five(),
    )
    assert overtime(day) == [("service", 10), ("free", 5), ("service", 5)]


def test_a_pause_is_no_overtime():
    day = day_of(
        (530, SIGNED_IN),
        (1020, e.WindowPaused("1", "li", "dinner")),
        (1040, e.WindowResumed("1", "li")),
        (1040, drawn()),
        (1040, CALLED),
        (1050, FINISHED),
        of=open_until_five(),
    )
    assert overtime(day) == [("service", 10)]


def test_overtime_begins_when_the_last_shift_of_the_window_ends():
    shifts = (Shift(("*",), 540, 690, ("1",)), Shift(("*",), 780, 900, ("1",)))
    day = day_of((890, SIGNED_IN), (890, drawn()), (890, CALLED), (910, FINISHED), of=open_until_five(shifts=shifts))
    assert overtime(day) == [("service", 10)]


def test_a_window_without_a_shift_today_works_until_closing():
    shifts = (Shift(("sat",), 540, 690, ("1",)),)
    day = day_of((890, SIGNED_IN), (890, drawn()), (1010, CALLED), (1025, FINISHED), of=open_until_five(shifts=shifts))
    assert overtime(day) == [("service", 5)]


def test_a_hall_without_hours_knows_no_overtime():
    day = day_of((530, SIGNED_IN), (540, drawn()), (1300, CALLED), (1400, FINISHED))
    assert overtime(day) == []


def test_hours_that_change_during_the_day_count_as_they_were_last():
    longer = e.HallConfigured(hall.to_dict(replace(small_hall(), opening=(Opening(("*",), 540, 1050),))))
    day = day_of(
        (1000, SIGNED_IN), (1000, drawn()), (1010, CALLED), (1015, longer), (1060, FINISHED), of=open_until_five()
    )
    assert overtime(day) == [("service", 10)]


@pytest.mark.parametrize("morning", [1440 + 240, 1440 + 500])
def test_what_lasts_when_the_next_day_is_opened_ended_at_closing(morning: int):
    """Nobody pressed *finish* or signed out; the hub may have been off until the morning."""
    implicit = e.TicketFinished("v", "1", "hub", implicit=True)
    day = day_of(
        (530, SIGNED_IN),
        (540, drawn()),
        (550, drawn("w")),
        (1000, CALLED),
        (morning, implicit),
        (morning, e.ClerkSignedOut("li", "1")),
        (morning, e.TicketExpired("w")),
        of=open_until_five(),
    )
    assert visits(day, morning, is_over=True) == [("wait", 540, 1000), ("service", 1000, 1020), ("wait", 550, 1020)]
    assert clerks(day, morning, is_over=True) == [("free", 530, 1000), ("service", 1000, 1020)]
    assert overtime(day, morning) == []


def test_a_clock_that_is_set_back_makes_no_negative_period():
    day = day_of((530, SIGNED_IN), (540, drawn()), (480, CALLED), (490, FINISHED))
    rows = [*day.visit_periods(ms(480), False), *day.clerk_periods(ms(480), False)]
    assert all(row.end_ms > row.start_ms for row in rows)
    assert visits(day) == [("service", 480, 490)]
