"""GET /kiosk: the touch page of a kiosk, where applicants draw tickets themselves; three taps at most.

The hub makes it and it is asked for again every few seconds; its script opens a service, draws, and goes back to the
start when nobody is there any more.
"""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response

from hub.core import schedule
from hub.core.hall import Hall, Service
from hub.core.state import State
from hub.web import appearance, expected, minutes
from hub.web.api.services import hall_of, next_offered
from hub.web.context import TheWeb, Web, WhoAsks
from hub.web.language import language_of
from hub.web.pages import new_router, render

SEARCHED = 9
"""With so many services, there is a field to look for one."""

IDLE_S = 60
"""Time without a touch after which is asked whether somebody is there."""

WARNED_S = 20
"""Time to answer; then the page is ready for the next person."""

router = new_router()


@router.get("/kiosk")
async def kiosk(request: Request, web: TheWeb, caller: WhoAsks) -> Response:
    hall, state, spoken = hall_of(web), web.service.state, language_of(request)
    minute = state.minute(web.clock.now().ms)
    opens = schedule.next_open(hall, state.day, state.kind, minute)
    given = [klass for klass in hall.classes.values() if caller.role in klass.by]
    look = appearance.look_of(request)
    return render(
        request,
        "kiosk",
        caller,
        hall_name=hall.names[spoken],
        is_open=opens == minute,
        opens="" if opens is None else schedule.clock(opens),
        groups=grouped(hall, [tile(web, hall, state, service, minute) for service in hall.services.values()], spoken),
        searched=len(hall.services) >= SEARCHED,
        classes=[(klass.id, klass.names[spoken]) for klass in given],
        departments={id: about.names[spoken] for id, about in hall.departments.items()},
        booked=bool(hall.slots),
        is_large=look.type == "large",
        normal=appearance.Look(),
        large=appearance.Look(type="large"),
        data={
            "idle_s": IDLE_S,
            "warned_s": WARNED_S,
            "start": f"/kiosk?lang={hall.languages[0]}&look={appearance.Look()}",
            "is_start": spoken == hall.languages[0] and look == appearance.Look(),
            "has_code": bool(web.public_url),
            "prints": web.slips.has_printer(caller.name),
        },
    )


def tile(web: Web, hall: Hall, state: State, service: Service, minute: int) -> dict[str, Any]:
    """A service as it is offered now. `next`: "HH:MM" from when it is; empty: not today any more."""
    offered = next_offered(hall, state, service.id, minute)
    before, promised = expected.for_newcomer(web, service.id)
    return {
        "id": service.id,
        "about": service,
        "offered": offered == minute,
        "next": "" if offered is None else schedule.clock(offered),
        "before": before,
        "minutes": minutes.of_promise(promised),
    }


def grouped(hall: Hall, tiles: list[dict[str, Any]], spoken: str) -> list[tuple[str, list[dict[str, Any]]]]:
    """(name of the group, tiles) in the order of the hall file, those of a department side by side. Without a name:
    what belongs to no group."""
    found: dict[str, list[dict[str, Any]]] = {}
    for each in tiles:
        found.setdefault(each["about"].group, []).append(each)
    order = [*hall.departments, ""]
    return [
        (
            hall.groups[group][spoken] if group in hall.groups else "",
            sorted(services, key=lambda each: order.index(each["about"].department)),
        )
        for group, services in found.items()
    ]
