"""How far a roll-out is, so that a hub that is started anew goes on with it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from hub.adapters.sqlite_store import connect
from hub.ports import StoreError


class SqliteRollout:
    """The one roll-out, in the hub's database, whose tables the store has made. It is asked a few times a minute at the
    most, so it keeps no connection. Both raise StoreError."""

    def __init__(self, file: Path):
        self._file = file

    def kept(self) -> dict[str, Any] | None:
        try:
            with closing(connect(self._file)) as database:
                found = database.execute("select body from rollout").fetchone()
        except sqlite3.Error as error:
            raise StoreError(f"cannot read how far the roll-out is: {error}") from error
        return json.loads(found[0]) if found else None

    def keep(self, plain: dict[str, Any]) -> None:
        try:
            with closing(connect(self._file)) as database:
                database.table("rollout").insert({"id": 1, "body": json.dumps(plain)}, replace=True)
        except sqlite3.Error as error:
            raise StoreError(f"cannot keep how far the roll-out is: {error}") from error
