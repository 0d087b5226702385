"""GET /manager: the hall as it is now, what is wrong first; where windows are opened, closed and paused, and tickets
moved and brought back."""

from __future__ import annotations

from collections import Counter
from typing import Any

from fastapi import Request, Response

from hub.core import schedule, staffing, tickets
from hub.core.hall import MINUTE_MS, Hall
from hub.core.state import State
from hub.permissions import CLERK
from hub.web import expected, minutes, overview
from hub.web.api.alarms import alarms as alarms_now
from hub.web.api.services import hall_of
from hub.web.context import TheWeb, Web, WhoAsks
from hub.web.language import language_of
from hub.web.pages import new_router, render

SERVED = (tickets.DONE,)
HERE = (tickets.WAITING, tickets.CALLED, tickets.SERVING, tickets.ON_HOLD)

router = new_router()


@router.get("/manager")
async def manager(request: Request, web: TheWeb, caller: WhoAsks) -> Response:
    hall, state, spoken = hall_of(web), web.service.state, language_of(request)
    now_ms = web.clock.now().ms
    windows = [overview.window_now(state, window, now_ms) for window in hall.windows]
    sitting = {held.clerk for held in state.windows.values() if held.clerk}
    return render(
        request,
        "manager",
        caller,
        hall_name=hall.names[spoken],
        stats=_stats(state, windows),
        alarms=await _alarms(web, caller, spoken, now_ms),
        wrong=overview.wrong(windows),
        zones=_zones(hall, windows, spoken),
        windows={window.id: window.names[spoken] for window in hall.windows.values()},
        services=_services(web, hall, state, spoken, now_ms),
        plan=[(window, _planned(state, window, now_ms)) for window in hall.windows],
        service_names={service.id: service.names[spoken] for service in hall.services.values()},
        pauses={id: names[spoken] for id, names in hall.pauses.items()},
        clerks=[
            (user.name, user.display)
            for user in web.accounts.users()
            if user.role == CLERK and user.name not in sitting
        ],
    )


def _stats(state: State, windows: list[overview.WindowNow]) -> dict[str, int]:
    counts = Counter(ticket.state for ticket in state.tickets.values())
    return {
        "waiting": counts[tickets.WAITING],
        "outside": counts[tickets.OUTSIDE],
        "inside": sum(counts[each] for each in HERE),
        "served": sum(counts[each] for each in SERVED),
        "missed": counts[tickets.MISSED],
        "open": sum(window.state not in (overview.CLOSED, overview.PAUSED) for window in windows),
        "windows": len(windows),
    }


async def _alarms(web: Web, caller: Any, spoken: str, now_ms: int) -> list[dict[str, Any]]:
    """Those that last, oldest first, in the reader's language."""
    return [
        {
            "name": alarm["names"][spoken],
            "subject": alarm["subject"][spoken],
            "minutes": (now_ms - alarm["raised_ms"]) // MINUTE_MS,
            "to": alarm["to"],
        }
        for alarm in await alarms_now(web, caller)
    ]


def _zones(hall: Hall, windows: list[overview.WindowNow], spoken: str) -> list[tuple[str, list[overview.WindowNow]]]:
    """(name, windows) in the order of the hall file, so that each is always in its place."""
    return [
        (
            hall.zone_names[zone][spoken] if zone in hall.zone_names else zone if len(hall.zones) > 1 else "",
            [window for window in windows if hall.windows[window.id].zone == zone],
        )
        for zone in hall.zones
    ]


def _services(web: Web, hall: Hall, state: State, spoken: str, now_ms: int) -> list[dict[str, Any]]:
    """Each service now, late ones first."""
    first, taken = overview.came_first(state), overview.services_taken(state, now_ms)
    rows = []
    for service in hall.services.values():
        now = overview.service_now(state, service.id, now_ms, first.get(service.id), taken)
        _, promised = expected.for_newcomer(web, service.id)
        rows.append({"name": service.names[spoken], "now": now, "minutes": minutes.of_promise(promised)})
    return sorted(rows, key=lambda row: overview.ORDER.index(row["now"].tone))


def _planned(state: State, window: str, now_ms: int) -> list[tuple[str, str, tuple[str, ...]]]:
    """(from, until, services) for the rest of the day; until is empty when it is open."""
    return [
        (
            _clock(state, each.begins_ms),
            "" if each.ends_ms >= staffing.NEVER_MS else _clock(state, each.ends_ms),
            each.services,
        )
        for each in staffing.stretches(state, window, now_ms)
    ]


def _clock(state: State, at_ms: int) -> str:
    return schedule.clock((at_ms - state.midnight_ms) // MINUTE_MS)
