"""What days came to, counted by the database from its tables. Connections are read-only and live for one question.

A stop belongs to the window and the clerk that called it, and to the service that it was for: a visit with two stops
counts at both. A rating belongs to the stop; only those that count are summed up, and beside each share stands how many
really said something. A ticket belongs to what it was drawn for. See hub.adapters.sqlite_cells.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

from hub.adapters import sqlite_exchange, sqlite_periods
from hub.adapters.sqlite_cells import Cell, KnownHalls, cells, cells_by_hour
from hub.core.accuracy import Row as Accuracy
from hub.core.dimensions import NAMED, SEATS, SERVICES, Halls, key_of
from hub.core.hall import Names
from hub.core.periods import ClerkPeriod, DayFold
from hub.core.personal import masked
from hub.core.tallies import OF_SEATS, OF_TICKETS, Tally, added, row
from hub.ports import Row, StoreError

BUSY_S = 5
"""How long to wait for a lock. Readers of a WAL database wait only while it is being recovered."""

QUARANTINE_ROWS = 200
"""Lines of the quarantine that are shown: the newest; who needs more has a flood, not a list."""

TEXT_BYTES = 500
"""Of each message that is shown."""

UNTOLD_ROWS = 200
"""Lines of the outbox that are shown."""

Answer = TypeVar("Answer")

_ALARMS = """
select alarm, rule, subject, level, person, figures, raised_ms, told_ms, cleared_ms
from alarms where day = ? order by seq
"""

_UNTOLD = """
select delivery, channel, person, rule, subject, raised_ms, state, attempts, next_ms, error
from outbox where state in ('waiting', 'given-up') and channel <> 'invitation'
union all
select delivery, '', person, rule, subject, raised_ms, state, 0, 0, '' from outbox where channel <> 'invitation'
group by delivery having min(state) = 'no-address' and max(state) = 'no-address'
order by raised_ms desc limit ?
"""


HOUR = "hour"


def _sums(found: Iterable[Cell], by: str, halls: Halls) -> dict[str, Tally]:
    tallies = added((key, cell.tally) for cell in found if (key := key_of(by, cell[:5], halls)) is not None)
    if by in SEATS:
        return {key: tally for key, tally in tallies.items() if tally.called}
    return {hall: Tally() for hall in halls.ids} | tallies if by == "hall" else tallies


def _rows(tallies: dict[str, Tally], by: str, halls: Halls) -> list[Row]:
    names = halls.names(by)
    without = OF_TICKETS if by in SEATS else OF_SEATS if by in SERVICES else ()
    return [
        {by: key, **({"names": names.get(key, {})} if by in NAMED else {}), **row(tally, without, halls.scale)}
        for key, tally in tallies.items()
    ]


class SqliteFigures:
    """Reports on `file`. Raises StoreError."""

    def __init__(self, file: Path):
        self._file = file
        self._open_day = sqlite_periods.OpenDay()
        self._known_halls = KnownHalls()

    def rows(self, first: str, last: str, by: str) -> list[Row]:
        """A row (hub.core.tallies.row) for each of what the report is `by` (hub.core.dimensions.BY), of the days from
        `first` to `last`: windows and clerks that called somebody, services that somebody came for with their tickets.
        What lasts is no overtime yet."""
        return self.tables(first, last, (by,))[by]

    def tables(self, first: str, last: str, bys: Sequence[str]) -> dict[str, list[Row]]:
        """The same for several at once, out of one reading."""
        halls = self._halls(first, last)
        return {by: _rows(tallies, by, halls) for by, tallies in self._tallies(first, last, bys, halls).items()}

    def tallies(self, first: str, last: str, by: str) -> dict[str, Tally]:
        """What the days from `first` to `last` came to, for each of what it is `by`."""
        return self._tallies(first, last, (by,), self._halls(first, last))[by]

    def _tallies(self, first: str, last: str, bys: Sequence[str], halls: Halls) -> dict[str, dict[str, Tally]]:
        whole = self._cells(first, last) if set(bys) != {HOUR} else []
        hours = self._hours(first, last) if HOUR in bys else []
        return {by: _sums(hours if by == HOUR else whole, by, halls) for by in bys}

    def names(self, first: str, last: str, by: str) -> dict[str, Names]:
        """What each of them was called: by a later version of the hall file, if there were several."""
        return self._halls(first, last).names(by)

    def _cells(self, first: str, last: str) -> list[Cell]:
        with self._connected() as connection:
            found = cells(connection, first, last)
        today = max(self.days(), default="")
        return found + self._open_cells(today) if first <= today <= last else found

    def _hours(self, first: str, last: str) -> list[Cell]:
        with self._connected() as connection:
            return cells_by_hour(connection, first, last)

    def _open_cells(self, day: str) -> list[Cell]:
        """Seats and promises of the day that is open; what lasts is not counted yet."""
        found = [
            Cell(day, -1, None, None, row.service, Tally(promised=row.promised, held=row.held))
            for row in self._open_promises(day)
        ]
        for (window, clerk), (overtime_ms, idle_ms) in sqlite_periods.seats(
            self._clerk_periods(day, until_ms=0)
        ).items():
            found.append(Cell(day, -1, window, clerk, None, Tally(overtime_ms=overtime_ms, idle_ms=idle_ms)))
        return found

    def days(self) -> list[str]:
        """Every day that was opened, the oldest first."""
        return [day for (day,) in self._ask("select day from days order by seq", ())]

    def _halls(self, first: str, last: str) -> Halls:
        """The hall as it was on each of the days."""
        with self._connected() as connection:
            return self._known_halls.between(connection, first, last)

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
        return [row._asdict() for row in self._open_promises(day)]

    def _open_promises(self, day: str) -> list[Accuracy]:
        first = self._first(day)
        with self._connected() as connection:
            return sqlite_periods.promises(connection.execute, first)

    def alarms(self, day: str) -> list[Row]:
        """Each alarm of the day; `cleared_ms` is None while it lasts. `figures` as they were when it was told last."""
        rows = self._rows(_ALARMS, (day,))
        return [{**row, "figures": json.loads(str(row["figures"]))} for row in rows]

    def bookings(self, day: str) -> list[Row]:
        """Each appointment for the day."""
        return self._rows("select * from bookings where day = ? order by minute, service, booking", (day,))

    def untold(self) -> list[Row]:
        """What could not be told to somebody, or not yet; the newest first. `channel` is empty where there was no way
        to tell it."""
        return [{**line, "error": masked(str(line["error"]))} for line in self._rows(_UNTOLD, (UNTOLD_ROWS,))]

    def outbox(self) -> dict[str, int]:
        """How many alarms wait to be told, and how many were given up."""
        return self._waiting("<>")

    def invitations(self) -> dict[str, int]:
        """How many invitations to rate wait to be sent, and how many were given up."""
        return self._waiting("=")

    def exchange(self) -> dict[str, int]:
        """How many things wait for the province, how many it refused, and since when the oldest waits, in ms; 0: none
        does."""
        with self._connected() as connection:
            return sqlite_exchange.counts(connection)._asdict()

    def _waiting(self, which: str) -> dict[str, int]:
        query = f"select state, count(*) from outbox where channel {which} 'invitation' group by state"
        counts = {str(state): int(count) for state, count in self._ask(query, ())}
        return {state: counts.get(state, 0) for state in ("waiting", "given-up")}

    def _is_open(self, day: str) -> bool:
        rows = self._ask("select day from days order by seq desc limit 1", ())
        return bool(rows) and rows[0][0] == day

    def _first(self, day: str) -> int:
        return self._ask("select seq from days where day = ?", (day,))[0][0]

    def _fold(self, day: str, question: Callable[[DayFold], Answer]) -> Answer:
        first = self._first(day)
        with self._connected() as connection:
            return self._open_day.ask(connection, first, question)

    def quarantined(self) -> list[Row]:
        """The newest messages that could not be read. Bytes that are no text are shown as escapes, numbers and
        addresses of people as hints."""
        newest = "select id, at_ms, topic, payload, reason from quarantine order by id desc limit ?"
        return [
            {**dict(row), "payload": masked(row["payload"].decode("utf-8", "backslashreplace"))[:TEXT_BYTES]}
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
