"""The chained tables: which they are, how a row is linked in, and what is wrong with a chain that does not hold.

A chained table has a column `link` (see hub.core.chain). The head, that is key and link of the last row, is kept in
`meta` too, in the transaction that wrote the row, so that rows cut off the end are missed. Keys only grow, and may
leave some out: a position of the log that was tried and failed is not used again.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub.core.chain import BEGIN, LINK_BYTES, link

Execute = Callable[..., Any]

NEAR = 1000
"""How many links before a broken row are tried as the one that it was chained to: so many put-in rows are named."""

CHUNK = 10_000
"""Rows that are linked at a time, when a table is chained for the first time."""


@dataclass(frozen=True, slots=True)
class Chained:
    """A table, and the columns that are linked, in their order. The first is the key."""

    table: str
    columns: tuple[str, ...]

    @property
    def key(self) -> str:
        return self.columns[0]

    @property
    def head(self) -> str:
        """Where `meta` has the head."""
        return f"head:{self.table}"


LOG = Chained("log", ("seq", "at_ms", "command_id", "kind", "body"))
DEEDS = Chained("deeds", ("id", "at_ms", "who", "address", "action", "subject", "before", "after"))
TABLES = (LOG, DEEDS)


@dataclass(frozen=True, slots=True)
class Head:
    """The last row of a chain: its key and its link. As text SEQ:HEX, for a person to write down and compare."""

    key: int = 0
    link: bytes = BEGIN

    def __str__(self) -> str:
        return f"{self.key}:{self.link.hex()}"


def read_head(text: str) -> Head:
    """The head that `str` wrote. Raises ValueError with words."""
    key, _, digits = text.partition(":")
    try:
        found = Head(int(key), bytes.fromhex(digits))
    except ValueError:
        found = Head(-1)
    if found.key < 0 or len(found.link) != LINK_BYTES:
        raise ValueError(f"{text[:100]!r} must be SEQ:HEX, as `jiaohao verify` prints it")
    return found


ALTERED = "altered"
REMOVED = "removed"
INSERTED = "inserted"
CUT = "cut"
UNEXPECTED = "unexpected"


@dataclass(frozen=True, slots=True)
class Break:
    """What is wrong: the first row (`key`) that is ALTERED, INSERTED, or before which rows were REMOVED; CUT: the last
    rows are missing; UNEXPECTED: the chain holds, and is not the one that somebody noted before."""

    what: str
    key: int
    words: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the chain of `table` is: `rows` that hold, from the first on, and the `head` after them."""

    table: str
    rows: int
    head: Head
    broken: Break | None


def last(execute: Execute, chained: Chained) -> Head:
    """The head for the next row to be linked to; it takes the write lock, so that nobody else links to it as well."""
    query = "update meta set value = value where key = ? returning value"
    rows = execute(query, (chained.head,)).fetchall()
    return read_head(rows[0][0]) if rows else Head()


def keep_head(execute: Execute, chained: Chained, head: Head) -> None:
    """To be called after rows were linked in, in their transaction."""
    execute("insert or replace into meta values (?, ?)", (chained.head, str(head)))


def chain_all(execute: Execute, chained: Chained) -> None:
    """Links every row of a table that has just got its column `link`."""
    head = Head()
    some = f"{_select(chained, '> ?')} limit {CHUNK}"
    while rows := execute(some, (head.key,)).fetchall():
        for row in rows:
            head = Head(row[0], _link(head.link, row[:-1]))
            execute(f"update {chained.table} set link = ? where {chained.key} = ?", (head.link, head.key))
    keep_head(execute, chained, head)


def open_read_only(file: Path) -> sqlite3.Connection:
    """A connection that cannot write, beside a hub that runs or not. Raises sqlite3.Error."""
    return sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10, isolation_level=None)


def verify_file(file: Path, expected: Head | None = None) -> list[Verdict]:
    """How each chain of a database is, all at one moment. `expected` is a head of the log that was noted before. Raises
    sqlite3.Error."""
    connection = open_read_only(file)
    try:
        connection.execute("begin")
        return [verify(connection.execute, each, expected if each is LOG else None) for each in TABLES]
    finally:
        connection.close()


