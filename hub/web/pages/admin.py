"""GET /admin?day=…: alarms, what the day came to, the hall file, users, keys, devices, the audit; to each role of the
office its parts of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response

from hub.permissions import ROLES, may
from hub.ports import DEVICE_ROLES, OF_ZONE, Deed, Row
from hub.web.api.audit import NEWEST
from hub.web.api.devices import devices_now
from hub.web.api.fields import Day
from hub.web.api.reports import DAILY, share_held
from hub.web.context import TheWeb, Web, WhoAsks
from hub.web.days import local_time
from hub.web.language import language_of
from hub.web.pages import new_router, render
from hub.web.passwords import AT_LEAST_CHARS, AT_MOST_CHARS
from protocol.ratings import LEVELS

LINES = 30
"""Lines of the audit that are listed; the API has all."""

VERSIONS = 20
"""Versions of the hall file that are listed; the API has all."""

router = new_router()


@dataclass(frozen=True, slots=True)
class Table:
    """Figures under one heading: `key` is "clerk", "window", "service" or "group"."""

    key: str
    rows: list[Row]


@router.get("/admin")
async def admin(request: Request, web: TheWeb, caller: WhoAsks, day: Day = "") -> Response:
    day = day or web.clock.now().day
    found = await asyncio.to_thread(web.reports.tables, day, day, DAILY)
    tables = [Table(by, found[by]) for by in DAILY]
    spoken = language_of(request)
    return render(
        request,
        "admin",
        caller,
        day=day,
        tables=tables,
        levels=LEVELS,
        untold=await asyncio.to_thread(web.reports.untold),
        accuracy=await _accuracy(web, day, spoken),
        versions=await _versions(web),
        users=web.accounts.users(),
        machine_keys=web.accounts.machine_keys(),
        roles=ROLES,
        device_roles=DEVICE_ROLES,
        of_zone=OF_ZONE,
        windows=_window_names(web, spoken),
        zones=_zone_names(web, spoken),
        password_chars=(AT_LEAST_CHARS, AT_MOST_CHARS),
        set_back=local_time(web.inbox.set_back_ms, web.picture.hall) if web.inbox.set_back_ms else "",
        backup=_backup(web),
        audit=await _audit(web) if may(caller.role, "GET /api/v1/audit") else [],
        data={"devices": _devices(web) if may(caller.role, "GET /api/v1/devices") else []},
    )


def _devices(web: Web) -> list[dict[str, Any]]:
    return [device.model_dump() for device in devices_now(web)]


async def _audit(web: Web) -> list[tuple[str, Deed]]:
    """The newest lines of the audit, with their local time."""
    return [(local_time(deed.at_ms, web.picture.hall), deed) for _, deed in await web.accounts.audit(NEWEST, LINES)]


def _backup(web: Web) -> Row:
    """How the backups are: `state` "none", "good" or "bad", when the last good one was made, and what is wrong."""
    if web.backups is None:
        return {"state": "none", "when": "", "error": ""}
    last_ms, error = web.backups.last_good_ms, web.backups.last_error
    when = local_time(last_ms, web.picture.hall) if last_ms else "–"
    return {"state": "bad" if error else "good", "when": when, "error": error}


async def _accuracy(web: Web, day: str, spoken: str) -> list[Row]:
    """How often the waiting times that were told held, by service, with its name and the share in percent."""
    hall = web.picture.hall
    names = {service.id: service.names[spoken] for service in hall.services.values()} if hall else {}
    rows = await asyncio.to_thread(web.reports.promises, day)
    return [{**row, "name": names.get(str(row["service"]), row["service"]), "share": share_held(row)} for row in rows]


async def _versions(web: Web) -> list[Row]:
    """The newest versions of the hall file, with the local time at which they came into force."""
    newest = (await asyncio.to_thread(web.archive.versions))[:VERSIONS]
    return [{**row, "when": local_time(int(str(row["at_ms"])), web.picture.hall)} for row in newest]


def _window_names(web: Web, spoken: str) -> dict[str, str]:
    hall = web.picture.hall
    return {window.id: window.names[spoken] for window in hall.windows.values()} if hall else {}


def _zone_names(web: Web, spoken: str) -> dict[str, str]:
    hall = web.picture.hall
    return (
        {zone: hall.zone_names[zone][spoken] if zone in hall.zone_names else zone for zone in hall.zones}
        if hall
        else {}
    )
