"""Releases of the firmware, and how one of them reaches the hall's boards: in waves that can be watched and stopped.

A release is signed by whoever builds it, `jiaohao release build`; the hub checks it as boards do.
"""

from __future__ import annotations

import asyncio
from base64 import b64decode
from typing import Annotated, Literal

from fastapi import Request
from pydantic import BaseModel, Field

from hub.ports import ReleaseError
from hub.web.access import RELEASE_BODY_BYTES
from hub.web.api import new_router
from hub.web.api.fields import Body, address_of
from hub.web.context import TheWeb, Web, WhoAsks
from hub.web.problems import Problem

router = new_router()

Made = Annotated[int, Field(ge=1, lt=2**32)]


class NewRelease(Body):
    """`content`: the file, in base64."""

    content: Annotated[str, Field(max_length=RELEASE_BODY_BYTES)]


class ReleaseNow(BaseModel):
    """`made`: when it was built, in seconds since 1970, which is its name; `oldest`: what a board that has it may go
    back to; `files` and `bytes` count what is in it."""

    made: int
    oldest: int
    version: str
    hardware: list[str]
    expires: int
    files: int
    bytes: int


class Begin(Body):
    release: Made


class RolloutNow(BaseModel):
    """`release` 0: there never was one. `why`: what stopped it. `waves`: how many boards each has; `wave` counts from
    1. `boards`: how many wait, fetch it, have started it, are done, failed; `failed`: why, for each that did."""

    release: int = 0
    state: Literal["none", "running", "stopped", "done"] = "none"
    why: str = ""
    wave: int = 0
    waves: list[int] = []
    boards: dict[str, int] = {}
    failed: dict[str, str] = {}


@router.get("/releases")
async def releases(web: TheWeb) -> list[ReleaseNow]:
    """The newest first."""
    return [ReleaseNow.model_validate(row) for row in await asyncio.to_thread(web.updates.releases)]


@router.post("/releases", status_code=201)
async def add(body: NewRelease, request: Request, caller: WhoAsks, web: TheWeb) -> ReleaseNow:
    """Takes a release in. Nothing is sent to boards before a roll-out is begun."""
    try:
        found = await asyncio.to_thread(web.updates.add, b64decode(body.content, validate=True))
    except (ReleaseError, ValueError) as error:
        raise Problem(422, "release", words=str(error)) from error
    await web.accounts.note(caller, address_of(request), "release added", str(found["made"]))
    return ReleaseNow.model_validate(found)


@router.get("/rollout")
async def rollout(web: TheWeb) -> RolloutNow:
    return _now(web)


@router.post("/rollout", status_code=201)
async def begin(body: Begin, request: Request, caller: WhoAsks, web: TheWeb) -> RolloutNow:
    """Begins to hand a release out, in place of the roll-out before. Boards go back to an earlier one only if the one
    that they have was signed to allow that."""
    try:
        await web.updates.begin(body.release)
    except ReleaseError as error:
        raise Problem(422, "release", words=str(error)) from error
    await web.accounts.note(caller, address_of(request), "roll-out begun", str(body.release))
    return _now(web)


@router.post("/rollout/{verb}")
async def change(verb: Literal["pause", "resume"], request: Request, caller: WhoAsks, web: TheWeb) -> RolloutNow:
    """`pause`: no further board starts the release. `resume`: it goes on, in spite of boards that failed."""
    await (web.updates.stop() if verb == "pause" else web.updates.resume())
    await web.accounts.note(caller, address_of(request), f"roll-out: {verb}", str(_now(web).release))
    return _now(web)


def _now(web: Web) -> RolloutNow:
    return RolloutNow.model_validate(web.updates.status())
