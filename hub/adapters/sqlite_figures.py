"""What a day came to, counted by the database from its tables. Connections are read-only and live for one question.

A stop belongs to the window and the clerk that called it: a visit with two stops counts at both. It was served there if
it was finished, or sent on after *start*. The wait is that before the stop, and not the time before an appointment. A
call that was taken back was none. A rating belongs to the window and the clerk of its stop; only those that count are
summed up, and beside the mean stands how many really pressed.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

from hub.adapters import sqlite_periods
from hub.core.periods import ClerkPeriod, DayFold
from hub.ports import Row, StoreError
from protocol.ratings import LEVELS

BUSY_S = 5
"""How long to wait for a lock. Readers of a WAL database wait only while it is being recovered."""

QUARANTINE_ROWS = 200
"""Lines of the quarantine that are shown: the newest; who needs more has a flood, not a list."""

TEXT_BYTES = 500
"""Of each message that is shown."""

UNTOLD_ROWS = 200
"""Lines of the outbox that are shown."""

Answer = TypeVar("Answer")

_STOPS = """
with stops as (select c.{key} key, c.ended, c.started_ms, c.waited_ms from tickets t join calls c using (visit)
               where t.day = :day and c.revision = c.stop and c.ended <> 'taken-back')
"""

_SUMS = """
select key, count(*), sum(ended in ('done', 'step') or (ended = 'transferred' and started_ms is not null)),
       sum(ended = 'missed')
from stops group by key order by key
"""

_WAITS = """
select key, cast(avg(waited_ms) as int) from (
  select key, waited_ms, row_number() over (partition by key order by waited_ms) place,
         count(*) over (partition by key) places from stops where waited_ms is not null)
where place in ((places + 1) / 2, (places + 2) / 2) group by key
"""

_LEVELS = """
select r.{key}, r.level, count(*) from tickets t join ratings r using (visit)
where t.day = :day and r.standing = 'counted' group by r.{key}, r.level
"""

_OVERTIME = "select {key}, sum(overtime_ms) from clerk_periods where day = :day group by {key}"

_TICKETS = """
select visit, number, service, klass, party, state, coalesce(window, '') window, coalesce(clerk, '') clerk, drawn_ms,
       called_ms, started_ms, finished_ms, due_ms, booking, origin, case_number
from tickets where day = ? order by drawn_ms, number
"""

_CALLS = """
select c.revision, c.stop, c.visit, t.number, c.service, c.window, c.clerk, c.by, c.at_ms, c.shown_ms, c.device,
       c.waited_ms, c.started_ms, c.ended_ms, c.ended, c.why
