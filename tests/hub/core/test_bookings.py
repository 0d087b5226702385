"""Appointments: who gets one, who is let in with one, and what becomes of those that nobody kept."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core import commands, schedule, tickets
from hub.core.commands import Moment
from hub.core.deciding.bookings import lapsed
from hub.core.hall import APPOINTMENT, WALK_IN, Admission, Opening, Slots, TicketClass
from hub.core.state import BOOKED, CANCELLED, KEPT, LAPSED
from tests.hub.core.doors import CLERK, KIOSK, MONDAY, TUESDAY, Door, detail, hall_with, minutes, only
from tests.hub.halls import names, refused, replay

CREDIT = TicketClass(APPOINTMENT, names("预约"), credit_min=30)
SLOTS = (Slots(("*",), minutes("09:00"), minutes("16:30"), 30, quota=3),)
OPENING = (Opening(("workday",), minutes("08:30"), minutes("17:00")),)


def hall(a: dict | None = None, slots: tuple[Slots, ...] = SLOTS, **admission):
    return hall_with(
        a,
        slots=slots,
        opening=OPENING,
        classes={APPOINTMENT: CREDIT},
        admission=(Admission(("*",), **admission),),
    )


def booked(door: Door, time: str = "10:00", **more) -> str:
    """Books; the code."""
    return only(door.book(time, **more)).code


def cancel(door: Door, booking: str):
    return door.do(commands.CancelBooking("", booking, "visitor"))


def test_an_appointment_takes_places_of_its_slot():
    door = Door(hall())
    event = only(door.book("10:00", party=2))
    assert (event.day, event.minute, event.party) == (MONDAY, 600, 2)
    assert door.state.slots == {event.slot: 2}


def test_a_slot_is_for_so_many_people_and_not_more():
    door = Door(hall())
    booked(door, party=2)
    full = door.book("10:00", party=2)
    assert refused(full) == "slot-full"
    assert detail(full) == {"left": "1", "day": MONDAY, "time": "10:00"}
    assert not refused(door.book("10:00", party=1))
    assert not refused(door.book("10:30", party=3))


def test_a_quota_of_nobody_is_full():
    assert detail(Door(hall(slots=(replace(SLOTS[0], quota=0),))).book("10:00"))["left"] == "0"


def test_places_of_a_slot_are_shared_by_its_services():
    door = Door(hall())
    booked(door, service="a", party=3)
    assert refused(door.book("10:00", "b")) == "slot-full"


def test_a_quota_of_the_service_alone_is_used_when_the_shared_one_is_full():
    of_b = Slots(("*",), minutes("10:00"), minutes("11:00"), 30, quota=1, services=("b",))
    door = Door(hall(slots=(*SLOTS, of_b)))
    booked(door, party=3)
    assert not refused(door.book("10:00", "b"))
    assert refused(door.book("10:00", "b")) == "slot-full"


def test_a_cancelled_appointment_gives_its_places_back():
    door = Door(hall())
    first = only(door.book("10:00", party=3))
    assert not refused(cancel(door, first.booking))
    assert door.state.bookings[first.booking].state == CANCELLED
    assert not refused(door.book("10:00", party=3))


@pytest.mark.parametrize(
    ("day", "kind", "time", "reason"),
    [
        (MONDAY, "workday", "09:30", ""),
        (MONDAY, "workday", "09:00", "slot-begun"),
        (MONDAY, "workday", "08:30", "slot-begun"),
        ("2026-01-04", "restday", "10:00", "day-past"),
        (TUESDAY, "workday", "09:00", ""),
        (TUESDAY, "workday", "09:10", "no-slot"),
        (TUESDAY, "workday", "16:30", "no-slot"),
        (TUESDAY, "closed", "10:00", "day-closed"),
        ("2026-01-10", "restday", "10:00", "day-closed"),
        ("2026-01-10", "workday", "10:00", ""),
        ("2026-02-30", "workday", "10:00", "no-such-day"),
        ("20260106", "workday", "10:00", "no-such-day"),
        ("2027-01-06", "workday", "10:00", ""),
        ("2027-01-07", "workday", "10:00", "day-too-far"),
    ],
)
def test_when_one_can_come_by_appointment(day: str, kind: str, time: str, reason: str):
    """It is Monday, 9 o'clock."""
    assert refused(Door(hall()).book(time, day=day, kind=kind)) == reason


def test_the_halls_own_exception_closes_a_day_for_appointments():
    closed = replace(hall(), exceptions={TUESDAY: "closed"})
    decision = Door(closed).book("10:00", day=TUESDAY)
    assert refused(decision) == "day-closed"
    assert detail(decision) == {"day": TUESDAY}


