"""The hall's configuration, and its days."""

from __future__ import annotations

from datetime import date

from hub.core import events, hall, marks, schedule
from hub.core.lines import Lines
from hub.core.ratings import PAST_DAYS
from hub.core.state import BoardNow, Served, ServedAt, State, Ticket, WindowNow, hall_of

DECIDED_MS = 90 * 24 * 3600 * 1000
"""So long a review that is over can be reopened, and what was decided about a mark can be decided anew."""


def _hall_configured(state: State, seq: int, at_ms: int, event: events.HallConfigured) -> None:
    state.hall = hall.from_dict(event.hall)
    state.kind = schedule.kind_of(state.hall, state.day, state.kind)
    state.memo.clear()
    state.windows = {window: state.windows.get(window, WindowNow()) for window in state.hall.windows}
    state.automatic &= state.windows.keys()
    state.boards = {zone: state.boards.get(zone, BoardNow()) for zone in state.hall.zones}
    for window in state.windows.values():
        window.cycle = window.cycle_before = ()  # it counts the shares of a ratio that may be another one now
    _touch_all(state, seq)


def _day_opened(state: State, seq: int, at_ms: int, event: events.DayOpened) -> None:
    rules = hall_of(state)
    past = {visit: served for visit, served in state.past.items() if _is_kept(served.day, event.day)}
    past |= {ticket.visit: _served(state.day, ticket) for ticket in state.tickets.values() if ticket.stops}
    state.past = past
    _remember_ratings(state, at_ms)
    state.day, state.kind, state.midnight_ms = event.day, event.kind, event.midnight_ms
    state.memo.clear()
    state.tickets = {}
    state.numbers = set()
    state.counts = {key: count for key, count in state.counts.items() if _goes_on(rules, key)}
    state.drawn = {}
    state.lines = Lines()
    state.inside = 0
    state.checks = {}
    state.alarms = {key: alarm for key, alarm in state.alarms.items() if alarm.subject in state.reviews}
    _forget_bookings(state)
    for window in state.windows.values():
        window.before = window.visit = window.missed = ""
        window.cycle = window.cycle_before = ()
        window.in_a_row = window.in_a_row_before = 0
    for board in state.boards.values():
        board.visits = []
    _touch_all(state, seq)


def _is_kept(day: str, today: str) -> bool:
    return (date.fromisoformat(today) - date.fromisoformat(day)).days <= PAST_DAYS


def _served(day: str, ticket: Ticket) -> Served:
    return Served(day, tuple(ServedAt(stop.window, stop.clerk, stop.service) for stop in ticket.stops))


def _remember_ratings(state: State, at_ms: int) -> None:
    """What is known of the ratings of visits that can still be rated, and of what is not yet decided or was lately.
    Called while the tickets are still those of the day that is over."""
    state.given = {visit: given for visit, given in state.given.items() if visit in state.past}
    state.cases = {visit: cases for visit, cases in state.cases.items() if visit in state.past}
    contacts = {visit: (ms or state.served_ms(visit), asked) for visit, (ms, asked) in state.contacts.items()}
    state.contacts = {visit: left for visit, left in contacts.items() if left[0] and visit in state.past}
    state.pressed = []
    state.reviews = {
        key: review for key, review in state.reviews.items() if not 0 < review.ended_ms < at_ms - DECIDED_MS
    }
    state.marks = {
        key: mark
        for key, mark in state.marks.items()
        if mark.state in (marks.MARKED, marks.PROPOSED) or mark.marked_ms >= at_ms - DECIDED_MS
    }


def _goes_on(of: hall.Hall, service: str) -> bool:
    """Whether the numbers of the service go on from yesterday's last one."""
    found = of.services.get(service)
    return bool(found and found.wrap)


def _forget_bookings(state: State) -> None:
    """What was booked for days that are over is in the log; here only what can still be kept is remembered."""
    state.bookings = {key: booking for key, booking in state.bookings.items() if booking.day >= state.day}
    state.codes = {code: key for code, key in state.codes.items() if key in state.bookings}
    state.slots = {slot: people for slot, people in state.slots.items() if slot[:10] >= state.day}


def _touch_all(state: State, seq: int) -> None:
    for window in state.windows.values():
        window.revision = seq
    for board in state.boards.values():
        board.revision = seq


def _hub_restored(state: State, seq: int, at_ms: int, event: events.HubRestored) -> None:
    state.epoch = max(state.epoch, event.epoch)
    state.counts |= event.counts
    _touch_all(state, seq)


APPLY = {events.HallConfigured: _hall_configured, events.DayOpened: _day_opened, events.HubRestored: _hub_restored}
