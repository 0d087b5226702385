"""A backup is whole or not there; what comes after it is in its tail; a restore gives back what there was."""

from __future__ import annotations

import contextlib
import gzip
import shutil
import sqlite3
import threading
from pathlib import Path

import pyrage
import pytest
from sqlite_utils.migrations import Migrations

from hub.adapters import backup_file, backup_restore, sqlite_projections, sqlite_schema, sqlite_store
from hub.adapters.backup_file import Backup, BackupError, backup_at, backups_in, read_identities, read_recipients
from hub.adapters.backup_tail import Tail
from hub.adapters.sqlite_store import SqliteStore
from hub.core.events import HubRestored
from hub.ports import Commit, Entry, Outcome
from tests.hub.adapters.backups import NOW_MS, Office, files_of_at_most

KEY = pyrage.x25519.Identity.generate()
MOSQUITTO = ("mosquitto/dynamic-security.json", "mosquitto/admin-password")
OTHER_KEY = pyrage.x25519.Identity.generate()
TABLES = ("log", "commands", "devices", "bindings", "users", "deeds", *sqlite_projections.TABLES)


@pytest.fixture
def office(tmp_path: Path):
    office = Office(tmp_path / "data")
    yield office
    office.store.close()


@pytest.fixture(params=["plain", "encrypted"])
def recipients(request):
    return [KEY.to_public()] if request.param == "encrypted" else []


def made(office: Office, recipients=(), now_ms: int = NOW_MS, **more) -> Backup:
    return backup_restore.make(office.data, office.data.parent / "backups", recipients, now_ms, **more)


def restored(backup: Path, into: Path, identities=(KEY,), until_ms: int | None = None):
    into.mkdir()
    return backup_restore.restore(backup, into, identities, NOW_MS + 1000, until_ms)


def rows(file: Path) -> dict[str, list[tuple]]:
    connection = sqlite3.connect(file)
    found = {table: sorted(connection.execute(f"select * from {table}"), key=repr) for table in TABLES}
    connection.close()
    return found


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_backup_gives_back_what_there_was(office, recipients, tmp_path: Path):
    office.work(5)
    (office.data / "tls").mkdir()
    (office.data / "tls" / "ca.pem").write_text("certificate")
    (office.data / "tls" / ".ca.pem.swp").write_text("an editor's")
    (office.data / "mosquitto").mkdir()
    for name in MOSQUITTO:
        (office.data / name).write_text(name)
    backup = made(office, recipients, hall_file=Path("hub/halls/songshan-lake.toml"))
    assert left(backup.file.parent) == sorted([backup.file.name, backup.tail.name, backup.sum.name])
    assert oct(backup.file.stat().st_mode & 0o777) == "0o600"
    before = rows(office.data / "hall.db")
    office.work(3)
    done = restored(backup.file, tmp_path / "new")
    assert rows(tmp_path / "new" / "hall.db") == before
    assert left(tmp_path / "new") == ["broker", "hall.db", "hall.toml", "mosquitto", "secret", "tls"]
    for name in ("secret", "tls/ca.pem", "broker/logins.json", *MOSQUITTO):
        assert (tmp_path / "new" / name).read_bytes() == (office.data / name).read_bytes()
        assert (tmp_path / "new" / name).stat().st_mode & 0o77 == 0
    assert done.epoch == NOW_MS // 1000 + 1


def test_an_encrypted_backup_shows_nothing_and_opens_with_its_key_only(office, tmp_path: Path):
    backup = made(office, [KEY.to_public()])
    tail = Tail(backup, office.data, [KEY.to_public()])
    office.work(1)
    tail.catch_up(NOW_MS)
    for file in (backup.file, backup.tail):
        content = file.read_bytes()
        assert b"hall.db" not in content and b"TicketDrawn" not in content and b"one" not in content
    with pytest.raises(BackupError, match="--identity"):
        restored(backup.file, tmp_path / "none", [])
    with pytest.raises(BackupError, match="cannot be decrypted with this key"):
        restored(backup.file, tmp_path / "other", [OTHER_KEY])
    assert left(tmp_path / "none") == left(tmp_path / "other") == []


