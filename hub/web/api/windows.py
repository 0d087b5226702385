"""Windows: who sits there, and what a clerk presses. Every answer has the window as it is afterwards."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Request, Response
from pydantic import Field

from hub.core import commands
from hub.permissions import CLERK
from hub.ports import Outcome
from hub.web import visits
from hub.web.api import new_router
from hub.web.api.fields import Body, Handle, Id, Name, Reason
from hub.web.api.hot import command_id, described, read
from hub.web.api.outcomes import refused
from hub.web.context import Web, caller_of, web_of
from hub.web.line import line_now
from hub.web.problems import Problem, json_answer
from protocol.limits import EPOCH_MAX, REVISION_MAX

router = new_router()

Epoch = Annotated[int, Field(ge=0, le=EPOCH_MAX)]
Revision = Annotated[int, Field(ge=0, le=REVISION_MAX)]


class SignIn(Body):
    """An admin says who sits down; a clerk is always meant themselves. `move`: leave the window where they sit now."""

    clerk: Name | None = None
    move: bool = False


class Pause(Body):
    """`reason` is one of the hall's pauses."""

    reason: Id


class Automatic(Body):
    on: bool


class Press(Body):
    """`seen`: version of the window that the clerk saw. For another one nothing is done, so a double press is one."""

    seen: tuple[Epoch, Revision]


class Pick(Press):
    """Who is called out of order: by number, or by the visit's secret; from hold without a reason."""

    visit: Handle
    reason: Reason = ""


class Hold(Press):
    reason: Reason = ""


class Transfer(Press):
    """To exactly one of `service`, `to_window`, `to_clerk`; `place` is "credit", "first", "last" or "keep"."""

    service: Annotated[str, Field(max_length=32)] = ""
    to_window: Annotated[str, Field(max_length=32)] = ""
    to_clerk: Annotated[str, Field(max_length=32)] = ""
    place: Id = "credit"


class ChangeService(Press):
    service: Id


BODIES: dict[str, type[Press]] = {
    "pick": Pick,
    "hold": Hold,
    "transfer": Transfer,
    "change-service": ChangeService,
}
"""Verbs with which more is said than what was seen."""


@router.post("/windows/{window}/sign-in", openapi_extra=described(SignIn, "window"))
async def sign_in(request: Request) -> Response:
    """A clerk sits down at the window."""
    caller = caller_of(request)
    body = await read(request, SignIn)
    clerk = caller.name if caller.role == CLERK else body.clerk
    if clerk is None:
        raise Problem(422, "which-clerk")
    return await _do(request, "sign-in", commands.SignIn, clerk=clerk, move=body.move)


@router.post("/windows/{window}/sign-out", openapi_extra=described(Body, "window"))
async def sign_out(request: Request) -> Response:
    """The clerk leaves the window."""
    await read(request, Body)
    return await _do(request, "sign-out", commands.SignOut)


@router.post("/windows/{window}/pause", openapi_extra=described(Pause, "window"))
async def pause(request: Request) -> Response:
    """Nobody is called here until *resume*."""
    body = await read(request, Pause)
    return await _do(request, "pause", commands.PauseWindow, reason=body.reason)


@router.post("/windows/{window}/resume", openapi_extra=described(Body, "window"))
async def resume(request: Request) -> Response:
    await read(request, Body)
    return await _do(request, "resume", commands.ResumeWindow)


@router.post("/windows/{window}/automatic", openapi_extra=described(Automatic, "window"))
async def automatic(request: Request) -> Response:
    """Whether the next one is called by itself when the window is free."""
    body = await read(request, Automatic)
    return await _do(request, "automatic", commands.SetAutomatic, on=body.on)


@router.post("/windows/{window}/{verb}", openapi_extra=described(Press, "window", "verb", others=BODIES.values()))
async def press(request: Request) -> Response:
    """What a clerk presses: next, recall, start, finish, missed, pick, hold, transfer, change-service, take-back-call,
    take-back-start, take-back-finish, take-back-missed."""
    name = request.path_params["verb"]
    verb = commands.PAGE_VERBS.get(name)
    if verb is None:
        raise Problem(404, "not-found")
    body = await read(request, BODIES.get(name, Press))
    return await _do(request, name, verb, seen=body.seen, **_more(request, body))


def _more(request: Request, body: Press) -> dict[str, Any]:
    """What is said besides what was seen."""
    if type(body) is Press:
        return {}
    more = body.model_dump(exclude={"seen"})
    if isinstance(body, Pick):
        state, caller = web_of(request).service.state, caller_of(request)
        more["visit"] = visits.found(state, caller, body.visit).visit
    return more


@router.get("/windows/{window}/line")
async def line(request: Request) -> Response:
    """Who waits for the window in the order in which they would be called, and who stepped aside today."""
    web, window = web_of(request), request.path_params["window"]
    if window not in web.picture:
        raise Problem(404, "not-found")
    return json_answer(line_now(web, window))


async def _do(
    request: Request, verb: str, command: type[commands.AtWindow | commands.OfWindow], **more: Any
) -> Response:
    """Sends the command for the window in the path."""
    web, window = web_of(request), request.path_params["window"]
    asked = command_id(request, verb, window)
    outcome = await web.service.handle(command(id=asked, window=window, by=caller_of(request).by, **more))
    return _answer(web, window, outcome)


def _answer(web: Web, window: str, outcome: Outcome) -> Response:
    if outcome.refused:
        return refused(web, outcome, window)
    visit = (outcome.detail or {}).get("visit", "")
    shown = web.picture.window(window, staff=True)
    return Response(b'{"window":%b,"visit":"%b"}' % (shown, visit.encode()), media_type="application/json")
