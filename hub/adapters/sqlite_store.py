"""The log and its projections in one SQLite file: WAL, `synchronous=FULL`, one transaction per batch.

`log` is the truth: one row per event, chained to the one before (see sqlite_chain). `commands` remembers what became of
each command. The projections (`tickets`, `calls`, `ratings`) are written in the same transaction and can be made again
from the log (`rebuild`). `snapshots` has the state at a few positions of the log, so that the hub starts quickly;
without them it only takes longer.

FULL is set on every connection: with NORMAL a power cut loses commits that were answered. The rows of a hot batch
go through the connection directly: sqlite-utils looks at the schema again for each insert, which would be most of
the work.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from sqlite_utils import Database

from hub.adapters import sqlite_chain, sqlite_exchange_posts, sqlite_outbox, sqlite_rebuild
from hub.adapters import sqlite_projections as projections
from hub.adapters.sqlite_schema import migrations
from hub.adapters.sqlite_transaction import transaction
from hub.core.chain import link
from hub.core.events import HubRestored, from_record, to_record
from hub.core.ratings import NO_WORDS
from hub.ports import SNAPSHOTS, Binding, Commit, Device, Entry, Outcome, Snapshot, StoreError, binding_of

QUARANTINE_ROWS = 1000
"""Messages kept because they could not be read: enough to see what a device does wrong, bounded against a flood."""


QUARANTINE_BYTES = 4096
"""Of each such message: what a device may send at most, so that a megabyte of rubbish does not fill the disk."""

_RESTORED = "restored"
"""Where `meta` has when the log ended that was restored."""


def connect(file: Path) -> Database:
    """A connection with the settings that nothing may lack. Its owner uses it from one thread at a time."""
    connection = sqlite3.connect(file, timeout=10, check_same_thread=False, isolation_level=None)
    database = Database(connection)
    database.enable_wal()
    database.execute("pragma synchronous=full")
    database.execute("pragma foreign_keys=on")
    database.execute("pragma secure_delete=on")  # what was deleted is overwritten: it is not to be found in free pages
    return database


@contextmanager
def _told(file: Path) -> Iterator[None]:
    """Turns what keeps a hub from starting into a StoreError."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"cannot use the database {file}: {error}{_room(file.parent, error)}") from error


def _room(folder: Path, error: Exception) -> str:
    """What to do when the disk is full, of which SQLite also says `disk I/O error`; else empty."""
    if not getattr(error, "sqlite_errorname", "").startswith(("SQLITE_FULL", "SQLITE_IOERR")):
        return ""
    try:
        free_mb = shutil.disk_usage(folder).free >> 20
    except OSError:
        return ""
    return (
        f"; {free_mb} MB are free in {folder}: make room there and start again, or look after the disk if that is "
        "plenty. Never delete hall.db-wal: it holds what was stored last"
    )


def _words_row(commit: Commit) -> tuple[int | str, ...]:
    """Of what a person said: about which rating, review, mark or visit."""
    first = commit.entries[0]
    names = ("rating", "review", "mark", "visit")
    about = next(value for name in names if (value := getattr(first.event, name, "")))
    return (first.seq, about, first.at_ms, *commit.words)


