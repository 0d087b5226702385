"""Looks for what gives people away (see hub.core.personal) in all that a hall leaves on disks, and says where.

A database is read twice: row by row, which knows how old each row is and how long it may be kept; and as raw bytes with
its write-ahead log, where a value that no row has any more is one that was not really deleted. Values are never told in
full. What is compressed is unpacked, archives are opened; what is encrypted is named as not readable.
"""

from __future__ import annotations

import gzip
import json
import re
import sqlite3
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from hub.core import retention
from hub.core.personal import Found, find, hinted
from hub.core.plain import from_plain
from hub.core.retention import DAY_MS, Retention

CHUNK = 1 << 20
OVERLAP = 256
"""Longer than anything that is looked for."""

PER_FILE = 200
"""Findings told of one file: more say the same."""

KNOWN = "known value"
HOLDER_KEY = "key of a day that is over"
KEY_IN_BACKUP = "key of a day in a backup"

DAY_KEYS = "day-keys"
BROKER = "broker"
HALL_FILE = "hall.toml"
_SQLITE = b"SQLite format 3\0"
_AGE = b"age-encryption.org/"

_AGES = {
    "commands": (retention.COMMANDS, "at_ms"),
    "quarantine": (retention.QUARANTINE, "at_ms"),
    "outbox": (retention.OUTBOX, "coalesce(done_ms, raised_ms)"),
    "words": (retention.TEXTS, "at_ms"),
    "exchange": (retention.TEXTS, "made_ms"),
}
"""Table -> (its kind, since when a row is kept). Rows of all other tables may have nothing of a person at any age."""

RUN_MS = DAY_MS
"""What is due is deleted once a day, so a row may be that much older than its limit."""


