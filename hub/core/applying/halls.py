"""The hall's configuration, and its days."""

from __future__ import annotations

from datetime import date

from hub.core import events, hall, schedule
from hub.core.lines import Lines
from hub.core.state import BoardNow, Served, ServedAt, State, Ticket, WindowNow, hall_of

PAST_DAYS = 10
"""Calendar days for which a served visit can still be rated: a pad may be without network over a holiday week."""


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
    state.day, state.kind, state.midnight_ms = event.day, event.kind, event.midnight_ms
    state.memo.clear()
    state.tickets = {}
    state.numbers = set()
    state.counts = {key: count for key, count in state.counts.items() if _goes_on(rules, key)}
    state.drawn = {}
    state.lines = Lines()
    state.inside = 0
    state.checks = {}
    state.alarms = {}
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
    return Served(day, tuple(ServedAt(stop.window, stop.clerk, stop.service, stop.rated) for stop in ticket.stops))


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
