"""Appointments: who gets one, who is let in with one, and what becomes of those that nobody kept. And the look at
somebody's papers before a ticket is given. The choices are in docs/decisions/0003-who-gets-in.md."""

from __future__ import annotations

from hub.core import commands, events, schedule
from hub.core.commands import Moment
from hub.core.deciding import drawing
from hub.core.deciding.decision import Decision, service_of
from hub.core.hall import APPOINTMENT, MINUTE_MS, WALK_IN, Service
from hub.core.refusals import Refusal
from hub.core.schedule import Slot, clock
from hub.core.state import BOOKED, KEPT, LAPSED, Booking, State, hall_of

HORIZON_DAYS = 366
"""How long before one can book. Nobody knows the holidays of the year after, and each day has a key of its own."""

REFUSE = "refuse"
"""What `Admission.late` says where those who come too late are not let in."""


def _book_appointment(state: State, command: commands.BookAppointment, now: Moment) -> Decision:
    service = service_of(state, command.service)
    if service is None:
        return Refusal("unknown-service", {"service": command.service})
    kind = schedule.kind_of(hall_of(state), command.day, command.kind)
    refusal = (
        _time_refusal(state, command, kind, now)
        or drawing.party_refusal(state, service, command.party, command.day, kind)
        or _double_refusal(state, command)
        or drawing.limit_refusal(state, service, command.day)
    )
    slot = refusal or _slot(state, command, kind)
    if isinstance(slot, Refusal):
        return slot
    if command.booking in state.bookings or command.code in state.codes:
        return Refusal("code-in-use")
    booked = events.AppointmentBooked(
        command.booking,
        command.code,
        command.day,
        command.minute,
        service.id,
        command.party,
        command.holder,
        slot.key,
        command.by,
    )
    return [booked]


def _time_refusal(state: State, command: commands.BookAppointment, kind: str, now: Moment) -> Refusal | None:
    """A day that is none, is over, is too far off, or on which the hall is closed; a time of today that has begun."""
    if not schedule.is_day(command.day):
        return Refusal("no-such-day", {"day": command.day})
    if command.day < state.day:
        return Refusal("day-past", {"day": command.day})
    if command.day > (last := schedule.days_after(state.day, HORIZON_DAYS)):
        return Refusal("day-too-far", {"day": command.day, "last": last})
    if not schedule.opening(hall_of(state), command.day, kind):
        return Refusal("day-closed", {"day": command.day})
    if command.day == state.day and command.minute <= state.minute(now.ms):
        return Refusal("slot-begun", {"time": clock(command.minute)})
    return None


def _double_refusal(state: State, command: commands.BookAppointment) -> Refusal | None:
    """Nobody has two appointments for one service on a day, nor two at the same time. Who is not known can."""
    who = (BOOKED, command.holder, command.day)
    for other in state.bookings.values():
        theirs = command.holder and (other.state, other.holder, other.day) == who
        if theirs and (other.service == command.service or other.minute == command.minute):
            return Refusal("booked-already", {"day": other.day, "time": clock(other.minute), "service": other.service})
    return None


def _slot(state: State, command: commands.BookAppointment, kind: str) -> Slot | Refusal:
    """The quota that has room for the whole party at that time."""
    time = {"day": command.day, "time": clock(command.minute)}
    slots = schedule.slots(hall_of(state), command.service, command.day, kind)
    left = {slot: slot.quota - state.slots.get(slot.key, 0) for slot in slots if slot.minute == command.minute}
    if not left:
        return Refusal("no-slot", {"service": command.service, **time})
    room = max(0, *left.values())
    if command.party > room:
        return Refusal("slot-full", {"left": str(room), **time})
    return next(slot for slot, places in left.items() if command.party <= places)


def _cancel_booking(state: State, command: commands.CancelBooking, now: Moment) -> Decision:
    booking = state.bookings.get(command.booking)
    if booking is None:
        return Refusal("unknown-booking")
    return _over(state, booking) or [events.BookingCancelled(booking.booking, command.by)]


def _over(state: State, booking: Booking) -> Refusal | None:
    """Why nothing more can be done with an appointment: its person is here, it was cancelled, or its time is over."""
    if booking.state == KEPT:
        return Refusal("checked-in-already", {"number": state.tickets[booking.visit].number})
    if booking.state == LAPSED:
        return Refusal("appointment-passed", {"day": booking.day, "time": clock(booking.minute)})
    return None if booking.state == BOOKED else Refusal("booking-cancelled")


