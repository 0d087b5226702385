"""What happens to a visit at a window."""

from __future__ import annotations

from hub.core import calling, events, pace, tickets
from hub.core.applying.moving import move, no_longer_planned, take_place
from hub.core.hall import Hall
from hub.core.state import State, Stop, Ticket, WindowNow, hall_of
from protocol.limits import BOARD_CALLS


def _ticket_called(state: State, seq: int, at_ms: int, event: events.TicketCalled) -> None:
    ticket = state.tickets[event.visit]
    window = state.windows[event.window]
    if window.free_ms and ticket.since_ms <= window.free_ms:
        pace.took(state.pace, pace.GAP, at_ms - window.free_ms)
    if ticket.promise:
        pace.came_out(state.trust, ticket.service, ticket.promise, at_ms - ticket.drawn_ms)
        ticket.promise = ()
    since_ms = ticket.since_ms
    move(state, event, at_ms)
    _count_rules(hall_of(state), window, event, ticket)
    window.visit, window.missed, window.free_ms = event.visit, "", 0
    ticket.window, ticket.clerk = event.window, event.clerk
    ticket.calls = ticket.started_ms = 0
    ticket.stops.append(Stop(event.window, event.clerk, ticket.service, at_ms, since_ms=since_ms, why=event.why))
    _announce(state, seq, at_ms, ticket)


def _count_rules(hall: Hall, window: WindowNow, event: events.TicketCalled, ticket: Ticket) -> None:
    """Which shares of the window's ratio are used up, and how often in a row a condition was before the order."""
    window.cycle_before, window.in_a_row_before = window.cycle, window.in_a_row
    kind = event.why.get("kind")
    if kind not in (calling.PICKED, calling.RESUMED):
        window.in_a_row = window.in_a_row + 1 if kind == calling.CONDITION else 0
    ratio = calling.ratio_at(hall, event.window)
    share = calling.share_of(ratio, ticket.klass, ticket.service) if ratio else None
    if ratio and share is not None:
        counts = list(window.cycle or (0,) * len(ratio.shares))
        counts[share] += 1
        is_over = all(count >= share.count for count, share in zip(counts, ratio.shares, strict=True))
        window.cycle = () if is_over else tuple(counts)


def _ticket_recalled(state: State, seq: int, at_ms: int, event: events.TicketRecalled) -> None:
    _announce(state, seq, at_ms, move(state, event, at_ms))


def _announce(state: State, seq: int, at_ms: int, ticket: Ticket) -> None:
    ticket.calls += 1
    ticket.called_ms = at_ms
    ticket.revision = seq
    ticket.shown = False
    window = state.windows[ticket.window]
    window.called_ms = at_ms
    window.revision = seq
    board = state.boards[hall_of(state).windows[ticket.window].zone]
    others = [visit for visit in board.visits if visit != ticket.visit]
    board.visits = [ticket.visit, *others[: BOARD_CALLS - 1]]
    board.revision = seq


def _service_started(state: State, seq: int, at_ms: int, event: events.ServiceStarted) -> None:
    ticket = move(state, event, at_ms)
    ticket.started_ms = ticket.stops[-1].started_ms = at_ms
    window = state.windows[event.window]
    window.before = ""
    window.revision = seq


def _service_changed(state: State, seq: int, at_ms: int, event: events.ServiceChanged) -> None:
    ticket = move(state, event, at_ms)
    if ticket.line == ticket.service:  # not when sent to a window or a clerk
        ticket.line = event.service
    ticket.service = ticket.stops[-1].service = event.service
    no_longer_planned(ticket)
    state.windows[event.window].revision = seq


def _ticket_finished(state: State, seq: int, at_ms: int, event: events.TicketFinished) -> None:
    ticket = move(state, event, at_ms)
    ticket.finished_ms = at_ms
    _end_stop(state, ticket, at_ms)
    _leave(state, seq, at_ms, event.window, before=event.visit)


def _end_stop(state: State, ticket: Ticket, at_ms: int) -> None:
    stop = ticket.stops[-1]
    stop.ended_ms = at_ms
    pace.took(state.pace, stop.service, at_ms - stop.called_ms)


