"""How far a roll-out is, so that a hub that is started anew goes on with it."""

from __future__ import annotations

import json
import sqlite3
import threading
from pathlib import Path
from typing import Any

from hub.adapters.sqlite_store import connect
from hub.ports import StoreError


class SqliteRollout:
    """The one roll-out, in the hub's database. Its table is there once the store was opened."""

    def __init__(self, file: Path):
        self._database = connect(file)
        self._lock = threading.Lock()

    def kept(self) -> dict[str, Any] | None:
        found = self._database.execute("select body from rollout").fetchone()
        return json.loads(found[0]) if found else None

    def keep(self, plain: dict[str, Any]) -> None:
        """Raises StoreError."""
        try:
            with self._lock:
                self._database.table("rollout").insert({"id": 1, "body": json.dumps(plain)}, replace=True)
        except sqlite3.Error as error:
            raise StoreError(f"cannot keep how far the roll-out is: {error}") from error

    def close(self) -> None:
        self._database.close()
