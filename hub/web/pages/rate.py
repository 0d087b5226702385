"""GET /r/{token}: rating a visit by phone, through the link that is on the slip's page, on displays and in messages."""

from __future__ import annotations

from fastapi import Request, Response

from hub.core import ratings
from hub.web.api.ratings import reasons_of, stops_of, visit_of
from hub.web.api.services import hall_of
from hub.web.context import TheWeb, WhoAsks
from hub.web.language import language_of
from hub.web.pages import new_router, render
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
