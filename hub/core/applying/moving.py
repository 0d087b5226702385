"""Moving a ticket from state to state and from line to line: the only place where lines and head count change."""

from __future__ import annotations

from typing import Any

from hub.core import tickets
from hub.core.lines import DOOR
from hub.core.state import State, Ticket


def move(state: State, event: Any, at_ms: int) -> Ticket:
    """The event's ticket in its next state by the table, out of the line that it was in."""
    ticket = state.tickets[event.visit]
    before, after = ticket.state, tickets.TRANSITIONS[ticket.state, type(event)]
    if before == tickets.WAITING:
        state.lines.remove(ticket.line, ticket.klass, ticket.place)
    elif before == tickets.OUTSIDE:
        state.lines.remove(DOOR, ticket.klass, ticket.place)
    if (before in tickets.INSIDE) != (after in tickets.INSIDE):
        state.inside += ticket.party if after in tickets.INSIDE else -ticket.party
    if before != after:
        ticket.state = after
        ticket.since_ms = at_ms
    return ticket


def stand_in_line(state: State, ticket: Ticket) -> None:
    """Puts a ticket that waits into the line and at the place that it has."""
    line = DOOR if ticket.state == tickets.OUTSIDE else ticket.line
    state.lines.add(line, ticket.klass, ticket.place)


def no_longer_planned(ticket: Ticket) -> None:
    """What the visit is for now need not come again later."""
    ticket.plan = tuple(service for service in ticket.plan if service != ticket.service)


def take_place(state: State, ticket: Ticket, seq: int, place_ms: int) -> None:
    """A new place in the line that `ticket.line` names."""
    ticket.place_ms, ticket.place_seq = place_ms, seq
    stand_in_line(state, ticket)
