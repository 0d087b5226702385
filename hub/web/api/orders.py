"""What an admin asks of a device at work: who are you, is all well, what is on your glass, what do you log."""

from __future__ import annotations

from base64 import b64encode
from typing import Annotated, Literal

from fastapi import Query, Request
from pydantic import BaseModel, Field

from hub.core.personal import masked
from hub.ports import Diary, NoAnswer
from hub.web.api import new_router
from hub.web.api.fields import Body, address_of
from hub.web.context import TheWeb, WhoAsks
from hub.web.problems import Problem
from protocol.upkeep import SECONDS_MAX

router = new_router()


class Asked(Body):
    """`s`: for how many seconds it shows who it is, or tells its log."""

    verb: Literal["identify", "reboot", "logs", "frame", "self-test"]
    s: int = Field(10, ge=1, le=SECONDS_MAX)


class GlassNow(BaseModel):
    """`rows` in base64: width / 8 bytes for each row, a bit per pixel, the highest on the left."""

    width: int
    height: int
    rows: str


class Answered(BaseModel):
    """`facts`: what a self-test found, as word -> number or text."""

    facts: dict[str, int | str]
    glass: GlassNow | None


class LogLine(BaseModel):
    """Numbers grow by one with each line."""

    number: int
    text: str


class LogNow(BaseModel):
    """`lines`: what the device told since it was asked for its log; `crash`: the traceback of what it fell over last,
    if the hub was there."""

    lines: list[LogLine]
    crash: list[str]


@router.post("/devices/{device}/commands")
async def command(device: str, body: Asked, request: Request, caller: WhoAsks, web: TheWeb) -> Answered:
    """Has the device do it now; the answer says that it did. One that is away is never told later."""
    seen = web.devices.seen.get(device)
    if seen is None:
        raise Problem(404, "not-found")
    if not seen.online:
        raise Problem(409, "device-away")
    await web.accounts.note(caller, address_of(request), f"device asked: {body.verb}", device, {}, {})
    try:
        answer, glass = await web.inbox.orders.ask(device, body.verb, body.s)
    except NoAnswer as error:
        raise Problem(504, "no-answer", words=str(error)) from error
    facts = {word: masked(fact) if isinstance(fact, str) else fact for word, fact in answer.facts.items()}
    if body.verb != "frame":
        return Answered(facts=facts, glass=None)
    rows = b64encode(bytes(glass.rows)).decode()
    return Answered(facts=facts, glass=GlassNow(width=glass.width, height=glass.height, rows=rows))


@router.get("/devices/{device}/log")
async def log(device: str, web: TheWeb, after: Annotated[int, Query(ge=0)] = 0) -> LogNow:
    """Lines with a number above `after`. Ask for the command `logs` first, and again before its time is over."""
    if device not in web.devices.devices:
        raise Problem(404, "not-found")
    diary = web.inbox.orders.diaries.get(device, Diary())
    lines = [LogLine(number=number, text=masked(text)) for number, text in diary.lines if number > after]
    return LogNow(lines=lines, crash=[masked(line) for line in diary.crash])