def test_a_service_that_is_not_there_or_takes_no_appointments():
    door = Door(hall(slots=(replace(SLOTS[0], services=("b",)),)))
    assert refused(door.book("10:00", "nothing")) == "unknown-service"
    assert refused(door.book("10:00", "a")) == "no-slot"


@pytest.mark.parametrize(("party", "reason"), [(0, "party-size"), (2, ""), (3, "party-size")])
def test_a_group_is_not_larger_than_a_ticket_is_for(party: int, reason: str):
    assert refused(Door(hall({"party_max": 2})).book("10:00", party=party)) == reason


def test_a_group_that_the_hall_would_never_take_is_told_so():
    assert detail(Door(hall(capacity=2)).book("10:00", party=3)) == {"most": "2"}


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"time": "10:00"}, "booked-already"),
        ({"time": "11:00"}, "booked-already"),
        ({"time": "10:00", "service": "b"}, "booked-already"),
        ({"time": "11:00", "service": "b"}, ""),
        ({"time": "10:00", "day": TUESDAY}, ""),
        ({"time": "10:00", "holder": "h2"}, ""),
    ],
)
def test_nobody_has_two_appointments_for_one_service_or_at_one_time(other: dict[str, str], reason: str):
    door = Door(hall())
    booked(door, holder="h1")
    assert refused(door.book(**{"holder": "h1", **other})) == reason


def test_whose_appointment_was_cancelled_or_kept_may_have_another():
    door = Door(hall())
    first = only(door.book("10:00", holder="h1"))
    cancel(door, first.booking)
    code = booked(door, "11:00", holder="h1")
    assert not refused(door.at("11:00").check_in(code))
    assert not refused(door.book("15:00", holder="h1"))


def test_people_whom_nobody_knows_are_not_taken_for_one():
    door = Door(hall())
    booked(door)
    assert not refused(door.book("10:00"))


def test_a_code_is_given_to_one():
    door = Door(hall())
    code = booked(door)
    again = commands.BookAppointment("", "other", code, MONDAY, 630, "a", 1, "", "workday", CLERK)
    assert refused(door.do(again)) == "code-in-use"
    assert refused(door.do(replace(again, booking="b1", code="other"))) == "code-in-use"


def test_the_limit_of_a_day_counts_appointments():
    door = Door(hall({"per_day": 2}))
    booked(door)
    door.ask()
    assert refused(door.book("11:00")) == "day-limit"
    assert not refused(door.book("11:00", day=TUESDAY))


def test_each_day_has_its_own_limit():
    door = Door(hall({"per_day": 1}))
    assert not refused(door.ask())
    assert not refused(door.book("10:00", day=TUESDAY))
    assert refused(door.book("11:00", day=TUESDAY)) == "day-limit"


def test_what_is_not_booked_is_not_cancelled():
    door = Door(hall())
    assert refused(cancel(door, "nothing")) == "unknown-booking"
    first = only(door.book("10:00"))
    cancel(door, first.booking)
    assert refused(cancel(door, first.booking)) == "booking-cancelled"
    code = booked(door, "10:30")
    number = only(door.at("10:30").check_in(code)).number
    kept = cancel(door, door.state.tickets[list(door.state.tickets)[-1]].booking)
    assert refused(kept) == "checked-in-already"
    assert detail(kept) == {"number": number}


def test_who_is_on_time_has_a_place_by_the_time_of_the_appointment():
    door = Door(hall())
    code = booked(door, "10:00", party=2)
    drawn = only(door.at("09:40").check_in(code))
    assert (drawn.klass, drawn.credit_ms, drawn.party) == (APPOINTMENT, 30 * 60_000, 2)
    assert drawn.due_ms == door.at("10:00").ms
    ticket = door.state.tickets[drawn.visit]
    assert ticket.place_ms == door.at("09:30").ms
    assert ticket.state == tickets.WAITING
    assert door.state.bookings[ticket.booking].state == KEPT


def test_who_comes_some_minutes_late_counts_from_their_arrival():
    door = Door(hall(late_min=15))
    code = booked(door, "10:00")
    drawn = only(door.at("10:10").check_in(code))
    assert drawn.klass == APPOINTMENT
    assert door.state.tickets[drawn.visit].place_ms == door.at("09:40").ms


def test_coming_early_is_worth_nothing():
    early, sharp = Door(hall()), Door(hall())
    places = []
    for door, time in ((early, "09:30"), (sharp, "10:00")):
        drawn = only(door.at("09:00").book("10:00"))
        visit = only(door.at(time).check_in(drawn.code)).visit
        places.append(door.state.tickets[visit].place_ms)
    assert places[0] == places[1]


