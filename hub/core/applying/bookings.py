"""Appointments and pre-checks."""

from __future__ import annotations

from hub.core import events
from hub.core.state import CANCELLED, LAPSED, Booking, Check, State


def _appointment_booked(state: State, seq: int, at_ms: int, event: events.AppointmentBooked) -> None:
    state.bookings[event.booking] = Booking(
        event.booking, event.code, event.day, event.minute, event.service, event.party, event.holder, event.slot
    )
    state.codes[event.code] = event.booking
    state.slots[event.slot] = state.slots.get(event.slot, 0) + event.party


def _booking_cancelled(state: State, seq: int, at_ms: int, event: events.BookingCancelled) -> None:
    booking = state.bookings[event.booking]
    booking.state = CANCELLED
    state.slots[booking.slot] -= booking.party
    state.codes.pop(booking.code, None)


def _booking_lapsed(state: State, seq: int, at_ms: int, event: events.BookingLapsed) -> None:
    booking = state.bookings[event.booking]
    booking.state = LAPSED
    state.codes.pop(booking.code, None)


def _pre_check_passed(state: State, seq: int, at_ms: int, event: events.PreCheckPassed) -> None:
    state.checks[event.check] = Check(event.check, event.service)


def _pre_check_failed(state: State, seq: int, at_ms: int, event: events.PreCheckFailed) -> None:
    state.checks[event.check] = Check(event.check, event.service, event.missing)


APPLY = {
    events.AppointmentBooked: _appointment_booked,
    events.BookingCancelled: _booking_cancelled,
    events.BookingLapsed: _booking_lapsed,
    events.PreCheckPassed: _pre_check_passed,
    events.PreCheckFailed: _pre_check_failed,
}
