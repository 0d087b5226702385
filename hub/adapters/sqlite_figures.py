"""What a day came to, counted by the database from its tables. Connections are read-only and live for one question.

A stop belongs to the window and the clerk that called it, and to the service that it was for: a visit with two stops
counts at both. It was served there if it was finished, or sent on after *start*. The wait is that before the stop, and
not the time before an appointment. A call that was taken back was none. A rating belongs to the stop; only those that
count are summed up, and beside the mean stands how many really pressed. A ticket belongs to what it was drawn for.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

from hub.adapters import sqlite_periods
from hub.core.hall import Hall, Names, from_dict
from hub.core.periods import ClerkPeriod, DayFold
from hub.core.personal import masked
from hub.core.tallies import OF_SEATS, OF_TICKETS, Tally, added, row
from hub.core.tickets import CANCELLED, EXPIRED
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

_STOPS = """
select key, waited_ms, is_served, ended = 'missed',
       case when is_served and ended_ms < :over_ms then max(0, ended_ms - coalesce(started_ms, at_ms)) end
from (select c.{by} key, c.waited_ms, c.ended, c.started_ms, c.at_ms, c.ended_ms,
             c.ended in ('done', 'step') or (c.ended = 'transferred' and c.started_ms is not null) is_served
      from tickets t join calls c using (visit)
      where t.day = :day and c.revision = c.stop and c.ended <> 'taken-back')
"""

_DRAWN = """
select json_extract(l.body, '$.service'), t.party, t.state
from log l join tickets t on t.visit = json_extract(l.body, '$.visit')
where l.seq > :first and l.seq < :after and l.kind = 'TicketDrawn'
"""

_LEVELS = """
select r.{by}, r.level, count(*) from tickets t join ratings r using (visit)
where t.day = :day and r.standing = 'counted' group by r.{by}, r.level
"""

_DAY = """
select day, seq first, lead(seq, 1, :last) over days after, lead(opened_ms, 1, :last) over days over_ms
from days window days as (order by seq)
"""

_HALLS = """
select body from log where kind = 'HallConfigured' and seq < :after
and seq >= (select coalesce(max(seq), 0) from log where kind = 'HallConfigured' and seq < :first) order by seq
"""

_OVERTIME = "select {by}, sum(overtime_ms) from clerk_periods where day = :day group by {by}"

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
from outbox where state in ('waiting', 'given-up')
union all
select delivery, '', person, rule, subject, raised_ms, state, 0, 0, '' from outbox
group by delivery having min(state) = 'no-address' and max(state) = 'no-address'
order by raised_ms desc limit ?
"""


