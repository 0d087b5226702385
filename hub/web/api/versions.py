"""The hall file: what is in force, what was, and changing it, with the same checks as at the command line.

A version is named by its position in the log. Contacts ([contacts.…]) are personal data and no part of a version: they
stay in the file with which the hub was started, so a file that comes here may name them without having them.
"""

from __future__ import annotations

import asyncio
import difflib
from typing import Annotated, Any

from fastapi import Request, Response
from pydantic import Field

from hub.config import HallFileError, read_hall, without_contacts
from hub.core import commands, deciding
from hub.core.hall import Hall
from hub.core.refusals import Refusal
from hub.ports import Outcome, Row
from hub.web.access import HALL_FILE_BYTES
from hub.web.api import new_router
from hub.web.api.fields import Body, address_of
from hub.web.api.hot import command_id, described, read
from hub.web.api.outcomes import refused
from hub.web.api.services import hall_of
from hub.web.context import TheWeb, Web, caller_of, web_of
from hub.web.problems import Problem, json_answer
from protocol.limits import REVISION_MAX

router = new_router()

Note = Annotated[str, Field(max_length=200)]
Version = Annotated[int, Field(ge=0, le=REVISION_MAX)]


class HallFile(Body):
    """`source`: TOML; `note`: why it is changed."""

    source: Annotated[str, Field(max_length=HALL_FILE_BYTES)]
    note: Note = ""


class Revert(Body):
    version: Annotated[int, Field(ge=1, le=REVISION_MAX)]
    note: Note = ""


@router.get("/hall/config")
async def config(web: TheWeb) -> Row:
    """The version in force: {version, at_ms, by, note, source}."""
    versions = await asyncio.to_thread(web.archive.versions)
    if not versions:
        raise Problem(503, "no-hall")
    return await _version(web, int(str(versions[0]["version"])))


@router.get("/hall/versions")
async def versions(web: TheWeb) -> list[Row]:
    """All versions, newest first: {version, at_ms, by, note}."""
    return await asyncio.to_thread(web.archive.versions)


@router.get("/hall/versions/{version}")
async def version(version: Version, web: TheWeb, against: Version = 0) -> dict[str, Any]:
    """One version with its source, and its `diff` to the one before it, or to the version `against`."""
    found = await _version(web, version)
    earlier = [int(str(row["version"])) for row in await asyncio.to_thread(web.archive.versions)]
    base = against or max((each for each in earlier if each < version), default=0)
    before = str((await _version(web, base))["source"]) if base else ""
    return {**found, "against": base, "diff": diff(before, str(found["source"]))}


async def _version(web: Web, version: int) -> Row:
    found = await asyncio.to_thread(web.archive.version, version)
    if found is None:
        raise Problem(404, "not-found")
    return found


def diff(before: str, after: str) -> str:
    """What changed, line by line, as `diff -u` writes it; empty: nothing."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), "before", "after", lineterm="")
    return "\n".join(lines)


@router.post("/hall/config", openapi_extra=described(HallFile))
async def configure(request: Request) -> Response:
    """Checks a hall file and puts it in force; with `?dry=1` it only checks. As JSON, or as it is (text/plain).

    422 `hall-file` with `problems: [{line, where, reason}]`; 409 when the rules refuse it (somebody waits for a service
    that is gone …); else `{version, applied, diff}`."""
    body = await _file(request)
    return await _apply(request, body.source, body.note, is_dry=request.query_params.get("dry", "0") not in ("0", ""))


async def _file(request: Request) -> HallFile:
    """The file in the body. Raises Problem."""
    if request.headers.get("content-type", "").lower().startswith("text/plain"):
        try:
            return HallFile(source=(await request.body()).decode())
        except UnicodeDecodeError as error:
            raise Problem(422, "invalid", where="body", reason="must be UTF-8") from error
    return await read(request, HallFile)


@router.post("/hall/revert", openapi_extra=described(Revert))
async def revert(request: Request) -> Response:
    """Puts an earlier version in force again, as a new version."""
    body = await read(request, Revert)
    web = web_of(request)
    earlier = await asyncio.to_thread(web.archive.hall, body.version)
    if earlier is None:
        raise Problem(404, "not-found")
    source = str((await _version(web, body.version))["source"])
    return await _put_in_force(request, earlier, source, body.note or f"revert to {body.version}", is_dry=False)


def _people(hall: Hall) -> set[str]:
    """Who is told of alarms now: their contacts are known."""
    return {person for rule in hall.alarms for person in rule.to}


async def _apply(request: Request, given: str, note: str, *, is_dry: bool) -> Response:
    web = web_of(request)
    try:
        hall = await asyncio.to_thread(read_hall, given, _people(hall_of(web)))
    except HallFileError as error:
        return _wrong(error)
    if hall.id != hall_of(web).id:
        raise Problem(409, "other-hall", id=hall_of(web).id, given=hall.id)
    return await _put_in_force(request, hall, without_contacts(given), note, is_dry=is_dry)


async def _put_in_force(request: Request, hall: Hall, source: str, note: str, *, is_dry: bool) -> Response:
    web, caller = web_of(request), caller_of(request)
    present = await asyncio.to_thread(web.archive.versions)
    newest = int(str(present[0]["version"])) if present else 0
    before = str((await _version(web, newest))["source"]) if newest else ""
    changed = diff(before, source)
    command = commands.ConfigureHall(command_id(request, "configure"), hall, source, caller.by, note)
    if is_dry:
        decision = deciding.decide(web.service.state, command, web.clock.now())
        if isinstance(decision, Refusal):
            return refused(web, Outcome(0, 0, decision.code, decision.detail))
        return json_answer({"version": newest, "applied": False, "diff": changed})
    outcome = await web.service.handle(command)
    if outcome.refused:
        return refused(web, outcome)
    versions = {"before": {"version": newest}, "after": {"version": outcome.first}}
    await web.accounts.note(caller, address_of(request), "hall configured", hall.id, **versions)
    return json_answer({"version": outcome.first, "applied": True, "diff": changed})


def _wrong(error: HallFileError) -> Response:
    first = error.problems[0]
    problem = Problem(422, "hall-file", count=len(error.problems), line=first.line, reason=first.reason)
    problems = [{"line": each.line, "where": each.where, "reason": each.reason} for each in error.problems]
    body = {"code": problem.code, "message": problem.message, "detail": problem.detail, "problems": problems}
    return json_answer(body, problem.status)
