"""The scan finds what is there, wherever it lies, says where and never what; and knows what may be there still."""

from __future__ import annotations

import gzip
import json
import sqlite3
import tarfile
import time
import zipfile
import zlib
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from hub.adapters.privacy_scan import CHUNK, PER_FILE, Scan
from hub.adapters.sqlite_store import SqliteStore
from hub.cli.privacy import privacy
from hub.core.retention import DAY_MS
from hub.ports import Snapshot
from tools.cli import main

PHONE = "13812345678"
ID = "440101199001011233"
NOW_MS = 1_700_000_000_000
TODAY = "2023-11-15"


def scanned(folder: Path, now_ms: int = NOW_MS, known: tuple[str, ...] = ()) -> list[tuple[str, str, str, bool]]:
    looking = Scan(now_ms, TODAY, known)
    looking.data(folder)
    assert looking.report.unreadable == {}
    return [
        (each.kind, Path(each.file).name, each.where.split(",")[0].split(" ")[0], each.is_beyond)
        for each in looking.report.findings
    ]


@pytest.fixture
def store(tmp_path: Path):
    made = SqliteStore(tmp_path / "hall.db")
    yield made
    made.close()


def test_a_row_is_within_its_time_until_it_should_have_been_deleted(store: SqliteStore, tmp_path: Path):
    store.quarantine("t", f'{{"note":"{PHONE}"}}'.encode(), "why", NOW_MS)
    found = ("mobile number", "hall.db", "table", False)
    assert scanned(tmp_path, NOW_MS + 30 * DAY_MS) == [found]
    assert scanned(tmp_path, NOW_MS + 32 * DAY_MS) == [(*found[:3], True)]


def test_a_row_of_a_table_that_may_have_nothing_is_beyond_at_once(store: SqliteStore, tmp_path: Path):
    store._writer.execute("insert into meta values ('note', ?)", (f"ask {PHONE}",))
    assert scanned(tmp_path) == [("mobile number", "hall.db", "table", True)]


def test_a_snapshot_is_unpacked(store: SqliteStore, tmp_path: Path):
    store.keep_snapshot(Snapshot(1, "shape", zlib.compress(f'{{"case":"{ID}"}}'.encode())))
    assert scanned(tmp_path) == [("ID number", "hall.db", "table", True)]


def test_what_was_deleted_but_not_overwritten_is_found_in_the_file_and_in_its_log(tmp_path: Path):
    with closing(sqlite3.connect(tmp_path / "hall.db", isolation_level=None)) as database:
        database.execute("pragma secure_delete=off")
        database.execute("create table notes (text)")
        database.execute("insert into notes values (?)", (f" {PHONE} ",))
        database.execute("delete from notes")
        assert scanned(tmp_path) == [("mobile number", "hall.db", "byte", True)]
        database.execute("pragma journal_mode=wal")
        database.execute("insert into notes values (?)", (f" {ID} ",))
        database.execute("delete from notes")
        assert ("ID number", "hall.db-wal", "byte", True) in scanned(tmp_path)


def test_a_known_value_is_found_where_no_form_tells_it(tmp_path: Path):
    (tmp_path / "a").write_bytes("x李敏y".encode())
    assert scanned(tmp_path) == []
    assert scanned(tmp_path, known=("李敏", "")) == [("known value", "a", "byte", True)]


@pytest.mark.parametrize("at", [0, CHUNK - 5, CHUNK, 2 * CHUNK - 11])
def test_a_value_on_the_edge_of_two_blocks_is_found_once(tmp_path: Path, at: int):
    (tmp_path / "hub.log").write_bytes(b" " * at + PHONE.encode() + b" " * CHUNK)
    looking = Scan(NOW_MS, TODAY)
    looking.data(tmp_path)
    assert [each.where for each in looking.report.findings] == [f"byte {at}"]


