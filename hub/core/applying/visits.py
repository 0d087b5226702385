"""Tickets that are drawn, wait, move between lines, or end without a window."""

from __future__ import annotations

from hub.core import events, tickets
from hub.core.applying.moving import move, no_longer_planned, stand_in_line, take_place
from hub.core.state import KEPT, State, Ticket


def _ticket_drawn(state: State, seq: int, at_ms: int, event: events.TicketDrawn) -> None:
    where = tickets.OUTSIDE if event.outside else tickets.WAITING
    arrival_ms = event.arrival_ms or at_ms
    ticket = Ticket(
        event.visit,
        event.number,
        event.service,
        where,
        arrival_ms,
        line=event.service,
        klass=event.klass,
        credit_ms=event.credit_ms,
        due_ms=event.due_ms,
        place_ms=event.place_ms or max(arrival_ms, event.due_ms) - event.credit_ms,
        place_seq=seq,
        party=event.party,
        plan=event.plan,
        booking=event.booking,
        origin=event.origin,
        case=event.case,
        promise=event.promise,
        since_ms=arrival_ms,
    )
    state.tickets[event.visit] = ticket
    state.numbers.add(event.number)
    state.counts[event.service] = event.count
    state.drawn[event.service] = state.drawn.get(event.service, 0) + 1
    if not event.outside:
        state.inside += event.party
    if booking := state.bookings.get(event.booking):
        booking.state, booking.visit = KEPT, event.visit
        state.codes.pop(booking.code, None)
    if event.check:
        state.checks[event.check].used = True
    if event.case:
        _note_case(state, ticket, event.case)
    stand_in_line(state, ticket)


def _ticket_admitted(state: State, seq: int, at_ms: int, event: events.TicketAdmitted) -> None:
    stand_in_line(state, move(state, event, at_ms))  # at the place that its arrival before the door gave it


def _ticket_moved(state: State, seq: int, at_ms: int, event: events.TicketMoved) -> None:
    ticket = move(state, event, at_ms)
    ticket.service = ticket.line = event.service
    no_longer_planned(ticket)
    take_place(state, ticket, seq, event.place_ms)


def _placed_anew(state: State, seq: int, at_ms: int, event: events.TicketPostponed | events.TicketReturned) -> None:
    ticket = move(state, event, at_ms)
    ticket.finished_ms = 0  # who missed the call had been given up
    take_place(state, ticket, seq, event.place_ms)


def _queued_outside(state: State, seq: int, at_ms: int, event: events.TicketQueuedOutside) -> None:
    """Who was sent to a window or a clerk waits for the service: they may be gone when there is room."""
    ticket = move(state, event, at_ms)
    ticket.finished_ms = 0
    ticket.line = ticket.service
    take_place(state, ticket, seq, event.place_ms)


def _ended(state: State, seq: int, at_ms: int, event: events.TicketCancelled | events.TicketExpired) -> None:
    move(state, event, at_ms).finished_ms = at_ms


def _service_added(state: State, seq: int, at_ms: int, event: events.ServiceAdded) -> None:
    state.tickets[event.visit].plan += (event.service,)


def _party_changed(state: State, seq: int, at_ms: int, event: events.PartyChanged) -> None:
    ticket = state.tickets[event.visit]
    if ticket.state in tickets.INSIDE:
        state.inside += event.party - ticket.party
    ticket.party = event.party


def _case_noted(state: State, seq: int, at_ms: int, event: events.CaseNoted) -> None:
    ticket = state.tickets[event.visit]
    ticket.case = event.case
    _note_case(state, ticket, event.case)


def _note_case(state: State, ticket: Ticket, case: str) -> None:
    """It is done from the stop on at which the visit is, or will be first."""
    noted = (max(0, len(ticket.stops) - 1), case)
    if noted not in state.cases.get(ticket.visit, ()):
        state.cases[ticket.visit] = (*state.cases.get(ticket.visit, ()), noted)


APPLY = {
    events.TicketDrawn: _ticket_drawn,
    events.TicketAdmitted: _ticket_admitted,
    events.TicketMoved: _ticket_moved,
    events.TicketPostponed: _placed_anew,
    events.TicketReturned: _placed_anew,
    events.TicketQueuedOutside: _queued_outside,
    events.TicketCancelled: _ended,
    events.TicketExpired: _ended,
    events.ServiceAdded: _service_added,
    events.PartyChanged: _party_changed,
    events.CaseNoted: _case_noted,
}
