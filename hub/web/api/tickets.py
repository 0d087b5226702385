"""Tickets: drawing one, asking after one, and the day's list."""

from __future__ import annotations

import asyncio
import secrets
from typing import Annotated

from fastapi import Header, Response
from pydantic import BaseModel

from hub.core import commands, tickets
from hub.core.state import State, Ticket
from hub.ports import Row
from hub.web.api import new_router
from hub.web.api.fields import KEY_CHARS, Body, Day, Id
from hub.web.api.outcomes import refused
from hub.web.context import TheWeb, WhoAsks
from hub.web.problems import Problem, json_answer

VISIT_BYTES = 16
"""128 random bits: whoever can guess the token of a visit could see it, and rate it."""

router = new_router()

IdempotencyKey = Annotated[str | None, Header(min_length=1, max_length=KEY_CHARS)]


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


@router.post("/tickets", status_code=201, response_model=Drawn)
async def draw(body: Draw, caller: WhoAsks, web: TheWeb, idempotency_key: IdempotencyKey = None) -> Response:
    """201 and the ticket. The same Idempotency-Key again: 200 and the same ticket."""
    asked = f"web:{caller.by}:draw:{idempotency_key}" if idempotency_key else secrets.token_hex(16)
    visit = secrets.token_urlsafe(VISIT_BYTES)
    outcome = await web.service.handle(commands.DrawTicket(asked, visit, body.service, caller.by))
    if outcome.refused or outcome.detail is None:
        return refused(web, outcome)
    drawn = web.service.state.tickets.get(outcome.detail["visit"])
    answer = {
        "visit": outcome.detail["visit"],
        "number": outcome.detail["number"],
        "service": drawn.service if drawn else body.service,
        "before": before(web.service.state, drawn) if drawn else 0,
    }
    return json_answer(answer, 201 if outcome.detail["visit"] == visit else 200)


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
