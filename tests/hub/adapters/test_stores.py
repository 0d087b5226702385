"""Both stores keep one contract; what only SQLite promises comes after."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

import pytest

from hub.adapters.memory import MemoryStore
from hub.adapters.sqlite_store import QUARANTINE_ROWS, SqliteStore
from hub.core import events
from hub.ports import SNAPSHOTS, Commit, Device, Entry, Outcome, Snapshot, StoreError
from tests.hub.adapters.backups import files_of_at_most


@pytest.fixture(params=["memory", "sqlite"])
def store(request, tmp_path: Path):
    if request.param == "memory":
        yield MemoryStore()
        return
    sqlite = SqliteStore(tmp_path / "hall.db")
    yield sqlite
    sqlite.close()


def drawn(seq: int, number: str = "", visit: str = "") -> Entry:
    event = events.TicketDrawn(visit or f"v{seq}", "2026-01-05", "a", seq, number or f"A{seq:03}", "kiosk:k")
    return Entry(seq, 1000 + seq, f"c{seq}", event)


def commit(*entries: Entry) -> Commit:
    outcome = Outcome(entries[0].seq, entries[-1].seq, detail={"number": "A001"})
    return Commit(entries[0].command_id, 1000, outcome, entries)


def test_what_was_appended_is_loaded_in_order(store):
    store.append([commit(drawn(1)), commit(drawn(2))])
    store.append([commit(drawn(3))])
    assert list(store.load()) == [drawn(1), drawn(2), drawn(3)]


def test_the_log_is_loaded_from_a_position_on(store):
    store.append([commit(drawn(seq)) for seq in (1, 2, 5)])
    assert list(store.load(2)) == [drawn(5)]
    assert list(store.load(5)) == []


def test_the_last_snapshots_are_kept_the_newest_first(store):
    for seq in range(1, SNAPSHOTS + 3):
        store.keep_snapshot(Snapshot(seq, "shape", b"%d" % seq))
    assert [snapshot.seq for snapshot in store.snapshots()] == list(range(SNAPSHOTS + 2, 2, -1))
    assert next(iter(store.snapshots())) == Snapshot(SNAPSHOTS + 2, "shape", b"%d" % (SNAPSHOTS + 2))


def test_a_snapshot_at_the_same_position_takes_the_place_of_the_first(store):
    store.keep_snapshot(Snapshot(1, "shape", b"old"))
    store.keep_snapshot(Snapshot(1, "another", b"new"))
    assert list(store.snapshots()) == [Snapshot(1, "another", b"new")]


def test_the_outcome_of_a_command_is_remembered(store):
    store.append([commit(drawn(1))])
    assert store.outcome("c1") == Outcome(1, 1, detail={"number": "A001"})
    assert store.outcome("c2") is None


def test_a_refusal_is_remembered_too(store):
    store.append([Commit("c9", 1000, Outcome(0, 0, "stale", {"window": "1"}), ())])
    assert store.outcome("c9") == Outcome(0, 0, "stale", {"window": "1"})


def test_devices_are_kept(store):
    pad = Device("pad-1", "rating_pad", "1", "pad-1-abc", 1000)
    store.keep_device(pad)
    store.keep_device(Device("pad-1", "rating_pad", "1", "pad-1-abc", 1000, 2000))
    assert store.devices() == [Device("pad-1", "rating_pad", "1", "pad-1-abc", 1000, 2000)]


@pytest.fixture
def sqlite(tmp_path: Path):
    store = SqliteStore(tmp_path / "hall.db")
    yield store
    store.close()


def test_every_connection_syncs_fully(sqlite):
    for database in (sqlite._writer, sqlite._reader):
        assert database.execute("pragma synchronous").fetchone()[0] == 2
        assert database.execute("pragma journal_mode").fetchone()[0] == "wal"


def test_the_database_itself_refuses_a_number_given_twice(sqlite):
    sqlite.append([commit(drawn(1, number="A001"))])
    with pytest.raises(StoreError, match="UNIQUE"):
        sqlite.append([commit(drawn(2, number="A001"))])
    assert [entry.seq for entry in sqlite.load()] == [1]


def test_a_batch_is_all_or_nothing(sqlite):
    with pytest.raises(StoreError):
        sqlite.append([commit(drawn(1)), commit(drawn(1, visit="other", number="A009"))])
    assert list(sqlite.load()) == []
    assert sqlite.outcome("c1") is None


def test_the_quarantine_is_bounded(sqlite):
    for number in range(QUARANTINE_ROWS + 5):
        sqlite._writer.conn.execute(
            "insert into quarantine (at_ms, topic, payload, reason) values (1, 't', ?, 'r')", (str(number),)
        )
    sqlite.quarantine("t", b"x" * 1_000_000, "too long", 1)
    ids = [row[0] for row in sqlite._reader.execute("select id from quarantine order by id")]
    assert len(ids) == QUARANTINE_ROWS
    assert (
        sqlite._reader.execute("select length(payload) from quarantine where id = ?", (ids[-1],)).fetchone()[0] == 4096
    )


def test_the_epoch_is_drawn_once(sqlite):
    assert sqlite.epoch(1000) == 1000
    assert sqlite.epoch(2000) == 1000


def test_a_database_that_cannot_be_used_is_named(tmp_path: Path):
    (tmp_path / "hall.db").write_bytes(b"this is not a database, but somebody's letter" * 100)
    with pytest.raises(StoreError, match=r"hall\.db: file is not a database"):
        SqliteStore(tmp_path / "hall.db")


def test_a_full_disk_refuses_and_keeps_what_was_accepted(tmp_path: Path):
    """SQLite's own limit of pages stands for the full disk: it fails in the same place with the same error."""
    store = SqliteStore(tmp_path / "hall.db")
    store.append([commit(drawn(1))])
    pages = store._writer.execute("pragma page_count").fetchone()[0]
    store._writer.execute(f"pragma max_page_count = {pages}")
    with pytest.raises(StoreError, match="full"):
        for seq in range(2, 5000):
            store.append([commit(drawn(seq))])
    kept = [entry.seq for entry in store.load()]
    assert kept == list(range(1, len(kept) + 1))
    store._writer.execute("pragma max_page_count = 1000000")
    store.append([commit(drawn(len(kept) + 1))])
    store.close()


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path):
    (tmp_path / "data").write_text("a file where the folder should be")
    with pytest.raises(StoreError, match="unable to open"):
        SqliteStore(tmp_path / "data" / "hall.db")


