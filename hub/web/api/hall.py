"""GET /hall: everything that is shown, at once; GET /live: the same, and then each change."""

from __future__ import annotations

from fastapi import Response
from fastapi.responses import StreamingResponse

from hub.permissions import STAFF
from hub.web.api import new_router
from hub.web.context import TheWeb, Web, WhoAsks
from hub.web.problems import Problem, encode

router = new_router()


def hall_json(web: Web, *, staff: bool) -> bytes:
    """The hall with its services and windows. Raises Problem while there is no hall."""
    hall = web.picture.hall
    if hall is None:
        raise Problem(503, "no-hall")
    waiting = web.picture.waiting
    services = [
        {"id": service.id, "names": service.names, "prefix": service.prefix, "waiting": waiting[service.id]}
        for service in hall.services.values()
    ]
    head = {"id": hall.id, "names": hall.names, "epoch": web.service.state.epoch, "day": web.service.state.day}
    head |= {"zones": hall.zones, "services": services}
    windows = b",".join(web.picture.window(window, staff=staff) for window in web.picture.windows_in_order())
    return b'%b,"windows":[%b]}' % (encode(head)[:-1], windows)


@router.get("/hall")
async def hall(web: TheWeb, caller: WhoAsks) -> Response:
    """Services with how many wait; windows with their state. `clerk` is empty unless staff asks."""
    return Response(hall_json(web, staff=caller.role in STAFF), media_type="application/json")


@router.get("/live")
async def live(web: TheWeb, caller: WhoAsks, window: str = "", zone: str = "") -> Response:
    """Server-sent events `window`, `board`, `waiting` and `beat`; of one window or one zone, if it is given."""
    known, staff = bool(caller.digest), caller.role in STAFF
    web.feed.check_room(known)
    stream = web.feed.stream(known, staff, window, zone, lambda: _may_stay(web, caller))
    return StreamingResponse(stream, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


def _may_stay(web: Web, caller: WhoAsks) -> bool:
    return web.open_board if not caller.digest else web.accounts.is_still_good(caller)
