"""What came after a backup, in a file beside it: a piece every few seconds, each on disk before the next begins.

A piece is one line, CRC32 in hex, a blank, and JSON:

    at_ms       when it was read from the database
    log, deeds  the heads of the chains of log and audit after it
    marks       last row of each growing table that is in this piece or before
    states      of what is written whole when it changed: its hash
    data, or age (base64) when backups are encrypted       the rows

So a hub that starts again goes on where it stopped, also where it has no key to read what it wrote. A last line that
was torn by a crash is cut off before another is written, and passed over by who reads.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyrage

from hub.adapters import sqlite_chain, sqlite_exchange_posts
from hub.adapters import sqlite_projections as projections
from hub.adapters.backup_file import FILES, Backup, BackupError, is_known, write_synced
from hub.adapters.sqlite_chain import DEEDS, LOG, Chained, Head
from hub.adapters.sqlite_transaction import transaction
from hub.core.events import HubRestored, from_record
from hub.core.ratings import NO_WORDS, Words
from hub.ports import Entry

GROWING = ("log", "commands", "deeds", "words")
"""Tables whose new rows are in a piece: those after the last one that was written."""

WHOLE = {
    "devices": "select * from devices order by id",
    "bindings": "select * from bindings order by seq",
    "users": "select * from users order by name",
    "tokens": "select digest, kind, name, role, expires_ms, 0 used_ms from tokens where kind = 'key' order by digest",
}
"""What is written whole when it changed. Logins are in no piece: after a restore everybody logs in again."""

SCHEMA = "schema"
"""Among the states: of the tables themselves."""

ROWS = 20_000
"""Of each table in one piece: bounds its memory when the tail has long been behind."""

PIECE_BYTES = 1 << 29
"""No piece is this large; who reads one takes no more memory for it."""

_UNUSABLE = (sqlite3.Error, ValueError, TypeError, LookupError, AttributeError, RecursionError, zlib.error, OSError)
"""What reading a piece raises that somebody else made."""


@dataclass(frozen=True, slots=True)
class Place:
    """How far a tail has come; see the fields of a piece above."""

    log: str = str(Head())
    deeds: str = str(Head())
    marks: dict[str, int] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)


def begin(backup_tail: Path, database: Path) -> Place:
    """Writes the first, empty piece of the tail of a backup whose database is in `database`. Raises BackupError."""
    with closing(sqlite_chain.open_read_only(database)) as connection:
        place = _read(connection, database.parent, Place(), rows=0)[0]
        marks = {table: _last_row(connection, table) for table in GROWING}
        heads = (_head(connection, LOG), _head(connection, DEEDS))
        place = Place(*heads, marks, {**place.states, SCHEMA: _schema(connection)})
        at_ms = connection.execute("select coalesce(max(at_ms), 0) from log").fetchone()[0]
    try:
        write_synced(backup_tail, _line(at_ms, place, {}, ()))
    except OSError as error:
        raise BackupError(f"cannot write {backup_tail}: {error.strerror}") from error
    return place


class Tail:
    """Writes the tail of `backup` from the hub in `data`. One thread uses it at a time; raises BackupError."""

    def __init__(self, backup: Backup, data: Path, recipients: Sequence[pyrage.x25519.Recipient]):
        self.backup = backup
        self._data = data
        self._recipients = recipients
        try:
            content = backup.tail.read_bytes()
            self._end = content.rfind(b"\n") + 1
            lines = content[: self._end].splitlines()
            self.place = _place(_checked(lines[-1])) if lines else Place()
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BackupError(f"cannot go on with {backup.tail}: {error!r}") from error

    def fits(self) -> bool:
        """Whether log and audit go on from where the tail is: they do not after the hub was set back. And a tail
        has the tables of one version of the program only."""
        with _told(self.backup.tail), closing(sqlite_chain.open_read_only(self._data / "hall.db")) as connection:
            if self.place.states.get(SCHEMA) != _schema(connection):
                return False
            return _has(connection, LOG, self.place.log) and _has(connection, DEEDS, self.place.deeds)

    def catch_up(self, at_ms: int) -> int:
        """Writes what came since; how many rows."""
        count = 0
        while added := self._add(at_ms):
            count += added
        return count

    def _add(self, at_ms: int) -> int:
        with _told(self.backup.tail):
            with closing(sqlite_chain.open_read_only(self._data / "hall.db")) as connection:
                place, data = _read(connection, self._data, self.place, ROWS)
            if not data:
                return 0
            line = _line(at_ms, place, data, self._recipients)
            self._write(line)
        self.place = place
        return sum(len(part["rows"]) for part in data.get("tables", {}).values()) + len(data.get("files", {}))

    def _write(self, line: bytes) -> None:
        """Behind the last whole piece: a full disk may have torn the one after it. The file is never made anew: while a
        share is away there is an empty folder in its place. Raises OSError, BackupError."""
        with self.backup.tail.open("r+b") as out:
            if out.seek(0, os.SEEK_END) < self._end:
                raise BackupError(f"{self.backup.tail} is shorter than this hub left it: is it another folder?")
            out.truncate(self._end)
            out.seek(self._end)
            out.write(line)
            out.flush()
            os.fsync(out.fileno())
        self._end += len(line)


@contextmanager
def _told(file: Path) -> Iterator[None]:
    """Turns what the disk and the database say into a BackupError that says where."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise BackupError(f"cannot write {file}: {error}") from error


