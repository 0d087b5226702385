"""`bench reports`: a year of Songshan Lake, 169,000 visitors with 135,000 cases, and how long each report of it takes:
each table, what a whole report asks for, and that made into a page and into a workbook.

The days are played by the rules, one after the other in one hall, and written into a database as the hub writes them.
Then each report is asked as the pages ask it. What a report costs is mostly reading each stop of its days once.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from importlib import resources
from io import BytesIO
from pathlib import Path

from hub.adapters.calendar import Calendar
from hub.adapters.sqlite_answers import SqliteAnswers
from hub.adapters.sqlite_figures import SqliteFigures
from hub.adapters.sqlite_store import SqliteStore
from hub.config import read_hall
from hub.core.commands import Moment
from hub.core.dimensions import BY
from hub.core.hall import Hall
from hub.core.state import State
from hub.ports import Commit, Outcome
from hub.reports.gather import gather
from hub.reports.model import Report
from hub.reports.page import page
from hub.reports.periods import DAY, MONTH, YEAR, Period, name_of, read_period
from hub.reports.workbook import write_report
from hub.texts import DEFAULT_LANGUAGE
from hub.web.api.reports import DAILY
from tools.bench.disk import real_disk
from tools.days.generator import make
from tools.days.player import play
from tools.days.profiles import PROFILES

HALL = "songshan-lake"
VISITS = {"workday": 563, "restday": 166}
"""More cases than the 135,000 of the report, so that there are its 169,000 visitors too."""
FIRST_DAY = date(2026, 1, 1)
TIMES = 3


def run(days: int) -> list[dict]:
    """A row for each report, over `days` days that end with the year's last."""
    with tempfile.TemporaryDirectory(prefix="jiaohao-bench-", dir=real_disk()) as folder:
        file = Path(folder) / "hall.db"
        _fill(file, days)
        return _rows(file, days)


def _fill(file: Path, days: int) -> None:
    hall = _hall()
    profile, calendar, state = replace(PROFILES[HALL], visits=VISITS), Calendar(hall.country), State(epoch=1)
    store = SqliteStore(file)
    for number in range(days):
        day = (FIRST_DAY + timedelta(days=number)).isoformat()
        log = play(hall, make(hall, profile, day, calendar.kind(day)), state=state, phones=0.2).log
        store.append([Commit("", entry.at_ms, Outcome(entry.seq, entry.seq), (entry,)) for entry in log])
    store.close()


def _hall() -> Hall:
    return read_hall(resources.files("hub.halls").joinpath(f"{HALL}.toml").read_text("utf-8"))


def _rows(file: Path, days: int) -> list[dict]:
    last = FIRST_DAY + timedelta(days=days - 1)
    periods = [read_period(name_of(last, kind)) for kind in (YEAR, MONTH, DAY)]
    figures = SqliteFigures(file)
    (year,) = figures.tallies(periods[0].first, periods[0].last, "hall").values()
    shown = {"visitors": year.people, "cases": year.served, "database_mb": file.stat().st_size // 1_000_000}
    return [
        {
            "report": name,
            **{f"{period.kind}_ms": round(_best_ms(partial(work, period)), 1) for period in periods},
            **shown,
        }
        for name, work in _works(file, Moment(int(time.time() * 1000), last.isoformat())).items()
    ]


def _works(file: Path, now: Moment) -> dict[str, Callable[[Period], object]]:
    """Name -> what is done for a period."""
    figures, answers, hall = SqliteFigures(file), SqliteAnswers(file), _hall()

    def whole(period: Period) -> Report:
        return gather(figures, answers, hall, period, now, with_clerks=True)

    return {
        **{f"by {by}": lambda period, by=by: figures.rows(period.first, period.last, by) for by in BY},
        "a day's page": lambda period: figures.tables(period.first, period.last, DAILY),
        "whole, as JSON": lambda period: json.dumps(whole(period).data),
        "whole, as a page": lambda period: page(whole(period), DEFAULT_LANGUAGE),
        "whole, as XLSX": lambda period: write_report(whole(period), BytesIO(), DEFAULT_LANGUAGE),
    }


def _best_ms(work: Callable[[], object]) -> float:
    """The best of a few times: others use this machine too."""
    times = []
    for _ in range(TIMES):
        began_s = time.perf_counter()
        work()
        times.append((time.perf_counter() - began_s) * 1000)
    return min(times)
