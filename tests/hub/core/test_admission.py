"""Who is given a ticket at the door, and who waits before it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core import commands, tickets
from hub.core.commands import Promise
from hub.core.hall import Admission, Opening, Shift, Slots, TicketClass
from hub.core.lines import DOOR
from tests.hub.core.doors import CLERK, KIOSK, MONDAY, TUESDAY, Door, detail, hall_with, minutes, only
from tests.hub.halls import names, refused, replay

OPENING = (
    Opening(("*",), minutes("09:00"), minutes("12:00")),
    Opening(("*",), minutes("13:00"), minutes("17:00")),
)
PRIORITY = TicketClass("priority", names("优先"), credit_min=20, by=("clerk", "admin"))


def admits(**rules) -> tuple[Admission, ...]:
    return (Admission(("*",), **rules),)


def test_a_class_is_worth_its_credit():
    door = Door(hall_with(classes={"priority": PRIORITY}))
    drawn = only(door.ask(by=CLERK, klass="priority"))
    assert (drawn.klass, drawn.credit_ms) == ("priority", 20 * 60_000)
    assert only(door.ask()).credit_ms == 0


@pytest.mark.parametrize(
    ("by", "klass", "reason"),
    [
        (KIOSK, "priority", "class-by-staff"),
        ("device:pad", "priority", "class-by-staff"),
        (CLERK, "priority", ""),
        ("admin:wang", "priority", ""),
        ("hub", "priority", ""),
        (KIOSK, "walk-in", ""),
        (CLERK, "royal", "unknown-class"),
        ("hub", "appointment", "class-by-appointment"),
    ],
)
def test_who_may_give_which_class(by: str, klass: str, reason: str):
    door = Door(hall_with(classes={"priority": PRIORITY}))
    assert refused(door.ask(by=by, klass=klass)) == reason


def test_a_hall_may_leave_walking_in_to_its_staff():
    by_staff = TicketClass("walk-in", names("普通"), by=("clerk",))
    door = Door(hall_with(classes={"walk-in": by_staff}))
    assert refused(door.ask()) == "class-by-staff"
    assert not refused(door.ask(by=CLERK))


@pytest.mark.parametrize(
    ("time", "reason", "words"),
    [
        ("08:00", "closed-until", {"from": "09:00"}),
        ("09:00", "", {}),
        ("12:00", "closed-until", {"from": "13:00"}),
        ("16:59", "", {}),
        ("17:00", "closed", {}),
        ("23:00", "closed", {}),
    ],
)
def test_tickets_are_given_while_the_hall_is_open(time: str, reason: str, words: dict[str, str]):
    decision = Door(hall_with(opening=OPENING), time).ask()
    assert refused(decision) == reason
    assert not reason or detail(decision) == words


@pytest.mark.parametrize("by", [CLERK, "admin:wang"])
def test_staff_give_tickets_outside_the_hours_too(by: str):
    rules = {"opening": OPENING, "admission": admits(cut_off_min=30)}
    assert not refused(Door(hall_with(**rules), "08:00").ask(by=by))
    assert not refused(Door(hall_with(**rules), "16:45").ask(by=by))
    assert not refused(Door(hall_with(**rules), "17:30").ask(by=by))


@pytest.mark.parametrize("hours", [-48, 48])
def test_a_clock_that_is_set_wrong_does_not_close_a_hall_without_hours(hours: int):
    assert not refused(Door(time=f"{hours}:00").ask())


def test_a_day_on_which_the_hall_is_closed():
    assert refused(Door(hall_with(exceptions={TUESDAY: "closed"})).tomorrow().ask()) == "closed"


def test_no_tickets_in_the_last_minutes_before_closing():
    door = Door(hall_with(opening=OPENING, admission=admits(cut_off_min=30)), "16:29")
    assert not refused(door.ask())
    late = door.at("16:30").ask()
    assert refused(late) == "cut-off"
    assert detail(late) == {"last": "16:30", "closes": "17:00"}


def test_the_break_at_noon_has_no_cut_off():
    """Who draws at 11:50 is served after the break."""
    assert not refused(Door(hall_with(opening=OPENING, admission=admits(cut_off_min=30)), "11:50").ask())


@pytest.mark.parametrize(("wait_min", "reason"), [(0, ""), (90, ""), (91, "not-servable")])
def test_nobody_waits_who_cannot_be_served_in_time(wait_min: int, reason: str):
    """60 minutes are left, and 30 minutes of overtime."""
    door = Door(hall_with(opening=OPENING, admission=admits(servable=True, overtime_min=30)), "16:00")
    promise = Promise(wait_min * 60_000, 0, 0)
    assert refused(door.ask(promise=promise)) == reason
    assert not refused(door.ask(by=CLERK, promise=promise))


def test_without_an_estimate_nobody_is_sent_away():
    door = Door(hall_with(opening=OPENING, admission=admits(servable=True)), "16:59")
    assert not refused(door.ask())


def test_the_promise_is_kept_with_the_ticket():
    door = Door()
    assert only(door.ask(promise=Promise(3, 2, 4))).promise == (3, 2, 4)
    assert only(door.ask()).promise == ()


NOON = (
    Shift(("*",), minutes("09:00"), minutes("11:30"), ("1", "2")),
    Shift(("*",), minutes("11:30"), minutes("12:00"), ("1", "2"), services=("b",)),
    Shift(("*",), minutes("13:00"), minutes("16:00"), ("1", "2")),
)


def test_at_noon_fewer_services_are_offered_and_the_refusal_says_from_when():
    door = Door(hall_with(opening=OPENING, shifts=NOON), "11:45")
    decision = door.ask("a")
    assert refused(decision) == "not-offered-until"
    assert detail(decision) == {"service": "a", "from": "13:00"}
    assert not refused(door.ask("b"))
    assert not refused(door.ask("a", by=CLERK))


def test_a_service_that_is_over_for_today():
    door = Door(hall_with(opening=OPENING, shifts=NOON), "16:30")
    assert refused(door.ask("a")) == "not-offered"
    assert not refused(door.ask("b"))  # window 3 is in no shift


def test_a_day_by_appointment_only_has_no_tickets_at_the_door():
    door = Door(hall_with(admission=admits(mode="appointment-only")))
    assert refused(door.ask()) == "appointment-only"
    assert refused(door.ask(by=CLERK)) == "appointment-only"


@pytest.mark.parametrize(("party", "reason"), [(0, "party-size"), (-1, "party-size"), (3, ""), (4, "party-size")])
def test_a_ticket_is_for_so_many_people(party: int, reason: str):
    door = Door(hall_with({"party_max": 3}))
    decision = door.ask(party=party)
    assert refused(decision) == reason
    assert not reason or detail(decision) == {"most": "3"}


def test_a_party_that_would_never_fit_in_is_told_so():
    assert detail(Door(hall_with(admission=admits(capacity=2))).ask(party=3)) == {"most": "2"}


def test_a_visit_may_be_for_several_services():
    assert only(Door().ask("a", plan=("b",))).plan == ("b",)


@pytest.mark.parametrize(
    ("plan", "reason"), [(("c",), "unknown-service"), (("a",), "service-twice"), (("b", "b"), "service-twice")]
)
def test_further_services_are_others_that_are_there(plan: tuple[str, ...], reason: str):
    assert refused(Door().ask("a", plan=plan)) == reason


def test_a_case_number_goes_with_the_ticket():
    assert only(Door().ask(case="粤-7")).case == "粤-7"


def test_a_visit_is_drawn_once():
    door = Door()
    door.do(commands.DrawTicket("", "same", "a", KIOSK))
    assert refused(door.do(commands.DrawTicket("", "same", "b", KIOSK))) == "code-in-use"


def test_a_day_has_so_many_tickets_of_a_service():
    door = Door(hall_with({"per_day": 2}))
    assert not refused(door.ask())
    assert not refused(door.ask(by=CLERK))
    decision = door.ask(by=CLERK)
    assert refused(decision) == "day-limit"
    assert detail(decision) == {"service": "a", "limit": "2"}
    assert not refused(door.ask("b"))
    assert not refused(door.tomorrow().ask())


@given(st.lists(st.sampled_from(["ask", "book", "book-tomorrow", "check-in", "cancel", "next-day"]), max_size=30))
def test_the_limit_of_a_day_holds_for_tickets_and_appointments_together(steps: list[str]):
    slots = (Slots(("*",), minutes("10:00"), minutes("11:00"), 60, quota=100),)
    door = Door(hall_with({"per_day": 3}, slots=slots, admission=admits(early_min=600)))
    days = [MONDAY, TUESDAY, "2026-01-07"]
    for step in steps:
        booked = [booking for booking in door.state.bookings.values() if booking.state == "booked"]
        if step == "ask":
            door.ask()
        elif step == "next-day" and door.state.day == MONDAY:
            door.tomorrow()
        elif step.startswith("book"):
            today = days.index(door.state.day)
            door.book("10:00", day=days[today + (step == "book-tomorrow")])
        elif step == "check-in" and booked and booked[0].day == door.state.day:
            assert not refused(door.check_in(booked[0].code))
        elif step == "cancel" and booked:
            door.do(commands.CancelBooking("", booked[0].booking, "visitor"))
        assert door.state.drawn.get("a", 0) <= 3


def test_papers_are_looked_at_before_a_ticket_is_given():
    door = Door(hall_with({"pre_check": True, "papers": {"id": names("身份证")}}))
    assert refused(door.ask()) == "check-needed"
    assert refused(door.ask(check="c1")) == "unknown-check"
    door.pre_check("c1", "id")
    decision = door.ask(check="c1")
    assert refused(decision) == "check-failed"
    assert detail(decision) == {"count": "1"}
    door.pre_check("c2")
    assert only(door.ask(check="c2")).check == "c2"
    assert refused(door.ask(check="c2")) == "check-used"
    assert refused(door.ask(by=CLERK)) == "check-needed"


def test_a_pre_check_is_for_one_service_and_one_day():
    hall = hall_with({"pre_check": True})
    hall.services["b"] = replace(hall.services["b"], pre_check=True)
    door = Door(hall)
    door.pre_check("c1", service="b")
    decision = door.ask("a", check="c1")
    assert refused(decision) == "check-of-other"
    assert detail(decision) == {"service": "b"}
    assert refused(door.tomorrow().ask("b", check="c1")) == "unknown-check"


def test_a_service_without_pre_check_wants_no_code():
    door = Door(hall_with({"pre_check": True}))
    assert refused(door.ask("b", check="c1")) == "no-check-here"
    assert refused(door.ask("b", plan=("a",))) == "check-needed"


def test_what_is_missing_is_listed_in_the_order_of_the_service():
    door = Door(hall_with({"pre_check": True, "papers": {key: names(key) for key in ("id", "form", "photo")}}))
    assert only(door.pre_check("c1", "photo", "id", "photo")).missing == ("id", "photo")
    assert refused(door.pre_check("c2", "passport")) == "unknown-paper"
    assert refused(door.pre_check("c1")) == "code-in-use"
    assert refused(door.pre_check("c2", service="b")) == "no-check-here"
    assert refused(door.pre_check("c2", service="nothing")) == "unknown-service"


def test_in_a_full_hall_people_wait_before_the_door():
    door = Door(hall_with(admission=admits(capacity=3)))
    assert not only(door.ask(party=2)).outside
    drawn = only(door.ask(party=2))
    assert drawn.outside
    assert door.state.tickets[drawn.visit].state == tickets.OUTSIDE
    assert door.state.inside == 2


def test_a_small_party_does_not_pass_a_large_one_before_the_door():
    door = Door(hall_with(admission=admits(capacity=3)))
    first = only(door.ask(party=2)).visit
    large = only(door.ask(party=2)).visit
    small = only(door.ask()).visit
    assert door.state.tickets[small].state == tickets.OUTSIDE
    door.do(commands.CancelTicket("", first, "visitor"))
    assert [door.state.tickets[visit].state for visit in (large, small)] == [tickets.WAITING, tickets.WAITING]


def test_a_party_larger_than_a_new_cap_comes_in_when_the_hall_is_empty():
    hall = hall_with(admission=admits(capacity=4))
    door = Door(hall)
    first = only(door.ask(party=2)).visit
    large = only(door.ask(party=3)).visit
    small = only(door.ask(party=1)).visit
    door.do(commands.ConfigureHall("", replace(hall, admission=admits(capacity=2))))
    door.do(commands.CancelTicket("", first, "visitor"))
    assert [door.state.tickets[visit].state for visit in (large, small)] == [tickets.WAITING, tickets.OUTSIDE]


def test_who_missed_the_call_waits_before_the_door_of_a_full_hall():
    """Whoever waits there is let in by itself; without a place there nobody would ever have room for them."""
    door = Door(hall_with(admission=admits(capacity=2)))
    door.sign_in()
    missed, other = only(door.ask()).visit, only(door.ask()).visit
    door.press("next")
    door.press("missed")
    late = only(door.ask()).visit
    assert door.state.tickets[late].state == tickets.WAITING  # the room of who missed the call
    waits = only(door.ask()).visit
    returned = only(door.do(commands.ReturnTicket("", missed, CLERK)))
    assert type(returned).__name__ == "TicketQueuedOutside"
    states = [door.state.tickets[visit].state for visit in (missed, waits)]
    assert (states, door.state.inside) == ([tickets.OUTSIDE, tickets.OUTSIDE], 2)
    for gone in (other, late):
        assert door.state.tickets[missed].state == tickets.OUTSIDE
        door.do(commands.CancelTicket("", gone, "visitor"))
    states = [door.state.tickets[visit].state for visit in (missed, waits)]
    assert states == [tickets.WAITING, tickets.WAITING]
    assert missed in [place.visit for _, place in door.state.lines.of("a")]
    assert door.state.tickets[missed].finished_ms == 0


def test_who_was_sent_to_a_window_and_waits_before_the_door_comes_in_for_the_service():
    door = Door(hall_with(admission=admits(capacity=1)))
    door.sign_in("1", "li")
    door.sign_in("2", "wang")
    visit = only(door.ask()).visit
    door.press("next")
    door.press("start")
    door.press("transfer", to_window="2")
    door.press("next", "2")
    door.press("missed", "2")
    other = only(door.ask(service="b")).visit
    door.do(commands.ReturnTicket("", visit, CLERK))
    door.do(commands.SignOut("", "2", "hub"))
    door.do(commands.CancelTicket("", other, "visitor"))
    assert (door.state.tickets[visit].state, door.state.tickets[visit].line) == (tickets.WAITING, "a")


VISITS = st.integers(0, 20)
STEPS = st.one_of(
    st.tuples(st.just("ask"), st.integers(1, 5)),
    st.tuples(st.just("check-in"), st.integers(1, 5)),
    st.tuples(st.just("cancel"), VISITS),
    st.tuples(st.sampled_from(["next", "finish", "missed"]), st.just(0)),
)


@given(st.integers(1, 6), st.lists(STEPS, max_size=40))
def test_never_more_people_inside_than_the_hall_takes(capacity: int, steps: list[tuple[str, int]]):
    slots = (Slots(("*",), minutes("10:00"), minutes("11:00"), 60, quota=1000),)
    door = Door(hall_with(admission=admits(capacity=capacity, early_min=60), slots=slots))
    door.sign_in()
    for kind, number in steps:
        visits = list(door.state.tickets)
        if kind == "ask":
            door.ask(party=number)
        elif kind == "check-in":
            door.book("10:00", party=number)
            door.check_in(next(iter(door.state.codes), ""))
        elif kind == "cancel" and number < len(visits):
            door.do(commands.CancelTicket("", visits[number], "visitor"))
        elif kind in commands.VERBS:
            door.press(kind)
        inside = [ticket for ticket in door.state.tickets.values() if ticket.state in tickets.INSIDE]
        assert door.state.inside == sum(ticket.party for ticket in inside) <= capacity
        first = min((place for _, place in door.state.lines.of(DOOR)), default=None)
        assert first is None or door.state.inside + door.state.tickets[first.visit].party > capacity
    assert replay(door) == door.state
