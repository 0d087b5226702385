"""Which place somebody gets who comes back into a line.

None is worth more than the hall's largest credit: that keeps the bound of waiting (see hub.core.calling).
"""

from __future__ import annotations

from heapq import merge
from itertools import islice

from hub.core import events
from hub.core.hall import MINUTE_MS
from hub.core.lines import for_clerk, for_window
from hub.core.state import State, Ticket, hall_of

CREDIT = "credit"
FIRST = "first"
LAST = "last"
KEEP = "keep"
PLACES = (CREDIT, FIRST, LAST, KEEP)


def transferred(state: State, ticket: Ticket, line: str, place: str, now_ms: int) -> int:
    """The effective arrival in `line` of somebody who comes from a window; `place` is one of PLACES."""
    if place == FIRST:
        head = state.lines.head(line)
        wanted = min(now_ms, head.ms - 1) if head else now_ms
    elif place == LAST:
        tails = [next(reversed(places)).ms for places in state.lines.lists(line).values()]
        wanted = max([now_ms, *(tail + 1 for tail in tails)])
    elif place == KEEP:
        wanted = ticket.place_ms
    else:
        wanted = now_ms - hall_of(state).calls.transfer_credit_min * MINUTE_MS - ticket.credit_ms
    return _bounded(state, wanted, now_ms)


def back_from_hold(state: State, ticket: Ticket, now_ms: int) -> int:
    return _bounded(state, now_ms - hall_of(state).calls.hold_credit_min * MINUTE_MS - ticket.credit_ms, now_ms)


def back_from_missed(state: State, ticket: Ticket, now_ms: int) -> int:
    """After as many others of the line as the hall's rule says; at the end when there are fewer."""
    after = hall_of(state).calls.return_after
    line = ticket.line if _is_called_from(state, ticket.line) else ticket.service
    first = list(islice(merge(*state.lines.lists(line).values()), after))
    if len(first) < after:
        return max([now_ms, *(place.ms + 1 for place in first)])
    return _bounded(state, first[-1].ms + 1 if first else now_ms, now_ms)


def to_the_service(state: State, ticket: Ticket, place_ms: int, by: str) -> list[events.Event]:
    """What follows when somebody who was sent to a window or a clerk waits again, and there is nobody any more: they
    wait for the service, at the same place."""
    if _is_called_from(state, ticket.line):
        return []
    return [events.TicketMoved(ticket.visit, ticket.service, place_ms, by)]


def _is_called_from(state: State, line: str) -> bool:
    """Whether the line is a service's, or of a window or a clerk that is there."""
    if line in hall_of(state).services:
        return True
    return any(now.clerk and line in (for_window(key), for_clerk(now.clerk)) for key, now in state.windows.items())


def kept(state: State, ticket: Ticket, now_ms: int) -> int:
    return _bounded(state, ticket.place_ms, now_ms)


def _bounded(state: State, place_ms: int, now_ms: int) -> int:
    return max(place_ms, now_ms - hall_of(state).most_credit_ms)
