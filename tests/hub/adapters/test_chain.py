"""The chain of the log: whatever is done to the rows behind the hub's back is seen, and named."""

from __future__ import annotations

import sqlite3
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from hub.adapters import sqlite_chain
from hub.adapters.sqlite_accounts import SqliteAccounts
from hub.adapters.sqlite_chain import ALTERED, BEGIN, CUT, INSERTED, LOG, REMOVED, UNEXPECTED, Head, read_head
from hub.adapters.sqlite_schema import migrations
from hub.adapters.sqlite_store import SqliteStore
from hub.core import events
from hub.core.chain import link
from hub.ports import Commit, Deed, Entry, Outcome, StoreError

ROWS = 8
GAP = 20
"""The key of a row after positions that were tried and failed."""


def commit(seq: int) -> Commit:
    event = events.TicketDrawn(f"v{seq}", "2026-01-05", "a", seq, f"A{seq:03}", "kiosk:k")
    return Commit(f"c{seq}", 1000 + seq, Outcome(seq, seq), (Entry(seq, 1000 + seq, f"c{seq}", event),))


def written(folder: Path, seqs=range(1, ROWS + 1)) -> Path:
    store = SqliteStore(folder / "hall.db")
    for seq in seqs:
        store.append([commit(seq)])
    store.close()
    return folder / "hall.db"


def broken(file: Path, expected: Head | None = None) -> tuple[str, int] | None:
    """What is wrong with the log: (what, key)."""
    verdict = sqlite_chain.verify_file(file, expected)[0]
    assert verdict.table == "log"
    return (verdict.broken.what, verdict.broken.key) if verdict.broken else None


def tamper(file: Path, *statements: str) -> None:
    connection = sqlite3.connect(file)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def test_a_log_that_nobody_touched_holds_also_with_positions_left_out(tmp_path: Path):
    file = written(tmp_path, [1, 2, 3, GAP, GAP + 1])
    verdict = sqlite_chain.verify_file(file)[0]
    assert (verdict.broken, verdict.rows, verdict.head.key) == (None, 5, GAP + 1)
    assert broken(file, verdict.head) is None


def test_an_empty_log_holds(tmp_path: Path):
    assert broken(written(tmp_path, [])) is None


def test_it_can_be_verified_while_the_hub_writes(tmp_path: Path):
    store = SqliteStore(tmp_path / "hall.db")
    for seq in range(1, 50):
        store.append([commit(seq)])
        assert broken(tmp_path / "hall.db") is None
    store.close()


@pytest.mark.parametrize("seq", range(1, ROWS + 1))
@pytest.mark.parametrize(
    "change",
    ["at_ms = at_ms + 1", "command_id = 'x'", "kind = 'X'", "body = body || ' '", "body = cast(body as blob)"],
)
def test_any_altered_column_of_any_row_is_named(tmp_path: Path, seq: int, change: str):
    file = written(tmp_path)
    tamper(file, f"update log set {change} where seq = {seq}")
    assert broken(file) == (ALTERED, seq)


def test_an_altered_link_and_a_missing_one_are_named(tmp_path: Path):
    file = written(tmp_path)
    tamper(file, "update log set link = null where seq = 6", "update log set link = zeroblob(32) where seq = 3")
    assert broken(file) == (ALTERED, 3)
    tamper(file, f"update log set link = x'{'00' * 32}' where seq = 1")
    assert broken(file) == (ALTERED, 1)


@pytest.mark.parametrize("seq", range(1, ROWS))
def test_any_removed_row_is_missed_by_the_row_after_it(tmp_path: Path, seq: int):
    file = written(tmp_path)
    tamper(file, f"delete from log where seq = {seq}")
    assert broken(file) == (REMOVED, seq + 1)


def test_rows_that_were_cut_off_the_end_are_missed(tmp_path: Path):
    file = written(tmp_path)
    tamper(file, f"delete from log where seq > {ROWS - 3}")
    assert broken(file) == (CUT, ROWS - 3)


def test_a_row_put_in_is_named_also_when_its_own_link_was_worked_out(tmp_path: Path):
    file = written(tmp_path, [1, 2, GAP, GAP + 1])
    before = sqlite3.connect(file).execute("select link from log where seq = 2").fetchone()[0]
    row = (5, 1005, "c5", "TicketCancelled", "{}")
    for its_link in (bytes(32), link(before, *row)):
        tamper(file, "delete from log where seq = 5")
        connection = sqlite3.connect(file)
        connection.execute("insert into log values (?, ?, ?, ?, ?, ?)", (*row, its_link))
        connection.commit()
        connection.close()
        assert broken(file) == (INSERTED, 5)


def test_rows_put_in_at_the_end_are_named(tmp_path: Path):
    file = written(tmp_path)
    head = sqlite_chain.verify_file(file)[0].head
    row = (ROWS + 1, 1, "c", "TicketCancelled", "{}")
    connection = sqlite3.connect(file)
    connection.execute("insert into log values (?, ?, ?, ?, ?, ?)", (*row, link(head.link, *row)))
    connection.commit()
    connection.close()
    assert broken(file) == (INSERTED, ROWS + 1)


def test_two_rows_that_changed_places_are_named(tmp_path: Path):
    file = written(tmp_path)
    tamper(
        file,
        "update log set seq = 100 where seq = 4",
        "update log set seq = 4 where seq = 5",
        "update log set seq = 5 where seq = 100",
    )
    assert broken(file) == (ALTERED, 4)


