"""What the benchmark of a start measures is a hall that is really there."""

from __future__ import annotations

from pathlib import Path

from hub import history
from hub.adapters.sqlite_store import SqliteStore
from hub.core import events
from tools.bench import restart


def test_the_start_of_copied_days_says_what_their_whole_log_says(tmp_path: Path):
    store = SqliteStore(tmp_path / "hall.db")
    of_day = restart._fill(tmp_path / "hall.db", restart._played(60), 13)
    whole = restart._applied(iter(store.load()))
    restart._keep_last_snapshot(store, of_day, 13)
    began = next(iter(store.snapshots())).seq
    assert isinstance(next(iter(store.load(began - 1))).event, events.DayOpened)
    again = history.restore(store, 1)
    store.close()
    assert (again.day, again.tickets, again.past) == ("2026-03-16", whole.tickets, whole.past)
    assert len(again.past) > 9 * 40