def _ticket_missed(state: State, seq: int, at_ms: int, event: events.TicketMissed) -> None:
    ticket = move(state, event, at_ms)
    ticket.finished_ms = ticket.stops[-1].ended_ms = at_ms
    _leave(state, seq, at_ms, event.window, before=state.windows[event.window].before)
    state.windows[event.window].missed = event.visit


def _ticket_held(state: State, seq: int, at_ms: int, event: events.TicketHeld) -> None:
    was_called = state.tickets[event.visit].state == tickets.CALLED
    move(state, event, at_ms).stops[-1].ended_ms = at_ms
    _leave(state, seq, at_ms, event.window, before="")
    if was_called:
        _come_no_more(state, seq, event)


def _ticket_transferred(state: State, seq: int, at_ms: int, event: events.TicketTransferred) -> None:
    ticket = move(state, event, at_ms)
    was_served = bool(ticket.stops[-1].started_ms)
    if was_served or event.step:
        _end_stop(state, ticket, at_ms)
    ticket.stops[-1].ended_ms = at_ms
    ticket.service, ticket.line = event.service, event.line
    no_longer_planned(ticket)
    take_place(state, ticket, seq, event.place_ms)
    _leave(state, seq, at_ms, event.window, before=event.visit if was_served else "")


def _leave(state: State, seq: int, at_ms: int, window: str, before: str) -> None:
    now = state.windows[window]
    now.visit = ""
    now.before = before
    now.free_ms = at_ms
    now.revision = seq


def _call_taken_back(state: State, seq: int, at_ms: int, event: events.CallTakenBack) -> None:
    ticket = move(state, event, at_ms)
    ticket.since_ms = ticket.stops.pop().since_ms
    last = ticket.stops[-1] if ticket.stops else None
    ticket.window, ticket.clerk = (last.window, last.clerk) if last else ("", "")
    ticket.calls = 0
    take_place(state, ticket, ticket.place_seq, ticket.place_ms)
    window = state.windows[event.window]
    window.cycle, window.in_a_row = window.cycle_before, window.in_a_row_before
    _leave(state, seq, at_ms, event.window, window.before)
    _come_no_more(state, seq, event)


def _come_no_more(state: State, seq: int, event: events.CallTakenBack | events.TicketHeld) -> None:
    """The call is taken off the board."""
    board = state.boards[hall_of(state).windows[event.window].zone]
    board.visits = [visit for visit in board.visits if visit != event.visit]
    board.revision = seq


def _start_taken_back(state: State, seq: int, at_ms: int, event: events.StartTakenBack) -> None:
    ticket = move(state, event, at_ms)
    ticket.started_ms = ticket.stops[-1].started_ms = 0
    state.windows[event.window].revision = seq


def _end_taken_back(state: State, seq: int, at_ms: int, event: events.FinishTakenBack | events.MissTakenBack) -> None:
    ticket = move(state, event, at_ms)
    if ticket.state == tickets.SERVING:
        stop = ticket.stops[-1]
        pace.took_back(state.pace, stop.service, stop.ended_ms - stop.called_ms)
    ticket.finished_ms = ticket.stops[-1].ended_ms = 0
    window = state.windows[event.window]
    window.visit, window.before, window.missed, window.free_ms = event.visit, "", "", 0
    window.revision = seq
    if ticket.state == tickets.SERVING and not ticket.started_ms:  # it was finished without *start*
        ticket.started_ms = ticket.stops[-1].started_ms = ticket.called_ms


APPLY = {
    events.TicketCalled: _ticket_called,
    events.TicketRecalled: _ticket_recalled,
    events.ServiceStarted: _service_started,
    events.ServiceChanged: _service_changed,
    events.TicketFinished: _ticket_finished,
    events.TicketMissed: _ticket_missed,
    events.TicketHeld: _ticket_held,
    events.TicketTransferred: _ticket_transferred,
    events.CallTakenBack: _call_taken_back,
    events.StartTakenBack: _start_taken_back,
    events.FinishTakenBack: _end_taken_back,
    events.MissTakenBack: _end_taken_back,
}
