"""Ratings that are typed: by the holder of a visit through its link, at a kiosk, or by staff for somebody.

The link is another secret than the ticket's: it is on displays, and whoever photographs it can rate and do nothing
else. It counts once: what is said later, after the time for a correction, is kept as a remark.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Request, Response
from pydantic import Field

from hub.core import commands, ratings, schedule
from hub.core.deciding.ratings import stops_of as all_stops
from hub.core.hall import Hall, Names
from hub.core.state import ServedAt, State, Stop
from hub.permissions import KIOSK, STAFF
from hub.web import visits
from hub.web.accounts import Caller
from hub.web.api import new_router
from hub.web.api.fields import Body, Case
from hub.web.api.hot import command_id, described, read
from hub.web.api.outcomes import refused
from hub.web.api.services import hall_of
from hub.web.context import Web, caller_of, web_of
from hub.web.problems import Problem, json_answer
from protocol.downward import LANGUAGES
from protocol.ratings import LEVELS

TYPED_CHARS = 20_000
"""What may be sent: far more than what is kept, so that who wrote too much is told how much too much it was."""

router = new_router()

ReasonId = Annotated[str, Field(min_length=1, max_length=32)]
Typed = Annotated[str, Field(max_length=TYPED_CHARS)]


class Rate(Body):
    """`stop`: which window of the visit, from 0; without it the first one, or the last one where staff rates for
    somebody. `case`: which of its cases; without it the last one."""

    level: Annotated[int, Field(ge=LEVELS[-1], le=LEVELS[0])]
    stop: Annotated[int, Field(ge=0, le=99)] | None = None
    case: Case | None = None
    reasons: Annotated[tuple[ReasonId, ...], Field(max_length=ratings.REASONS_MOST)] = ()
    text: Typed = ""
    name: Annotated[str, Field(max_length=1000)] = ""
    contact: Annotated[str, Field(max_length=1000)] = ""


class LeaveContact(Body):
    contact: Annotated[str, Field(min_length=1, max_length=1000)]
    name: Annotated[str, Field(max_length=1000)] = ""


@router.get("/ratings/by-link/{token}")
async def rateable(request: Request) -> Response:
    """What can be rated with the link: each stop of the visit with its cases, and what has been said; the reasons that
    go with each level."""
    web, visit = web_of(request), visit_of(request)
    return json_answer({"stops": stops_of(web, visit), "reasons": reasons_of(hall_of(web))})


@router.post("/ratings/by-link/{token}", status_code=201, openapi_extra=described(Rate, "token"))
async def rate(request: Request) -> Response:
    """201 and {rating, standing}: "counted", "correction" (takes the place of the one before) or "remark" (is kept, and
    not counted). From a login of staff it is a rating that they enter for somebody."""
    visit, caller = visit_of(request), caller_of(request)
    if caller.role in STAFF:  # in their own browser: whoever is served has none of their logins
        return await _record(request, visit, ratings.STAFF, caller.by)
    return await _record(request, visit, ratings.KIOSK if caller.role == KIOSK else ratings.PHONE)


@router.post("/tickets/{visit}/rating", status_code=201, openapi_extra=described(Rate, "visit"))
async def rate_for_somebody(request: Request) -> Response:
    """Somebody of the hall enters what an applicant said; it is marked as that, and never about oneself. 201 and
    {rating, standing, window}: where the rated stop was."""
    web, caller = web_of(request), caller_of(request)
    ticket = visits.found(web.service.state, caller, request.path_params["visit"])
    return await _record(request, ticket.visit, ratings.STAFF, caller.by)


@router.post("/tickets/{visit}/contact", status_code=201, openapi_extra=described(LeaveContact, "visit"))
async def leave_contact(request: Request) -> Response:
    """A way to be asked how it was, for who does not rate by then. It is deleted after some time."""
    web, caller = web_of(request), caller_of(request)
    body = await read(request, LeaveContact)
    visit = visits.found(web.service.state, caller, request.path_params["visit"]).visit
    words = ratings.Words(name=body.name, contact=body.contact)
    outcome = await web.service.handle(
        commands.LeaveContact(command_id(request, "contact", visit), visit, words, _by(caller))
    )
    return refused(web, outcome) if outcome.refused else json_answer({}, 201)


async def _record(request: Request, visit: str, channel: str, by: str = "") -> Response:
    web = web_of(request)
    body = await read(request, Rate)
    now_ms = web.clock.now().ms
    stop = body.stop
    if stop is None:
        stop = _last_stop(web.service.state, visit) if by else 0
    command = commands.RecordRating(
        command_id(request, "rate", visit, str(stop)),
        "",
        0,
        0,
        "",
        visit,
        body.level,
        now_ms,
        now_ms,
        channel=channel,
        stop=stop,
        case=body.case,
        reasons=body.reasons,
        words=ratings.Words(body.text, body.name, body.contact),
        by=by,
    )
    outcome = await web.service.handle(command)
    if outcome.refused:
        return refused(web, outcome)
    at = {"window": all_stops(web.service.state, visit)[stop].window} if by else {}
    return json_answer({**(outcome.detail or {}), **at}, 201)


def _last_stop(state: State, visit: str) -> int:
    """The last stop at which somebody was served; 0 without any."""
    served = [number for number, stop in enumerate(all_stops(state, visit)) if _is_rateable(stop)]
    return served[-1] if served else 0


def _by(caller: Caller) -> str:
    return caller.by if caller.role in STAFF else "visitor"


def visit_of(request: Request) -> str:
    """The visit that the link is for. Raises Problem when there is none, or it was too long ago."""
    web = web_of(request)
    visit = web.handles.rated_visit(request.path_params["token"])
    state = web.service.state
    if visit in state.tickets:
        return visit
    served = state.past.get(visit)
    if served is None:
        raise Problem(404, "no-rating-link")
    days = hall_of(web).ratings.link_days
    if schedule.days_after(served.day, days) < state.day:
        raise Problem(410, "rating-link-over", days=days)
    return visit


def stops_of(web: Web, visit: str) -> list[dict[str, Any]]:
    """The stops that can be rated, in order."""
    state, hall = web.service.state, hall_of(web)
    return [
        _stop(state, hall, visit, number, stop)
        for number, stop in enumerate(all_stops(state, visit))
        if _is_rateable(stop)
    ]


def _is_rateable(stop: Stop | ServedAt) -> bool:
    return not isinstance(stop, Stop) or bool(stop.started_ms or stop.ended_ms)


def _stop(state: State, hall: Hall, visit: str, number: int, stop: Stop | ServedAt) -> dict[str, Any]:
    """Not who served: that is the hall's to know. The number that everybody may read is on the window."""
    given = [each for each in state.given.get(visit, ()) if each.stop == number]
    return {
        "stop": number,
        "window": _names(hall.windows.get(stop.window), stop.window),
        "service": _names(hall.services.get(stop.service), stop.service),
        "cases": [case for at, case in state.cases.get(visit, ()) if at == number],
        "rated": [{"case": each.case, "level": each.level} for each in given],
    }


def _names(of: Any, otherwise: str) -> Names:
    return of.names if of else dict.fromkeys(LANGUAGES, otherwise)


def reasons_of(hall: Hall) -> dict[str, Sequence[dict[str, Any]]]:
    """Level -> the reasons that go with it."""
    return {
        str(level): [{"id": reason.id, "names": reason.names} for reason in hall.ratings.reasons_of(level)]
        for level in LEVELS
    }
