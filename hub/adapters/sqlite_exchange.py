"""The table of what is exchanged with another platform: one line for each thing that is sent, or was asked of us.

A line is written in the transaction of its event, once by its id, so none is lost and none is doubled; and never made
again from the log. Nothing is given up: a line waits until the far side has it, or has said for good that it is wrong
(`refused`), which is for a person to look at. Lines about the same subject go in their order, one after the other; a
refused one holds up those behind it, and no others.

What was delivered is at the far side: its receipt is kept here, its content is not (it may have words of people).
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from hub.adapters.sqlite_transaction import transaction
from hub.core.exchange_orders import Order

ORDER = "order"
"""The kind of a line that came from the far side; the kinds that go there are in hub.core.exchange.RECORDS."""

WAITING = "waiting"
DELIVERED = "delivered"
REFUSED = "refused"
SET_ASIDE = "set-aside"
"""States of a line. SET_ASIDE: somebody decided that it is not sent."""

Execute = Callable[[str, tuple], Any]

_CURSOR = "exchange-cursor"
"""Where `meta` has how far the orders of the far side were fetched."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """Something to send, or an order to take: `body` is our record, or what the far side sent. `id` is the same at
    every attempt; `attempts` were made before. `error`: of the last one."""

    id: str
    kind: str
    body: Any
    attempts: int
    made_ms: int
    error: str


class Counts(NamedTuple):
    """How many lines are open, and since when the oldest of those that wait does, in ms; 0: none waits."""

    waiting: int
    refused: int
    oldest_ms: int


def post(execute: Execute, kind: str, id: str, subject: str, record: Any, now_ms: int) -> None:
    """Puts a line in, unless there is one of that id. `subject`: what it is about; later lines about it wait for this
    one. To be called in the transaction of its event."""
    body = json.dumps(record, ensure_ascii=False)
    execute(
        "insert into exchange (id, kind, subject, state, attempts, next_ms, made_ms, body, receipt, error) "
        f"values (?, ?, ?, '{WAITING}', 0, ?, ?, ?, '', '') on conflict (id) do nothing",
        (id, kind, subject, now_ms, now_ms, body),
    )


def due(connection: sqlite3.Connection, now_ms: int, most: int) -> list[Parcel]:
    """What may be tried now, what has waited longest first: nothing whose subject has an earlier line that is open."""
    earlier = (
        "select 1 from exchange as earlier where earlier.done_ms is null and earlier.kind = exchange.kind "
        "and earlier.subject = exchange.subject and earlier.seq < exchange.seq"
    )
    return _parcels(
        connection, f"state = 'waiting' and next_ms <= ? and not exists ({earlier}) order by next_ms, seq", now_ms, most
    )


def refused_parcels(connection: sqlite3.Connection, most: int) -> list[Parcel]:
    """What is for a person to look at, the oldest first."""
    return _parcels(connection, f"done_ms is null and state = '{REFUSED}' order by made_ms, id", most)


def _parcels(connection: sqlite3.Connection, which: str, *values: int) -> list[Parcel]:
    query = f"select id, kind, body, attempts, made_ms, error from exchange where {which} limit ?"
    return [Parcel(id, kind, json.loads(body), *rest) for id, kind, body, *rest in connection.execute(query, values)]


def delivered(connection: sqlite3.Connection, id: str, receipt: Mapping[str, Any], now_ms: int) -> None:
    """The far side has it; or we have taken its order."""
    connection.execute(
        f"update exchange set state = '{DELIVERED}', done_ms = ?, receipt = ?, body = 'null', error = '', "
        f"attempts = attempts + 1 where id = ? and state = '{WAITING}'",
        (now_ms, json.dumps(receipt, ensure_ascii=False), id),
    )


def put_off(connection: sqlite3.Connection, id: str, error: str, next_ms: int) -> None:
    """It is tried again at `next_ms`."""
    connection.execute(
        f"update exchange set next_ms = ?, attempts = attempts + 1, error = ? where id = ? and state = '{WAITING}'",
        (next_ms, error, id),
    )


def refused(connection: sqlite3.Connection, id: str, error: str) -> None:
    """The far side said for good that it is wrong, or it does not fit the map: a person must look at it."""
    connection.execute(
        f"update exchange set state = '{REFUSED}', attempts = attempts + 1, error = ? "
        f"where id = ? and state = '{WAITING}'",
        (error, id),
    )


def replay(connection: sqlite3.Connection, ids: Iterable[str], now_ms: int) -> int:
    """Refused lines are tried again, now; how many there were."""
    return connection.execute(
        f"update exchange set state = '{WAITING}', attempts = 0, next_ms = ? "
        f"where state = '{REFUSED}' and id in (select value from json_each(?))",
        (now_ms, json.dumps(list(ids))),
    ).rowcount


def replay_between(connection: sqlite3.Connection, from_ms: int, to_ms: int, now_ms: int) -> int:
    """The same, of all that were made from `from_ms` on and before `to_ms`."""
    query = f"select id from exchange where done_ms is null and state = '{REFUSED}' and made_ms >= ? and made_ms < ?"
    return replay(connection, [id for (id,) in connection.execute(query, (from_ms, to_ms))], now_ms)


def set_aside(connection: sqlite3.Connection, ids: Iterable[str], now_ms: int) -> int:
    """Refused lines are not sent; how many there were. What waits behind them goes on."""
    return connection.execute(
        f"update exchange set state = '{SET_ASIDE}', done_ms = ?, body = 'null' "
        f"where state = '{REFUSED}' and id in (select value from json_each(?))",
        (now_ms, json.dumps(list(ids))),
    ).rowcount


def receipt(connection: sqlite3.Connection, id: str) -> dict[str, Any] | None:
    """What the far side gave back; None: it does not have it, as far as we know."""
    row = connection.execute(f"select receipt from exchange where id = ? and state = '{DELIVERED}'", (id,)).fetchone()
    return json.loads(row[0]) if row else None


def counts(connection: sqlite3.Connection) -> Counts:
    """Of the open ones only, which are few: what was delivered grows for years."""
    query = "select state, count(*), min(made_ms) from exchange where done_ms is null group by state"
    found = {state: (count, oldest_ms) for state, count, oldest_ms in connection.execute(query)}
    waiting, oldest_ms = found.get(WAITING, (0, 0))
    return Counts(waiting, found.get(REFUSED, (0, 0))[0], oldest_ms)


def cursor(connection: sqlite3.Connection) -> str:
    """How far the orders of the far side were fetched; empty: not at all."""
    row = connection.execute("select value from meta where key = ?", (_CURSOR,)).fetchone()
    return row[0] if row else ""


def keep_orders(
    connection: sqlite3.Connection, orders: Iterable[tuple[Any, Order | None]], reached: str, now_ms: int
) -> None:
    """Keeps what the far side sent, each order once, and how far that `reached`: both or nothing. An order that could
    not be read (None) is kept as it came."""
    with transaction(connection) as execute:
        for raw, order in orders:
            id = f"{ORDER}:{order.order if order else _digest(raw)}"
            post(execute, ORDER, id, id, raw, now_ms)
        execute("insert or replace into meta values (?, ?)", (_CURSOR, reached))


def _digest(raw: Any) -> str:
    return hashlib.sha256(json.dumps(raw, sort_keys=True).encode()).hexdigest()[:32]
