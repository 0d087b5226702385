"""What is done with a visit that is not at a window: its holder may cancel and postpone, staff all the rest."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request, Response
from pydantic import Field

from hub.core import commands
from hub.permissions import STAFF
from hub.ports import Outcome
from hub.web import visits
from hub.web.accounts import Caller
from hub.web.api import new_router
from hub.web.api.fields import Body, Case, Id, Party, Reason
from hub.web.api.hot import command_id, described, read
from hub.web.api.outcomes import refused
from hub.web.context import Web, caller_of, web_of
from hub.web.problems import json_answer

NEW_TICKETS = 20
"""Into which a group can be split at once."""

HOLDER = "visitor"
"""How the log calls whoever has the secret of a visit and no login."""

router = new_router()


class Cancel(Body):
    reason: Reason = ""


class Postpone(Body):
    """Others go first for so long; the hall's rules say how long at most."""

    minutes: Annotated[int, Field(ge=1, le=1000)]


class ToService(Body):
    service: Id


class NoteCase(Body):
    case: Case


class Split(Body):
    """People on each new ticket; the rest stays on the first one."""

    parties: tuple[Party, ...] = Field(min_length=1, max_length=NEW_TICKETS)


@router.post("/tickets/{visit}/cancel", openapi_extra=described(Cancel, "visit"))
async def cancel(request: Request) -> Response:
    """The person goes without being served."""
    body = await read(request, Cancel)
    return await _do(request, "cancel", commands.CancelTicket, reason=body.reason)


@router.post("/tickets/{visit}/postpone", openapi_extra=described(Postpone, "visit"))
async def postpone(request: Request) -> Response:
    """The waiting person lets others go first."""
    body = await read(request, Postpone)
    return await _do(request, "postpone", commands.PostponeTicket, minutes=body.minutes)


@router.post("/tickets/{visit}/return", openapi_extra=described(Body, "visit"))
async def back(request: Request) -> Response:
    """Somebody who missed their call, or was on hold, waits again."""
    await read(request, Body)
    return await _do(request, "return", commands.ReturnTicket)


@router.post("/tickets/{visit}/move", openapi_extra=described(ToService, "visit"))
async def move(request: Request) -> Response:
    """A waiting person waits for another service, and keeps the place."""
    body = await read(request, ToService)
    return await _do(request, "move", commands.MoveTicket, service=body.service)


@router.post("/tickets/{visit}/add-service", openapi_extra=described(ToService, "visit"))
async def add_service(request: Request) -> Response:
    """The visit is for another service too, after those that it is for already."""
    body = await read(request, ToService)
    return await _do(request, "add-service", commands.AddService, service=body.service)


@router.post("/tickets/{visit}/case", openapi_extra=described(NoteCase, "visit"))
async def note_case(request: Request) -> Response:
    """The number of the matter in another system."""
    body = await read(request, NoteCase)
    return await _do(request, "case", commands.NoteCase, case=body.case)


@router.post("/tickets/{visit}/split", openapi_extra=described(Split, "visit"))
async def split(request: Request) -> Response:
    """Gives part of a waiting group tickets of their own, with the same place in line."""
    web = web_of(request)
    body = await read(request, Split)
    visit = visits.found(web.service.state, caller_of(request), request.path_params["visit"]).visit
    asked = command_id(request, "split", visit)
    new = tuple(web.handles.token(f"{asked}:{place}") for place in range(len(body.parties)))
    command = commands.SplitTicket(asked, visit, new, body.parties, caller_of(request).by)
    outcome = await web.service.handle(command)
    if outcome.refused:
        return refused(web, outcome)
    made = [{"visit": each, "number": web.service.state.tickets[each].number} for each in new]
    return json_answer({**_now(web, visit, caller_of(request)), "tickets": made})


async def _do(request: Request, verb: str, command: type[commands.OfVisit], **more: object) -> Response:
    """Sends the command about the visit in the path; the answer is the visit as it is then."""
    web, caller = web_of(request), caller_of(request)
    visit = visits.found(web.service.state, caller, request.path_params["visit"]).visit
    asked = command_id(request, verb, visit)
    outcome: Outcome = await web.service.handle(command(asked, visit, by=caller.by if caller.name else HOLDER, **more))  # type: ignore[call-arg]
    return refused(web, outcome) if outcome.refused else json_answer(_now(web, visit, caller))


def _now(web: Web, visit: str, caller: Caller) -> dict[str, object]:
    state = web.service.state
    seen_by = visits.row if caller.role in STAFF else visits.holder_row
    return seen_by(state, state.tickets[visit], web.clock.now().ms)
