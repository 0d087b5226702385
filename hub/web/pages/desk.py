"""GET /desk: where staff gives tickets, looks at papers, books appointments and lets people in."""

from __future__ import annotations

from fastapi import Request, Response

from hub.web.api.services import hall_of
from hub.web.context import TheWeb, WhoAsks
from hub.web.language import language_of
from hub.web.pages import new_router, render

router = new_router()


@router.get("/desk")
async def desk(request: Request, web: TheWeb, caller: WhoAsks) -> Response:
    hall = hall_of(web)
    spoken = language_of(request)
    given = [klass for klass in hall.classes.values() if caller.role in klass.by]
    data = {
        "day": web.service.state.day,
        "services": {service.id: service.names[spoken] for service in hall.services.values()},
        "papers": {
            service.id: {paper: names[spoken] for paper, names in service.papers.items()}
            for service in hall.services.values()
            if service.pre_check
        },
    }
    return render(
        request,
        "desk",
        caller,
        hall_name=hall.names[spoken],
        classes=[(klass.id, klass.names[spoken]) for klass in given],
        services=[(service.id, service.names[spoken]) for service in hall.services.values()],
        checked=[(id, data["services"][id]) for id in data["papers"]],
        party_max=max((service.party_max for service in hall.services.values()), default=1),
        booked=bool(hall.slots),
        day=web.service.state.day,
        data=data,
    )