def verify(execute: Execute, chained: Chained, expected: Head | None = None) -> Verdict:
    """Walks the chain from its first row to the first one that is wrong. A table that an earlier version of the program
    wrote, without a chain, has none that could be broken; the hub makes it at its next start."""
    columns = {row[1] for row in execute(f"pragma table_info({chained.table})")}
    row = execute("select value from meta where key = ?", (chained.head,)).fetchone()
    if not columns.issuperset((*chained.columns, "link")):
        words = f"the table {chained.table} had a chain, and has none now"
        return Verdict(chained.table, 0, Head(), Break(ALTERED, 0, words) if row else None)
    try:
        noted = read_head(row[0]) if row else Head()
    except ValueError:
        noted = Head(-1)
    return _walk(chained, execute(_select(chained)), noted, expected)


def _walk(chained: Chained, rows: Iterable[tuple], noted: Head, expected: Head | None) -> Verdict:
    """Nothing that was read is believed before the row after it is seen: a row put in has a link of its own."""
    count, head = 0, Head()
    before: deque[Head] = deque(maxlen=NEAR)
    met = expected is None or expected == head
    cursor = iter(rows)
    for row in cursor:
        if _link(head.link, row[:-1]) != row[-1]:
            return Verdict(chained.table, count, head, _name(chained, row, next(cursor, None), head, before))
        before.append(head)
        head = Head(row[0], row[-1])
        count += 1
        met = met or expected == head
    return Verdict(chained.table, count, head, _judge_end(chained, head, before, noted, expected if not met else None))


def _name(chained: Chained, row: tuple, after: tuple | None, head: Head, before: deque[Head]) -> Break:
    """What happened at `row`, which does not go on from `head`; `after` is the row behind it."""
    table = chained.table
    for earlier in reversed(before):
        if _link(earlier.link, row[:-1]) == row[-1]:
            between = [each.key for each in (*before, head) if each.key > earlier.key]
            return Break(INSERTED, between[0], f"row {between[0]} of the table {table} was put in")
    if after is not None and _link(head.link, after[:-1]) == after[-1]:
        return Break(INSERTED, row[0], f"row {row[0]} of the table {table} was put in")
    if row[0] > head.key + 1:
        gap = f"rows {head.key + 1} to {row[0] - 1}" if row[0] > head.key + 2 else f"row {head.key + 1}"
        words = f"before row {row[0]} of the table {table} something was removed ({gap}), or row {row[0]} was altered"
        return Break(REMOVED, row[0], words)
    words = f"row {row[0]} of the table {table} was altered, or the row before it together with its link"
    return Break(ALTERED, row[0], words)


def _judge_end(chained: Chained, head: Head, before: deque[Head], noted: Head, expected: Head | None) -> Break | None:
    table = chained.table
    if noted.key > head.key:
        words = f"the table {table} was cut off after row {head.key}: there were rows up to {noted.key}"
        return Break(CUT, head.key, words)
    if noted != head:
        added = [each.key for each in (*before, head) if each.key > noted.key]
        if added and noted in before:
            return Break(INSERTED, added[0], f"row {added[0]} of the table {table} was put in at the end")
        words = f"the table {table} was written anew: it ends with another link than the hub noted for row {noted.key}"
        return Break(UNEXPECTED, noted.key, words)
    if expected is None:
        return None
    if expected.key > head.key:
        words = f"the table {table} ends at row {head.key}, before the expected row {expected.key}: cut off or set back"
        return Break(CUT, head.key, words)
    words = f"the table {table} does not have the expected link at row {expected.key}: it was written anew up to there"
    return Break(UNEXPECTED, expected.key, words)


def _link(before: bytes, values: Iterable[Any]) -> bytes:
    return link(before, *("" if value is None else value for value in values))


def _select(chained: Chained, which: str = "is not null") -> str:
    columns = ", ".join(f'"{column}"' for column in chained.columns)
    return f"select {columns}, link from {chained.table} where {chained.key} {which} order by {chained.key}"