class Readable(Protocol):
    """A file, or something in an archive."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Finding:
    """`kind` of what was found and `hint` to know it by; `file`, and where in it. `is_beyond`: it must not be there."""

    kind: str
    hint: str
    file: str
    where: str
    is_beyond: bool


@dataclass(slots=True)
class Report:
    """`files` were read; `unreadable`: file -> why not."""

    files: int = 0
    findings: list[Finding] = field(default_factory=list)
    unreadable: dict[str, str] = field(default_factory=dict)

    @property
    def beyond(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.is_beyond]


class Scan:
    """One scan at `now_ms`, also for the values `known`. Call what there is to look at, then read `report`."""

    def __init__(self, now_ms: int, today: str, known: Iterable[str] = ()):
        self.report = Report()
        self._now_ms = now_ms
        self._today = today
        values = sorted({value.encode() for value in known if value}, key=len, reverse=True)
        self._known = re.compile(b"|".join(map(re.escape, values))) if values else None

    def data(self, folder: Path) -> None:
        """A hall's data folder."""
        for file in _files(folder):
            if file.parent.name == DAY_KEYS:
                self._key(file.name, str(file), HOLDER_KEY, is_beyond=file.name < self._today)
            elif not file.name.endswith(("-shm", "-wal")):
                self.file(file, self._now_ms, is_broker=BROKER in file.relative_to(folder).parts)

    def backups(self, folder: Path) -> None:
        """A folder of backups: archives, or copies of data folders. Rows are judged by when the copy was made."""
        for file in _files(folder):
            if file.parent.name == DAY_KEYS:
                self._key(file.name, str(file), KEY_IN_BACKUP, is_beyond=True)
            else:
                self.file(file, int(file.stat().st_mtime * 1000))

    def file(self, file: Path, now_ms: int, *, is_broker: bool = False) -> None:
        """Any file: a database, an archive, a log, an export. What boards say of themselves may be in the broker's
        files, and stays in them for some time after it was cleared."""
        try:
            with self._allowed(is_broker):
                self._open(file, str(file), now_ms)
        except (OSError, sqlite3.Error, tarfile.TarError, zipfile.BadZipFile, EOFError, zlib.error) as error:
            self.report.unreadable[str(file)] = str(error)

    @contextmanager
    def _allowed(self, is_allowed: bool) -> Iterator[None]:
        """Whatever is found meanwhile may be there, if so."""
        found = self.report.findings
        count = len(found)
        yield
        if is_allowed:
            found[count:] = [replace(finding, is_beyond=False) for finding in found[count:]]

    def _open(self, file: Path, name: str, now_ms: int) -> None:
        with file.open("rb") as opened:
            begin = opened.read(len(_AGE))
        if begin.startswith(_AGE):
            self.report.unreadable[name] = "encrypted"
            return
        self.report.files += 1
        if begin.startswith(_SQLITE[: len(begin)]) and begin:
            self._database(file, name, now_ms)
        elif tarfile.is_tarfile(file):
            self._tar(file, name)
        elif zipfile.is_zipfile(file):
            self._zip(file, name)
        elif begin.startswith(b"\x1f\x8b"):
            with gzip.open(file) as opened:
                self._raw(opened, name, {})
        else:
            with file.open("rb") as opened:
                self._raw(opened, name, {})

    def _tar(self, file: Path, name: str) -> None:
        made_s = file.stat().st_mtime
        with tarfile.open(file) as archive:
            for member in archive:
                if member.isfile() and (content := archive.extractfile(member)):
                    self._member(member.name, content, name, int((member.mtime or made_s) * 1000))

    def _zip(self, file: Path, name: str) -> None:
        now_ms = int(file.stat().st_mtime * 1000)
        with zipfile.ZipFile(file) as archive:
            for member in archive.infolist():
                if not member.is_dir():
                    with archive.open(member) as content:
                        self._member(member.filename, content, name, now_ms)

    def _member(self, member: str, content: Readable, archive: str, now_ms: int) -> None:
        """Something in an archive, copied to a folder that only we can read, and gone afterwards."""
        path = Path(member)
        if path.parent.name == DAY_KEYS:
            self._key(path.name, f"{archive}:{member}", KEY_IN_BACKUP, is_beyond=True)
            return
        with tempfile.TemporaryDirectory(prefix="jiaohao-scan-") as folder:
            copy = Path(folder) / "copy"
            with copy.open("wb") as out:
                while block := content.read(CHUNK):
                    out.write(block)
            with self._allowed(path.name == HALL_FILE):  # it has the contacts
                self._open(copy, f"{archive}:{member}", now_ms)

    def _key(self, day: str, file: str, kind: str, *, is_beyond: bool) -> None:
        self.report.files += 1
        if is_beyond:
            self.report.findings.append(Finding(kind, day, file, "the file", is_beyond))

    # -- databases

    def _database(self, file: Path, name: str, now_ms: int) -> None:
        with closing(_open_read_only(file)) as database:
            seen = self._rows(database, name, now_ms)
        for each in (file, file.with_name(f"{file.name}-wal")):
            if each.exists():
                with each.open("rb") as opened:
                    self._raw(opened, name + ("-wal" if each != file else ""), seen)

    def _rows(self, database: sqlite3.Connection, name: str, now_ms: int) -> dict[bytes, bool]:
        """Looks at every value of every row; what it found -> whether it may be there."""
        chosen = _chosen(database)
        seen: dict[bytes, bool] = {}
        tables = [row[0] for row in database.execute("select name from sqlite_master where type = 'table'")]
        for table in tables:
            kind, since = _AGES.get(table, ("", "0"))
            least_ms = now_ms - chosen.days(kind) * DAY_MS - RUN_MS if kind else now_ms + 1
            rows = database.execute(f'select {since}, rowid, * from "{table}"')  # a name that the database has
            columns = [each[0] for each in rows.description][2:]
            for at_ms, row, *values in rows:
                for column, value in zip(columns, values, strict=True):
                    for found in self._found(_unpacked(value)):
                        may_be = at_ms >= least_ms
                        seen[found.value] = seen.get(found.value, False) or may_be
                        self._tell(found, name, f"table {table}, row {row}, {column}", is_beyond=not may_be)
        return seen

    # -- bytes

    def _raw(self, opened: Readable, name: str, seen: dict[bytes, bool]) -> None:
        """Looks at a file as bytes, for what is not in `seen`."""
        told, at, rest = 0, 0, b""
        while block := opened.read(CHUNK):
            content = rest + block
            for found in self._found(content):
                # What begins in the overlap was seen with the block before.
                if found.value not in seen and (at == 0 or found.at + len(found.value) > len(rest)) and told < PER_FILE:
                    told += 1
                    self._tell(found, name, f"byte {at - len(rest) + found.at}", is_beyond=True)
            at += len(block)
            rest = content[-OVERLAP:]

    def _found(self, content: bytes) -> Iterator[Found]:
        yield from find(content)
        if self._known:
            for match in self._known.finditer(content):
                yield Found(KNOWN, match.start(), match[0])

    def _tell(self, found: Found, file: str, where: str, *, is_beyond: bool) -> None:
        self.report.findings.append(Finding(found.kind, hinted(found.value), file, where, is_beyond))


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file() and not file.is_symlink())


def _open_read_only(file: Path) -> sqlite3.Connection:
    """Beside a hub that runs or not. A file without a log beside it, such as a copy, is read as it lies there."""
    alone = "" if file.with_name(f"{file.name}-wal").exists() else "&immutable=1"
    return sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro{alone}", uri=True, timeout=10)


def _chosen(database: sqlite3.Connection) -> Retention:
    """What the hall chose; the defaults in a database without a hall."""
    try:
        query = "select body from log where kind = 'HallConfigured' order by seq desc limit 1"
        row = database.execute(query).fetchone()
    except sqlite3.OperationalError:
        return Retention()
    return from_plain(Retention, json.loads(row[0])["hall"].get("retention", {})) if row else Retention()


def _unpacked(value: object) -> bytes:
    """A value of a row as bytes; snapshots are compressed."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace")
    if not isinstance(value, bytes):
        return b""
    try:
        return zlib.decompress(value)
    except zlib.error:
        return value