def test_a_chain_made_anew_holds_and_is_not_the_one_that_was_noted(tmp_path: Path):
    file = written(tmp_path)
    noted = sqlite_chain.verify_file(file)[0].head
    tamper(file, "update log set body = '{}' where seq = 3")
    connection = sqlite3.connect(file)
    sqlite_chain.chain_all(connection.execute, LOG)
    connection.commit()
    connection.close()
    assert broken(file) is None
    assert broken(file, noted) == (UNEXPECTED, ROWS)


def test_a_log_set_back_as_a_whole_is_seen_by_who_noted_a_head(tmp_path: Path):
    file = written(tmp_path)
    noted = sqlite_chain.verify_file(file)[0].head
    (tmp_path / "older").mkdir()
    older = written(tmp_path / "older", range(1, 5))
    assert broken(older) is None
    assert broken(older, noted) == (CUT, 4)


def test_a_failed_batch_leaves_the_chain_whole(tmp_path: Path):
    store = SqliteStore(tmp_path / "hall.db")
    store.append([commit(1)])
    with pytest.raises(StoreError):
        store.append([commit(2), commit(2)])
    store.append([commit(3)])
    store.close()
    assert broken(tmp_path / "hall.db") is None


def test_a_log_of_before_is_chained_once(tmp_path: Path):
    file = tmp_path / "hall.db"
    database = Database(sqlite3.connect(file, isolation_level=None))
    migrations.apply(database, stop_before="chain_of_the_log")
    for seq in (1, 2, 7):
        database.conn.execute("insert into log values (?, 1, '', 'TicketExpired', '{\"visit\":\"v\"}')", (seq,))
    assert sqlite_chain.verify(database.conn.execute, LOG) == sqlite_chain.Verdict("log", 0, Head(), None)
    database.close()
    store = SqliteStore(file)
    store.append([commit(8)])
    store.close()
    verdict = sqlite_chain.verify_file(file)[0]
    assert (verdict.broken, verdict.rows, verdict.head.key) == (None, 4, 8)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_change_of_the_rows_goes_unseen(data):
    """Whatever set of rows is there in the end: if it is not what the hub wrote, the verdict says so."""
    cell = {1: st.integers(0, 3), 2: st.text(max_size=2), 3: st.sampled_from("AB"), 4: st.text(max_size=2)}
    with tempfile.TemporaryDirectory() as folder:
        file = written(Path(folder), [1, 2, 3, 9, 10])
        connection = sqlite3.connect(file)
        original = connection.execute("select * from log order by seq").fetchall()
        rows = {row[0]: row for row in original}
        for _ in range(data.draw(st.integers(0, 3))):
            kind = data.draw(st.sampled_from(["alter", "remove", "insert", "swap"]))
            key = data.draw(st.sampled_from(sorted(rows)) if rows else st.just(1))
            if kind == "remove":
                rows.pop(key, None)
            elif kind == "insert":
                key = data.draw(st.integers(1, 12))
                rows[key] = (key, 1, "c", "X", "{}", data.draw(st.binary(min_size=32, max_size=32)))
            elif kind == "alter" and key in rows:
                column = data.draw(st.sampled_from(sorted(cell)))
                rows[key] = (*rows[key][:column], data.draw(cell[column]), *rows[key][column + 1 :])
            elif rows:
                other = data.draw(st.sampled_from(sorted(rows)))
                rows[key], rows[other] = (key, *rows[other][1:]), (other, *rows[key][1:])
        connection.execute("delete from log")
        connection.executemany("insert into log values (?, ?, ?, ?, ?, ?)", rows.values())
        connection.commit()
        connection.close()
        assert (broken(file) is None) == (sorted(rows.values()) == original)


def test_a_chain_that_was_taken_away_is_missed(tmp_path: Path):
    file = written(tmp_path)
    tamper(file, "alter table log drop column link")
    assert broken(file) == (ALTERED, 0)


@pytest.mark.parametrize("column", sqlite_chain.DEEDS.columns[1:])
def test_the_audit_is_chained_too(tmp_path: Path, column: str):
    accounts = SqliteAccounts(tmp_path / "hall.db")
    for number in range(4):
        accounts.note(Deed(number, "admin", "::1", "device.revoke", f"pad-{number}"))
    accounts.close()
    log, deeds = sqlite_chain.verify_file(tmp_path / "hall.db")
    assert (deeds.table, deeds.broken, deeds.rows, log.broken) == ("deeds", None, 4, None)
    tamper(
        tmp_path / "hall.db",
        "drop trigger deeds_no_update",
        f'update deeds set "{column}" = "{column}" || \'1\' where id = 3',
    )
    log, deeds = sqlite_chain.verify_file(tmp_path / "hall.db")
    assert deeds.broken
    assert (deeds.broken.what, deeds.broken.key, log.broken) == (ALTERED, 3, None)


def test_a_head_is_read_as_it_is_written():
    head = Head(7, bytes(range(32)))
    assert read_head(str(head)) == head
    for wrong in ("", "7", "7:00", "x:" + "00" * 32, "-1:" + "00" * 32):
        with pytest.raises(ValueError, match="SEQ:HEX"):
            read_head(wrong)
    assert Head() == Head(0, BEGIN)
