"""People who log in, and keys for machines. Passwords and keys are told once and kept as hashes."""

from __future__ import annotations

from fastapi import Request, Response
from pydantic import BaseModel

from hub.ports import User
from hub.web.api import new_router
from hub.web.api.fields import Body, Name, Password, Role, address_of
from hub.web.context import TheWeb, WhoAsks

router = new_router()


class NewUser(Body):
    """A name that is there already is written anew: that is how a forgotten password is replaced."""

    name: Name
    role: Role
    password: Password
    display: Name | None = None


class Account(BaseModel):
    name: str
    role: str
    display: str


class NewKey(Body):
    label: Name
    role: Role


class Key(BaseModel):
    label: str
    role: str


class KeyToken(Key):
    token: str


def _account(user: User) -> Account:
    return Account(name=user.name, role=user.role, display=user.display)


@router.get("/users")
async def users(web: TheWeb) -> list[Account]:
    return [_account(user) for user in web.accounts.users()]


@router.post("/users", status_code=201, responses={200: {"model": Account, "description": "Written anew"}})
async def keep_user(body: NewUser, request: Request, response: Response, caller: WhoAsks, web: TheWeb) -> Account:
    """201 for a new user; 200 for one that was written anew, whose logins end."""
    display = body.display or body.name
    is_new = await web.accounts.keep_user(body.name, body.role, display, body.password, caller, address_of(request))
    response.status_code = 201 if is_new else 200
    return Account(name=body.name, role=body.role, display=display)


@router.delete("/users/{name}", status_code=204)
async def drop_user(name: str, request: Request, caller: WhoAsks, web: TheWeb) -> None:
    await web.accounts.drop_user(name, caller, address_of(request))


@router.get("/keys")
async def keys(web: TheWeb) -> list[Key]:
    return [Key(label=token.name, role=token.role) for token in web.accounts.machine_keys()]


@router.post("/keys", status_code=201)
async def add_key(body: NewKey, request: Request, caller: WhoAsks, web: TheWeb) -> KeyToken:
    """The token of a kiosk, a board or a program, for `Authorization: Bearer`. It is not told again."""
    token = await web.accounts.add_key(body.label, body.role, caller, address_of(request))
    return KeyToken(label=body.label, role=body.role, token=token)


@router.delete("/keys/{label}", status_code=204)
async def drop_key(label: str, request: Request, caller: WhoAsks, web: TheWeb) -> None:
    await web.accounts.drop_key(label, caller, address_of(request))
