"""A transaction of whoever writes to the hall's database."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Execute = Callable[..., Any]


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[Execute]:
    """On disk when it ends, and nothing of it when it raises; the connection's `execute`.

    It takes the write lock at once, and waits for it. A transaction that reads before it writes would be refused
    without any waiting when another connection wrote in between, because what it read need not hold any more.
    """
    connection.execute("begin immediate")
    try:
        yield connection.execute
        connection.execute("commit")
    finally:
        if connection.in_transaction:
            connection.rollback()