def _read(connection: sqlite3.Connection, data: Path, place: Place, rows: int) -> tuple[Place, dict[str, Any]]:
    """What came after `place`, all as of one moment, and the place after it. Nothing new: an empty dict."""
    connection.execute("begin")
    marks, states = dict(place.marks), dict(place.states)
    tables: dict[str, Any] = {}
    for table in GROWING:
        mark = marks.get(table, 0)
        if table == "commands" and _last_row(connection, table) < mark:
            mark = 0  # the newest rows were deleted with the old ones, and their numbers are given again
        query = f"select rowid as rowid_, * from {table} where rowid > ? order by rowid limit ?"
        found = connection.execute(query, (mark, rows))
        columns = [about[0] for about in found.description]
        if new := found.fetchall():
            marks[table] = new[-1][0]
            tables[table] = {"columns": columns[1:], "rows": [[_to_json(value) for value in row[1:]] for row in new]}
    for table, query in WHOLE.items():
        found = connection.execute(query)
        columns = [about[0] for about in found.description]
        whole = [[_to_json(value) for value in row] for row in found]
        if (state := _digest(whole)) != states.get(table):
            states[table] = state
            tables[table] = {"columns": columns, "rows": whole}
    connection.execute("commit")
    files = _changed_files(data, states)
    parts = {name: part for name, part in (("tables", tables), ("files", files)) if part}
    return Place(_end_of("log", tables, place.log), _end_of("deeds", tables, place.deeds), marks, states), parts


def _end_of(table: str, tables: dict[str, Any], before: str) -> str:
    """The head of a chain after the rows that were read."""
    if table not in tables:
        return before
    last = tables[table]["rows"][-1]
    return str(Head(last[0], _from_json(last[-1])))


def _changed_files(data: Path, states: dict[str, str]) -> dict[str, str]:
    """Name -> content in base64, of what changed in the data folder; `states` is brought up to date."""
    changed = {}
    for name in FILES:
        content = (data / name).read_bytes() if (data / name).is_file() else b""
        state = hashlib.sha256(content).hexdigest()
        if content and state != states.get(name):
            states[name] = state
            changed[name] = b64encode(content).decode()
    return changed


def _schema(connection: sqlite3.Connection) -> str:
    return _digest(connection.execute("select name, sql from sqlite_schema order by name").fetchall())


def _last_row(connection: sqlite3.Connection, table: str) -> int:
    return connection.execute(f"select coalesce(max(rowid), 0) from {table}").fetchone()[0]


def _head(connection: sqlite3.Connection, chained: Chained) -> str:
    row = connection.execute("select value from meta where key = ?", (chained.head,)).fetchone()
    return row[0] if row else str(Head())


def _has(connection: sqlite3.Connection, chained: Chained, text: str) -> bool:
    """Whether a chain goes through this head."""
    head = sqlite_chain.read_head(text)
    query = f"select link from {chained.table} where {chained.key} = ?"
    row = connection.execute(query, (head.key,)).fetchone()
    return row[0] == head.link if row else head == Head()


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()


def _to_json(value: Any) -> Any:
    return {"hex": value.hex()} if isinstance(value, bytes) else value


def _from_json(value: Any) -> Any:
    return bytes.fromhex(value["hex"]) if isinstance(value, dict) else value


def _line(at_ms: int, place: Place, data: dict[str, Any], recipients: Sequence[pyrage.x25519.Recipient]) -> bytes:
    piece: dict[str, Any] = {"at_ms": at_ms, **asdict(place)}
    if recipients and data:
        text = zlib.compress(json.dumps(data, ensure_ascii=False).encode())
        piece["age"] = b64encode(pyrage.encrypt(text, list(recipients))).decode()
    else:
        piece["data"] = data
    body = json.dumps(piece, ensure_ascii=False, separators=(",", ":")).encode()
    return b"%08x %b\n" % (zlib.crc32(body), body)


def _checked(line: bytes) -> dict[str, Any]:
    """The piece in a line. Raises ValueError."""
    crc, _, body = line.partition(b" ")
    if len(crc) != 8 or int(crc, 16) != zlib.crc32(body):
        raise ValueError("its checksum is wrong")
    return json.loads(body)


def _place(piece: dict[str, Any]) -> Place:
    for chain in ("log", "deeds"):
        sqlite_chain.read_head(piece[chain])
    return Place(piece["log"], piece["deeds"], piece["marks"], piece["states"])


@dataclass(frozen=True, slots=True)
class Applied:
    """What a restore took out of a tail: `pieces`, rows of the log, and whether a torn last piece was passed over."""

    pieces: int
    events: int
    torn: bool


