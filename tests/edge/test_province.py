"""A whole hub with a thousand ratings for a province that fails in every way; the hub is killed in the middle."""

from __future__ import annotations

import contextlib
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from edge_brokers import until

from hub.adapters.secret_file import write_private
from hub.adapters.sqlite_store import SqliteStore
from hub.core import events
from hub.core.state import State
from hub.ports import Commit, Entry, Outcome
from tests.halls.days import a_day, the_hall
from tests.hub.adapters.test_exchange import HALF, LATE_S, SECRET, TIMEOUT_S, HalfWay
from tests.hub.exchange import given_map
from tools.days.player import play
from tools.ports import free_port
from tools.province.far_side import FarSide
from tools.province.server import Server

pytestmark = pytest.mark.edge

RATINGS = 1000
HALL = "songshan-lake"
FIRST_DAY = date(2026, 3, 2)

# The hub as it is, but for its patience: a far side that fails is asked again after hundredths of a second.
HUB = f"""
from hub.adapters.exchange import Exchange, Times
from hub.adapters.province import Province
Exchange.__init__.__defaults__ = (Times(first=0.02, poll=0.05, fetch=0.1, trouble=0.05),)
Province.__init__.__defaults__ = ({TIMEOUT_S},)
from tools.cli import main
main()
"""


def fill(data: Path) -> list[str]:
    """Some days of a hall that exchanges with a province; the names of their ratings, 1,000 and more."""
    data.mkdir()
    store = SqliteStore(data / "hall.db", exchanges=True)
    hall, state, names = the_hall(HALL), State(epoch=1), []
    day = FIRST_DAY
    while len(names) < RATINGS:
        log = play(hall, a_day(hall, day.isoformat()), state=state, phones=0.2).log
        store.append([commit(entry) for entry in log])
        rated = (entry.event for entry in log if isinstance(entry.event, events.RatingRecorded))
        names += [event.rating for event in rated if event.standing in ("counted", "correction")]
        day += timedelta(days=1)
    store.close()
    write_private(data / "province-secret", SECRET.decode() + "\n")
    return names


def commit(entry: Entry) -> Commit:
    return Commit("", entry.at_ms, Outcome(entry.seq, entry.seq), (entry,))


@contextlib.contextmanager
def hub(folder: Path, url: str, end: signal.Signals) -> Iterator[None]:
    """The hub, until it is told to end like this."""
    where = ["--hall", HALL, "--data", str(folder / "data"), "--exchange", url, "--exchange-map", "guangdong-like"]
    where += ["--listen", f"127.0.0.1:{free_port()}", "--mqtt", f"127.0.0.1:{free_port()}"]
    with (folder / "said").open("ab") as said:
        process = subprocess.Popen([sys.executable, "-c", HUB, "hub", *where], stdout=said, stderr=said)
    try:
        yield
        assert process.poll() is None, (folder / "said").read_text()
    finally:
        process.send_signal(end)
        process.wait()


def asked(folder: Path, query: str) -> int:
    with sqlite3.connect(folder / "data" / "hall.db") as connection:
        return connection.execute(query).fetchone()[0]


async def test_a_thousand_ratings_arrive_once_each_though_the_hub_is_killed(tmp_path: Path):
    names = fill(tmp_path / "data")
    memory = tmp_path / "far.db"
    far = HalfWay(memory, given_map())
    server = Server(far, SECRET, 0, seed=3, share=0.35, late_s=LATE_S)
    with server, server.serving(), hub(tmp_path, server.url, signal.SIGKILL):
        await until(lambda: far.counts().stored >= HALF, 90)
    far.close()
    bad = asked(tmp_path, "select count(*) from ratings where level <= 2 and standing = 'counted'")

    far = FarSide(memory, given_map())
    server = Server(far, SECRET, 0, seed=4, share=0.35, late_s=LATE_S)
    with server, server.serving(), hub(tmp_path, server.url, signal.SIGTERM):
        waiting = "select count(*) from exchange where kind = 'rating' and state = 'waiting'"
        orders = "select coalesce(sum(orders <> '[]'), 0) from reviews"
        await until(lambda: not asked(tmp_path, waiting) and asked(tmp_path, orders) >= bad, 90)
    stored, counts = [id for id in far.ids() if id.split("/")[1] in set(names)], far.counts()
    far.close()

    assert sorted(stored) == sorted(f"{HALL}/{name}" for name in names)
    assert counts.altered == 0 and counts.repeats > 0
    assert asked(tmp_path, "select count(*) from exchange where kind = 'rating' and receipt <> ''") == len(names)
    # The province made an order of each bad rating; it went to the review that the rating had opened.
    assert asked(tmp_path, "select count(*) from reviews") == asked(tmp_path, orders) == bad > 0
