"""Tickets: drawing one, asking after one, and the day's list."""

from __future__ import annotations

import asyncio
import secrets

from fastapi import Request, Response
from pydantic import BaseModel

from hub.core import commands, tickets
from hub.core.state import State, Ticket
from hub.ports import Row
from hub.web.api import new_router
from hub.web.api.fields import Body, Day, Id
from hub.web.api.hot import described, idempotency_key, read
from hub.web.api.outcomes import refused
from hub.web.context import TheWeb, caller_of, web_of
from hub.web.problems import Problem, json_answer

VISIT_BYTES = 16
"""128 random bits: whoever can guess the token of a visit could see it, and rate it."""

router = new_router()


class Draw(Body):
    service: Id


class Drawn(BaseModel):
    """`before`: how many of the same service wait in front. `visit` is the secret of the ticket's holder."""

    visit: str
    number: str
    service: str
    before: int


class TicketNow(BaseModel):
    """`state` is one of hub.core.tickets; `window` is empty until it is called."""

    number: str
    service: str
    state: str
    window: str
    before: int


@router.post("/tickets", status_code=201, response_model=Drawn, openapi_extra=described(Draw))
async def draw(request: Request) -> Response:
    """201 and the ticket. The same Idempotency-Key again: 200 and the same ticket."""
    web, caller = web_of(request), caller_of(request)
    body = await read(request, Draw)
    key = idempotency_key(request)
    asked = f"web:{caller.by}:draw:{key}" if key else secrets.token_hex(16)
    visit = secrets.token_urlsafe(VISIT_BYTES)
    outcome = await web.service.handle(commands.DrawTicket(asked, visit, body.service, caller.by))
    if outcome.refused or outcome.detail is None:
        return refused(web, outcome)
    return _drawn(web.service.state, outcome.detail, is_new=outcome.detail["visit"] == visit)


def _drawn(state: State, detail: dict[str, str], *, is_new: bool) -> Response:
    found = state.tickets.get(detail["visit"])
    answer = {
        "visit": detail["visit"],
        "number": detail["number"],
        "service": found.service if found else "",
        "before": before(state, found) if found else 0,
    }
    return json_answer(answer, 201 if is_new else 200)


@router.get("/tickets/{visit}")
async def ticket(visit: str, web: TheWeb) -> TicketNow:
    """The holder's view, by the secret on the slip. Tickets of another day are not found."""
    state = web.service.state
    found = state.tickets.get(visit)
    if found is None:
        raise Problem(404, "not-found")
    return TicketNow(
        number=found.number,
        service=found.service,
        state=found.state,
        window=found.window,
        before=before(state, found),
    )


def before(state: State, ticket: Ticket) -> int:
    """How many of the same service wait in front of `ticket`. Counted from the end: who asks has mostly just come."""
    if ticket.state != tickets.WAITING:
        return 0
    line = state.waiting[ticket.service]
    behind = next(place for place, visit in enumerate(reversed(line)) if visit == ticket.visit)
    return len(line) - 1 - behind


@router.get("/tickets")
async def tickets_of_day(web: TheWeb, day: Day = "") -> list[Row]:
    """The day's tickets, in the order of drawing."""
    return await asyncio.to_thread(web.reports.tickets, day or web.clock.now().day)
