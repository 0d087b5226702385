"""Reports of a day, a week, a month or a year, in every form."""

from __future__ import annotations

import asyncio
from typing import IO, Annotated, Any, Literal

from fastapi import Query, Request, Response

from hub.reports.gather import gather
from hub.reports.model import Report
from hub.reports.page import page, policy
from hub.reports.periods import read_period
from hub.reports.sheet import MARK, table_sheet
from hub.reports.workbook import write_report
from hub.web.api import new_router
from hub.web.api.services import hall_of
from hub.web.context import TheWeb, Web
from hub.web.language import language_of
from hub.web.lines import CSV, XLSX, download, written
from hub.web.problems import Problem, json_answer

router = new_router()

ReportFormat = Annotated[Literal["json", "html", "xlsx", "csv"], Query(description="html: for paper; csv: one table")]
FORMS: dict[int | str, dict[str, Any]] = {
    200: {"model": dict[str, Any], "description": "The report", "content": {"text/html": {}, XLSX: {}, CSV: {}}}
}


@router.get("/reports/{period}", responses=FORMS)
async def report(
    request: Request, web: TheWeb, period: str, format: ReportFormat = "json", by: str = "service"
) -> Response:
    """Everything about a day 2026-03-04, a week 2026-W10, a month 2026-03 or a year 2026, with its clerks. As JSON,
    as a page for paper, as a workbook with charts, or the table that is `by` something as CSV."""
    found, spoken = await report_of(web, period), language_of(request)
    if format == "json":
        return json_answer(found.data)
    if format == "html":
        return paper(await asyncio.to_thread(page, found, spoken))
    if format == "xlsx":
        file = await asyncio.to_thread(written, lambda to: write_report(found, to, spoken))
        return download(file, f"report-{period}.xlsx", XLSX)
    if by not in found.tables:
        raise Problem(422, "invalid", where="by", reason=f"must be one of {', '.join(found.tables)}")
    sheet = MARK + table_sheet(found, by, spoken)
    return download(written(lambda to: _put(sheet, to)), f"report-{period}-{by}.csv", CSV)


def _put(text: str, to: IO[bytes]) -> None:
    to.write(text.encode())


async def report_of(web: Web, period: str) -> Report:
    """The report with its clerks. Raises Problem for a period that is none."""
    try:
        asked = read_period(period)
    except ValueError as error:
        raise Problem(
            422, "invalid", where="period", reason="must be like 2026-03-04, 2026-W10, 2026-03, 2026"
        ) from error
    hall, now = hall_of(web), web.clock.now()
    return await asyncio.to_thread(gather, web.reports, web.answers, hall, asked, now, with_clerks=True)


def paper(html: str) -> Response:
    """A page for paper, which brings its own style and may do nothing else."""
    return Response(html, headers={"Content-Security-Policy": policy()}, media_type="text/html")
