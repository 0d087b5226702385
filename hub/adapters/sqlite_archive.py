"""What the log has beyond the state: versions of the hall file, calls of any day.

Connections are read-only and live for one question.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from hub.adapters.sqlite_figures import BUSY_S
from hub.core.hall import Hall, from_dict
from hub.explain import Called, Waited
from hub.ports import Row, StoreError

_VERSIONS = """
select seq, at_ms, json_extract(body, '$.by') by, json_extract(body, '$.note') note
from log where kind = 'HallConfigured' order by seq desc
"""

_VERSION = "select seq, at_ms, body from log where kind = 'HallConfigured' and seq = ?"

_CALLED = """
select t.number, c.service, t.klass, c.window, c.at_ms, d.midnight_ms, c.why
from tickets t join calls c using (visit) join days d on d.day = t.day
where t.day = ? and t.number = ? and c.why != '' order by c.revision
"""


_HALL = "select body from log where kind = 'HallConfigured' and at_ms <= ? order by seq desc limit 1"

_DRAWN = "select klass, drawn_ms, due_ms, credit_ms from tickets where day = ? and number = ?"


class SqliteArchive:
    """The archive in `file`. Raises StoreError."""

    def __init__(self, file: Path):
        self._file = file

    def versions(self) -> list[Row]:
        """Newest first."""
        return [_version(row) for row in self._ask(_VERSIONS, ())]

    def version(self, version: int) -> Row | None:
        """One version with its source."""
        for row in self._ask(_VERSION, (version,)):
            body = json.loads(row["body"])
            about = {"by": body.get("by", "hub"), "note": body.get("note", "")}
            return {"version": row["seq"], "at_ms": row["at_ms"], **about, "source": body.get("source", "")}
        return None

    def hall(self, version: int) -> Hall | None:
        """The rules of one version."""
        for row in self._ask(_VERSION, (version,)):
            return from_dict(json.loads(row["body"])["hall"])
        return None

    def called(self, day: str, number: str) -> list[Called]:
        """Every call of a ticket, oldest first."""
        return [Called(*tuple(row)[:-1], why=json.loads(row["why"])) for row in self._ask(_CALLED, (day, number))]

    def hall_at(self, at_ms: int) -> Hall | None:
        """The hall as it was configured at that moment."""
        rows = self._ask(_HALL, (at_ms,))
        return from_dict(json.loads(rows[0]["body"])["hall"]) if rows else None

    def waited(self, day: str, number: str) -> Waited | None:
        """When somebody came, and the place that this gave them."""
        for klass, drawn_ms, due_ms, credit_ms in self._ask(_DRAWN, (day, number)):
            return Waited(number, klass, drawn_ms, max(drawn_ms, due_ms) - credit_ms)
        return None

    def last_day(self) -> str:
        """The newest business day; empty: there was none."""
        rows = self._ask("select max(day) day from days", ())
        return rows[0]["day"] or ""

    def _ask(self, sql: str, words: Sequence[Any]) -> list[sqlite3.Row]:
        try:
            address = f"{self._file.resolve().as_uri()}?mode=ro"
            with closing(sqlite3.connect(address, uri=True, timeout=BUSY_S)) as connection:
                connection.row_factory = sqlite3.Row
                return connection.execute(sql, words).fetchall()
        except sqlite3.Error as error:
            raise StoreError(f"cannot read the database {self._file}: {error}") from error


def _version(row: sqlite3.Row) -> Row:
    about = {"by": row["by"] or "hub", "note": row["note"] or ""}
    return {"version": row["seq"], "at_ms": row["at_ms"], **about}
