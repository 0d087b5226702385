"""GET /desk: where staff gives tickets, looks at papers, books appointments, lets people in, and rates for those who
cannot."""

from __future__ import annotations

from fastapi import Request, Response

from hub.core.ratings import CONTACT_CHARS, TEXT_CHARS
from hub.web.api.services import hall_of
from hub.web.context import TheWeb, WhoAsks
from hub.web.language import language_of
from hub.web.pages import new_router, render
from protocol.ratings import LEVELS

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
        "windows": {window.id: window.names[spoken] for window in hall.windows.values()},
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
        levels=LEVELS,
        text_most=TEXT_CHARS,
        contact_most=CONTACT_CHARS,
        people_days=hall.retention.people_days,
        data=data,
    )
