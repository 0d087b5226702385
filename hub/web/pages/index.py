"""GET /hall: which window does what, now and next; for whoever stands in the hall, or before it."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response

from hub.core import schedule, staffing
from hub.core.hall import MINUTE_MS, Hall
from hub.core.state import State
from hub.web.api.services import hall_of
from hub.web.context import TheWeb, WhoAsks
from hub.web.language import language_of
from hub.web.pages import new_router, render

router = new_router()


@router.get("/hall")
async def index(request: Request, web: TheWeb, caller: WhoAsks) -> Response:
    hall, state = hall_of(web), web.service.state
    spoken = language_of(request)
    now_ms = web.clock.now().ms
    windows = [window_line(hall, state, window, spoken, now_ms) for window in hall.windows]
    hours = schedule.opening(hall, state.day, state.kind) if hall.opening else []
    return render(
        request,
        "index",
        caller,
        hall_name=hall.names[spoken],
        hours=[(schedule.clock(begins), schedule.clock(ends)) for begins, ends in hours],
        is_closed=state.kind == schedule.CLOSED or (bool(hall.opening) and not hours),
        zones=[_zone(hall, zone, windows, spoken) for zone in hall.zones],
        services={service.id: service.names[spoken] for service in hall.services.values()},
        data={"anonymous": not caller.name},
    )


def _zone(hall: Hall, zone: str, windows: list[dict[str, Any]], spoken: str) -> tuple[str, list[dict[str, Any]]]:
    """The zone's name, and its windows."""
    names = hall.zone_names.get(zone)
    return names[spoken] if names else zone, [window for window in windows if window["zone"] == zone]


def window_line(hall: Hall, state: State, window: str, spoken: str, now_ms: int) -> dict[str, Any]:
    """A window for people: what is done there now, and what next ("HH:MM" and services; None: nothing else today).

    Now is what the clerk who sits there may call; while nobody sits there, nothing, whatever the plan says.
    """
    about, held = hall.windows[window], state.windows[window]
    stretches = staffing.stretches(state, window, now_ms)
    now = stretches[0] if held.clerk and stretches else None
    # That somebody who is late will come any moment is for the estimate; to people in the hall it would be a promise.
    later = [each for each in stretches if each is not now and each.begins_ms > now_ms + staffing.LATE_MS]
    return {
        "id": window,
        "name": about.names[spoken],
        "zone": about.zone,
        "services": now.services if now else (),
        "all": about.services,
        "only": [hall.classes[klass].names[spoken] for klass in about.only if klass in hall.classes],
        "paused": bool(held.paused),
        "next": _next(state, later[0]) if later else None,
    }


def _next(state: State, stretch: staffing.Stretch) -> tuple[str, tuple[str, ...]]:
    return schedule.clock((stretch.begins_ms - state.midnight_ms) // MINUTE_MS), stretch.services