def test_a_killed_writer_leaves_a_whole_log(tmp_path: Path):
    file = tmp_path / "hall.db"
    pid = os.fork()
    if pid == 0:
        store = SqliteStore(file)
        for seq in range(1, 100_000):
            store.append([commit(drawn(seq))])
        os._exit(0)
    while not file.exists() or _rows(file) < 20:
        pass
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    store = SqliteStore(file)
    kept = [entry.seq for entry in store.load()]
    assert kept == list(range(1, len(kept) + 1))
    assert len(kept) >= 20
    store.close()


def _rows(file: Path) -> int:
    try:
        with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as connection:
            return connection.execute("select count(*) from log").fetchone()[0]
    except sqlite3.Error:
        return 0


def test_a_log_that_was_set_back_has_a_higher_epoch_until_the_hub_wrote_it_down(sqlite):
    sqlite.append([commit(drawn(1))])
    assert sqlite.epoch(1000) == 1000
    assert (sqlite.restored_ms(), sqlite.last_ms()) == (None, 1001)
    assert sqlite.set_back(900) == sqlite.epoch(900) == 1001
    assert sqlite.set_back(5000) == sqlite.epoch(1) == 5000
    assert sqlite.restored_ms() == 1001
    sqlite.append([Commit("", 2000, Outcome(2, 2), (Entry(2, 2000, "", events.HubRestored(6000, 1001)),))])
    assert (sqlite.restored_ms(), sqlite.epoch(1)) == (None, 6000)


@pytest.mark.parametrize("size", [0, 20_000, 60_000])
def test_who_starts_a_hub_on_a_full_disk_is_told_what_to_do(tmp_path: Path, size: int):
    with files_of_at_most(size), pytest.raises(StoreError, match=rf"hall.db: .*MB are free in {tmp_path}: make room"):
        SqliteStore(tmp_path / "hall.db")
    SqliteStore(tmp_path / "hall.db").close()


def test_a_file_that_is_no_database_is_no_matter_of_room(tmp_path: Path):
    (tmp_path / "hall.db").write_bytes(b"rubbish" * 1000)
    with pytest.raises(StoreError, match=r"not a database$"):
        SqliteStore(tmp_path / "hall.db")


def test_others_who_write_in_between_keep_nothing_from_being_written(sqlite, tmp_path: Path):
    """What a transaction read would be old when it writes, so it must not begin before nobody else writes."""
    (file,) = tmp_path.glob("*.db")
    other = sqlite3.connect(file, timeout=0, isolation_level=None)
    tried = []

    def meddle(statement: str) -> None:
        if statement.lower().startswith(("insert", "update", "delete")):
            tried.append(statement)
            with contextlib.suppress(sqlite3.OperationalError):  # it has to wait: it is not its turn
                other.execute("insert or replace into meta values ('meddled', '1')")

    sqlite._writer.conn.set_trace_callback(meddle)
    sqlite.append([commit(drawn(1))])
    for window in ("1", "2"):
        sqlite.keep_device(Device("pad", "rating_pad", window, "x", 0), 1)
    sqlite.quarantine("topic", b"x", "no reason", 1)
    sqlite._writer.conn.set_trace_callback(None)
    other.close()
    assert len(tried) > 5 and len(list(sqlite.load())) == 1 and [it.window for it in sqlite.devices()] == ["2"]