class SqliteFigures:
    """Reports on `file`. Raises StoreError."""

    def __init__(self, file: Path):
        self._file = file
        self._open_day = sqlite_periods.OpenDay()

    def by_window(self, day: str) -> list[Row]:
        """A row (hub.core.tallies.row) for each window that called somebody. What lasts is no overtime yet."""
        return self._called_rows("window", day)

    def by_clerk(self, day: str) -> list[Row]:
        """The same for each clerk."""
        return self._called_rows("clerk", day)

    def by_service(self, day: str) -> list[Row]:
        """The same with the tickets for each service that somebody came for, and its names."""
        return self._named_rows("service", day)

    def by_group(self, day: str) -> list[Row]:
        """The same for each group of services; "" are the services that are in none."""
        return self._named_rows("group", day)

    def _called_rows(self, by: str, day: str) -> list[Row]:
        return [{by: key, **row(tally, without=OF_TICKETS)} for key, tally in self.tallies(day, by).items()]

    def _named_rows(self, by: str, day: str) -> list[Row]:
        names = self.names(day, by)
        return [
            {by: key, "names": names.get(key, {}), **row(tally, without=OF_SEATS)}
            for key, tally in self.tallies(day, by).items()
        ]

    def tallies(self, day: str, by: str) -> dict[str, Tally]:
        """What the day came to for each "window", "clerk", "service" or "group", or for the "hall", by its id."""
        span = self._span(day)
        if span is None:
            return {}
        if by in ("window", "clerk"):
            tallies = self._stops(span, by)
            for key, overtime_ms in self._overtime(by, day):
                tallies[key].overtime_ms = overtime_ms
            return {key: tally for key, tally in sorted(tallies.items()) if tally.called}
        tallies = self._services(span)
        if by == "service":
            return dict(sorted(tallies.items()))
        halls = self._halls(span)
        if by == "group":
            groups = {key: service.group for hall in halls for key, service in hall.services.items()}
            return added((groups.get(key, ""), tally) for key, tally in tallies.items())
        whole = Tally(overtime_ms=sum(overtime_ms for _, overtime_ms in self._overtime("window", day)))
        return added((halls[-1].id, tally) for tally in (whole, *tallies.values()))

    def names(self, day: str, by: str) -> dict[str, Names]:
        """What each of them was called on that day: those of a later version of the hall file, if there were several.
        Clerks have none here."""
        span = self._span(day)
        names: dict[str, Names] = {}
        for hall in self._halls(span) if span else ():
            named = {
                "window": {key: window.names for key, window in hall.windows.items()},
                "service": {key: service.names for key, service in hall.services.items()},
                "group": hall.groups,
                "hall": {hall.id: hall.names},
            }
            names.update(named.get(by, {}))
        return names

    def days(self) -> list[str]:
        """Every day that was opened, the oldest first."""
        return [day for (day,) in self._ask("select day from days order by seq", ())]

    def _span(self, day: str) -> sqlite3.Row | None:
        """`day`; the log positions of its beginning and of the next one's; when the next one was opened."""
        rows = self._ask(f"select * from ({_DAY}) where day = :day", {"day": day, "last": sqlite_periods.LAST})
        return rows[0] if rows else None

    def _halls(self, span: sqlite3.Row) -> list[Hall]:
        """The hall as it was when the day began, and each later version of that day."""
        return [from_dict(json.loads(body)["hall"]) for (body,) in self._ask(_HALLS, dict(span))]

    def _services(self, span: sqlite3.Row) -> defaultdict[str, Tally]:
        tallies = self._stops(span, "service")
        for service, party, state in self._ask(_DRAWN, dict(span)):
            tally = tallies[service]
            tally.drawn += 1
            tally.people += party
            tally.cancelled += state == CANCELLED
            tally.expired += state == EXPIRED
        for promises in self.promises(span["day"]):
            tally = tallies[str(promises["service"])]
            tally.promised, tally.held = int(str(promises["promised"])), int(str(promises["held"]))
        return tallies

    def _stops(self, span: sqlite3.Row, by: str) -> defaultdict[str, Tally]:
        """Calls, times and ratings. Where nobody pressed *finish* before the next day nobody knows how long it took."""
        tallies: defaultdict[str, Tally] = defaultdict(Tally)
        for key, waited_ms, is_served, is_missed, serve_ms in self._ask(_STOPS.format(by=by), dict(span)):
            tally = tallies[key]
            tally.called += 1
            tally.served += is_served
            tally.missed += is_missed
            tally.waits_ms += () if waited_ms is None else (waited_ms,)
            tally.serves_ms += () if serve_ms is None else (serve_ms,)
        for key, level, count in self._ask(_LEVELS.format(by=by), dict(span)):
            tallies[key].levels[level] = count
        return tallies

    def _overtime(self, by: str, day: str) -> Iterable[tuple[str, int]]:
        if not self._is_open(day):
            return [(key, over_ms) for key, over_ms in self._ask(_OVERTIME.format(by=by), {"day": day})]
        totals: dict[str, int] = {}
        for period in self._clerk_periods(day, until_ms=0):
            key = getattr(period, by)
            totals[key] = totals.get(key, 0) + period.overtime_ms
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
        """What could not be told to somebody, or not yet; the newest first. `channel` is empty where there was no way
        to tell it."""
        return [{**line, "error": masked(str(line["error"]))} for line in self._rows(_UNTOLD, (UNTOLD_ROWS,))]

    def outbox(self) -> dict[str, int]:
        """How many lines of the outbox wait, and how many were given up."""
        counts = {
            str(state): int(count)
            for state, count in self._ask("select state, count(*) from outbox group by state", ())
        }
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

    def tickets(self, day: str) -> list[Row]:
        return self._rows(_TICKETS, (day,))

    def calls(self, day: str) -> list[Row]:
        """Each call and recall. `shown_ms` is None until the display said that its glass shows it."""
        return self._rows(_CALLS, (day,))

    def ratings(self, day: str, between_ms: tuple[int, int]) -> list[Row]:
        """Each press; one without a visit belongs to the day in which it was pressed."""
        return self._rows(_RATINGS, {"day": day, "first_ms": between_ms[0], "last_ms": between_ms[1]})

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
