"""What one can come for now: for kiosks, desks, boards and whoever stands before the hall."""

from __future__ import annotations

from typing import Any

from hub.core import schedule
from hub.core.hall import Hall
from hub.core.lines import DOOR
from hub.core.state import State
from hub.web import expected
from hub.web.api import new_router
from hub.web.context import TheWeb, Web
from hub.web.problems import Problem

router = new_router()


def hall_of(web: Web) -> Hall:
    """The hall. Raises Problem while there is none."""
    hall = web.service.state.hall
    if hall is None:
        raise Problem(503, "no-hall")
    return hall


@router.get("/services")
async def services(web: TheWeb) -> dict[str, Any]:
    """Each service: whether it is offered now by the plan, or from when ("HH:MM", empty: not today any more); how many
    wait; people before and waiting range of somebody who draws now. And the hall's opening and classes."""
    hall, state = hall_of(web), web.service.state
    minute = state.minute(web.clock.now().ms)
    opens = schedule.next_open(hall, state.day, state.kind, minute)
    closes = schedule.closing(hall, state.day, state.kind)
    return {
        "day": state.day,
        "kind": state.kind,
        "open": opens == minute,
        "opens": "" if opens is None else schedule.clock(opens),
        "closes": "" if closes is None else schedule.clock(closes),
        "mode": schedule.admission(hall, state.day, state.kind).mode,
        "classes": [
            {"id": klass.id, "names": klass.names, "minutes": klass.credit_min, "by": klass.by}
            for klass in hall.classes.values()
        ],
        "groups": hall.groups,
        "services": [_service(web, hall, state, service, minute) for service in hall.services],
    }


def _service(web: Web, hall: Hall, state: State, service: str, minute: int) -> dict[str, Any]:
    about = hall.services[service]
    offered = next_offered(hall, state, service, minute)
    before, promised = expected.for_newcomer(web, service)
    return {
        "id": service,
        "names": about.names,
        "prefix": about.prefix,
        "group": about.group,
        "offered": offered == minute,
        "next": "" if offered is None else schedule.clock(offered),
        "waiting": state.lines.counts.get(service, 0),
        "before": before,
        "range": expected.told(promised),
        "party_max": about.party_max,
        "pre_check": about.pre_check,
        "papers": about.papers,
    }


def next_offered(hall: Hall, state: State, service: str, minute: int) -> int | None:
    """See hub.core.schedule; remembered for the minute, since every kiosk asks again and again."""
    key = ("next offered", service)
    found = state.memo.get(key)
    if found is None or found[0] != minute:  # type: ignore[index]
        found = (minute, schedule.next_offered(hall, service, state.day, state.kind, minute))
        state.memo[key] = found
    return found[1]  # type: ignore[index]


@router.get("/occupancy")
async def occupancy(web: TheWeb) -> dict[str, int]:
    """People in the hall with their companions, how many may be (0: no limit), and the tickets before the door."""
    hall, state = hall_of(web), web.service.state
    capacity = schedule.admission(hall, state.day, state.kind).capacity
    return {"inside": state.inside, "capacity": capacity, "outside": state.lines.counts.get(DOOR, 0)}
