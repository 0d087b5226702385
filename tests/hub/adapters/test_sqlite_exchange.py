"""The table of the exchange, on real SQLite: once by its id, in order per subject, and nothing is given up."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from hub.adapters import sqlite_exchange as table
from hub.adapters.sqlite_exchange import Counts
from hub.adapters.sqlite_store import SqliteStore, connect
from hub.core.exchange import RATING
from hub.core.exchange_orders import Order
from tests.hub.exchange import rating

NOW_MS = 1_772_586_900_000


@pytest.fixture
def connection(tmp_path: Path):
    SqliteStore(tmp_path / "hall.db").close()
    database = connect(tmp_path / "hall.db")
    yield database.conn
    database.close()


def put(connection: sqlite3.Connection, id: str, subject: str = "", now_ms: int = NOW_MS) -> None:
    table.post(connection.execute, RATING, id, subject or id, rating(rating=id), now_ms)


def due_ids(connection: sqlite3.Connection, now_ms: int = NOW_MS, most: int = 100) -> list[str]:
    return [parcel.id for parcel in table.due(connection, now_ms, most)]


def bodies(connection: sqlite3.Connection) -> list[str]:
    return [body for (body,) in connection.execute("select body from exchange order by seq")]


def test_what_is_posted_is_due_with_its_record(connection):
    put(connection, "r1")
    (parcel,) = table.due(connection, NOW_MS, 10)
    assert (parcel.id, parcel.kind, parcel.body, parcel.attempts) == ("r1", RATING, rating(rating="r1"), 0)


def test_the_same_id_is_one_line_with_what_it_had_first(connection):
    put(connection, "r1")
    table.post(connection.execute, RATING, "r1", "other", rating(level=1), NOW_MS)
    table.delivered(connection, "r1", {"order_no": "1", "state": "ok"}, NOW_MS)
    put(connection, "r1")
    assert due_ids(connection) == [] and table.counts(connection) == Counts(0, 0, 0)


def test_it_is_written_with_its_event_or_not_at_all(connection):
    connection.execute("begin")
    put(connection, "r1")
    connection.execute("rollback")
    assert due_ids(connection) == []


def test_what_is_missing_is_no_repetition(connection):
    with pytest.raises(sqlite3.IntegrityError):
        table.post(connection.execute, RATING, "r1", None, {}, NOW_MS)  # pyright: ignore[reportArgumentType]


def test_the_longest_waiting_is_first_and_what_was_put_off_comes_later(connection):
    for number in range(4):
        put(connection, f"r{number}", now_ms=NOW_MS + number)
    table.put_off(connection, "r0", "answered 503", NOW_MS + 1000)
    assert due_ids(connection, NOW_MS + 999, most=2) == ["r1", "r2"]
    assert due_ids(connection, NOW_MS + 1000) == ["r1", "r2", "r3", "r0"]
    assert [(p.attempts, p.error) for p in table.due(connection, NOW_MS + 1000, 9) if p.id == "r0"] == [
        (1, "answered 503")
    ]


def test_a_correction_waits_for_what_it_corrects(connection):
    put(connection, "first", "visit")
    put(connection, "second", "visit")
    put(connection, "stranger")
    assert due_ids(connection) == ["first", "stranger"]
    table.put_off(connection, "first", "no network", NOW_MS + 9)
    assert due_ids(connection) == ["stranger"]
    table.delivered(connection, "first", {}, NOW_MS)
    assert due_ids(connection) == ["second", "stranger"]


def test_a_refused_line_holds_up_only_those_behind_it_until_somebody_decides(connection):
    for id, subject in (("a1", "a"), ("a2", "a"), ("b1", "b"), ("b2", "b"), ("c", "c")):
        put(connection, id, subject)
    table.refused(connection, "a1", "answered 422: no such item")
    table.refused(connection, "b1", "answered 422: no such item")
    assert due_ids(connection) == ["c"]
    assert [(parcel.id, parcel.error) for parcel in table.refused_parcels(connection, 1)] == [
        ("a1", "answered 422: no such item")
    ]
    assert table.replay(connection, ["a1", "a2", "nobody"], NOW_MS) == 1
    assert table.set_aside(connection, ["b1", "c"], NOW_MS) == 1
    assert due_ids(connection) == ["a1", "b2", "c"]


def test_refused_lines_of_a_span_are_replayed(connection):
    for number in range(4):
        put(connection, f"r{number}", now_ms=NOW_MS + number)
        table.refused(connection, f"r{number}", "answered 422")
    assert table.replay_between(connection, NOW_MS + 1, NOW_MS + 3, NOW_MS + 50) == 2
    assert due_ids(connection, NOW_MS + 49) == [] and due_ids(connection, NOW_MS + 50) == ["r1", "r2"]
    assert table.counts(connection) == Counts(2, 2, NOW_MS + 1)


def test_what_was_delivered_keeps_its_receipt_and_not_what_people_wrote(connection):
    receipt = {"order_no": "PJ1", "state": "accepted"}
    for id in ("r1", "r2"):
        table.post(connection.execute, RATING, id, id, rating(text="我叫王小明"), NOW_MS)
    table.put_off(connection, "r1", "answered 500: 王小明", NOW_MS)
    table.delivered(connection, "r1", receipt, NOW_MS)
    table.refused(connection, "r2", "answered 422")
    assert table.receipt(connection, "r1") == receipt and table.receipt(connection, "r2") is None
    table.set_aside(connection, ["r2"], NOW_MS)
    assert bodies(connection) == ["null", "null"]
    assert "王" not in str(connection.execute("select * from exchange where id = 'r1'").fetchall())


def test_an_answer_that_comes_after_a_decision_changes_nothing(connection):
    put(connection, "r1")
    table.delivered(connection, "r1", {"order_no": "1"}, NOW_MS)
    table.refused(connection, "r1", "late")
    table.put_off(connection, "r1", "late", NOW_MS)
    table.delivered(connection, "r1", {"order_no": "2"}, NOW_MS + 1)
    assert table.receipt(connection, "r1") == {"order_no": "1"}
    assert table.replay(connection, ["r1"], NOW_MS) == 0 and table.set_aside(connection, ["r1"], NOW_MS) == 0


def test_orders_are_kept_once_together_with_how_far_they_were_fetched(connection):
    read = Order("W1", "bad-rating")
    table.keep_orders(connection, [({"no": "W1"}, read), ({"no": "?"}, None)], "17", NOW_MS)
    table.keep_orders(connection, [({"no": "W1", "seen": 2}, read), ({"no": "?"}, None)], "18", NOW_MS)
    assert [parcel.body for parcel in table.due(connection, NOW_MS, 9)] == [{"no": "W1"}, {"no": "?"}]
    assert table.cursor(connection) == "18"


def test_orders_that_cannot_be_kept_leave_the_cursor_where_it_is(connection):
    table.keep_orders(connection, [], "17", NOW_MS)
    with pytest.raises(TypeError):
        table.keep_orders(connection, [({"no": "W1"}, Order("W1", "bad-rating")), ({1, 2}, None)], "18", NOW_MS)
    assert table.cursor(connection) == "17" and due_ids(connection) == []


def test_looking_is_quick_whatever_was_delivered(connection):
    """By its plan, not by its time: every look is at an index over what is open."""
    asked: list[str] = []
    connection.set_trace_callback(asked.append)
    table.due(connection, NOW_MS, 9)
    table.counts(connection)
    table.refused_parcels(connection, 9)
    connection.set_trace_callback(None)
    assert len(asked) == 3
    for query in asked:
        plan = [row[3] for row in connection.execute(f"explain query plan {query}")]
        looks = [step for step in plan if step.startswith(("SCAN", "SEARCH"))]
        assert looks and all("exchange_waiting" in look or "exchange_open" in look for look in looks), plan
