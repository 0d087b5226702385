"""The exchange with a province over real HTTP and real SQLite, while everything fails: each thing once, none lost."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from hub.adapters import sqlite_exchange as table
from hub.adapters.exchange import AT_ONCE, Exchange, Times
from hub.adapters.province import NotNowError, Page, Province, RefusedError
from hub.adapters.sqlite_exchange import ORDER, Counts
from hub.adapters.sqlite_store import SqliteStore, connect
from hub.core.exchange import ORDER_STATE, RATING
from hub.core.exchange_orders import Order
from tests.hub.exchange import given_map, order_state, rating
from tests.talk.hall import until
from tools.province.far_side import FarSide, Stored
from tools.province.server import Server

SECRET = b"a secret of both"
LATE_S = 0.4
TIMEOUT_S = 0.2


def now_ms() -> int:
    return int(time.time() * 1000)


def quick(file: Path, province: Any, take: Callable[[Order], Awaitable[None]], seed: int = 1, **more: Any) -> Exchange:
    """An exchange whose pauses are short."""
    times = replace(Times(first=0.02, poll=0.02, fetch=0.05, trouble=0.05), **more)
    return Exchange(file, province, given_map(), take, now_ms, Random(seed).random, times)


class Office:
    """A hall's table, and what it took."""

    def __init__(self, file: Path):
        self.file = file
        self.taken: list[Order] = []
        SqliteStore(file).close()

    async def take(self, order: Order) -> None:
        self.taken.append(order)

    def do(self, work: Callable[[sqlite3.Connection], Any]) -> Any:
        database = connect(self.file)
        try:
            return work(database.conn)
        finally:
            database.close()

    def post(self, *ratings: dict[str, Any]) -> None:
        """Each under its own id; corrections are about the same rating."""

        def put(connection: sqlite3.Connection) -> None:
            connection.execute("begin")
            for one in ratings:
                subject = one["rating"]
                table.post(connection.execute, RATING, f"{subject}:{one['attempt']}", subject, one, now_ms())
            connection.execute("commit")

        self.do(put)

    def states(self, kind: str = RATING) -> list[tuple[str, str]]:
        query = "select id, state from exchange where kind = ? order by seq"
        return self.do(lambda connection: connection.execute(query, (kind,)).fetchall())

    def counts(self) -> Counts:
        return self.do(table.counts)

    @contextlib.asynccontextmanager
    async def open(self, province: Any, **more: Any):
        running = asyncio.create_task(quick(self.file, province, self.take, **more).run())
        try:
            yield
            assert not running.done(), running.result()
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path / "hall.db")


class FakeFar:
    """A far side in this process: what it says to an id is in `answers`, one after the other; then it takes it."""

    def __init__(self, **answers: list[Exception]):
        self.answers = answers
        self.sent: list[tuple[str, str]] = []
        self.page: Page | Exception = Page([], "")

    def send(self, kind: str, id: str, data: dict, now_ms: int) -> dict[str, str]:
        self.sent.append((kind, id))
        if waiting := self.answers.get(id.split(":")[0]):
            raise waiting.pop(0)
        return {"order_no": f"PJ-{id}", "state": "accepted"}

    def orders(self, after: str, now_ms: int) -> Page:
        if isinstance(self.page, Exception):
            raise self.page
        return self.page


async def test_what_is_not_taken_now_is_sent_again_under_its_id(office: Office):
    far = FakeFar(a=[NotNowError("answered 503"), NotNowError("timed out"), ZeroDivisionError()])
    office.post(rating(rating="a"))
    async with office.open(far):
        await until(lambda: office.states() == [("a:1", "delivered")])
    assert far.sent == [(RATING, "a:1")] * 4
    assert office.do(lambda connection: table.receipt(connection, "a:1")) == {"order_no": "PJ-a:1", "state": "accepted"}


async def test_the_reason_and_the_next_attempt_stand_in_the_table(office: Office):
    office.post(rating(rating="a"))
    before_ms = now_ms()
    async with office.open(FakeFar(a=[NotNowError("answered 503")]), first=60):
        await until(lambda: office.do(lambda c: c.execute("select attempts from exchange").fetchone()) == (1,))
    error, next_ms = office.do(lambda c: c.execute("select error, next_ms from exchange").fetchone())
    assert error == "answered 503" and before_ms + 30_000 <= next_ms <= now_ms() + 60_000


async def test_what_is_refused_waits_for_a_person_and_is_replayed(office: Office, caplog):
    far = FakeFar(a=[RefusedError("answered 422: no such item")])
    office.post(rating(rating="a", text="我叫王小明"), rating(rating="b"))
    async with office.open(far):
        await until(lambda: office.states() == [("a:1", "refused"), ("b:1", "delivered")])
        assert (
            office.do(lambda connection: table.refused_parcels(connection, 9))[0].error == "answered 422: no such item"
        )
        assert office.counts() == Counts(0, 1, 0)
        office.do(lambda connection: table.replay(connection, ["a:1"], now_ms()))
        await until(lambda: office.states() == [("a:1", "delivered"), ("b:1", "delivered")])
    assert "a:1" in caplog.text and "王" not in caplog.text


