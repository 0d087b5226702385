"""`bench restart`: how long a hub takes to start with a year of days in its log.

One day is played by the rules from generated arrivals; the others are copies of its log, with other visits and dates.
Only the log is filled, since nothing else is read at a start. The hub stops at the end of the last day, the worst that
there is: the snapshot is of that day's beginning, with ten days of visits that can still be rated, and the whole day's
log comes after it.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from importlib import resources
from itertools import chain, islice, takewhile
from pathlib import Path

from hub import history
from hub.adapters.clock import HallClock
from hub.adapters.memory import MemoryPublisher
from hub.adapters.sqlite_store import SqliteStore, connect
from hub.config import read_hall
from hub.core import applying
from hub.core.applying.halls import PAST_DAYS
from hub.core.events import to_record
from hub.core.state import State
from hub.ports import Entry
from hub.service import HallService
from tools.bench.disk import real_disk
from tools.days.generator import make
from tools.days.player import play
from tools.days.profiles import PROFILES

HALL = "zengcheng"
FIRST_DAY = date(2026, 3, 4)
DAY_MS = 86_400_000


def run(days: int, visits: int) -> list[dict]:
    """One row: a start with `days` in the database, and reading the log of one of them."""
    with tempfile.TemporaryDirectory(prefix="jiaohao-bench-", dir=real_disk()) as folder:
        file = Path(folder) / "hall.db"
        store = SqliteStore(file)
        of_day = _fill(file, _played(visits), days)
        _keep_last_snapshot(store, of_day, days)
        store.close()
        restart_s, events = _restart(file)
        return [
            {
                "days": days,
                "visits_a_day": visits,
                "events": events,
                "log_mb": file.stat().st_size // 1_000_000,
                "restart_s": restart_s,
                "events_of_day": of_day,
                "read_day_s": _read_day(file, of_day),
            }
        ]


def _played(visits: int) -> list[Entry]:
    """The log of a hall's first day: its configuration, then the day."""
    hall = read_hall(resources.files("hub.halls").joinpath(f"{HALL}.toml").read_text("utf-8"))
    profile = replace(PROFILES[HALL], visits={"workday": visits})
    return play(hall, make(hall, profile, FIRST_DAY.isoformat())).log


def _fill(file: Path, log: list[Entry], days: int) -> int:
    """Writes the log `days` times; how many events a day has."""
    database = connect(file)
    with database.atomic():
        database.conn.executemany(
            "insert into log (seq, at_ms, command_id, kind, body) values (?, ?, ?, ?, ?)", map(_row, log)
        )
    of_day = len(log) - 1
    for number in range(1, days):
        today = (FIRST_DAY + timedelta(days=number)).isoformat()
        with database.atomic():
            database.conn.execute(
                "insert into log (seq, at_ms, command_id, kind, body) select seq + ?, at_ms + ?, command_id, kind, "
                """replace(replace(body, ?, ?), '"visit":"', ?) from log where seq between 2 and ? order by seq""",
                (
                    number * of_day,
                    number * DAY_MS,
                    FIRST_DAY.isoformat(),
                    today,
                    f'"visit":"{today} ',
                    of_day + 1,
                ),
            )
    database.close()
    return of_day


def _row(entry: Entry) -> tuple[int, int, str, str, str]:
    kind, record = to_record(entry.event)
    return entry.seq, entry.at_ms, "", kind, json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def _keep_last_snapshot(store: SqliteStore, of_day: int, days: int) -> None:
    """The snapshot that the hub kept when the last day began. Days before the last PAST_DAYS leave nothing in it."""
    opened = 2 + (days - 1) * of_day
    remembered = 1 + max(0, days - 1 - PAST_DAYS) * of_day
    entries = chain(islice(store.load(), 1), store.load(remembered))
    history.keep(store, _applied(takewhile(lambda entry: entry.seq <= opened, entries)))


def _applied(entries: Iterator[Entry]) -> State:
    state = State(epoch=1)
    for entry in entries:
        applying.apply(state, entry.seq, entry.at_ms, entry.event)
    return state


def _restart(file: Path) -> tuple[float, int]:
    """Seconds until a hub knows its hall, and the last position of its log."""
    began_s = time.perf_counter()
    store = SqliteStore(file)
    service = HallService(store, MemoryPublisher(), HallClock("Asia/Shanghai", "04:00"), 1)
    took_s = time.perf_counter() - began_s
    store.close()
    return took_s, service.state.seq


def _read_day(file: Path, of_day: int) -> float:
    """Seconds to read and apply the log of the first day."""
    store = SqliteStore(file)
    began_s = time.perf_counter()
    _applied(islice(store.load(), of_day + 1))
    took_s = time.perf_counter() - began_s
    store.close()
    return took_s
