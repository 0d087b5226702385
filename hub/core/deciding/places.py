"""Which place somebody gets who comes back into a line.

None is worth more than the hall's largest credit: that keeps the bound of waiting (see hub.core.calling).
"""

from __future__ import annotations

from heapq import merge
from itertools import islice

from hub.core.deciding.decision import hall_of
from hub.core.hall import MINUTE_MS
from hub.core.state import State, Ticket

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
    first = list(islice(merge(*state.lines.lists(ticket.line).values()), after))
    if len(first) < after:
        return max([now_ms, *(place.ms + 1 for place in first)])
    return _bounded(state, first[-1].ms + 1 if first else now_ms, now_ms)


def kept(state: State, ticket: Ticket, now_ms: int) -> int:
    return _bounded(state, ticket.place_ms, now_ms)


def _bounded(state: State, place_ms: int, now_ms: int) -> int:
    return max(place_ms, now_ms - hall_of(state).most_credit_ms)