from tickets t join calls c using (visit) where t.day = ? order by c.revision
"""

_RATINGS = """
select r.device, r.epoch, r.seq, r.visit, r.window, r.clerk, r.level, r.standing, r.earliest_ms, r.latest_ms
from ratings r left join tickets t using (visit)
where t.day = :day or (t.day is null and r.latest_ms between :first_ms and :last_ms) order by r.at_ms, r.seq
"""

_ALARMS = """
select alarm, rule, subject, level, person, figures, raised_ms, told_ms, cleared_ms
from alarms where day = ? order by seq
"""

_UNTOLD = """
select delivery, channel, person, rule, subject, raised_ms, state, attempts, next_ms, error
from outbox where state in ('waiting', 'given-up') order by raised_ms desc limit ?
"""


class SqliteFigures:
    """Reports on `file`. Raises StoreError."""

    def __init__(self, file: Path):
        self._file = file
        self._open_day = sqlite_periods.OpenDay()

    def by_window(self, day: str) -> list[Row]:
        return self._sums("window", day)

    def by_clerk(self, day: str) -> list[Row]:
        return self._sums("clerk", day)

    def _sums(self, key: str, day: str) -> list[Row]:
        """A line for each window or clerk that called somebody on `day`. `mean` is None when nobody pressed, the median
        of the waits when nobody was called who waited. What lasts is no overtime yet."""
        stops = _STOPS.format(key=key)  # one of our own two words, never a request's
        nothing: Row = {"wait_p50_ms": None, "overtime_ms": 0, **_rated({})}
        rows: dict[object, Row] = {
            name: {key: name, "called": called, "served": served, "missed": missed, **nothing}
            for name, called, served, missed in self._ask(stops + _SUMS, {"day": day})
        }
        for name, median_ms in self._ask(stops + _WAITS, {"day": day}):
            rows[name]["wait_p50_ms"] = median_ms
        for name, overtime_ms in self._overtime(key, day):
            if name in rows:
                rows[name]["overtime_ms"] = overtime_ms
        counts: dict[object, dict[int, int]] = {}
        for name, level, count in self._ask(_LEVELS.format(key=key), {"day": day}):
            counts.setdefault(name, {})[level] = count
        for name, levels in counts.items():
            if name in rows:
                rows[name].update(_rated(levels))
        return list(rows.values())

    def _overtime(self, key: str, day: str) -> Iterable[tuple[object, int]]:
        if not self._is_open(day):
            return [(name, over_ms) for name, over_ms in self._ask(_OVERTIME.format(key=key), {"day": day})]
        totals: dict[object, int] = {}
        for row in self._clerk_periods(day, until_ms=0):
            name = getattr(row, key)
            totals[name] = totals.get(name, 0) + row.overtime_ms
        return totals.items()

    def visit_periods(self, day: str, now_ms: int) -> list[Row]:
        """In which state each visit was, from when to when; what lasts today ends at `now_ms`."""
        if not self._is_open(day):
            return self._rows("select * from visit_periods where day = ? order by rowid", (day,))
        return [row._asdict() for row in self._fold(day, lambda fold: fold.visit_periods(now_ms, is_over=False))]

    def clerk_periods(self, day: str, now_ms: int) -> list[Row]:
        """The same for each clerk at each window, and how much of it was overtime."""
        if not self._is_open(day):
            return self._rows("select * from clerk_periods where day = ? order by rowid", (day,))
        return [row._asdict() for row in self._clerk_periods(day, now_ms)]

    def _clerk_periods(self, day: str, until_ms: int) -> list[ClerkPeriod]:
        return self._fold(day, lambda fold: fold.clerk_periods(until_ms, is_over=False))

    def promises(self, day: str) -> list[Row]:
        """How many waiting times were promised for each service and came out, and how many of them held: see
        hub.core.accuracy.Row."""
        if not self._is_open(day):
            return self._rows("select * from promises where day = ? order by service", (day,))
        first = self._first(day)
        with self._connected() as connection:
            kept = sqlite_periods.promises(connection.execute, first)
        return [row._asdict() for row in kept]

    def alarms(self, day: str) -> list[Row]:
        """Each alarm of the day; `cleared_ms` is None while it lasts. `figures` as they were when it was told last."""
        rows = self._rows(_ALARMS, (day,))
        return [{**row, "figures": json.loads(str(row["figures"]))} for row in rows]

    def bookings(self, day: str) -> list[Row]:
        """Each appointment for the day."""
        return self._rows("select * from bookings where day = ? order by minute, service, booking", (day,))

    def untold(self) -> list[Row]:
        """What could not be told to somebody, or not yet; the newest first."""
        return self._rows(_UNTOLD, (UNTOLD_ROWS,))

    def _is_open(self, day: str) -> bool:
        rows = self._ask("select day from days order by seq desc limit 1", ())
        return bool(rows) and rows[0][0] == day

    def _first(self, day: str) -> int:
        return self._ask("select seq from days where day = ?", (day,))[0][0]

    def _fold(self, day: str, question: Callable[[DayFold], Answer]) -> Answer:
        first = self._first(day)
        with self._connected() as connection:
            return self._open_day.ask(connection, first, question)

    def tickets(self, day: str) -> list[Row]:
        return self._rows(_TICKETS, (day,))

    def calls(self, day: str) -> list[Row]:
        """Each call and recall. `shown_ms` is None until the display said that its glass shows it."""
        return self._rows(_CALLS, (day,))

    def ratings(self, day: str, between_ms: tuple[int, int]) -> list[Row]:
        """Each press; one without a visit belongs to the day in which it was pressed."""
        return self._rows(_RATINGS, {"day": day, "first_ms": between_ms[0], "last_ms": between_ms[1]})

    def quarantined(self) -> list[Row]:
        """The newest messages that could not be read. Bytes that are no text are shown as escapes."""
        newest = "select id, at_ms, topic, payload, reason from quarantine order by id desc limit ?"
        return [
            {**dict(row), "payload": row["payload"][:TEXT_BYTES].decode("utf-8", "backslashreplace")}
            for row in self._ask(newest, (QUARANTINE_ROWS,))
        ]

    def _ask(self, sql: str, words) -> list[sqlite3.Row]:
        with self._connected() as connection:
            connection.row_factory = sqlite3.Row
            return connection.execute(sql, words).fetchall()

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        try:
            address = f"{self._file.resolve().as_uri()}?mode=ro"
            with closing(sqlite3.connect(address, uri=True, timeout=BUSY_S)) as connection:
                yield connection
        except sqlite3.Error as error:
            raise StoreError(f"cannot read the database {self._file}: {error}") from error

    def _rows(self, sql: str, words) -> list[Row]:
        return [dict(row) for row in self._ask(sql, words)]


def _rated(counts: dict[int, int]) -> Row:
    """How many pressed, each level, and the mean level to two places."""
    rated = sum(counts.values())
    mean = round(sum(level * count for level, count in counts.items()) / rated, 2) if rated else None
    return {"rated": rated, "levels": {str(level): counts.get(level, 0) for level in LEVELS}, "mean": mean}