@pytest.mark.parametrize(
    ("time", "reason", "words"),
    [
        ("09:29", "too-early", {"from": "09:30", "time": "10:00"}),
        ("09:30", "", {}),
        ("10:15", "", {}),
        ("10:16", "appointment-passed", {"day": MONDAY, "time": "10:00"}),
    ],
)
def test_one_checks_in_around_the_time_of_the_appointment(time: str, reason: str, words: dict[str, str]):
    door = Door(hall(early_min=30, late_min=15, late="refuse"))
    code = booked(door, "10:00")
    decision = door.at(time).check_in(code)
    assert refused(decision) == reason
    assert not reason or detail(decision) == words


def test_who_is_late_queues_like_everybody_where_the_hall_says_so():
    door = Door(hall(late_min=15, late="walk-in", mode="appointment-only"))
    code = booked(door, "10:00")
    drawn = only(door.at("10:16").check_in(code))
    assert (drawn.klass, drawn.credit_ms, drawn.due_ms) == (WALK_IN, 0, 0)
    assert door.state.bookings[drawn.booking].state == KEPT


def test_who_is_late_is_bound_to_the_hours_like_everybody():
    door = Door(hall(late_min=15, cut_off_min=30))
    codes = [booked(door, "16:00"), booked(door, "16:00")]
    assert refused(door.at("16:30").check_in(codes[0])) == "cut-off"
    assert not refused(door.check_in(codes[1], by=CLERK))


def test_who_is_on_time_is_let_in_whatever_the_hour():
    """Before the hall opens, and after its cut-off: the appointment is a promise."""
    slots = (Slots(("*",), minutes("08:30"), minutes("17:00"), 30, quota=3),)
    door = Door(hall(slots=slots, cut_off_min=60), "07:00")
    early, late = booked(door, "08:30"), booked(door, "16:30")
    assert not refused(door.at("08:10").check_in(early))
    assert not refused(door.at("16:30").check_in(late))


@pytest.mark.parametrize("mode", ["walk-in", "mixed", "appointment-only"])
def test_appointments_are_kept_whatever_the_mode_of_the_day(mode: str):
    door = Door(hall(mode=mode))
    assert not refused(door.check_in(booked(door, "09:30"), by=KIOSK))


def test_an_appointment_is_for_its_day():
    door = Door(hall())
    code = booked(door, day=TUESDAY)
    decision = door.check_in(code)
    assert refused(decision) == "appointment-other-day"
    assert detail(decision) == {"day": TUESDAY, "time": "10:00"}
    assert not refused(door.tomorrow(time="10:00").check_in(code))


def test_a_code_that_nobody_was_given():
    assert refused(Door(hall()).check_in("000000")) == "unknown-code"


def test_one_checks_in_once():
    door = Door(hall())
    code = booked(door, "09:30")
    number = only(door.check_in(code)).number
    again = door.check_in(code)
    assert refused(again) == "checked-in-already"
    assert detail(again) == {"number": number}


def test_a_cancelled_appointment_lets_nobody_in():
    door = Door(hall())
    event = only(door.book("09:30"))
    cancel(door, event.booking)
    assert refused(door.check_in(event.code)) == "booking-cancelled"


def test_the_hall_was_closed_after_the_appointment_was_made():
    door = Door(hall())
    code = booked(door, day=TUESDAY)
    door.do(commands.ConfigureHall("", replace(hall(), exceptions={TUESDAY: "closed"})))
    assert refused(door.tomorrow(time="10:00").check_in(code)) == "closed"


def test_the_limit_of_the_day_does_not_break_a_promise():
    before = hall({"per_day": 5})
    door = Door(before)
    codes = [booked(door, "09:30"), booked(door, "09:30")]
    services = {**before.services, "a": replace(before.services["a"], per_day=1)}
    door.do(commands.ConfigureHall("", replace(before, services=services)))
    assert [refused(door.check_in(code)) for code in codes] == ["", ""]
    assert refused(door.ask()) == "day-limit"


def test_in_a_full_hall_appointments_wait_before_the_door_and_go_first_there():
    door = Door(hall(capacity=1))
    first = only(door.ask()).visit
    second = only(door.at("09:10").ask()).visit
    due = only(door.check_in(booked(door, "09:30"))).visit
    assert door.state.tickets[due].state == tickets.OUTSIDE
    door.do(commands.CancelTicket("", first, "visitor"))
    assert door.state.tickets[due].state == tickets.WAITING
    assert door.state.tickets[second].state == tickets.OUTSIDE


def test_a_group_has_one_ticket():
    door = Door(hall())
    drawn = only(door.check_in(booked(door, "09:30", party=3)))
    assert drawn.party == door.state.inside == 3


