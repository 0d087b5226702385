"""The first admin, logging in and out, and who am I."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request, Response
from pydantic import BaseModel, Field

from hub.web.access import cookie_name
from hub.web.accounts import LASTS_MS, MACHINE_LASTS_MS, NAME_CHARS
from hub.web.api import new_router
from hub.web.api.fields import Body, GivenPassword, Name, Password, address_of
from hub.web.context import TheWeb, WhoAsks

router = new_router()

TOKEN_CHARS = 64
"""Of the link that makes the first admin; it has 43."""


class SetUp(Body):
    token: Annotated[str, Field(max_length=TOKEN_CHARS)]
    name: Name
    password: Password


class LogIn(Body):
    name: Annotated[str, Field(max_length=NAME_CHARS)]
    password: GivenPassword


class Me(BaseModel):
    name: str
    role: str
    display: str


@router.post("/setup", status_code=201)
async def set_up(body: SetUp, request: Request, web: TheWeb) -> Me:
    """Makes the first admin with the one-time token."""
    await web.accounts.set_up(body.token, body.name, body.password, address_of(request))
    return Me(name=body.name, role="admin", display=body.name)


@router.post("/login")
async def log_in(body: LogIn, request: Request, response: Response, caller: WhoAsks, web: TheWeb) -> Me:
    """Starts a session; its token is in the cookie and nowhere else. The one that the browser had before ends."""
    user, secret = await web.accounts.log_in(body.name, body.password, address_of(request), caller)
    response.set_cookie(
        cookie_name(web.secure),
        secret,
        max_age=LASTS_MS.get(user.role, MACHINE_LASTS_MS) // 1000,
        path="/",
        secure=web.secure,
        httponly=True,
        samesite="strict",
    )
    return Me(name=user.name, role=user.role, display=user.display)


@router.post("/logout", status_code=204)
async def log_out(request: Request, response: Response, caller: WhoAsks, web: TheWeb) -> None:
    """Ends the session and takes the cookie back."""
    await web.accounts.log_out(caller, address_of(request))
    response.delete_cookie(cookie_name(web.secure), path="/", secure=web.secure, httponly=True, samesite="strict")


@router.get("/me")
async def me(caller: WhoAsks, web: TheWeb) -> Me:
    user = web.accounts.user(caller.name)
    return Me(name=caller.name, role=caller.role, display=user.display if user else caller.name)
