"""What is done with a visit that is not at a window, or from elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hub.core import commands, events, tickets
from hub.core.commands import Moment
from hub.core.deciding import drawing, places
from hub.core.deciding.decision import Decision, text_refusal
from hub.core.deciding.windows import is_theirs
from hub.core.refusals import Refusal
from hub.core.state import State, Ticket, hall_of

MOST_MINUTES = 60
"""How much later somebody can ask to be called at once."""

Decide = Callable[[State, Ticket, Any, Moment], Decision]


def _of_ticket(decide: Decide) -> Callable[[State, Any, Moment], Decision]:
    """The decision of a command about a ticket of today; the table says whether it may be moved. Who is at a window
    is for the clerk who sits there."""

    def decision(state: State, command: commands.OfVisit, now: Moment) -> Decision:
        ticket = state.tickets.get(command.visit)
        if ticket is None:
            return Refusal("unknown-ticket")
        if ticket.state in tickets.AT_WINDOW and not is_theirs(state.windows[ticket.window], command.by):
            return Refusal("not-your-window", {"window": ticket.window, "clerk": state.windows[ticket.window].clerk})
        decided = decide(state, ticket, command, now)
        if isinstance(decided, Refusal):
            return decided
        first = decided[0]
        if type(first) in _MOVES and (ticket.state, type(first)) not in tickets.TRANSITIONS:
            return Refusal("not-possible-now", {"number": ticket.number, "state": ticket.state})
        return decided

    return decision


_MOVES = frozenset(event for _, event in tickets.TRANSITIONS)


def _cancel(state: State, ticket: Ticket, command: commands.CancelTicket, now: Moment) -> Decision:
    reason = command.reason.strip()
    return text_refusal(reason) or [events.TicketCancelled(ticket.visit, command.by, reason)]


def _return(state: State, ticket: Ticket, command: commands.ReturnTicket, now: Moment) -> Decision:
    """Who missed the call is taken to have left the hall."""
    if refusal := drawing.gone_refusal(state, ticket):
        return refusal
    back = places.back_from_hold if ticket.state == tickets.ON_HOLD else places.back_from_missed
    place_ms = back(state, ticket, now.ms)
    if ticket.state == tickets.MISSED and drawing.is_full(state, ticket.party):
        return [events.TicketQueuedOutside(ticket.visit, place_ms, command.by)]
    returned = events.TicketReturned(ticket.visit, place_ms, command.by)
    return [returned, *places.to_the_service(state, ticket, place_ms, command.by)]


def _postpone(state: State, ticket: Ticket, command: commands.PostponeTicket, now: Moment) -> Decision:
    if not 0 < command.minutes <= MOST_MINUTES:
        return Refusal("minutes-out-of-range", {"minutes": str(command.minutes), "most": str(MOST_MINUTES)})
    return [events.TicketPostponed(ticket.visit, ticket.place_ms + command.minutes * 60_000, command.by)]


def _move(state: State, ticket: Ticket, command: commands.MoveTicket, now: Moment) -> Decision:
    if command.service not in hall_of(state).services:
        return Refusal("unknown-service", {"service": command.service})
    if command.service == ticket.line:
        return Refusal("to-itself", {"number": ticket.number})
    return [events.TicketMoved(ticket.visit, command.service, places.kept(state, ticket, now.ms), command.by)]


def _add_service(state: State, ticket: Ticket, command: commands.AddService, now: Moment) -> Decision:
    if command.service not in hall_of(state).services:
        return Refusal("unknown-service", {"service": command.service})
    if ticket.finished_ms:
        return Refusal("not-possible-now", {"number": ticket.number, "state": ticket.state})
    if command.service in (ticket.service, *ticket.plan):
        return Refusal("to-itself", {"number": ticket.number})
    return [events.ServiceAdded(ticket.visit, command.service, command.by)]


def _note_case(state: State, ticket: Ticket, command: commands.NoteCase, now: Moment) -> Decision:
    case = command.case.strip()
    return drawing.case_refusal(case, least=1) or [events.CaseNoted(ticket.visit, case, command.by)]


def _split(state: State, ticket: Ticket, command: commands.SplitTicket, now: Moment) -> Decision:
    """New tickets of the same service, class, arrival and place; at least one person stays on the first one."""
    left = ticket.party - sum(command.parties)
    if len({*command.visits}) != len(command.visits) or not state.tickets.keys().isdisjoint(command.visits):
        return Refusal("code-in-use")
    fits = 0 < len(command.visits) == len(command.parties) and min(command.parties) > 0 and left > 0
    if ticket.state != tickets.WAITING:
        return Refusal("not-possible-now", {"number": ticket.number, "state": ticket.state})
    if not fits:
        return Refusal("bad-split", {"number": ticket.number, "party": str(ticket.party)})
    numbers = drawing.next_numbers(state, hall_of(state).services[ticket.service], len(command.visits))
    if isinstance(numbers, Refusal):
        return numbers
    drawn = [
        events.TicketDrawn(
            visit,
            state.day,
            ticket.service,
            count,
            number,
            command.by,
            klass=ticket.klass,
            credit_ms=ticket.credit_ms,
            party=party,
            plan=ticket.plan,
            arrival_ms=ticket.drawn_ms,
            due_ms=ticket.due_ms,
            origin=ticket.visit,
            case=ticket.case,
            place_ms=ticket.place_ms,
        )
        for visit, party, (count, number) in zip(command.visits, command.parties, numbers, strict=True)
    ]
    return [events.PartyChanged(ticket.visit, left, command.by), *drawn]


DECIDE = {
    commands.CancelTicket: _of_ticket(_cancel),
    commands.ReturnTicket: _of_ticket(_return),
    commands.PostponeTicket: _of_ticket(_postpone),
    commands.MoveTicket: _of_ticket(_move),
    commands.AddService: _of_ticket(_add_service),
    commands.NoteCase: _of_ticket(_note_case),
    commands.SplitTicket: _of_ticket(_split),
}
