"""A week of songshan-lake that was really played, in a database, and its reports."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from hub.adapters.sqlite_answers import SqliteAnswers
from hub.adapters.sqlite_figures import SqliteFigures
from hub.adapters.sqlite_store import SqliteStore
from hub.core.commands import Moment
from hub.core.state import State
from hub.ports import Commit, Outcome
from hub.reports.gather import gather
from hub.reports.model import Report
from hub.reports.periods import read_period
from tests.halls.days import a_day, the_hall
from tools.days.player import play

HALL = "songshan-lake"
MONDAY = date(2026, 3, 2)
DAYS = [(MONDAY + timedelta(days=day)).isoformat() for day in range(3)]
NOW = Moment(1_772_755_200_000, "2026-03-06")
"""00:00 UTC of that day."""


def fill(file: Path) -> None:
    """Three days, many of whose people rate by phone."""
    store, hall, state = SqliteStore(file), the_hall(HALL), State(epoch=1)
    for day in DAYS:
        log = play(hall, a_day(hall, day), state=state, phones=0.2).log
        store.append([Commit("", entry.at_ms, Outcome(entry.seq, entry.seq), (entry,)) for entry in log])
    store.close()


def report_of(file: Path, period: str, now: Moment = NOW, with_clerks: bool = False) -> Report:
    """Their report."""
    hall = the_hall(HALL)
    return gather(SqliteFigures(file), SqliteAnswers(file), hall, read_period(period), now, with_clerks)
