"""GET /board?zone=…: the hall board, for a screen that hangs on the wall and that nobody touches."""

from __future__ import annotations

from fastapi import Request, Response

from hub.web.context import TheWeb, WhoAsks
from hub.web.language import language_of
from hub.web.pages import new_router, render
from hub.web.problems import Problem

router = new_router()


@router.get("/board")
async def board(request: Request, web: TheWeb, caller: WhoAsks, zone: str = "") -> Response:
    """The board of `zone`; without it, of the hall's first."""
    hall = web.picture.hall
    if hall is None:
        raise Problem(503, "no-hall")
    if zone and zone not in hall.zones:
        raise Problem(404, "not-found")
    shown = zone or hall.zones[0]
    spoken = language_of(request)
    data = {
        "zone": shown,
        "services": [(service.id, service.names[spoken]) for service in hall.services.values()],
        "windows": [window.id for window in hall.windows.values() if window.zone == shown],
        "anonymous": not caller.name,
    }
    return render(request, "board", caller, hall_name=hall.names[spoken], zone=shown, zones=hall.zones, data=data)
