"""`bench reports`: a year of Songshan Lake, 169,000 visitors with 135,000 cases, and how long each report of it takes.

The days are played by the rules, one after the other in one hall, and written into a database as the hub writes them.
Then each report is asked as the pages ask it. What a report costs is mostly reading each stop of its days once.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from importlib import resources
from pathlib import Path

from hub.adapters.calendar import Calendar
from hub.adapters.sqlite_figures import SqliteFigures
from hub.adapters.sqlite_store import SqliteStore
from hub.config import read_hall
from hub.core.dimensions import BY
from hub.core.state import State
from hub.ports import Commit, Outcome
from tools.bench.disk import real_disk
from tools.days.generator import make
from tools.days.player import play
from tools.days.profiles import PROFILES

HALL = "songshan-lake"
VISITS = {"workday": 555, "restday": 163}
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
    hall = read_hall(resources.files("hub.halls").joinpath(f"{HALL}.toml").read_text("utf-8"))
    profile, calendar, state = replace(PROFILES[HALL], visits=VISITS), Calendar(hall.country), State(epoch=1)
    store = SqliteStore(file)
    for number in range(days):
        day = (FIRST_DAY + timedelta(days=number)).isoformat()
        log = play(hall, make(hall, profile, day, calendar.kind(day)), state=state, phones=0.2).log
        store.append([Commit("", entry.at_ms, Outcome(entry.seq, entry.seq), (entry,)) for entry in log])
    store.close()


def _rows(file: Path, days: int) -> list[dict]:
    last = FIRST_DAY + timedelta(days=days - 1)
    figures = SqliteFigures(file)
    (year,) = figures.tallies(FIRST_DAY.isoformat(), last.isoformat(), "hall").values()
    spans = {"year": FIRST_DAY, "month": last - timedelta(days=30), "day": last}
    rows = []
    for by in BY:
        took = {
            name: _best_ms(lambda first=first, by=by: figures.rows(first.isoformat(), last.isoformat(), by))
            for name, first in spans.items()
        }
        rows.append({"report": f"by {by}", **{f"{name}_ms": round(ms, 1) for name, ms in took.items()}})
    everything = {name: _best_ms(lambda first=first: _report(figures, first, last)) for name, first in spans.items()}
    rows.append({"report": "all of them", **{f"{name}_ms": round(ms, 1) for name, ms in everything.items()}})
    shown = {"visitors": year.people, "cases": year.served, "database_mb": file.stat().st_size // 1_000_000}
    return [{**row, **shown} for row in rows]


def _report(figures: SqliteFigures, first: date, last: date) -> None:
    figures.tables(first.isoformat(), last.isoformat(), BY)


def _best_ms(work: Callable[[], object]) -> float:
    """The best of a few times: others use this machine too."""
    times = []
    for _ in range(TIMES):
        began_s = time.perf_counter()
        work()
        times.append((time.perf_counter() - began_s) * 1000)
    return min(times)
