"""The table of what is to be told to people: one line for each alarm, person and way of telling (`channel`), and one
for each invitation to rate, with the visit as its `subject` and no person: the contact is looked up when it is sent.

A line is written in the transaction of its event, so none is lost, and never made again from the log, so nobody is told
twice of what is long over. `state` is WAITING until it was delivered; every time that it was not, `next_ms` is later.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

from hub.core import events
from hub.ports import Entry
from hub.texts.alarms import Case

WEBHOOK = "webhook"
EMAIL = "email"
CHANNELS = (WEBHOOK, EMAIL)
"""How people are told of alarms."""

INVITATION = "invitation"
"""The channel of invitations: which way one goes depends on the contact that was left."""

WAITING = "waiting"
SENT = "sent"
NO_ADDRESS = "no-address"
GIVEN_UP = "given-up"
RATED = "rated"
FORGOTTEN = "forgotten"
"""States of a line. NO_ADDRESS: the hall file has none for this person and channel; or there is no way to that contact.
RATED, FORGOTTEN: nobody was to be invited any more; the contact was deleted meanwhile."""


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
    if isinstance(event, events.AlarmRaised) and event.to:
        about = (event.to, event.rule, event.subject, event.level, json.dumps(event.figures), entry.at_ms)
        _post(execute, entry, CHANNELS, about)
    elif isinstance(event, events.RatingInvited):
        _post(execute, entry, (INVITATION,), ("", "", event.visit, 0, "{}", entry.at_ms))


def _post(execute: Callable[[str, tuple], Any], entry: Entry, channels: Sequence[str], about: tuple) -> None:
    for channel in channels:
        execute(
            "insert into outbox values (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, null, '')",
            (f"{entry.seq}-{entry.at_ms}", channel, *about, WAITING),
        )


def due(connection: sqlite3.Connection, channels: Sequence[str], now_ms: int, most: int) -> list[Delivery]:
    """What of these channels may be tried now, what has waited longest first."""
    rows = connection.execute(
        f"select {', '.join(_COLUMNS)} from outbox where state = 'waiting' and next_ms <= ? "
        f"and channel in ({', '.join('?' * len(channels))}) order by next_ms, rowid limit ?",
        (now_ms, *channels, most),
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


def invited(connection: sqlite3.Connection, visit: str) -> tuple[bool, str]:
    """Whether somebody of the visit is still to be asked how it was, and the contact that was left last; empty: it was
    deleted."""
    is_open = connection.execute("select 1 from invitations where visit = ?", (visit,)).fetchone() is not None
    query = "select contact from words where about = ? and contact <> '' order by seq desc limit 1"
    row = connection.execute(query, (visit,)).fetchone()
    return is_open, row[0] if row else ""


def number_of(connection: sqlite3.Connection, visit: str) -> str:
    """The number of a visit, for the words; the subject itself when it is none."""
    row = connection.execute("select number from tickets where visit = ?", (visit,)).fetchone()
    return row[0] if row else visit


def case_of(connection: sqlite3.Connection, review: str) -> Case | None:
    """What a message may tell of a review; None when it is none."""
    row = connection.execute(
        "select review, kind, reviews.window, coalesce(number, '') from reviews left join tickets using (visit) "
        "where review = ?",
        (review,),
    ).fetchone()
    return Case(*row) if row else None
