"""Deletes what has been kept for long enough (see hub.core.retention): when a day begins, or at the next start.

It has its own connection, and each of its transactions is small, so that a press that comes in between waits for some
milliseconds at most. What was deleted is overwritten in the database (`secure_delete`) and leaves the write-ahead log.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from hub.adapters.day_keys import DayKeys
from hub.adapters.sqlite_store import connect
from hub.core import retention
from hub.core.commands import Moment
from hub.core.retention import Retention, due
from hub.ports import Deed, StoreError

log = logging.getLogger(__name__)

ROWS = 500
"""Deleted in one transaction."""

PAUSE_S = 0.01
"""Between two transactions: the hall's own come first."""

LOOK_S = 30
"""How often it is looked whether a day has begun, or the last run failed."""

CLEAN_TRIES = 50
CLEAN_MS = 100
"""The write-ahead log can be emptied while nobody reads; how often that is tried, and how long each time."""

_RULES = {
    retention.COMMANDS: ("commands", "at_ms <= ?"),
    retention.QUARANTINE: ("quarantine", "at_ms <= ?"),
    retention.OUTBOX: ("outbox", "done_ms <= ?"),
    retention.TEXTS: ("words", "at_ms <= ?"),
    retention.SESSIONS: ("tokens", "expires_ms > 0 and expires_ms <= ?"),
}
"""Kind -> (table, which rows are due)."""

_DAY = "retention"
"""Where `meta` has the day of the last run."""


def prune(database: sqlite3.Connection, up_to: Mapping[str, int]) -> dict[str, int]:
    """Deletes the rows that are due; `up_to` is from `retention.due`. How many of each kind. Raises sqlite3.Error."""
    return {kind: _prune(database, kind, at_ms) for kind, at_ms in up_to.items()}


def _prune(database: sqlite3.Connection, kind: str, at_ms: int) -> int:
    return _forget_people(database, at_ms) if kind == retention.PEOPLE else _delete(database, *_RULES[kind], at_ms)


def _forget_people(database: sqlite3.Connection, at_ms: int) -> int:
    """Takes names and contacts out of `words`; what was written stays for its own time. Few people leave one."""
    known = "at_ms <= ? and (name <> '' or contact <> '')"
    return database.execute(f"update words set name = '', contact = '' where {known}", (at_ms,)).rowcount


def _delete(database: sqlite3.Connection, table: str, is_due: str, at_ms: int) -> int:
    """They are looked for before the write lock is taken: a table may have a million rows that are not due."""
    count = 0
    while True:
        query = f"select rowid from {table} where {is_due} limit {ROWS}"
        rows = [row for (row,) in database.execute(query, (at_ms,))]
        found = f"rowid in (select value from json_each(?)) and {is_due}"
        count += database.execute(f"delete from {table} where {found}", (json.dumps(rows), at_ms)).rowcount
        if len(rows) < ROWS:
            return count
        time.sleep(PAUSE_S)


def clean_wal(database: sqlite3.Connection) -> bool:
    """Empties the write-ahead log, which still has the pages as they were; whether it could. A reader may be in the
    way, and while this waits for it nobody can write: so it waits shortly, and often."""
    before = database.execute("pragma busy_timeout").fetchone()[0]
    database.execute(f"pragma busy_timeout={CLEAN_MS}")
    try:
        for _ in range(CLEAN_TRIES):
            if not database.execute("pragma wal_checkpoint(truncate)").fetchone()[0]:
                return True
            time.sleep(CLEAN_MS / 1000)
    finally:
        database.execute(f"pragma busy_timeout={before}")
    return False


class RetentionJob:
    """What runs when a day begins. `now` and `chosen` (None: there is no hall yet) are asked in the loop; `note` writes
    a line of the audit, in a thread; `clear_devices` clears what the broker retains of revoked boards, in the loop, and
    says of how many."""

    def __init__(
        self,
        file: Path,
        day_keys: DayKeys,
        *,
        now: Callable[[], Moment],
        chosen: Callable[[], Retention | None],
        note: Callable[[Deed], None],
        clear_devices: Callable[[], int],
    ):
        self._file = file
        self._day_keys = day_keys
        self._now = now
        self._chosen = chosen
        self._note = note
        self._clear_devices = clear_devices

    async def run(self) -> None:
        """Looks until cancelled. What fails is told, and tried again."""
        while True:
            chosen = self._chosen()
            if chosen is not None:
                try:
                    await self.run_if_due(chosen)
                except (StoreError, OSError) as error:
                    log.error("what is kept for too long could not be deleted: %s; trying again in %s s", error, LOOK_S)
            await asyncio.sleep(LOOK_S)

    async def run_if_due(self, chosen: Retention) -> dict[str, int]:
        """Runs once a day; kind -> how many were deleted, empty when it has run today. Raises StoreError, OSError."""
        now = self._now()
        removed = await asyncio.to_thread(self._delete, chosen, now)
        if removed is None:
            return {}
        removed[retention.DEVICES] = self._clear_devices()
        await asyncio.to_thread(self._note, Deed(now.ms, "hub", "", "kept for long enough", _told(removed)))
        return removed

    def _delete(self, chosen: Retention, now: Moment) -> dict[str, int] | None:
        """All that lies on the disk; None: it has been done today."""
        try:
            database = connect(self._file)
            try:
                return self._delete_in(database.conn, chosen, now)
            finally:
                database.close()
        except sqlite3.Error as error:
            raise StoreError(f"cannot use the database {self._file}: {error}") from error

    def _delete_in(self, database: sqlite3.Connection, chosen: Retention, now: Moment) -> dict[str, int] | None:
        row = database.execute("select value from meta where key = ?", (_DAY,)).fetchone()
        if row and row[0] == now.day:
            return None
        removed = prune(database, due(chosen, now.ms))
        removed[retention.HOLDERS] = self._day_keys.forget(now.day)
        if not clean_wal(database):
            log.warning("%s-wal could not be emptied: it was read all the time; tomorrow again", self._file)
        database.execute("insert or replace into meta values (?, ?)", (_DAY, now.day))
        return removed


def _told(removed: Mapping[str, int]) -> str:
    """Counts only: what was deleted must not live on in the audit."""
    return ", ".join(f"{count} {kind}" for kind, count in removed.items() if count) or "nothing"
