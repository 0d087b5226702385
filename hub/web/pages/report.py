"""GET /report?by=…&first=…&last=…: figures of some days by anything that figures can be by, with how much they are
worth. Clerks are in the order of their names; with few ratings nobody is better than somebody else."""

from __future__ import annotations

import asyncio

from fastapi import Request, Response

from hub.core.dimensions import BY, NAMED
from hub.web.api.fields import Day
from hub.web.context import TheWeb, WhoAsks
from hub.web.language import language_of
from hub.web.pages import new_router, render
from hub.web.problems import Problem

router = new_router()


@router.get("/report")
async def report(
    request: Request, web: TheWeb, caller: WhoAsks, by: str = "service", first: Day = "", last: Day = ""
) -> Response:
    spoken = language_of(request)
    last = last or web.clock.now().day
    first = first or f"{last[:7]}-01"
    if by not in BY or first > last:
        raise Problem(404, "not-found")
    rows = (await asyncio.to_thread(web.reports.tables, first, last, (by,)))[by]
    named = [{**row, "key": _name(row, by, spoken)} for row in rows]
    return render(request, "report", caller, by=by, bys=BY, first=first, last=last, rows=named)


def _name(row: dict[str, object], by: str, spoken: str) -> str:
    names = row.get("names") if by in NAMED else None
    return str(names[spoken] if isinstance(names, dict) and names else row[by] or "–")
