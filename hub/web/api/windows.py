"""Windows: who sits there, and what a clerk presses. Every answer has the window as it is afterwards."""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import Request, Response
from pydantic import Field

from hub.core import commands
from hub.ports import Outcome
from hub.web.access import CLERK
from hub.web.accounts import Caller
from hub.web.api import new_router
from hub.web.api.fields import Body, Name
from hub.web.api.hot import described, idempotency_key, read
from hub.web.api.outcomes import refused
from hub.web.context import Web, caller_of, web_of
from hub.web.problems import Problem
from protocol.limits import EPOCH_MAX, REVISION_MAX

router = new_router()

Epoch = Annotated[int, Field(ge=0, le=EPOCH_MAX)]
Revision = Annotated[int, Field(ge=0, le=REVISION_MAX)]


class SignIn(Body):
    """An admin says who sits down; a clerk is always meant themselves."""

    clerk: Name | None = None


class Press(Body):
    """`seen`: version of the window that the clerk saw. For another one nothing is done, so a double press is one."""

    seen: tuple[Epoch, Revision]


@router.post("/windows/{window}/sign-in", openapi_extra=described(SignIn, "window"))
async def sign_in(request: Request) -> Response:
    """A clerk sits down at the window."""
    web, caller, window = web_of(request), caller_of(request), request.path_params["window"]
    body = await read(request, SignIn)
    clerk = caller.name if caller.role == CLERK else body.clerk
    if clerk is None:
        raise Problem(422, "which-clerk")
    asked = _asked(request, caller, "sign-in", window)
    return _answer(web, window, await web.service.handle(commands.SignIn(asked, clerk, window, caller.by)))


@router.post("/windows/{window}/sign-out", openapi_extra=described(Body, "window"))
async def sign_out(request: Request) -> Response:
    """The clerk leaves the window."""
    web, caller, window = web_of(request), caller_of(request), request.path_params["window"]
    await read(request, Body)
    asked = _asked(request, caller, "sign-out", window)
    return _answer(web, window, await web.service.handle(commands.SignOut(asked, window, caller.by)))


@router.post("/windows/{window}/{verb}", openapi_extra=described(Press, "window", "verb"))
async def press(request: Request) -> Response:
    """What a clerk presses: next, recall, start, finish or missed."""
    web, caller, window = web_of(request), caller_of(request), request.path_params["window"]
    verb = commands.VERBS.get(request.path_params["verb"])
    if verb is None:
        raise Problem(404, "not-found")
    body = await read(request, Press)
    asked = _asked(request, caller, request.path_params["verb"], window)
    return _answer(web, window, await web.service.handle(verb(asked, window, body.seen, caller.by)))


def _asked(request: Request, caller: Caller, verb: str, window: str) -> str:
    """The command's id. A key counts for its owner, verb and window only; without one every request is its own."""
    key = idempotency_key(request)
    return f"web:{caller.by}:{verb}:{window}:{key}" if key else secrets.token_hex(16)


def _answer(web: Web, window: str, outcome: Outcome) -> Response:
    if outcome.refused:
        return refused(web, outcome, window)
    visit = (outcome.detail or {}).get("visit", "")
    shown = web.picture.window(window, staff=True)
    return Response(b'{"window":%b,"visit":"%b"}' % (shown, visit.encode()), media_type="application/json")
