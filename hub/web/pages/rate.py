"""GET /r/{token}: rating a visit by phone, through the link that is on the slip's page and in messages; GET /Q/{token},
which leads there from the code on displays."""

from __future__ import annotations

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from hub.core import ratings
from hub.web.api.ratings import reasons_of, stops_of, visit_of
from hub.web.api.services import hall_of
from hub.web.context import TheWeb, WhoAsks
from hub.web.language import language_of
from hub.web.pages import new_router, render
from hub.web.problems import Problem
from protocol.ratings import LEVELS

router = new_router()


@router.get("/r/{token}")
async def rate(request: Request, web: TheWeb, caller: WhoAsks) -> Response:
    hall, spoken = hall_of(web), language_of(request)
    stops = stops_of(web, visit_of(request))
    return render(
        request,
        "rate",
        caller,
        hall_name=hall.names[spoken],
        stops=stops,
        levels=LEVELS,
        reasons=[(reason.id, reason.names[spoken], reason.levels) for reason in hall.ratings.reasons],
        text_most=ratings.TEXT_CHARS,
        people_days=hall.retention.people_days,
        data={"reasons": reasons_of(hall)},
    )


@router.get("/Q/{token}")
async def rate_from_display(request: Request, web: TheWeb) -> Response:
    windows = web.service.state.windows.values()
    at_windows = (visit for window in windows for visit in (window.visit, window.before))
    visit = web.handles.displayed_visit(request.path_params["token"], at_windows)
    if not visit:
        raise Problem(404, "no-rating-link")
    return RedirectResponse(f"/r/{web.handles.rating_token(visit)}", 303)