def _check_in(state: State, command: commands.CheckIn, now: Moment) -> Decision:
    booking = _with_code(state, command.code)
    if booking is None:
        return Refusal("unknown-code")
    service = hall_of(state).services.get(booking.service)
    if service is None:
        return Refusal("unknown-service", {"service": booking.service})
    if refusal := _over(state, booking) or _arrival_refusal(state, booking, service, command, now):
        return refusal
    klass, due_ms = (WALK_IN, 0) if _is_late(state, booking, now) else (APPOINTMENT, _due_ms(state, booking))
    return drawing.ticket(state, service, command, klass, booking.party, due_ms=due_ms, booking=booking.booking)


def _with_code(state: State, code: str) -> Booking | None:
    """The appointment with that code: the living one, or else one that is over, to say so."""
    if code in state.codes:
        return state.bookings[state.codes[code]]
    return next((booking for booking in reversed(state.bookings.values()) if booking.code == code), None)


def _arrival_refusal(
    state: State, booking: Booking, service: Service, command: commands.CheckIn, now: Moment
) -> Refusal | None:
    """Whether the person is here on the right day, and at an hour at which the hall takes them.

    Who is on time is let in whatever the hour of the day; who is late queues like everybody, or is not let in.
    """
    if booking.day != state.day:
        return Refusal("appointment-other-day", {"day": booking.day, "time": clock(booking.minute)})
    if state.kind == schedule.CLOSED:
        return Refusal("closed")
    rules = schedule.admission(hall_of(state), state.day, state.kind)
    if now.ms < _due_ms(state, booking) - rules.early_min * MINUTE_MS:
        return Refusal("too-early", {"from": clock(booking.minute - rules.early_min), "time": clock(booking.minute)})
    if not _is_late(state, booking, now):
        return None
    if rules.late == REFUSE:
        return Refusal("appointment-passed", {"day": booking.day, "time": clock(booking.minute)})
    return drawing.hours_refusal(state, service, command.by, command.promise, now)


def _due_ms(state: State, booking: Booking) -> int:
    """When an appointment of today is."""
    return state.midnight_ms + booking.minute * MINUTE_MS


def _is_late(state: State, booking: Booking, now: Moment) -> bool:
    rules = schedule.admission(hall_of(state), state.day, state.kind)
    return now.ms > _due_ms(state, booking) + rules.late_min * MINUTE_MS


def lapsed(state: State, now: Moment) -> list[events.Event]:
    """The appointments that can no longer be kept at `now`: those of days before `now.day`, and of today those that are
    late where late ones are refused, or when the hall has closed."""
    living = [booking for booking in state.bookings.values() if booking.state == BOOKED]
    if not living:
        return []
    given_up = _are_given_up(state, now)
    return [
        events.BookingLapsed(booking.booking)
        for booking in living
        if booking.day < now.day or (given_up and booking.day == state.day and _is_late(state, booking, now))
    ]


def _are_given_up(state: State, now: Moment) -> bool:
    """Whether late ones of today are no longer waited for."""
    hall = hall_of(state)
    closes = schedule.closing(hall, state.day, state.kind)
    closed = closes is not None and state.minute(now.ms) >= closes
    return closed or schedule.admission(hall, state.day, state.kind).late == REFUSE


def _record_pre_check(state: State, command: commands.RecordPreCheck, now: Moment) -> Decision:
    service = service_of(state, command.service)
    if service is None:
        return Refusal("unknown-service", {"service": command.service})
    if not service.pre_check:
        return Refusal("no-check-here", {"service": service.id})
    for paper in command.missing:
        if paper not in service.papers:
            return Refusal("unknown-paper", {"paper": paper, "service": service.id})
    if command.check in state.checks:
        return Refusal("code-in-use")
    if not command.missing:
        return [events.PreCheckPassed(command.check, service.id, command.by)]
    missing = tuple(paper for paper in service.papers if paper in command.missing)
    return [events.PreCheckFailed(command.check, service.id, missing, command.by)]


DECIDE = {
    commands.BookAppointment: _book_appointment,
    commands.CancelBooking: _cancel_booking,
    commands.CheckIn: _check_in,
    commands.RecordPreCheck: _record_pre_check,
}
