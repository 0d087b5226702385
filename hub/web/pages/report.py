"""GET /report?by=…&first=…&last=…: figures of some days by anything that figures can be by, with how much they are
worth. Clerks are in the order of their names; with few ratings nobody is better than somebody else.

GET /reports/{period}: everything about a day, a week, a month or a year, made for paper.
"""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from urllib.parse import urlencode

from fastapi import Request, Response

from hub import texts
from hub.core.dimensions import BY
from hub.reports.model import columns_of, heading, name_of
from hub.reports.page import page
from hub.reports.periods import DAY, MONTH, WEEK, YEAR
from hub.reports.periods import name_of as period_of
from hub.reports.shown import FORMS
from hub.web.api.fields import Day
from hub.web.api.period_reports import paper, report_of
from hub.web.context import TheWeb, WhoAsks
from hub.web.language import NAMES, language_of
from hub.web.pages import new_router, render
from hub.web.problems import Problem

router = new_router()


@router.get("/report")
async def report(
    request: Request, web: TheWeb, caller: WhoAsks, by: str = "service", first: Day = "", last: Day = ""
) -> Response:
    spoken, today = language_of(request), web.clock.now().day
    last = last or today
    first = first or f"{last[:7]}-01"
    if by not in BY or first > last:
        raise Problem(404, "not-found")
    rows = (await asyncio.to_thread(web.reports.tables, first, last, (by,)))[by]
    columns = columns_of(rows, on_paper=True)
    return render(
        request,
        "report",
        caller,
        by=by,
        bys={each: texts.say(f"report.by.{each}", spoken) for each in BY},
        first=first,
        last=last,
        heads=[heading(it, spoken) for it in columns],
        rows=[
            {
                "name": name_of(row, by, spoken),
                "small": row["small"],
                "cells": [FORMS[it.kind](it.of(row)) for it in columns],
            }
            for row in rows
        ],
        periods=_periods(today),
    )


def _periods(today: str) -> list[str]:
    """The reports that are asked for most: of today and yesterday, this week and the last one, month, year."""
    now = date.fromisoformat(today)
    before = {DAY: 1, WEEK: 7, MONTH: now.day, YEAR: now.timetuple().tm_yday}
    return [name for kind, days in before.items() for name in (period_of(now, kind), _name(now, days, kind))]


def _name(now: date, days: int, kind: str) -> str:
    return period_of(now - timedelta(days), kind)


@router.get("/reports/{period}")
async def whole_report(request: Request, web: TheWeb, period: str) -> Response:
    found, spoken = await report_of(web, period), language_of(request)
    here = f"/api/v1/reports/{period}"
    links = [
        ("/report", texts.say("report.back", spoken)),
        (f"{here}?format=xlsx&lang={spoken}", "XLSX"),
        *(
            (
                f"{here}?{urlencode({'format': 'csv', 'by': by, 'lang': spoken})}",
                f"CSV: {texts.say(f'report.by.{by}', spoken)}",
            )
            for by in found.tables
        ),
        (here, "JSON"),
        *((f"?lang={code}", name) for code, name in NAMES.items() if code != spoken),
    ]
    return paper(await asyncio.to_thread(page, found, spoken, links))