def test_nothing_readable_is_in_the_folder_while_an_encrypted_backup_is_made(office, monkeypatch):
    """A process that is killed leaves what it had there, and the folder may be somebody else's."""
    seen: list[str] = []
    check = backup_file.check_database

    def look(file: Path, manifest: backup_file.Manifest) -> None:
        seen.extend(path.name for path in (office.data.parent / "backups").rglob("*") if path.is_file())
        check(file, manifest)
        assert file.is_relative_to(office.data)

    monkeypatch.setattr(backup_file, "check_database", look)
    made(office, [KEY.to_public()])
    assert seen == []
    assert not list(office.data.glob(".jiaohao-*"))


def test_a_backup_that_is_encrypted_takes_no_room_from_the_hall(office, monkeypatch):
    monkeypatch.setattr(backup_file, "free_bytes", lambda _folder: 100_000)
    with pytest.raises(BackupError, match="too little room"):
        made(office, [KEY.to_public()])
    assert left(office.data.parent / "backups") == []


def test_what_came_after_the_backup_is_in_its_tail(office, recipients, tmp_path: Path):
    backup = made(office, recipients)
    tail = Tail(backup, office.data, recipients)
    for number in range(4):
        office.work(2)
        office.register(f"pad-{number}")
        office.hire(f"clerk-{number}")
        office.logins(f"logins {number}")
        assert tail.catch_up(NOW_MS + number) > 0
        assert tail.catch_up(NOW_MS + number) == 0
    done = restored(backup.file.parent, tmp_path / "new")
    assert rows(tmp_path / "new" / "hall.db") == rows(office.data / "hall.db")
    assert (tmp_path / "new" / "broker" / "logins.json").read_text() == "logins 3"
    assert (done.head.key, done.tail.pieces, done.tail.torn) == (office.seq, 5, False)
    checked = backup_restore.check(backup.file.parent, tmp_path, [KEY], NOW_MS)
    assert checked.differences == []
    assert checked.head == done.head


def test_a_hub_that_starts_again_goes_on_with_the_tail_without_any_key(office, recipients, tmp_path: Path):
    backup = made(office, recipients)
    office.work(1)
    Tail(backup, office.data, recipients).catch_up(NOW_MS)
    office.work(1)
    again = Tail(backup, office.data, recipients)
    assert again.fits()
    again.catch_up(NOW_MS)
    restored(backup.file, tmp_path / "new")
    assert rows(tmp_path / "new" / "hall.db") == rows(office.data / "hall.db")


def test_a_tail_does_not_fit_a_log_that_was_set_back(office, tmp_path: Path):
    backup = made(office)
    office.work(1)
    Tail(backup, office.data, []).catch_up(NOW_MS)
    older = Office(tmp_path / "older")
    assert not Tail(backup, older.data, []).fits()
    older.play.ms += 5
    older.work(20)
    assert not Tail(backup, older.data, []).fits()
    older.store.close()


def test_a_tail_does_not_fit_an_audit_that_was_set_back(office, tmp_path: Path):
    """At night people log in and nobody draws a ticket: the log is the same, the audit is not."""
    backup = made(office)
    shutil.copytree(office.data, tmp_path / "older")
    office.hire("one")
    Tail(backup, office.data, []).catch_up(NOW_MS)
    assert Tail(backup, office.data, []).fits()
    assert not Tail(backup, tmp_path / "older", []).fits()
    office.data = tmp_path / "older"
    office.hire("two")  # another line of the same number
    assert not Tail(backup, office.data, []).fits()


