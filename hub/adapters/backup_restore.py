"""Makes backups and restores them; each backup that is made was restored once before it gets its name.

make       copy the database -> archive -> read it back, verify -> encrypt -> name
restore    find -> decrypt -> unpack -> migrate, add the tail -> verify -> raise the epoch -> move into the folder
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyrage

from hub.adapters import backup_file, backup_tail, sqlite_chain
from hub.adapters.backup_file import Backup, BackupError, Manifest
from hub.adapters.backup_tail import Applied
from hub.adapters.sqlite_chain import Head
from hub.adapters.sqlite_rebuild import Difference
from hub.adapters.sqlite_store import SqliteStore
from hub.ports import StoreError

COPIES = 5
"""As many times the database must be free where a backup is made before it is encrypted: it takes less than three."""

LOCK = "lock"
"""The data folder's, which whoever restores holds: nothing but it may be there."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore came to: from which `backup`, what its tail gave (None: there was none), the `head` of the log and
    when its last event happened; `epoch` is the hub's new one. `differences`: tables that were not as the log says, and
    are now; asked by a thorough one only."""

    backup: Backup
    manifest: Manifest
    tail: Applied | None
    head: Head
    last_ms: int
    epoch: int
    differences: list[Difference]


def make(
    data: Path,
    folder: Path,
    recipients: Sequence[pyrage.x25519.Recipient],
    now_ms: int,
    hall_file: Path | None = None,
    thorough: bool = False,
) -> Backup:
    """A new backup of the hub in `data`, which may be running. `thorough`: it is restored as a whole, and its tables
    compared with its log. Raises BackupError; then nothing is left of it.

    A restore takes the newest, so its name is later than that of any other, also when the clock was set back. With
    `recipients` nothing readable is ever in `folder`: what is not encrypted yet is in `data`."""
    backup_file.make_folder(folder)
    if recipients:
        _check_room(data)
    now_ms = max([now_ms, *(each.created_ms + 1 for each in _found(folder))])
    with _work_folder(data if recipients else folder) as work, _work_folder(folder) as beside:
        archive, manifest = backup_file.write(work, data, now_ms, hall_file)
        check = _fresh(work / "check")
        backup_file.unpack(archive, check, backup_file.free_bytes(work))
        backup_file.check_database(check / "hall.db", manifest)
        name = backup_file.name_of(manifest.hall, now_ms, bool(recipients))
        made = Backup(folder / name, manifest.hall, now_ms, bool(recipients))
        backup_tail.begin(made.tail, check / "hall.db")
        try:
            if thorough and (wrong := _set_back(check / "hall.db", now_ms, thorough=True)[3]):
                words = "; ".join(map(str, wrong))
                raise BackupError(f"tables are not as the log says ({words}): stop the hub and run jiaohao rebuild")
            return backup_file.publish(archive, manifest, beside, folder, recipients)
        except BackupError:
            made.tail.unlink(missing_ok=True)
            made.sum.unlink(missing_ok=True)
            raise


def _check_room(data: Path) -> None:
    """Raises BackupError before the hall itself would lack room."""
    try:
        needed = COPIES * sum(file.stat().st_size for file in data.glob("hall.db*"))
    except OSError as error:
        raise BackupError(f"cannot read {data}: {error.strerror}") from error
    if backup_file.free_bytes(data) < needed:
        raise BackupError(f"too little room in {data}: {needed >> 20} MB must be free while a backup is encrypted")


def find(source: Path, until_ms: int | None) -> Backup:
    """The backup in `source`: a file, or the newest in a folder that is not after `until_ms`. Raises BackupError."""
    if not source.is_dir():
        found = backup_file.backup_at(source)
        if found is None or not source.is_file():
            raise BackupError(f"{source} is no backup: its name must be HALL-TIME.tar.gz or HALL-TIME.tar.gz.age")
        return found
    found = [b for b in _found(source) if until_ms is None or b.created_ms <= until_ms]
    if halls := sorted({backup.hall for backup in found})[1:]:
        raise BackupError(f"{source} has backups of several halls ({found[0].hall}, {', '.join(halls)}): name the file")
    if not found:
        raise BackupError(f"there is no backup in {source}" + (" that is old enough" if until_ms is not None else ""))
    return found[-1]


def _found(folder: Path) -> list[Backup]:
    try:
        return backup_file.backups_in(folder)
    except OSError as error:
        raise BackupError(f"cannot read {folder}: {error.strerror}") from error


def restore(
    source: Path,
    data: Path,
    identities: Sequence[pyrage.x25519.Identity],
    now_ms: int,
    until_ms: int | None = None,
) -> Restored:
    """Restores into the empty folder `data`, whose lock the caller holds. Raises BackupError; then it stays empty."""
    backup = find(source, until_ms)
    if others := sorted(path.name for path in data.iterdir() if path.name != LOCK):
        raise BackupError(
            f"{data} is not empty ({', '.join(others[:3])}): move it away first, for example "
            f"`mv {data} {data}.old`; nothing of it is used"
        )
    with _work_folder(data) as work:
        restored, built = _build(backup, work, identities, now_ms, until_ms, thorough=False)
        try:
            for path in sorted(built.iterdir(), key=lambda path: path.name == "hall.db"):  # the database comes last
                path.rename(data / path.name)
            backup_file.sync_folder(data)
        except OSError as error:
            raise BackupError(f"cannot move what was restored into {data}: {error}") from error
    return restored


def check(
    source: Path, work: Path, identities: Sequence[pyrage.x25519.Identity], now_ms: int, until_ms: int | None = None
) -> Restored:
    """Does all of it in a temporary folder in `work`, compares the tables with the log too, and leaves nothing behind.
    Raises BackupError."""
    backup = find(source, until_ms)
    with _work_folder(work) as folder:
        return _build(backup, folder, identities, now_ms, until_ms, thorough=True)[0]


def _build(
    backup: Backup,
    work: Path,
    identities: Sequence[pyrage.x25519.Identity],
    now_ms: int,
    until_ms: int | None,
    thorough: bool,
) -> tuple[Restored, Path]:
    """The data folder as it is to be, in `work`."""
    backup_file.check_sum(backup)
    built = _fresh(work / "data")
    archive = backup_file.decrypt(backup, work, identities) if backup.encrypted else backup.file
    manifest = backup_file.unpack(archive, built, backup_file.free_bytes(work))
    database = built / "hall.db"
    backup_file.check_database(database, manifest)
    applied = None
    if backup.tail.exists():
        _migrate(database)
        applied = backup_tail.apply(backup.tail, built, identities, until_ms)
    epoch, last_ms, head, differences = _set_back(database, now_ms, thorough)
    return Restored(backup, manifest, applied, head, last_ms, epoch, differences), built


def _migrate(database: Path) -> None:
    """Gives an older backup the tables of this program, which adds the tail to them. Raises BackupError."""
    try:
        SqliteStore(database).close()
    except StoreError as error:
        raise BackupError(str(error)) from error


def _set_back(database: Path, now_ms: int, thorough: bool) -> tuple[int, int, Head, list[Difference]]:
    """Verifies the chains with the tail, and makes a log that goes on from here: (epoch, time of the last event, head,
    tables that were wrong and are right now)."""
    try:
        store = SqliteStore(database)
        try:
            rebuilt = store.rebuild_and_compare().differences if thorough else []
            last_ms, epoch = store.last_ms(), store.set_back(now_ms // 1000)
        finally:
            store.close()
        verdicts = sqlite_chain.verify_file(database)
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("pragma journal_mode=delete")  # one file: nothing is left in a journal beside it
    except (StoreError, sqlite3.Error) as error:
        raise BackupError(f"the database cannot be used: {error}") from error
    if broken := next((verdict.broken for verdict in verdicts if verdict.broken), None):
        raise BackupError(broken.words)
    return epoch, last_ms, verdicts[0].head, rebuilt


def _fresh(folder: Path) -> Path:
    folder.mkdir(mode=0o700)
    return folder


@contextmanager
def _work_folder(beside: Path) -> Iterator[Path]:
    work = backup_file.work_folder(beside)
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)
