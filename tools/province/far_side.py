"""What a province keeps, in SQLite: it survives its own restart, stores each id once, and counts what came again."""

from __future__ import annotations

import json
import sqlite3
import threading
from pathlib import Path
from typing import Any, NamedTuple

from hub.core.exchange import RATING, ExchangeMap
from hub.core.stamps import PLAIN, stamp

PAGE = 20
"""Orders that are served at once."""

BAD = ("4", "5")
"""What `satisfaction` is for a bad rating, by which an order is opened."""

LIMIT_MS = 5 * 24 * 3600 * 1000

_TABLES = """
create table if not exists stored (number integer primary key, id text unique, kind text, data text);
create table if not exists seen (id text primary key, times integer, altered integer);
create table if not exists orders (number integer primary key, body text);
"""


class Stored(NamedTuple):
    """What became of a message: `receipt`, None when it is wrong, and then `wrong` says what. `had`: it was there."""

    receipt: dict[str, str] | None
    had: bool = False
    wrong: str = ""


class Counts(NamedTuple):
    """`repeats`: deliveries of something that was there already; `altered`: of those, with another content."""

    stored: int
    repeats: int
    altered: int
    orders: int


class FarSide:
    """The platform's memory in `file`; it takes what has the fields that `fields` requires."""

    def __init__(self, file: Path, fields: ExchangeMap):
        self._fields = fields
        self._lock = threading.Lock()
        self._database = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._database.execute("pragma journal_mode=wal")
        self._database.executescript(_TABLES)

    def attempt(self, id: str) -> int:
        """Notes that somebody tries to deliver, or asks for, `id`; how many times now."""
        with self._lock:
            row = self._database.execute(
                "insert into seen values (?, 1, 0) on conflict (id) do update set times = times + 1 returning times",
                (id,),
            ).fetchone()
            return row[0]

    def store(self, id: str, kind: str, data: Any, now_ms: int) -> Stored:
        """Stores it once; a bad rating opens an order."""
        if wrong := self._wrong(kind, data):
            return Stored(None, wrong=wrong)
        body = json.dumps(data, ensure_ascii=False, sort_keys=True)
        with self._lock:
            row = self._database.execute("select number, data from stored where id = ?", (id,)).fetchone()
            if row:
                self._database.execute("update seen set altered = altered + ? where id = ?", (row[1] != body, id))
                return Stored(_receipt(row[0]), had=True)
            self._database.execute("begin")
            number = self._database.execute(
                "insert into stored (id, kind, data) values (?, ?, ?)", (id, kind, body)
            ).lastrowid
            assert number
            if kind == RATING and data.get("satisfaction") in BAD:
                self._open_order(number, data, now_ms)
            self._database.execute("commit")
            return Stored(_receipt(number))

    def _wrong(self, kind: str, data: Any) -> str:
        fields = self._fields.records.get(kind)
        if fields is None or not isinstance(data, dict):
            return "not a record of ours"
        missing = [field.name for field in fields if field.required and not data.get(field.name)]
        return f"missing: {', '.join(missing)}" if missing else ""

    def _open_order(self, number: int, data: dict[str, Any], now_ms: int) -> None:
        order = {
            "workOrderNo": f"GD{number:08}",
            "orderType": "1",
            "evaluateId": data.get("evaluateId", ""),
            "projectNo": data.get("projectNo", ""),
            "orderTitle": "差评整改",
            "orderContent": data.get("evaContent", ""),
            "isAnonymous": data.get("isAnonymous", "1"),
            "createTime": stamp(now_ms, PLAIN, self._fields.offset_min),
            "limitTime": stamp(now_ms + LIMIT_MS, PLAIN, self._fields.offset_min),
        }
        self._database.execute("insert into orders (body) values (?)", (json.dumps(order, ensure_ascii=False),))

    def orders(self, after: int) -> tuple[list[dict], list[dict], int]:
        """(orders up to `after`, the next ones, the number of the last of these)."""
        with self._lock:
            older = self._database.execute("select body from orders where number <= ?", (after,)).fetchall()
            newer = self._database.execute(
                "select number, body from orders where number > ? order by number limit ?", (after, PAGE)
            ).fetchall()
        last = newer[-1][0] if newer else after
        return [json.loads(body) for (body,) in older], [json.loads(body) for _, body in newer], last

    def counts(self) -> Counts:
        with self._lock:
            stored = self._database.execute("select count(*) from stored").fetchone()[0]
            repeats, altered = self._database.execute(
                "select coalesce(sum(times - 1), 0), coalesce(sum(altered), 0) from seen join stored using (id)"
            ).fetchone()
            orders = self._database.execute("select count(*) from orders").fetchone()[0]
        return Counts(stored, repeats, altered, orders)

    def ids(self) -> list[str]:
        """What is stored, in the order in which it came."""
        with self._lock:
            return [id for (id,) in self._database.execute("select id from stored order by number")]

    def close(self) -> None:
        with self._lock:  # a request may still be under way in its thread
            self._database.close()


def _receipt(number: int) -> dict[str, str]:
    return {"order_no": f"PJ{number:08}", "state": "accepted"}
