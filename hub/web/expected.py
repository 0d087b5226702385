"""How long somebody waits, and who is before them by the rules. Without a forecast the line alone is counted."""

from __future__ import annotations

from hub.core import tickets
from hub.core.commands import Promise
from hub.core.hall import WALK_IN
from hub.core.lines import DOOR
from hub.core.state import Ticket
from hub.web.context import Web

Estimate = tuple[int, Promise | None]
"""People before; and the waiting time from now, None: as far as is known nobody will call them."""


def for_newcomer(web: Web, service: str) -> Estimate:
    """For somebody who would draw for `service` now."""
    found = web.service.waiting.for_newcomer(service, WALK_IN, web.clock.now().ms)
    return found or (web.service.state.lines.counts.get(service, 0), None)


def of(web: Web, ticket: Ticket) -> Estimate:
    """For somebody who waits; nobody is before whoever does not."""
    if ticket.state not in (tickets.WAITING, tickets.OUTSIDE):
        return 0, None
    found = web.service.waiting.of(ticket.visit, web.clock.now().ms)
    line = DOOR if ticket.state == tickets.OUTSIDE else ticket.line
    return found or (web.service.state.lines.before(line, ticket.place), None)


def told(promised: Promise | None) -> dict[str, int] | None:
    """A promise as JSON; None when there is none."""
    return promised._asdict() if promised else None
