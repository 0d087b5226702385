"""GET /results: what everybody may see: how the hall was rated, month by month, and what was put right. No clerk, no
window, no visit, and nothing that a person wrote but what was published on purpose."""

from __future__ import annotations

from fastapi import Request, Response

from hub.reports.shown import percent
from hub.web.api.results import public_results
from hub.web.api.services import hall_of
from hub.web.context import TheWeb, WhoAsks
from hub.web.language import language_of
from hub.web.pages import new_router, render

router = new_router()


@router.get("/results")
async def results(request: Request, web: TheWeb, caller: WhoAsks) -> Response:
    hall, spoken = hall_of(web), language_of(request)
    found = await public_results(web)
    services = {service.id: service.names[spoken] for service in hall.services.values()}
    rectified = [{**each, "service": services.get(each["service"], "")} for each in found["rectified"]]
    return render(
        request,
        "results",
        caller,
        hall_name=hall.names[spoken],
        months=found["months"],
        rectified=rectified,
        percent=percent,
    )
