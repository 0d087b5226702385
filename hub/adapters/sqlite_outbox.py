"""The table of what is to be told to people: one line for each alarm, person and way of telling (`channel`).

A line is written in the transaction of its alarm, so none is lost, and never made again from the log, so nobody is told
twice of what is long over. `state` is WAITING until it was delivered; every time that it was not, `next_ms` is later.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from hub.core import events
from hub.ports import Entry

WEBHOOK = "webhook"
EMAIL = "email"
CHANNELS = (WEBHOOK, EMAIL)

WAITING = "waiting"
SENT = "sent"
NO_ADDRESS = "no-address"
GIVEN_UP = "given-up"
"""States of a line. NO_ADDRESS: the hall file has none for this person and channel."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Something to tell. `delivery` is the same at every attempt, and in every channel."""

    delivery: str
    channel: str
    person: str
    rule: str
    subject: str
    level: int
    figures: dict[str, int]
    raised_ms: int
    attempts: int


_COLUMNS = tuple(field.name for field in fields(Delivery))


def post(execute: Callable[[str, tuple], Any], entry: Entry) -> None:
    """Puts what `entry` has to tell into the table. The name of the delivery says where in the log, and when: a hall
    that begins its log anew does not use one again."""
    event = entry.event
    if not isinstance(event, events.AlarmRaised) or not event.to:
        return
    about = (event.to, event.rule, event.subject, event.level, json.dumps(event.figures), entry.at_ms)
    for channel in CHANNELS:
        execute(
            "insert into outbox values (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, null, '')",
            (f"{entry.seq}-{entry.at_ms}", channel, *about, WAITING),
        )


def due(connection: sqlite3.Connection, now_ms: int, most: int) -> list[Delivery]:
    """What may be tried now, what has waited longest first."""
    rows = connection.execute(
        f"select {', '.join(_COLUMNS)} from outbox where state = 'waiting' and next_ms <= ? "
        "order by next_ms, rowid limit ?",
        (now_ms, most),
    )
    return [_delivery(dict(zip(_COLUMNS, row, strict=True))) for row in rows]


def _delivery(row: dict[str, Any]) -> Delivery:
    return Delivery(**{**row, "figures": json.loads(row["figures"])})


def settle(connection: sqlite3.Connection, delivery: Delivery, state: str, at_ms: int, error: str = "") -> None:
    """It needs no further attempt."""
    connection.execute(
        "update outbox set state = ?, done_ms = ?, attempts = attempts + 1, error = ? "
        "where delivery = ? and channel = ?",
        (state, at_ms, error, delivery.delivery, delivery.channel),
    )


def put_off(connection: sqlite3.Connection, delivery: Delivery, next_ms: int, error: str) -> None:
    """It is tried again at `next_ms`."""
    connection.execute(
        "update outbox set next_ms = ?, attempts = attempts + 1, error = ? where delivery = ? and channel = ?",
        (next_ms, error, delivery.delivery, delivery.channel),
    )


def number_of(connection: sqlite3.Connection, visit: str) -> str:
    """The number of a visit, for the words; the subject itself when it is none."""
    row = connection.execute("select number from tickets where visit = ?", (visit,)).fetchone()
    return row[0] if row else visit
