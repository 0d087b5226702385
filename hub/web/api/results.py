"""What everybody may see of how the hall was rated, month by month, and of what was put right."""

from __future__ import annotations

import asyncio
from typing import Any

from hub.core.personal import masked
from hub.web.api import new_router
from hub.web.context import TheWeb, Web

router = new_router()

MONTHS = 12
FIGURES = ("served", "rated_stops", "active_share", "satisfied", "satisfied_range", "bad", "small")
"""What of a month everybody may see: no clerk, no window, no visit."""


@router.get("/results")
async def results(web: TheWeb) -> dict[str, Any]:
    """The last months, and the rectifications that were published."""
    return await public_results(web)


async def public_results(web: Web) -> dict[str, Any]:
    """{months, rectified}, the newest first; a number or address of a person is masked, whoever let it through."""
    today = web.clock.now().day
    rows = (await asyncio.to_thread(web.reports.tables, _first_day(today), today, ("month",)))["month"]
    months = [{"month": row["month"], **{name: row[name] for name in FIGURES}} for row in rows]
    published = await asyncio.to_thread(web.answers.published)
    return {
        "months": months[::-1],
        "rectified": [{**each, "text": masked(str(each["text"]))} for each in published],
    }


def _first_day(today: str) -> str:
    """The first day of the MONTHS that end with this one."""
    months = 12 * int(today[:4]) + int(today[5:7]) - MONTHS  # counted from the year 0, January being 1
    year, before = divmod(months, 12)
    return f"{year:04}-{before + 1:02}-01"
