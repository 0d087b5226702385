"""What each event does to the state. It never refuses: what is in the log has happened.

`apply` changes the state that it is given and returns it: copying a hall with ten thousand people for each press would
cost more than the press. Whoever needs the state from before replays the log.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import date
from typing import Any

from hub.core import events, hall, tickets
from hub.core.state import BoardNow, Served, State, Ticket, WindowNow
from protocol.limits import BOARD_CALLS

PAST_DAYS = 10
"""Calendar days for which a served visit can still be rated: a pad may be without network over a holiday week."""


def apply(state: State, seq: int, at_ms: int, event: events.Event) -> State:
    """`state` after `event`, which is at position `seq` of the log and happened at `at_ms`."""
    _APPLY[type(event)](state, seq, at_ms, event)
    state.seq = seq
    return state


def _hall_configured(state: State, seq: int, at_ms: int, event: events.HallConfigured) -> None:
    state.hall = hall.from_dict(event.hall)
    state.windows = {window: state.windows.get(window, WindowNow()) for window in state.hall.windows}
    state.boards = {zone: state.boards.get(zone, BoardNow()) for zone in state.hall.zones}
    _touch_all(state, seq)


def _day_opened(state: State, seq: int, at_ms: int, event: events.DayOpened) -> None:
    past = {visit: served for visit, served in state.past.items() if _is_kept(served.day, event.day)}
    for ticket in state.tickets.values():
        if ticket.window:
            past[ticket.visit] = Served(state.day, ticket.window, ticket.clerk, ticket.service, ticket.rated)
    state.past = past
    state.day = event.day
    state.tickets = {}
    state.numbers = set()
    state.counts = {}
    state.waiting = {}
    for window in state.windows.values():
        window.before = window.visit = ""
    for board in state.boards.values():
        board.visits = []
    _touch_all(state, seq)


def _is_kept(day: str, today: str) -> bool:
    return (date.fromisoformat(today) - date.fromisoformat(day)).days <= PAST_DAYS


def _touch_all(state: State, seq: int) -> None:
    for window in state.windows.values():
        window.revision = seq
    for board in state.boards.values():
        board.revision = seq


def _clerk_signed_in(state: State, seq: int, at_ms: int, event: events.ClerkSignedIn) -> None:
    window = state.windows[event.window]
    window.clerk = event.clerk
    window.before = ""
    window.revision = seq


def _clerk_signed_out(state: State, seq: int, at_ms: int, event: events.ClerkSignedOut) -> None:
    window = state.windows[event.window]
    window.clerk = window.before = ""
    window.revision = seq


def _ticket_drawn(state: State, seq: int, at_ms: int, event: events.TicketDrawn) -> None:
    state.tickets[event.visit] = Ticket(event.visit, event.number, event.service, tickets.WAITING, at_ms)
    state.numbers.add(event.number)
    state.counts[event.service] = event.count
    state.waiting.setdefault(event.service, OrderedDict())[event.visit] = seq


def _ticket_called(state: State, seq: int, at_ms: int, event: events.TicketCalled) -> None:
    ticket = _move(state, event)
    del state.waiting[ticket.service][event.visit]
    window = state.windows[event.window]
    window.visit = event.visit
    ticket.window = event.window
    ticket.clerk = event.clerk
    _announce(state, seq, at_ms, ticket)


def _ticket_recalled(state: State, seq: int, at_ms: int, event: events.TicketRecalled) -> None:
    _announce(state, seq, at_ms, _move(state, event))


def _announce(state: State, seq: int, at_ms: int, ticket: Ticket) -> None:
    ticket.calls += 1
    ticket.called_ms = at_ms
    ticket.revision = seq
    ticket.shown = False
    window = state.windows[ticket.window]
    window.called_ms = at_ms
    window.revision = seq
    assert state.hall is not None
    board = state.boards[state.hall.windows[ticket.window].zone]
    others = [visit for visit in board.visits if visit != ticket.visit]
    board.visits = [ticket.visit, *others[: BOARD_CALLS - 1]]
    board.revision = seq


def _service_started(state: State, seq: int, at_ms: int, event: events.ServiceStarted) -> None:
    _move(state, event).started_ms = at_ms
    window = state.windows[event.window]
    window.before = ""
    window.revision = seq


def _ticket_finished(state: State, seq: int, at_ms: int, event: events.TicketFinished) -> None:
    _move(state, event).finished_ms = at_ms
    _leave(state, seq, event.window, before=event.visit)


def _ticket_missed(state: State, seq: int, at_ms: int, event: events.TicketMissed) -> None:
    _move(state, event).finished_ms = at_ms
    _leave(state, seq, event.window, before=state.windows[event.window].before)


def _leave(state: State, seq: int, window: str, before: str) -> None:
    now = state.windows[window]
    now.visit = ""
    now.before = before
    now.revision = seq


def _ticket_expired(state: State, seq: int, at_ms: int, event: events.TicketExpired) -> None:
    ticket = _move(state, event)
    ticket.finished_ms = at_ms
    del state.waiting[ticket.service][event.visit]


def _rating_recorded(state: State, seq: int, at_ms: int, event: events.RatingRecorded) -> None:
    if event.standing != "counted":
        return
    if ticket := state.tickets.get(event.visit):
        ticket.rated = True
    elif served := state.past.get(event.visit):
        state.past[event.visit] = Served(served.day, served.window, served.clerk, served.service, rated=True)


def _number_shown(state: State, seq: int, at_ms: int, event: events.NumberShown) -> None:
    state.tickets[event.visit].shown = True


def _move(state: State, event: Any) -> Ticket:
    """The event's ticket, moved to its next state by the table."""
    ticket = state.tickets[event.visit]
    ticket.state = tickets.TRANSITIONS[ticket.state, type(event)]
    return ticket


_APPLY: dict[type[events.Event], Callable[[State, int, int, Any], None]] = {
    events.HallConfigured: _hall_configured,
    events.DayOpened: _day_opened,
    events.ClerkSignedIn: _clerk_signed_in,
    events.ClerkSignedOut: _clerk_signed_out,
    events.TicketDrawn: _ticket_drawn,
    events.TicketCalled: _ticket_called,
    events.TicketRecalled: _ticket_recalled,
    events.ServiceStarted: _service_started,
    events.TicketFinished: _ticket_finished,
    events.TicketMissed: _ticket_missed,
    events.TicketExpired: _ticket_expired,
    events.RatingRecorded: _rating_recorded,
    events.NumberShown: _number_shown,
}
