"""A machine whose clock lost its time: the hub says so in words, and the hall goes on all the same."""

from __future__ import annotations

from pathlib import Path

from hub.adapters.sqlite_store import SqliteStore
from hub.bootstrap import Settings, open_hub
from hub.core import events
from hub.ports import Commit, Entry, Outcome
from hub.starting import clock_warning
from tools.bench.hall import write_hall
from tools.ports import free_port

LAST_MS = 1_772_592_000_000
"""2026-03-04 10:40 in Shanghai."""


def test_only_a_clock_that_is_far_behind_is_told_of():
    assert clock_warning(0, LAST_MS, "Asia/Shanghai") == ""
    assert clock_warning(LAST_MS, LAST_MS - 599_999, "Asia/Shanghai") == ""
    told = clock_warning(LAST_MS, LAST_MS - 24 * 3_600_000, "Asia/Shanghai")
    assert "says 2026-03-03 10:40" in told and "until 2026-03-04 10:40" in told


async def test_a_hub_with_such_a_clock_starts_and_says_it(tmp_path: Path):
    write_hall(tmp_path / "hall.toml", 1)
    data = tmp_path / "data"
    data.mkdir()
    store = SqliteStore(data / "hall.db")
    in_a_hundred_years_ms = LAST_MS + 100 * 365 * 86_400_000
    entry = Entry(1, in_a_hundred_years_ms, "", events.AlarmCleared("none"))
    store.append([Commit("", in_a_hundred_years_ms, Outcome(1, 1), (entry,))])
    store.close()
    settings = Settings(tmp_path / "hall.toml", data, ("127.0.0.1", free_port()), ("127.0.0.1", free_port()))
    async with open_hub(settings) as hub:
        assert "the hall's log goes on until 2126" in hub.warning
