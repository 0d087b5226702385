"""GET /admin?day=…: users, keys, devices, and what the day came to."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from fastapi import Request, Response

from hub.ports import Row
from hub.web.access import ROLES
from hub.web.api.devices import devices_now
from hub.web.api.fields import Day
from hub.web.context import TheWeb, Web, WhoAsks
from hub.web.language import language_of
from hub.web.pages import new_router, render
from hub.web.passwords import AT_LEAST_CHARS, AT_MOST_CHARS
from protocol.ratings import LEVELS

DEVICE_ROLES = ("window_display", "rating_pad", "call_pad")
"""What a device can be; the registry has the last word."""

router = new_router()


@dataclass(frozen=True, slots=True)
class Table:
    """Figures under one heading: `key` is "window" or "clerk"."""

    key: str
    rows: list[Row]


@router.get("/admin")
async def admin(request: Request, web: TheWeb, caller: WhoAsks, day: Day = "") -> Response:
    day = day or web.clock.now().day
    tables = [
        Table("clerk", await asyncio.to_thread(web.reports.by_clerk, day)),
        Table("window", await asyncio.to_thread(web.reports.by_window, day)),
    ]
    return render(
        request,
        "admin",
        caller,
        day=day,
        tables=tables,
        levels=LEVELS,
        users=web.accounts.users(),
        machine_keys=web.accounts.machine_keys(),
        roles=ROLES,
        device_roles=DEVICE_ROLES,
        windows=_window_names(web, language_of(request)),
        password_chars=(AT_LEAST_CHARS, AT_MOST_CHARS),
        data={"devices": [device.model_dump() for device in devices_now(web)]},
    )


def _window_names(web: Web, spoken: str) -> dict[str, str]:
    hall = web.picture.hall
    return {window.id: window.names[spoken] for window in hall.windows.values()} if hall else {}
