"""How the time of a day was spent, from the log: kept in tables once it is over, folded on demand while it is open."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, TypeVar

from hub.core.accuracy import Row as Accuracy
from hub.core.accuracy import accuracy
from hub.core.events import Event, from_record
from hub.core.hall import Hall, from_dict
from hub.core.periods import FREE, ClerkPeriod, DayFold

Execute = Callable[[str, tuple], Any]
Answer = TypeVar("Answer")

TABLES = ("visit_periods", "clerk_periods", "seats", "promises")

LAST = 2**63 - 1
"""A log position after all others."""


class Line(NamedTuple):
    """What the folds need of an entry of the log."""

    seq: int
    at_ms: int
    event: Event


def keep_day(execute: Execute, first: int, end: int, end_ms: int) -> None:
    """Writes the periods and promises of the day that is the log from position `first` to before `end`."""
    fold = DayFold(hall_at(execute, first))
    for line in _read(execute, first, end):
        fold.tell(line.at_ms, line.event)
    for row in fold.visit_periods(end_ms, is_over=True):
        execute("insert into visit_periods values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    periods = fold.clerk_periods(end_ms, is_over=True)
    for row in periods:
        execute("insert into clerk_periods values (?, ?, ?, ?, ?, ?, ?, ?)", row)
    for (window, clerk), (overtime_ms, idle_ms) in seats(periods).items():
        execute("insert into seats values (?, ?, ?, ?, ?)", (fold.day, window, clerk, overtime_ms, idle_ms))
    for row in promises(execute, first, end):
        execute("insert into promises values (?, ?, ?, ?, ?, ?, ?)", row)


def seats(periods: Iterable[ClerkPeriod]) -> dict[tuple[str, str], tuple[int, int]]:
    """Window and clerk -> overtime, and time for which the window was free, in ms."""
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for period in periods:
        overtime_ms, idle_ms = found.get((period.window, period.clerk), (0, 0))
        free_ms = period.end_ms - period.start_ms if period.state == FREE else 0
        found[period.window, period.clerk] = (overtime_ms + period.overtime_ms, idle_ms + free_ms)
    return found


def promises(execute: Execute, first: int, end: int = LAST) -> list[Accuracy]:
    """How often what was promised held, in that part of the log."""
    return accuracy(_read(execute, first, end, "and kind in ('TicketDrawn', 'TicketCalled')"))


def hall_at(execute: Execute, seq: int) -> Hall | None:
    """The hall that was in force before that position of the log."""
    last = "select body from log where kind = 'HallConfigured' and seq < ? order by seq desc limit 1"
    row = execute(last, (seq,)).fetchone()
    return from_dict(json.loads(row[0])["hall"]) if row else None


def _read(execute: Execute, first: int, end: int, which: str = "") -> Iterator[Line]:
    lines = f"select seq, at_ms, kind, body from log where seq >= ? and seq < ? {which} order by seq"
    for seq, at_ms, kind, body in execute(lines, (first, end)):
        yield Line(seq, at_ms, from_record(kind, json.loads(body)))


class OpenDay:
    """The fold of the day that is open. Each question reads only what is new in the log. For several threads."""

    def __init__(self) -> None:
        self._asking = threading.Lock()
        self._fold = DayFold(None)
        self._first = self._next = 0

    def ask(self, connection: sqlite3.Connection, first: int, question: Callable[[DayFold], Answer]) -> Answer:
        """The answer of the fold for the day that begins at the log position `first`."""
        with self._asking:
            if self._first != first:
                self._fold = DayFold(hall_at(connection.execute, first))
                self._first = self._next = first
            for line in _read(connection.execute, self._next, LAST):
                self._fold.tell(line.at_ms, line.event)
                self._next = line.seq + 1
            return question(self._fold)