async def test_what_does_not_fit_the_map_is_refused_and_not_sent(office: Office):
    far = FakeFar()
    office.post(rating(rating="a", item_code="", level=7))
    async with office.open(far):
        await until(lambda: office.states() == [("a:1", "refused")])
    error = office.do(lambda connection: table.refused_parcels(connection, 9))[0].error
    assert error.splitlines() == [
        "taskCode: item_code is empty; it must have a value, or the map says what else is sent",
        "satisfaction: level is 7; it must be one of 1, 2, 3, 4, 5",
    ]
    assert far.sent == []


async def test_a_correction_goes_after_what_it_corrects(office: Office):
    far = FakeFar(a=[NotNowError("not now")] * 5)
    office.post(rating(rating="a"), rating(rating="a", level=1, attempt=2), rating(rating="b"))
    async with office.open(far):
        await until(lambda: {state for _, state in office.states()} == {"delivered"})
    assert [id for _, id in far.sent if id != "b:1"] == ["a:1"] * 6 + ["a:2"]


async def test_states_of_orders_go_the_same_way(office: Office):
    far = FakeFar()
    office.do(lambda c: table.post(c.execute, ORDER_STATE, "o1:closed", "o1", order_state(), now_ms()))
    async with office.open(far):
        await until(lambda: office.states(ORDER_STATE) == [("o1:closed", "delivered")])
    assert far.sent == [(ORDER_STATE, "o1:closed")]


RAW = {"workOrderNo": "W1", "orderType": "1", "evaluateId": "a", "createTime": "2026-03-04 09:15:00"}


async def test_an_order_is_taken_once_and_what_cannot_be_read_is_kept_for_a_person(office: Office):
    far = FakeFar()
    far.page = Page([RAW, {**RAW, "again": True}, {"orderType": "9"}], "7")
    async with office.open(far):
        await until(lambda: len(office.states(ORDER)) == 2 and office.counts()[:2] == (0, 1))
        assert office.do(table.cursor) == "7"
    assert [order.order for order in office.taken] == ["W1"]
    (parcel,) = office.do(lambda connection: table.refused_parcels(connection, 9))
    assert parcel.body == {"orderType": "9"} and "orderType: is 9" in parcel.error


async def test_an_order_that_cannot_be_taken_now_is_handed_over_again_and_holds_up_no_other(office: Office):
    far = FakeFar()
    far.page = Page([RAW, {**RAW, "workOrderNo": "W2"}], "7")
    handed: list[str] = []

    async def take(order: Order) -> None:
        handed.append(order.order)
        if handed.count("W1") < 3 and order.order == "W1":
            raise RuntimeError("the writer is busy")

    office.take = take
    async with office.open(far):
        await until(lambda: [state for _, state in office.states(ORDER)] == ["delivered"] * 2)
    assert sorted(handed) == ["W1"] * 3 + ["W2"]


async def test_nothing_that_fetching_meets_stops_it(office: Office, caplog):
    far = FakeFar()
    far.page = NotNowError("answered 503")
    async with office.open(far):
        await until(lambda: "answered 503" in caplog.text)
        far.page = KeyError("unforeseen")
        await until(lambda: "unforeseen" in caplog.text)
        far.page = Page([RAW], "7")
        await until(lambda: office.taken)


async def test_a_locked_database_is_waited_for_and_nothing_is_sent_twice(office: Office, caplog):
    """Somebody holds the lock between sending and writing down that it was sent."""
    far = FakeFar()
    other = sqlite3.connect(office.file, isolation_level=None, check_same_thread=False)
    sending = far.send

    def send(*what: Any) -> dict[str, str]:
        other.execute("begin immediate")
        return sending(*what)

    far.send = send  # pyright: ignore[reportAttributeAccessIssue]
    office.post(rating(rating="a"))
    exchange = quick(office.file, far, office.take)
    connected = connect(office.file)
    connected.execute("pragma busy_timeout=1")
    exchange._database = connected
    running = asyncio.create_task(exchange.run())
    await until(lambda: "locked" in caplog.text)
    other.execute("commit")
    await until(lambda: office.states() == [("a:1", "delivered")])
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    other.close()
    assert far.sent == [(RATING, "a:1")]


async def test_a_full_disk_is_waited_for(office: Office, caplog):
    far = FakeFar()
    office.post(rating(rating="a"))
    exchange = quick(office.file, far, office.take)
    connected = connect(office.file)
    exchange._database = connected
    pages = connected.execute("pragma page_count").fetchone()[0]
    real, refused = table.delivered, iter([True, True])

    def full(connection: sqlite3.Connection, *more: Any) -> None:
        """What SQLite does on a full disk, by its own limit of pages."""
        if next(refused, False):
            connection.execute(f"pragma max_page_count={pages}")
            connection.execute("insert into meta values ('big', zeroblob(10000000))")
        real(connection, *more)

    table.delivered = full
    try:
        running = asyncio.create_task(exchange.run())
        await until(lambda: office.states() == [("a:1", "delivered")])
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    finally:
        table.delivered = real
    assert "database or disk is full" in caplog.text and far.sent == [(RATING, "a:1")]


