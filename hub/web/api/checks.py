"""The look at somebody's papers before they draw a ticket."""

from __future__ import annotations

from fastapi import Request, Response
from pydantic import Field

from hub.core import commands
from hub.web.api import new_router
from hub.web.api.fields import Body, Id
from hub.web.api.hot import command_id, described, read
from hub.web.api.outcomes import refused
from hub.web.api.services import hall_of
from hub.web.context import caller_of, web_of
from hub.web.problems import json_answer

PAPERS = 50
"""Of one service; a list that is longer nobody mends in a day."""

router = new_router()


class PreCheck(Body):
    """`missing`: ids of the service's papers that have to be mended; empty: passed."""

    service: Id
    missing: tuple[Id, ...] = Field(default=(), max_length=PAPERS)


@router.post("/pre-checks", status_code=201, openapi_extra=described(PreCheck))
async def record(request: Request) -> Response:
    """201 `{passed, code, service, missing: [{id, names}]}`; with the code of a passed one a ticket can be drawn."""
    web, caller = web_of(request), caller_of(request)
    body = await read(request, PreCheck)
    asked = command_id(request, "pre-check")
    code = web.handles.code(asked)
    outcome = await web.service.handle(commands.RecordPreCheck(asked, code, body.service, body.missing, caller.by))
    if outcome.refused:
        return refused(web, outcome)
    papers = hall_of(web).services[body.service].papers
    missing = [{"id": paper, "names": papers[paper]} for paper in papers if paper in body.missing]
    answer = {"passed": not missing, "code": "" if missing else code, "service": body.service, "missing": missing}
    return json_answer(answer, 201)
