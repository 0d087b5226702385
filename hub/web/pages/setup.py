"""GET /setup?token=…: makes the first admin, once."""

from __future__ import annotations

from fastapi import Request, Response

from hub.web.context import TheWeb, WhoAsks
from hub.web.pages import new_router, render
from hub.web.passwords import AT_LEAST_CHARS, AT_MOST_CHARS
from hub.web.problems import Problem

router = new_router()


@router.get("/setup")
async def setup(request: Request, web: TheWeb, caller: WhoAsks, token: str = "") -> Response:
    if not await web.accounts.is_setup_token(token):
        raise Problem(403, "wrong-setup-token")
    return render(request, "setup", caller, at_least=AT_LEAST_CHARS, at_most=AT_MOST_CHARS, data={"token": token})