async def test_a_far_side_that_never_ends_is_left_and_asked_again(office: Office):
    far = FakeFar()
    over = threading.Event()
    sending, talks = far.send, iter([over.wait])

    def send(*what: Any) -> dict[str, str]:
        next(talks, lambda: None)()
        return sending(*what)

    far.send = send  # pyright: ignore[reportAttributeAccessIssue]
    office.post(rating(rating="a"))
    async with office.open(far, talk=0.2):
        await until(lambda: office.states() == [("a:1", "delivered")])
    over.set()


def test_pauses_grow_up_to_an_hour_and_are_spread():
    longest = [Times().pause_ms(attempts, 0.999999) for attempts in range(30)]
    assert longest[:3] == [4999, 9999, 19999] and longest == sorted(longest)
    assert longest[-1] <= 3_600_000
    assert Times().pause_ms(0, 0) == 2500 and Times().pause_ms(50, 0) == 1_800_000


KILLED = """
import asyncio, sys
from pathlib import Path
from hub.adapters.province import Province
from tests.hub.adapters.test_exchange import SECRET, TIMEOUT_S, quick

async def main():
    taken = open(sys.argv[3], "a", buffering=1)
    async def take(order):
        print(order.order, file=taken)
    await quick(Path(sys.argv[1]), Province(sys.argv[2], "hall", SECRET, TIMEOUT_S), take).run()

asyncio.run(main())
"""


HALF = 400


class HalfWay(FarSide):
    """Breaks down when it has so many, however quick the machine is: whoever is killed then has not got through."""

    def store(self, id: str, kind: str, data: Any, now_ms: int) -> Stored:
        if self.counts().stored >= HALF:
            raise ConnectionAbortedError
        return super().store(id, kind, data, now_ms)


async def test_a_thousand_ratings_over_every_fault_and_a_kill_arrive_once_each(office: Office, tmp_path: Path, caplog):
    """Refusals, late and lost and doubled answers, broken connections; the exchange is killed in the middle, and the
    far side is started anew. The far side counts: every id once, none with another content, corrections behind their
    first; every receipt is here, and every order of the far side was taken."""
    caplog.set_level(logging.ERROR)
    random = Random(7)
    first = [rating(rating=f"r{n}", level=random.choice((1, 5, 5, 5)), text="慢" * 9) for n in range(900)]
    second = [rating(rating=f"r{n}", level=5, attempt=2) for n in range(0, 900, 9)]
    sent = [f"hall/{one['rating']}:{one['attempt']}" for one in (*first, *second)]
    bad = sum(one["level"] == 1 for one in first)
    assert len(set(sent)) == 1000
    office.post(*first, *second)
    taken = tmp_path / "taken"
    taken.touch()
    memory = tmp_path / "far.db"

    far = HalfWay(memory, given_map())
    with Server(far, SECRET, 0, seed=3, share=0.35, late_s=LATE_S) as server, server.serving():
        child = subprocess.Popen([sys.executable, "-c", KILLED, str(office.file), server.url, str(taken)])
        try:
            await until(lambda: far.counts().stored >= HALF, within_s=60)
        finally:
            child.send_signal(signal.SIGKILL)
            child.wait()
    far.close()
    assert office.counts().waiting >= 1000 - HALF - AT_ONCE

    far = FarSide(memory, given_map())
    with Server(far, SECRET, 0, seed=4, share=0.35, late_s=LATE_S) as server, server.serving():
        async with office.open(Province(server.url, "hall", SECRET, TIMEOUT_S)):
            await until(lambda: office.counts().waiting == 0 and len(_orders(office, taken)) >= bad, within_s=60)
    stored, counts = far.ids(), far.counts()
    far.close()

    assert sorted(stored) == sorted(sent) and counts.stored == 1000
    assert counts.repeats > 0 and counts.altered == 0
    assert all(stored.index(f"hall/r{n}:1") < stored.index(f"hall/r{n}:2") for n in range(0, 900, 9))
    assert _receipts(office) == {f"PJ{number:08}" for number in range(1, 1001)}
    assert counts.orders == bad == len(_orders(office, taken)) == len(office.states(ORDER))


def _receipts(office: Office) -> set[str]:
    query = "select receipt from exchange where kind = ? and state = 'delivered'"
    rows = office.do(lambda connection: connection.execute(query, (RATING,)).fetchall())
    receipts = [json.loads(row[0]) for row in rows]
    assert len(receipts) == 1000 and {receipt["state"] for receipt in receipts} == {"accepted"}
    return {receipt["order_no"] for receipt in receipts}


def _orders(office: Office, taken: Path) -> set[str]:
    """What the killed exchange took, and what this one did."""
    return {*taken.read_text().split(), *(order.order for order in office.taken)}
