"""The projections made again from the log, and how what was there differs from that."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from hub.adapters import sqlite_projections as projections
from hub.ports import Entry


@dataclass(frozen=True, slots=True)
class Difference:
    """What was wrong with `table`: rows that were missing, that were too much, and that said something else."""

    table: str
    missing: int
    extra: int
    different: int

    def __str__(self) -> str:
        return f"{self.table}: {self.missing} rows missing, {self.extra} too many, {self.different} different"


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """From how many events, and which tables had not been as the log says."""

    events: int
    differences: list[Difference]


def make_again(connection: sqlite3.Connection, log: Iterable[Entry]) -> int:
    """Empties the projections and fills them from `log`, in the caller's transaction; how many events that took."""
    count = 0
    for table in projections.TABLES:
        connection.execute(f"delete from {table}")
    for entry in log:
        projections.project(connection.execute, entry)
        count += 1
    connection.execute("delete from meta where key = 'projections'")
    return count


def make_again_and_compare(connection: sqlite3.Connection, log: Iterable[Entry], keep: bool) -> Rebuilt:
    """The same in a transaction of its own, looking at what was there before. Without `keep` nothing is changed."""
    connection.execute("begin immediate")
    try:
        for table in projections.TABLES:
            connection.execute(f"create temp table before_{table} as select * from {table}")
        events = make_again(connection, log)
        compared = [_compare(connection, table) for table in projections.TABLES]
        for table in projections.TABLES:
            connection.execute(f"drop table before_{table}")
        if keep:
            connection.execute("commit")
        return Rebuilt(events, [each for each in compared if each.missing or each.extra or each.different])
    finally:
        if connection.in_transaction:
            connection.rollback()


def _compare(connection: sqlite3.Connection, table: str) -> Difference:
    """Rows of the new table against those of before; one that only says something else is counted once."""
    before = f"before_{table}"
    lacking, surplus = _only_in(connection, table, before), _only_in(connection, before, table)
    keys = ", ".join(f'"{row[1]}"' for row in connection.execute(f"pragma table_info({table})") if row[5])
    different = 0
    if keys and lacking and surplus:
        new = f"select {keys} from (select * from {table} except select * from {before})"
        old = f"select {keys} from (select * from {before} except select * from {table})"
        different = connection.execute(f"select count(*) from ({new} intersect {old})").fetchone()[0]
    return Difference(table, lacking - different, surplus - different, different)


def _only_in(connection: sqlite3.Connection, one: str, other: str) -> int:
    """Rows of `one` that `other` lacks, or has less often."""
    columns = ", ".join(f'"{row[1]}"' for row in connection.execute(f"pragma table_info({one})"))
    mine, theirs = (f"select {columns}, count(*) from {table} group by {columns}" for table in (one, other))
    return connection.execute(f"select count(*) from ({mine} except {theirs})").fetchone()[0]
