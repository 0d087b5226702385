"""Visits of today, found and shown: what staff sees of each, and what its holder sees."""

from __future__ import annotations

from typing import Any

from hub.core import schedule
from hub.core.hall import MINUTE_MS
from hub.core.state import State, Ticket
from hub.permissions import STAFF
from hub.web.accounts import Caller
from hub.web.problems import Problem


def found(state: State, caller: Caller, handle: str) -> Ticket:
    """The ticket with that secret; staff may say its number instead. Raises Problem."""
    ticket = state.tickets.get(handle)
    if ticket is None and caller.role in STAFF:
        ticket = by_number(state, handle)
    if ticket is None:
        raise Problem(404, "not-found")
    return ticket


def by_number(state: State, number: str) -> Ticket | None:
    """The ticket of today with that number."""
    wanted = number.strip().upper()
    if wanted not in state.numbers:
        return None
    return next((ticket for ticket in state.tickets.values() if ticket.number == wanted), None)


def row(state: State, ticket: Ticket, now_ms: int) -> dict[str, Any]:
    """A visit for staff, without its secret."""
    return {
        "number": ticket.number,
        "service": ticket.service,
        "class": ticket.klass,
        "party": ticket.party,
        "plan": ticket.plan,
        "case": ticket.case,
        "state": ticket.state,
        "window": ticket.window,
        "clerk": ticket.clerk,
        "calls": ticket.calls,
        "since_ms": max(0, now_ms - ticket.since_ms),
        "due": due_time(state, ticket),
    }


def holder_row(state: State, ticket: Ticket, now_ms: int) -> dict[str, Any]:
    """The same for the holder: who served is for staff only, and the case is noted for the other system."""
    return {name: value for name, value in row(state, ticket, now_ms).items() if name not in ("clerk", "case")}


def due_time(state: State, ticket: Ticket) -> str:
    """When the appointment is, as "HH:MM"; empty: there is none."""
    return schedule.clock((ticket.due_ms - state.midnight_ms) // MINUTE_MS) if ticket.due_ms else ""