def test_a_piece_that_a_full_disk_tore_is_written_anew(office, tmp_path: Path):
    backup = made(office)
    tail = Tail(backup, office.data, [])
    office.work(3)
    with files_of_at_most(backup.tail.stat().st_size + 300), pytest.raises(BackupError, match="cannot write"):
        tail.catch_up(NOW_MS)
    tail.catch_up(NOW_MS)
    office.work(1)
    tail.catch_up(NOW_MS)
    assert restored(backup.file, tmp_path / "new").head.key == office.seq


@pytest.mark.parametrize("instead", ["nothing", "an empty file"])
def test_a_tail_goes_on_after_its_share_was_away(office, tmp_path: Path, instead: str):
    """The folder is where the share is mounted: while that is away, there is an empty one."""
    backup = made(office)
    tail = Tail(backup, office.data, [])
    backup.file.parent.rename(tmp_path / "away")
    backup.file.parent.mkdir()
    if instead == "an empty file":
        backup.tail.touch()
    office.work(2)
    with pytest.raises(BackupError):
        tail.catch_up(NOW_MS)
    shutil.rmtree(backup.file.parent)
    (tmp_path / "away").rename(backup.file.parent)
    office.work(1)
    tail.catch_up(NOW_MS)
    assert restored(backup.file, tmp_path / "new").head.key == office.seq


def test_commands_of_today_are_in_the_tail_also_when_all_older_ones_were_deleted(office, tmp_path: Path):
    office.work(3)
    backup = made(office)
    tail = Tail(backup, office.data, [])
    office.store._writer.conn.execute("delete from commands")  # what the job does after a month
    for _ in range(2):
        office.work(1)
        tail.catch_up(NOW_MS)
    restored(backup.file, tmp_path / "new")
    assert set(rows(office.data / "hall.db")["commands"]) <= set(rows(tmp_path / "new" / "hall.db")["commands"])