class SqliteStore:
    """EventStore and Quarantine on `file`. Raises StoreError with what is wrong and where. `exchanges`: what a province
    gets is written down for it."""

    def __init__(self, file: Path, exchanges: bool = False):
        self._file = file
        self._writing = threading.Lock()
        with _told(file):
            self._writer = connect(file)
            migrations.apply(self._writer)
            self._reader = connect(file)
            self._renew_projections()
            if exchanges:
                sqlite_exchange_posts.begin(self._writer.conn.execute)
        self._posting = sqlite_exchange_posts.Posting(self._writer.conn.execute) if exchanges else None

    def _renew_projections(self) -> None:
        """After an update of the program to other tables they are made again from the log."""
        if self._writer.conn.execute("select 1 from meta where key = 'projections'").fetchone():
            self.rebuild()

    def load(self, after_seq: int = 0) -> Iterable[Entry]:
        """The entries after a position, in order."""
        for seq, at_ms, command_id, kind, body in self._reader.execute(
            "select seq, at_ms, command_id, kind, body from log where seq > ? order by seq", (after_seq,)
        ):
            yield Entry(seq, at_ms, command_id, from_record(kind, json.loads(body)))

    def append(self, commits: Sequence[Commit]) -> None:
        """Writes the batch in one transaction; on disk when this returns, nothing written when it raises."""
        try:
            with self._writing, transaction(self._writer.conn) as execute:
                head = sqlite_chain.last(execute, sqlite_chain.LOG)
                for commit in commits:
                    head = self._write(commit, head)
                sqlite_chain.keep_head(execute, sqlite_chain.LOG, head)
        except sqlite3.Error as error:
            raise StoreError(f"cannot write to the database {self._file}: {error}") from error

    def _write(self, commit: Commit, head: sqlite_chain.Head) -> sqlite_chain.Head:
        """Writes one commit behind `head`; the head after it."""
        execute = self._writer.conn.execute
        if commit.command_id:
            outcome = commit.outcome
            detail = json.dumps(outcome.detail, ensure_ascii=False) if outcome.detail else ""
            execute(
                "insert into commands values (?, ?, ?, ?, ?, ?)",
                (commit.command_id, commit.at_ms, outcome.first, outcome.last, outcome.refused, detail),
            )
        for entry in commit.entries:
            kind, record = to_record(entry.event)
            body = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
            row = (entry.seq, entry.at_ms, entry.command_id, kind, body)
            head = sqlite_chain.Head(entry.seq, link(head.link, *row))
            execute("insert into log values (?, ?, ?, ?, ?, ?)", (*row, head.link))
            projections.project(execute, entry)
            sqlite_outbox.post(execute, entry)
            if isinstance(entry.event, HubRestored):
                execute("insert or replace into meta values ('epoch', ?)", (str(entry.event.epoch),))
                execute("delete from meta where key = ?", (_RESTORED,))
            if self._posting:
                self._posting.follow(entry, NO_WORDS if entry is not commit.entries[0] else commit.words)
        if any(commit.words) and commit.entries:
            execute("insert into words values (?, ?, ?, ?, ?, ?)", _words_row(commit))
        return head

    def hall_sources(self) -> Iterable[str]:
        """The texts of the hall files that were ever in force, the newest first."""
        query = "select body from log where kind = 'HallConfigured' order by seq desc"
        for (body,) in self._reader.execute(query):
            yield json.loads(body).get("source", "")

    def outcome(self, command_id: str) -> Outcome | None:
        """What became of `command_id`; None: it was never seen, or so long ago that `commands` has forgotten it.
        A press of a rating pad is known for ever: it has its row in `ratings`."""
        row = self._reader.conn.execute(
            "select first, last, refused, detail from commands where id = ?", (command_id,)
        ).fetchone()
        if row:
            return Outcome(row[0], row[1], row[2], json.loads(row[3]) if row[3] else None)
        return Outcome(0, 0) if self._is_rated(command_id) else None

    def _is_rated(self, command_id: str) -> bool:
        """Whether `command_id` names a rating that is here already: a press of a pad (DEVICE:EPOCH:SEQ, see
        hub.devices.inbox), or one that was typed."""
        found = self._reader.conn.execute("select 1 from ratings where rating = ?", (command_id,))
        return found.fetchone() is not None

    def snapshots(self) -> Iterable[Snapshot]:
        """The snapshots, the newest first."""
        rows = self._reader.execute("select seq, shape, body from snapshots order by seq desc")
        return (Snapshot(*row) for row in rows)

    def keep_snapshot(self, snapshot: Snapshot) -> None:
        """Writes `snapshot`; the oldest goes when there are too many."""
        try:
            with self._writing, transaction(self._writer.conn) as execute:
                row = (snapshot.seq, snapshot.shape, snapshot.body)
                execute("insert or replace into snapshots values (?, ?, ?)", row)
                kept = "select seq from snapshots order by seq desc limit ?"
                execute(f"delete from snapshots where seq not in ({kept})", (SNAPSHOTS,))
        except sqlite3.Error as error:
            raise StoreError(f"cannot write to the database {self._file}: {error}") from error

    def rebuild(self) -> int:
        """Makes the projections again from the log; returns how many events that took."""
        with transaction(self._writer.conn):
            return sqlite_rebuild.make_again(self._writer.conn, self.load())

    def rebuild_and_compare(self, keep: bool = True) -> sqlite_rebuild.Rebuilt:
        """The same, and which tables were not as the log says. Without `keep` nothing is changed."""
        return sqlite_rebuild.make_again_and_compare(self._writer.conn, self.load(), keep)

    def epoch(self, now_s: int) -> int:
        """The hub epoch of this log, drawn when the log was begun.

        It is the time in seconds, so that a log that is begun anew after a loss is above what displays have seen.
        Raises StoreError.
        """
        with _told(self._file), transaction(self._writer.conn) as execute:
            execute("insert or ignore into meta values ('epoch', ?)", (str(now_s),))
        return int(self._writer.execute("select value from meta where key = 'epoch'").fetchone()[0])

    def set_back(self, now_s: int) -> int:
        """To be called on a restored log, once: everybody must log in again, displays are to believe this log although
        its positions are lower than what they saw, and the hub is told at its start. Returns the new epoch."""
        epoch = max(now_s, self.epoch(now_s) + 1)
        with transaction(self._writer.conn) as execute:
            execute("insert or replace into meta values ('epoch', ?)", (str(epoch),))
            execute("insert or replace into meta values (?, ?)", (_RESTORED, str(self.last_ms())))
            execute("delete from tokens where kind = 'session'")
        return epoch

    def restored_ms(self) -> int | None:
        """When the log ended that was restored, as long as the hub has not written that down; None: nothing was."""
        row = self._reader.conn.execute("select value from meta where key = ?", (_RESTORED,)).fetchone()
        return int(row[0]) if row else None

    def last_ms(self) -> int:
        """When the last event of the log happened; 0: there is none."""
        row = self._reader.conn.execute("select at_ms from log order by seq desc limit 1").fetchone()
        return row[0] if row else 0

    def quarantine(self, topic: str, payload: bytes, reason: str, at_ms: int) -> None:
        """Keeps a message that cannot be read; the oldest goes when there are too many."""
        try:
            with self._writing, transaction(self._writer.conn) as execute:
                execute(
                    "insert into quarantine (at_ms, topic, payload, reason) values (?, ?, ?, ?)",
                    (at_ms, topic, payload[:QUARANTINE_BYTES], reason),
                )
                execute("delete from quarantine where id <= (select max(id) from quarantine) - ?", (QUARANTINE_ROWS,))
        except sqlite3.Error as error:
            raise StoreError(f"cannot write to the database {self._file}: {error}") from error

    def devices(self) -> list[Device]:
        """Every device that was ever registered, revoked ones too."""
        return [Device(*row) for row in self._reader.execute("select * from devices order by id")]

    def bindings(self) -> list[Binding]:
        """What each device has been since when, the oldest first."""
        query = "select device, role, window, board, from_ms from bindings order by seq"
        return [Binding(*row) for row in self._reader.execute(query)]

    def keep_device(self, device: Device, at_ms: int = 0) -> None:
        """Registers `device`, or writes it anew (a new window, a new secret, revoked), and what it is from then on, if
        that is something else than before."""
        now = binding_of(device, at_ms)
        with self._writing, transaction(self._writer.conn):
            self._writer.table("devices").upsert(asdict(device), pk="id")
            last = "select role, window, board from bindings where device = ? order by seq desc limit 1"
            if self._writer.conn.execute(last, (device.id,)).fetchone() != (now.role, now.window, now.board):
                self._writer.table("bindings").insert(asdict(now))

    def close(self) -> None:
        self._reader.close()
        self._writer.close()
