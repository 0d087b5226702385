"""Tickets: drawing one, asking after one, and the day's list."""

from __future__ import annotations

import secrets
from typing import Any

from fastapi import Request, Response
from pydantic import BaseModel, Field

from hub.core import commands
from hub.core.hall import WALK_IN
from hub.ports import Outcome
from hub.web import expected, visits
from hub.web.api import new_router
from hub.web.api.fields import Body, Case, Code, Day, FileFormat, Id, Party
from hub.web.api.hot import command_id, described, read
from hub.web.api.outcomes import refused
from hub.web.context import TheWeb, Web, WhoAsks, caller_of, web_of
from hub.web.lines import LINES, lines_of_days
from hub.web.problems import json_answer

VISIT_BYTES = 16
"""128 random bits: whoever can guess the token of a visit could see it, and rate it."""

PLAN = 10
"""Services that one visit can be for."""

router = new_router()


class Draw(Body):
    """`plan`: further services of the visit, in order. `check`: the code of a passed pre-check."""

    service: Id
    klass: Id = Field(default=WALK_IN, alias="class")
    party: Party = 1
    plan: tuple[Id, ...] = Field(default=(), max_length=PLAN)
    check: Code = ""
    case: Case = ""


class Range(BaseModel):
    """A waiting time in ms from now: what is expected, and between which two it is, four times of five."""

    expected_ms: int
    low_ms: int
    high_ms: int


class Drawn(BaseModel):
    """`before`: how many are called first, by the rules. `visit` is the secret of the ticket's holder, and `link` the
    path of the holder's page at this hub. `range`: None when nobody can say. `state` is "outside" where the hall is
    full: the holder waits before the door."""

    visit: str
    link: str
    number: str
    service: str
    state: str
    before: int
    range: Range | None


class TicketNow(BaseModel):
    """`state` is one of hub.core.tickets; `window` is empty until it is called."""

    number: str
    service: str
    klass: str = Field(serialization_alias="class")
    party: int
    plan: tuple[str, ...]
    state: str
    window: str
    calls: int
    due: str
    before: int
    range: Range | None


@router.post("/tickets", status_code=201, response_model=Drawn, openapi_extra=described(Draw))
async def draw(request: Request) -> Response:
    """201 and the ticket. The same Idempotency-Key again: 200 and the same ticket."""
    web, caller = web_of(request), caller_of(request)
    body = await read(request, Draw)
    if body.check:
        web.guesses.begin(caller, web.clock.now().ms)
    visit = secrets.token_urlsafe(VISIT_BYTES)
    outcome = await web.service.handle(
        commands.DrawTicket(
            command_id(request, "draw"),
            visit,
            body.service,
            caller.by,
            klass=body.klass,
            party=body.party,
            plan=body.plan,
            check=body.check,
            case=body.case.strip(),
        )
    )
    if body.check:
        web.guesses.end(caller, outcome.refused)
    return drawn(web, outcome, visit)


def drawn(web: Web, outcome: Outcome, visit: str) -> Response:
    """The answer to whoever asked for a ticket that was to be called `visit`."""
    if outcome.refused or outcome.detail is None:
        return refused(web, outcome)
    given = outcome.detail["visit"]
    found = web.service.state.tickets.get(given)
    answer: dict[str, Any] = {"visit": given, "link": f"/t/{given}", "number": outcome.detail["number"]}
    answer |= {"service": "", "state": ""}
    if found:
        before, promised = expected.of(web, found)
        answer |= {"service": found.service, "state": found.state, "before": before, "range": expected.told(promised)}
    else:  # the day is over, and somebody asks again
        answer |= {"before": 0, "range": None}
    return json_answer(answer, 201 if given == visit else 200)


@router.get("/tickets/{visit}")
async def ticket(visit: str, web: TheWeb, caller: WhoAsks) -> TicketNow:
    """The holder's view, by the secret on the slip; staff may ask by number. Tickets of another day are not found."""
    state = web.service.state
    found = visits.found(state, caller, visit)
    before, promised = expected.of(web, found)
    return TicketNow(
        number=found.number,
        service=found.service,
        klass=found.klass,
        party=found.party,
        plan=found.plan,
        state=found.state,
        window=found.window,
        calls=found.calls,
        due=visits.due_time(state, found),
        before=before,
        range=Range(**promised._asdict()) if promised else None,
    )


@router.get("/tickets", responses=LINES)
async def tickets_of_days(
    web: TheWeb, day: Day = "", first: Day = "", last: Day = "", format: FileFormat = "json"
) -> Response:
    """The tickets of a day, or of the days from `first` to `last`, in the order of drawing."""
    return await lines_of_days(web, "tickets", first or day, last or day, format)