def test_archives_and_what_is_in_them_are_opened(tmp_path: Path):
    backups = tmp_path / "backups"
    backups.mkdir()
    store = SqliteStore(tmp_path / "hall.db")
    store._writer.execute("insert into meta values ('note', ?)", (PHONE,))
    store.close()
    (tmp_path / "day-keys").mkdir()
    (tmp_path / "day-keys" / "2023-12-01").write_bytes(b"k" * 32)
    with tarfile.open(backups / "hall.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "hall.db", "hall.db")
        archive.add(tmp_path / "day-keys", "day-keys")
    with zipfile.ZipFile(backups / "reports.zip", "w") as archive:
        archive.writestr("report.csv", f"number\n{ID}\n")
    with gzip.open(backups / "hub.log.gz", "wb") as out:
        out.write(f"asked {PHONE}\n".encode())
    (backups / "hall.tar.gz.age").write_bytes(b"age-encryption.org/v1\n" + PHONE.encode())
    looking = Scan(NOW_MS, TODAY)
    looking.backups(backups)
    told = {(Path(each.file).name, each.kind) for each in looking.report.beyond}
    assert told == {
        ("hall.tar.gz:hall.db", "mobile number"),
        ("2023-12-01", "key of a day in a backup"),
        ("reports.zip:report.csv", "ID number"),
        ("hub.log.gz", "mobile number"),
    }
    assert looking.report.unreadable == {str(backups / "hall.tar.gz.age"): "encrypted"}


def test_rows_in_a_real_backup_are_judged_by_when_it_was_made(tmp_path: Path):
    data, backups = tmp_path / "data", tmp_path / "backups"
    data.mkdir()
    store = SqliteStore(data / "hall.db")
    store.quarantine("t", PHONE.encode(), "fresh", int(time.time() * 1000))
    store.quarantine("t", PHONE.encode(), "long ago", 1)
    store.close()
    made = CliRunner().invoke(main, ["backup", "--data", str(data), "--to", str(backups)])
    assert made.exit_code == 0, made.output
    looking = Scan(NOW_MS, TODAY)
    looking.backups(backups)
    assert [each.is_beyond for each in looking.report.findings] == [False, True]
    assert all(each.file.endswith(".tar.gz:hall.db") for each in looking.report.findings)


def test_the_contacts_may_be_in_the_hall_file_of_a_backup(tmp_path: Path):
    (tmp_path / "hall.toml").write_text('[contacts.li]\nemail = "li@hall.example"\n')
    with tarfile.open(tmp_path / "hall.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "hall.toml", "hall.toml")
    (tmp_path / "hall.toml").unlink()
    looking = Scan(NOW_MS, TODAY)
    looking.backups(tmp_path)
    assert [each.is_beyond for each in looking.report.findings] == [False]


def test_a_broken_archive_is_named(tmp_path: Path):
    (tmp_path / "hub.log.gz").write_bytes(b"\x1f\x8bnothing")
    (tmp_path / "hall.db").write_bytes(b"SQLite format 3\0 and no more")
    looking = Scan(NOW_MS, TODAY)
    looking.data(tmp_path)
    assert {Path(file).name for file in looking.report.unreadable} == {"hub.log.gz", "hall.db"}


def test_a_file_full_of_numbers_is_told_in_bounds(tmp_path: Path):
    (tmp_path / "hub.log").write_text(f"{PHONE}\n" * 10 * PER_FILE)
    assert len(scanned(tmp_path)) == PER_FILE


def test_the_command_says_where_and_not_what_and_how_it_went(tmp_path: Path):
    data, log, find = tmp_path / "data", tmp_path / "hub.log", tmp_path / "find"
    data.mkdir()
    SqliteStore(data / "hall.db").close()
    log.write_text(f"nothing\n{PHONE} and 李敏\n")
    find.write_text("李敏\n")
    ran = CliRunner().invoke(privacy, ["scan", "--data", str(data)])
    assert (ran.exit_code, ran.output) == (0, "1 files read, 0 findings beyond their limit, 0 within\n")
    options = ["scan", "--data", str(data), "--logs", str(log), "--exports", str(data), "--find", str(find)]
    ran = CliRunner().invoke(privacy, options)
    assert ran.exit_code == 1 and f"mobile number 13…78 in {log}, byte 8" in ran.output and "known value" in ran.output
    told = CliRunner().invoke(privacy, [*options, "--json"])
    assert (told.exit_code, json.loads(told.output)["beyond"]) == (1, 2)
    assert PHONE not in ran.output + told.output and "李敏" not in ran.output + told.output
    assert CliRunner().invoke(privacy, ["scan"]).exit_code == 2
