"""Makes the reports that are made on schedule: of each day and month that is over, into a folder.

    REPORTS/2026-03-04/report.html  for paper      report.xlsx  with charts
                       SERVICE.csv  each table     report.json  all of it, written last

A report is made the night after, and once more when no rating for its days can come any more. No clerk is in it: files
travel, and who was rated how is for those who may ask the hub. What failed is tried again; the hall never waits for it.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from hub.adapters.secret_file import write_private
from hub.core.commands import Moment
from hub.core.hall import Hall
from hub.ports import Answers, Figures, StoreError
from hub.reports.gather import gather
from hub.reports.model import Report
from hub.reports.page import page
from hub.reports.periods import Period, due
from hub.reports.sheet import MARK, table_sheet
from hub.reports.workbook import write_report
from hub.texts import DEFAULT_LANGUAGE

log = logging.getLogger(__name__)

LOOK_S = 60
"""How often it is looked whether a day is over. It is one look at a folder."""

PAUSE_S = 5
"""Between two reports: a hub that has some to make up for serves its hall first."""

LAST = "report.json"


class ReportFolder:
    """`folder` is made when the first report is. `hall` may be None until there is one; `days`: the days that were
    opened, asked in a thread."""

    def __init__(
        self,
        folder: Path,
        figures: Figures,
        answers: Answers,
        days: Callable[[], list[str]],
        hall: Callable[[], Hall | None],
        now: Callable[[], Moment],
        look_s: float = LOOK_S,
        pause_s: float = PAUSE_S,
    ):
        self._folder = folder
        self._figures, self._answers, self._days = figures, answers, days
        self._hall, self._now = hall, now
        self._look_s, self._pause_s = look_s, pause_s

    async def run(self) -> None:
        """Makes what is due until cancelled. One problem is one line of the log, however often it is met."""
        trouble = ""
        while True:
            try:
                while await self.make_next():
                    trouble = ""
                    await asyncio.sleep(self._pause_s)
            except (StoreError, OSError) as error:
                if str(error) != trouble:
                    log.error("a report could not be made, and is tried again: %s", error)
                trouble = str(error)
            await asyncio.sleep(self._look_s)

    async def make_next(self) -> Period | None:
        """Makes one report that is due; None: there is none. Raises StoreError and OSError."""
        hall, now = self._hall(), self._now()
        return await asyncio.to_thread(self._make_next, hall, now) if hall else None

    def _make_next(self, hall: Hall, now: Moment) -> Period | None:
        wanted = due(self._days(), self._made(), now.day)
        if not wanted:
            return None
        self._write(gather(self._figures, self._answers, hall, wanted[0], now))
        return wanted[0]

    def _made(self) -> dict[str, bool]:
        """Name of each period that has a report -> whether that is final. What cannot be read is made anew."""
        made = {}
        for file in self._folder.glob(f"*/{LAST}"):
            try:
                made[file.parent.name] = bool(json.loads(file.read_text("utf-8"))["final"])
            except (ValueError, KeyError, TypeError):
                log.warning("%s is no report: it is made anew", file)
        return made

    def _write(self, report: Report) -> None:
        folder = self._folder / report.period.name
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_private(folder / "report.html", page(report, DEFAULT_LANGUAGE))
        for by in report.tables:
            write_private(folder / f"{by}.csv", MARK + table_sheet(report, by, DEFAULT_LANGUAGE))
        book = BytesIO()
        write_report(report, book, DEFAULT_LANGUAGE)
        write_private(folder / "report.xlsx", book.getvalue())
        write_private(folder / LAST, json.dumps(report.data, ensure_ascii=False))