def test_any_torn_end_of_the_tail_costs_the_last_piece_only(office, tmp_path: Path):
    backup = made(office)
    tail = Tail(backup, office.data, [])
    office.work(1)
    tail.catch_up(NOW_MS)
    whole = backup.tail.read_bytes()
    seq = office.seq
    office.work(1)
    tail.catch_up(NOW_MS)
    piece = backup.tail.read_bytes()[len(whole) :]
    for cut in (1, len(piece) // 2, len(piece) - 1):
        backup.tail.write_bytes(whole + piece[:cut])
        done = backup_restore.check(backup.file, tmp_path, [], NOW_MS)
        assert (done.head.key, done.tail.torn) == (seq, True)
    again = Tail(backup, office.data, [])  # the hub after the crash: cuts it off, and writes that piece anew
    again.catch_up(NOW_MS)
    done = backup_restore.check(backup.file, tmp_path, [], NOW_MS)
    assert (done.head.key, done.tail.torn) == (office.seq, False)


def test_a_damaged_piece_in_the_middle_is_refused_and_said(office, tmp_path: Path):
    backup = made(office)
    tail = Tail(backup, office.data, [])
    for at_ms in (NOW_MS, NOW_MS + 10_000):
        office.work(1)
        tail.catch_up(at_ms)
    lines = backup.tail.read_bytes().splitlines(keepends=True)
    backup.tail.write_bytes(b"".join([lines[0], lines[1].replace(b"TicketDrawn", b"TicketDrown"), lines[2]]))
    with pytest.raises(BackupError, match=r"piece 2 .* is damaged .*--at"):
        restored(backup.file, tmp_path / "new")


def test_an_altered_piece_with_a_right_checksum_breaks_the_chain(office, tmp_path: Path):
    import zlib

    backup = made(office)
    office.work(1)
    Tail(backup, office.data, []).catch_up(NOW_MS)
    first, second = backup.tail.read_bytes().splitlines()
    body = second[9:].replace(b"A002", b"A009")
    assert body != second[9:]
    backup.tail.write_bytes(first + b"\n" + b"%08x " % zlib.crc32(body) + body + b"\n")
    with pytest.raises(BackupError, match="was altered"):
        restored(backup.file, tmp_path / "new")
    assert left(tmp_path / "new") == []


def test_the_state_of_a_moment_is_given_back(office, tmp_path: Path):
    backup = made(office)
    tail = Tail(backup, office.data, [])
    seqs = []
    for number in range(3):
        office.work(1)
        tail.catch_up(NOW_MS + 10_000 * (number + 1))
        seqs.append(office.seq)
    made(office, now_ms=NOW_MS + 60_000)
    done = restored(backup.file.parent, tmp_path / "new", until_ms=NOW_MS + 25_000)
    assert (done.backup, done.head.key) == (backup, seqs[1])
    with pytest.raises(BackupError, match="old enough"):
        backup_restore.find(backup.file.parent, NOW_MS - 1)


def test_everybody_logs_in_again_and_displays_believe_the_restored_log(office, tmp_path: Path):
    with sqlite3.connect(office.data / "hall.db") as connection:
        for kind in ("session", "key"):
            connection.execute("insert into tokens values (?, ?, 'li', 'clerk', 0, 0)", (kind, kind))
    connection.close()
    restored(made(office).file, tmp_path / "new")
    store = SqliteStore(tmp_path / "new" / "hall.db")
    assert [row[0] for row in store._reader.execute("select kind from tokens")] == ["key"]
    assert store.epoch(1) == NOW_MS // 1000 + 1
    assert store.restored_ms() == office.play.ms
    store.close()


def test_a_backup_beside_a_writer_that_does_not_stop_is_of_one_moment(office, tmp_path: Path):
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            office.work(1)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        backups = [made(office, now_ms=NOW_MS + number) for number in range(3)]
    finally:
        stop.set()
        writer.join()
    for backup in backups:
        assert backup_restore.check(backup.file, tmp_path, [], NOW_MS).differences == []


def test_a_database_that_is_broken_makes_no_backup(office, tmp_path: Path):
    good = made(office)
    with sqlite3.connect(office.data / "hall.db") as connection:
        connection.execute("update log set body = body || ' ' where seq = 2")
    connection.close()
    with pytest.raises(BackupError, match="row 2 of the table log was altered"):
        made(office, now_ms=NOW_MS + 1)
    assert left(good.file.parent) == sorted([good.file.name, good.tail.name, good.sum.name])


def test_tables_that_are_not_as_the_log_says_are_found_by_the_thorough_one(office):
    with sqlite3.connect(office.data / "hall.db") as connection:
        connection.execute("delete from ratings")
    connection.close()
    with pytest.raises(BackupError, match=r"ratings: 1 rows missing.*jiaohao rebuild"):
        made(office, thorough=True)
    assert left(office.data.parent / "backups") == []
    made(office)


def test_a_flipped_bit_is_found(office, tmp_path: Path):
    backup = made(office)
    good = backup.file.read_bytes()
    for number, place in enumerate(range(20, len(good), len(good) // 40)):
        content = bytearray(good)
        content[place] ^= 1 << number % 8
        backup.file.write_bytes(content)
        with pytest.raises(BackupError, match="is damaged"):
            backup_restore.check(backup.file, tmp_path, [], NOW_MS)
        backup.sum.rename(tmp_path / "sum")  # found without the hash beside it, too
        with contextlib.suppress(BackupError):
            backup_restore.check(backup.file, tmp_path, [], NOW_MS)
            assert gzip.decompress(content) == gzip.decompress(good)  # a bit that the packing does not use
        (tmp_path / "sum").rename(backup.sum)


def test_a_folder_that_is_in_use_is_refused(office):
    backup = made(office)
    before = left(office.data)
    with pytest.raises(BackupError, match=r"is not empty .*mv "):
        backup_restore.restore(backup.file, office.data, [], NOW_MS)
    assert left(office.data) == before


def test_a_folder_that_cannot_be_written_is_told(office, tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BackupError, match="cannot make the folder"):
        backup_restore.make(office.data, tmp_path / "file" / "backups", [], NOW_MS)


def test_the_name_says_hall_and_time(office, recipients):
    backup = made(office, recipients, now_ms=NOW_MS + 42)
    assert backup_at(backup.file) == backup
    assert backups_in(backup.file.parent, "small") == [backup]
    assert backups_in(backup.file.parent, "other") == []
    assert backup_at(Path("small-20270115T080000042Z.tar.gz.tail")) is None


def test_backups_of_two_halls_in_a_folder_are_not_mixed(office):
    backup = made(office)
    shutil.copy(backup.file, backup.file.with_name(backup.file.name.replace("small", "other")))
    with pytest.raises(BackupError, match="several halls"):
        backup_restore.find(backup.file.parent, None)


def test_keys_are_read_and_never_shown(tmp_path: Path):
    file = tmp_path / "key.txt"
    file.write_text(f"# created\n{KEY}\n")
    assert str(read_identities(file)[0]) == str(KEY)
    assert read_recipients([str(KEY.to_public())])
    file.write_text("AGE-SECRET-KEY-WRONG")
    with pytest.raises(BackupError, match="age-keygen") as told:
        read_identities(file)
    assert "WRONG" not in str(told.value)
    file.write_text("# nothing\n")
    with pytest.raises(BackupError, match="no key"):
        read_identities(file)
    with pytest.raises(BackupError, match="no public age key"):
        read_recipients(["age1nonsense"])


def test_a_piece_holds_so_many_rows_and_the_tail_catches_up_in_several(office, tmp_path: Path, monkeypatch):
    from hub.adapters import backup_tail

    backup = made(office)
    office.work(10)
    monkeypatch.setattr(backup_tail, "ROWS", 3)
    tail = Tail(backup, office.data, [])
    tail.catch_up(NOW_MS)
    assert len(backup.tail.read_bytes().splitlines()) > 5
    assert backup_restore.check(backup.file, tmp_path, [], NOW_MS).head.key == office.seq
    assert backup_file.free_bytes(tmp_path) > 0


def test_a_restore_is_above_the_epoch_that_the_tail_had_also_when_the_clock_is_behind(office, tmp_path: Path):
    """Displays that follow an epoch do not follow a lower one."""
    backup = made(office)
    tail = Tail(backup, office.data, [])
    event = HubRestored(NOW_MS // 1000, NOW_MS, {})
    entry = Entry(office.seq + 1, NOW_MS, "", event)
    office.store.append([Commit("", NOW_MS, Outcome(entry.seq, entry.seq), (entry,))])
    tail.catch_up(NOW_MS)
    assert backup_restore.check(backup.file, tmp_path, [], 1000).epoch == event.epoch + 1


def test_a_tail_goes_into_the_tables_of_this_program_also_when_the_backup_is_older(
    office, recipients, tmp_path: Path, monkeypatch
):
    """An update brought another column, and the projections write to it."""
    backup = made(office, recipients)
    office.work(3)
    Tail(backup, office.data, recipients).catch_up(NOW_MS)
    office.store.close()
    later = Migrations("jiaohao")
    later._migrations += sqlite_schema.migrations._migrations

    @later()
    def weights(database) -> None:
        database.table("tickets").add_column("weight", int, not_null_default=0)

    def project(execute, entry: Entry) -> None:
        projected(execute, entry)
        execute("update tickets set weight = ?", (entry.seq,))

    projected = sqlite_projections.project
    monkeypatch.setattr(sqlite_projections, "project", project)
    monkeypatch.setattr(sqlite_store, "migrations", later)
    done = restored(backup.file, tmp_path / "new")
    assert done.head.key == office.seq
    assert {row[-1] for row in rows(tmp_path / "new" / "hall.db")["tickets"]} == {office.seq}
