"""Windows: who sits there, and what a clerk presses. Every answer has the window as it is afterwards."""

from __future__ import annotations

import secrets
from typing import Annotated, Literal

from fastapi import Header, Response
from pydantic import Field

from hub.core import commands
from hub.ports import Outcome
from hub.web.access import CLERK
from hub.web.api import new_router
from hub.web.api.fields import KEY_CHARS, Body, Name
from hub.web.api.outcomes import refused
from hub.web.context import TheWeb, Web, WhoAsks
from hub.web.problems import Problem
from protocol.limits import EPOCH_MAX, REVISION_MAX

router = new_router()

IdempotencyKey = Annotated[str | None, Header(min_length=1, max_length=KEY_CHARS)]
Verb = Literal["next", "recall", "start", "finish", "missed"]
Epoch = Annotated[int, Field(ge=0, le=EPOCH_MAX)]
Revision = Annotated[int, Field(ge=0, le=REVISION_MAX)]


class SignIn(Body):
    """An admin says who sits down; a clerk is always meant themselves."""

    clerk: Name | None = None


class Press(Body):
    """`seen`: version of the window that the clerk saw. For another one nothing is done, so a double press is one."""

    seen: Annotated[list[Epoch | Revision], Field(min_length=2, max_length=2)]


@router.post("/windows/{window}/sign-in")
async def sign_in(
    window: str, body: SignIn, caller: WhoAsks, web: TheWeb, idempotency_key: IdempotencyKey = None
) -> Response:
    clerk = caller.name if caller.role == CLERK else body.clerk
    if clerk is None:
        raise Problem(422, "which-clerk")
    asked = _asked(caller, "sign-in", window, idempotency_key)
    return _answer(web, window, await web.service.handle(commands.SignIn(asked, clerk, window, caller.by)))


@router.post("/windows/{window}/sign-out")
async def sign_out(
    window: str, body: Body, caller: WhoAsks, web: TheWeb, idempotency_key: IdempotencyKey = None
) -> Response:
    asked = _asked(caller, "sign-out", window, idempotency_key)
    return _answer(web, window, await web.service.handle(commands.SignOut(asked, window, caller.by)))


@router.post("/windows/{window}/{verb}")
async def press(
    window: str, verb: Verb, body: Press, caller: WhoAsks, web: TheWeb, idempotency_key: IdempotencyKey = None
) -> Response:
    """What a clerk presses: next, recall, start, finish, missed."""
    asked = _asked(caller, verb, window, idempotency_key)
    seen = (body.seen[0], body.seen[1])
    outcome = await web.service.handle(commands.VERBS[verb](asked, window, seen, caller.by))
    return _answer(web, window, outcome)


def _asked(caller: WhoAsks, verb: str, window: str, key: str | None) -> str:
    """The command's id. A key counts for its owner, verb and window only; without one every request is its own."""
    return f"web:{caller.by}:{verb}:{window}:{key}" if key else secrets.token_hex(16)


def _answer(web: Web, window: str, outcome: Outcome) -> Response:
    if outcome.refused:
        return refused(web, outcome, window)
    visit = (outcome.detail or {}).get("visit", "")
    shown = web.picture.window(window, staff=True)
    return Response(b'{"window":%b,"visit":"%b"}' % (shown, visit.encode()), media_type="application/json")
