"""Why somebody was called before others, in words."""

from __future__ import annotations

import asyncio
from typing import Any

from hub.core.hall import Hall
from hub.core.schedule import is_day
from hub.explain import Called
from hub.web import visits, why
from hub.web.api import new_router
from hub.web.api.fields import Day
from hub.web.api.services import hall_of
from hub.web.context import TheWeb, WhoAsks
from hub.web.problems import Problem

router = new_router()


@router.get("/tickets/{visit}/why")
async def why_visit(visit: str, web: TheWeb, caller: WhoAsks) -> list[dict[str, Any]]:
    """Every call of the visit, oldest first, with its reason in every language."""
    state = web.service.state
    return _told(hall_of(web), why.calls_of(state, visits.found(state, caller, visit)))


@router.get("/why")
async def why_number(web: TheWeb, number: str, day: Day = "") -> list[dict[str, Any]]:
    """The same by number, also for a day that is over."""
    state = web.service.state
    if day in ("", state.day):
        ticket = visits.by_number(state, number)
        if ticket is None:
            raise Problem(404, "not-found")
        return _told(hall_of(web), why.calls_of(state, ticket))
    if not is_day(day):
        raise Problem(422, "invalid", where="day", reason="must be a day as YYYY-MM-DD")
    calls = await asyncio.to_thread(web.archive.called, day, number.strip().upper())
    if not calls:
        raise Problem(404, "not-found")
    hall = await asyncio.to_thread(web.archive.hall_at, calls[0].at_ms)
    return _told(hall or hall_of(web), calls)


def _told(hall: Hall, calls: list[Called]) -> list[dict[str, Any]]:
    return [
        {
            "number": called.number,
            "window": called.window,
            "at_ms": called.at_ms,
            "words": why.words(hall, called),
            "why": called.why,
        }
        for called in calls
    ]