def apply(
    tail: Path,
    folder: Path,
    identities: Sequence[pyrage.x25519.Identity],
    until_ms: int | None = None,
) -> Applied:
    """Adds what is in `tail` to the unpacked backup in `folder`, up to `until_ms`. The log must go on without a gap.
    Raises BackupError."""
    pieces = events = 0
    torn = False
    with closing(sqlite3.connect(folder / "hall.db", isolation_level=None)) as connection:
        for number, piece in _pieces(tail):
            if piece is None:
                torn = True
                break
            try:
                if until_ms is not None and pieces and piece["at_ms"] > until_ms:
                    break
                events += _apply(connection, folder, _opened(piece, identities))
            except _UNUSABLE as error:
                raise BackupError(f"piece {number} of {tail.name} cannot be used: {error!r}") from error
            except pyrage.DecryptError as error:
                raise BackupError(
                    f"piece {number} of {tail.name} cannot be decrypted with this key: {error}"
                ) from error
            pieces += 1
    return Applied(pieces, events, torn)


def _pieces(tail: Path) -> Iterator[tuple[int, dict[str, Any] | None]]:
    """(number, piece); None is a last one that was torn. Raises BackupError for one that is damaged before that."""
    try:
        with tail.open("rb") as stream:
            for number, line in enumerate(iter(lambda: stream.readline(PIECE_BYTES), b""), 1):
                if not line.endswith(b"\n"):
                    yield number, None
                    return
                try:
                    piece = _checked(line[:-1])
                except (ValueError, RecursionError) as error:
                    words = "restore up to a moment before it with --at, or without it from an older backup"
                    raise BackupError(f"piece {number} of {tail.name} is damaged ({error}): {words}") from error
                yield number, piece
    except OSError as error:
        raise BackupError(f"cannot read {tail}: {error.strerror}") from error


def _opened(piece: dict[str, Any], identities: Sequence[pyrage.x25519.Identity]) -> dict[str, Any]:
    if "age" not in piece:
        return piece["data"]
    if not identities:
        raise BackupError("the tail is encrypted: give the key file with --identity")
    packed = pyrage.decrypt(b64decode(piece["age"]), list(identities))
    return json.loads(zlib.decompressobj().decompress(packed, PIECE_BYTES))


def _apply(connection: sqlite3.Connection, folder: Path, data: dict[str, Any]) -> int:
    """One piece, in one transaction; how many events it had."""
    tables = data.get("tables", {})
    if not set(tables) <= {*GROWING, *WHOLE}:
        raise ValueError("a table that no tail has")
    with transaction(connection) as execute:
        for table, part in tables.items():
            if table in WHOLE:
                execute(f"delete from {table}" + (" where kind = 'key'" if table == "tokens" else ""))
            _insert(connection, table, part)
        events = _chain_and_project(connection, tables)
    for name, content in data.get("files", {}).items():
        if not is_known(name) or name not in FILES:
            raise ValueError("a file that no tail has")
        (folder / name).parent.mkdir(mode=0o700, exist_ok=True)
        write_synced(folder / name, b64decode(content))
    return events


def _insert(connection: sqlite3.Connection, table: str, part: dict[str, Any]) -> None:
    known = {row[1] for row in connection.execute(f"pragma table_info({table})")}
    if not known.issuperset(part["columns"]):
        raise ValueError(f"columns of {table} that this program does not know")
    columns = ", ".join(f'"{column}"' for column in part["columns"])
    places = ", ".join("?" * len(part["columns"]))
    verb = "insert or ignore" if table == "commands" else "insert"
    rows = ([_from_json(value) for value in row] for row in part["rows"])
    connection.executemany(f"{verb} into {table} ({columns}) values ({places})", rows)


def _chain_and_project(connection: sqlite3.Connection, tables: dict[str, Any]) -> int:
    """Follows the log with projections, and each chain with its head."""
    for chained in (LOG, DEEDS):
        part = tables.get(chained.table)
        if part and "link" in part["columns"]:
            last = dict(zip(part["columns"], part["rows"][-1], strict=True))
            head = Head(last[chained.key], _from_json(last["link"]))
            sqlite_chain.keep_head(connection.execute, chained, head)
    rows = tables.get("log", {}).get("rows", [])
    execute = connection.execute
    posting = sqlite_exchange_posts.Posting(execute) if sqlite_exchange_posts.has_begun(execute) else None
    for seq, at_ms, command_id, kind, body, _ in rows:
        event = from_record(kind, json.loads(body))
        entry = Entry(seq, at_ms, command_id, event)
        projections.project(execute, entry)
        if posting:
            words = execute("select text, name, contact from words where seq = ?", (seq,)).fetchone()
            posting.follow(entry, Words(*words) if words else NO_WORDS)
        if isinstance(event, HubRestored):  # the epoch that a restore must be above
            execute("insert or replace into meta values ('epoch', ?)", (str(event.epoch),))
    return len(rows)
