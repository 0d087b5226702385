"""GET /board?zone=… or ?board=…: the hall board, for a screen that hangs on the wall and that nobody touches."""

from __future__ import annotations

from fastapi import Request, Response

from hub.core import legible
from hub.core.hall import Board
from hub.web.context import TheWeb, WhoAsks
from hub.web.language import language_of
from hub.web.pages import new_router, render
from hub.web.problems import Problem

router = new_router()


@router.get("/board")
async def board(request: Request, web: TheWeb, caller: WhoAsks, zone: str = "", board: str = "") -> Response:
    """The board of `zone`; without it, of the hall's first. `board`: one of the hall file's, with its zone, its arrows
    and letters for its distance."""
    hall = web.picture.hall
    if hall is None:
        raise Problem(503, "no-hall")
    if (zone and zone not in hall.zones) or (board and board not in hall.boards):
        raise Problem(404, "not-found")
    hung = hall.boards[board] if board else Board(zone or hall.zones[0])
    spoken = language_of(request)
    data = {
        "zone": hung.zone,
        "services": [(service.id, service.names[spoken]) for service in hall.services.values()],
        "windows": [window.id for window in hall.windows.values() if window.zone == hung.zone],
        "arrows": {window: arrow for arrow, windows in hung.arrows.items() for window in windows},
        "type_vw": 100 * legible.type_share(hung.distance_m, hung.width_mm) if hung.distance_m else 0,
        "anonymous": not caller.name,
    }
    zones = () if board else hall.zones
    return render(request, "board", caller, hall_name=hall.names[spoken], zone=hung.zone, zones=zones, data=data)
