"""What a day came to, and the lines it was made from. For admins."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import Response

from hub.core.dimensions import BY
from hub.ports import Row
from hub.web.api import new_router
from hub.web.api.fields import Day, FileFormat, Format
from hub.web.context import TheWeb
from hub.web.lines import LINES, csv_of, lines_of_days
from hub.web.problems import Problem

router = new_router()

DAILY = ("clerk", "window", "service", "group")
"""What a day's figures are by: all of them out of one reading."""


@router.get("/figures")
async def figures(web: TheWeb, day: Day = "") -> dict[str, Any]:
    """For each window, clerk, service and group of services: who came, was called, served and missed, the waits, the
    times at a window, and how many really rated and how. See hub.core.tallies.row."""
    day = day or web.clock.now().day
    found = await asyncio.to_thread(web.reports.tables, day, day, DAILY)
    return {"day": day, **{f"{by}s": found[by] for by in DAILY}}


@router.get("/tables/{by}", responses=LINES)
async def table(web: TheWeb, by: str, first: Day = "", last: Day = "", format: Format = "json") -> Response:
    """The same figures of the days from `first` to `last` (without them: today) by anything of hub.core.dimensions.BY:
    clerk, window, zone, service, group, department, hall, region, hour, day, week, month."""
    today = web.clock.now().day
    first, last = first or last or today, last or first or today
    if by not in BY:
        raise Problem(404, "not-found")
    if first > last:
        raise Problem(422, "invalid", where="last", reason=f"must not be before {first}")
    found = await asyncio.to_thread(web.reports.tables, first, last, (by,))
    return csv_of([flat(row) for row in found[by]], f"{by}-{first}-{last}", format)


def flat(row: Row) -> Row:
    """The row without tables in it: its levels one by one, its names in each language."""
    found: Row = {}
    for name, value in row.items():
        if isinstance(value, dict):
            found |= {f"{name}_{key}": each for key, each in value.items()}
        elif isinstance(value, tuple):
            found |= {f"{name}_low": value[0], f"{name}_high": value[1]}
        else:
            found[name] = value
    return found


@router.get("/calls", responses=LINES)
async def calls(web: TheWeb, day: Day = "", first: Day = "", last: Day = "", format: FileFormat = "json") -> Response:
    """Each call and recall of a day, or of the days from `first` to `last`; `shown_ms` when the window's display said
    that its glass shows it."""
    return await lines_of_days(web, "calls", first or day, last or day, format)


@router.get("/ratings", responses=LINES)
async def ratings(web: TheWeb, day: Day = "", first: Day = "", last: Day = "", format: FileFormat = "json") -> Response:
    """Each press of a day, or of the days from `first` to `last`. `standing`: see hub.core.ratings."""
    return await lines_of_days(web, "ratings", first or day, last or day, format)


@router.get("/accuracy")
async def accuracy(web: TheWeb, day: Day = "") -> list[dict[str, Any]]:
    """How often the waiting time that was told came true, for each service; `share` is None when none came out yet."""
    rows = await asyncio.to_thread(web.reports.promises, day or web.clock.now().day)
    return [{**row, "share": share_held(row)} for row in rows]


def share_held(row: Row) -> float | None:
    """Held of promised, from 0 to 1."""
    promised, held = int(str(row["promised"])), int(str(row["held"]))
    return round(held / promised, 3) if promised else None


@router.get("/periods")
async def periods(web: TheWeb, day: Day = "") -> dict[str, Any]:
    """In which state each visit, and each clerk at a window, was from when to when."""
    now = web.clock.now()
    day = day or now.day
    visits = await asyncio.to_thread(web.reports.visit_periods, day, now.ms)
    clerks = await asyncio.to_thread(web.reports.clerk_periods, day, now.ms)
    return {"day": day, "visits": visits, "clerks": clerks}


@router.get("/quarantine")
async def quarantine(web: TheWeb) -> list[Row]:
    """The newest messages of devices that could not be read, and why."""
    return await asyncio.to_thread(web.reports.quarantined)