@pytest.mark.parametrize(
    ("late", "time", "expected"),
    [("refuse", "10:15", []), ("refuse", "10:16", ["b1"]), ("walk-in", "10:16", []), ("walk-in", "17:00", ["b1"])],
)
def test_an_appointment_lapses_when_nobody_can_keep_it_any_more(late: str, time: str, expected: list[str]):
    door = Door(hall(late_min=15, late=late))
    booked(door, "10:00")
    booked(door, "10:00", day=TUESDAY)
    door.at(time)
    assert [event.booking for event in lapsed(door.state, Moment(door.ms, MONDAY))] == expected


def test_looking_around_lets_them_lapse_once_and_their_codes_say_so():
    door = Door(hall(late="refuse"))
    code = booked(door, "10:00")
    look = commands.LookAround("")
    assert [type(event).__name__ for event in door.at("12:00").do(look)] == ["BookingLapsed"]
    assert door.do(look) == []
    assert door.state.bookings["b1"].state == LAPSED
    assert refused(door.check_in(code)) == "appointment-passed"
    assert refused(cancel(door, "b1")) == "appointment-passed"


def test_a_new_day_lets_those_of_the_days_before_lapse():
    door = Door(hall())
    booked(door, "10:00")
    booked(door, "10:00", day=TUESDAY)
    door.tomorrow()
    assert [event.booking for _, _, event in door.log if type(event).__name__ == "BookingLapsed"] == ["b1"]
    assert [booking.state for booking in door.state.bookings.values()] == [BOOKED]


def test_a_clock_that_is_set_back_a_day_lets_nothing_lapse_and_admits_nobody_twice():
    door = Door(hall(late="refuse"))
    kept, open_ = booked(door, "09:30"), booked(door, "10:00")
    door.check_in(kept)
    door.at("-15:00")
    assert lapsed(door.state, Moment(door.ms, "2026-01-04")) == []
    assert refused(door.check_in(kept)) == "checked-in-already"
    assert refused(door.check_in(open_)) == "too-early"


STEPS = st.one_of(
    st.tuples(
        st.just("book"),
        st.sampled_from(["09:30", "10:00", "10:30"]),
        st.sampled_from(["a", "b"]),
        st.integers(1, 4),
        st.sampled_from(["", "h1", "h2"]),
        st.sampled_from([MONDAY, TUESDAY]),
    ),
    st.tuples(st.just("cancel"), st.integers(1, 20)),
    st.tuples(st.just("check-in"), st.integers(1, 20)),
    st.tuples(st.just("at"), st.sampled_from(["09:00", "09:40", "10:20", "16:00"])),
    st.just(("look",)),
    st.just(("tomorrow",)),
)


def step(door: Door, kind: str, *words) -> None:
    """One thing that somebody does about appointments, sensible or not."""
    if kind == "book":
        time, service, party, holder, day = words
        door.book(time, service, party, holder, day)
    elif kind == "cancel":
        cancel(door, f"b{words[0]}")
    elif kind == "check-in":
        door.check_in(f"code-b{words[0]}")
    elif kind == "at":
        door.at(words[0])
    elif kind == "look":
        door.do(commands.LookAround(""))
    elif door.state.day == MONDAY:
        door.tomorrow()


@given(st.sampled_from(["refuse", "walk-in"]), st.lists(STEPS, max_size=40))
def test_no_quota_is_exceeded_and_no_appointment_counts_twice(late: str, steps: list[tuple]):
    of_b = Slots(("*",), minutes("10:00"), minutes("11:00"), 30, quota=1, services=("b",))
    slots = (*SLOTS, of_b)
    door = Door(hall(slots=slots, late=late))
    quotas = {
        slot.key: slot.quota
        for day in (MONDAY, TUESDAY)
        for slot in schedule.slots(hall(slots=slots), "b", day, "workday")
    }
    for words in steps:
        step(door, *words)
        people = dict.fromkeys(door.state.slots, 0)
        for booking in door.state.bookings.values():
            people[booking.slot] += booking.party if booking.state != CANCELLED else 0
        assert people == door.state.slots
        assert all(count <= quotas[key] for key, count in people.items())
        living = [b for b in door.state.bookings.values() if b.state == BOOKED]
        known = [(b.holder, b.day, b.service) for b in living if b.holder]
        assert len(known) == len(set(known))
        assert door.state.codes == {b.code: b.booking for b in living}
        kept = [ticket.booking for ticket in door.state.tickets.values() if ticket.booking]
        assert len(kept) == len(set(kept))
    assert replay(door) == door.state
