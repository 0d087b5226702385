"""The smallest sums of figures, counted by the database: for each day, window, clerk and service, or for each hour.

Whatever a report is by, it adds up these; so it reads what happened once, however many tables it has. Three kinds:

    stops     calls, waits, times at a window, and ratings: of the window, clerk and service of the stop
    tickets   drawn, cancelled, expired, promised: of the service that the ticket was drawn for; at no window
    seats     overtime and idle time: of window and clerk; of no service

A stop was served if it was finished, or sent on after *start*. The wait is that before the stop, and not the time
before an appointment. A call that was taken back was none. Where nobody pressed *finish* before the next day opened
nobody knows how long it took.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Any, NamedTuple

from hub.core.dimensions import Halls
from hub.core.hall import Hall, from_dict
from hub.core.tallies import Tally
from hub.core.tickets import CANCELLED, EXPIRED


class Cell(NamedTuple):
    """What one window, clerk and service came to on a day; or an hour of all days (`hour`, from 0; else -1). What the
    sums are not of is None, or empty."""

    day: str
    hour: int
    window: str | None
    clerk: str | None
    service: str | None
    tally: Tally


_EACH = ("day", "window", "clerk", "service")
_AT_HOUR = ("hour",)
"""What the cells are of."""

_STOPS = """
with span as (select day, midnight_ms, lead(opened_ms, 1, 9e18) over (order by seq) over_ms from days)
select {keys}, count(*), sum(is_served), sum(is_missed),
       json_group_array(waited_ms) filter (where waited_ms is not null),
       json_group_array(max(0, ended_ms - began_ms)) filter (where is_served and ended_ms < over_ms)
from (select c.day, (c.at_ms - s.midnight_ms) / 3600000 hour, c.window, c.clerk, c.service, c.waited_ms, c.ended_ms,
             s.over_ms, coalesce(c.started_ms, c.at_ms) began_ms, c.ended = 'missed' is_missed,
             c.ended in ('done', 'step') or (c.ended = 'transferred' and c.started_ms is not null) is_served
      from calls c join span s using (day)
      where c.day between :first and :last and c.revision = c.stop and c.ended <> 'taken-back')
group by {keys}
"""

_COUNT = "standing in ('counted', 'correction') and replaced_by = '' and day between :first and :last"

_RATED = {
    _EACH: f"(select *, struck or excluded aside from ratings where {_COUNT})",
    _AT_HOUR: f"""(
        select r.level, r.stop_seq, r.struck or r.excluded aside, (c.at_ms - d.midnight_ms) / 3600000 hour
        from ratings r join calls c on c.revision = r.stop_seq join days d on d.day = r.day
        where {_COUNT.replace("day between", "r.day between")})""",
}

_LEVELS = "select {keys}, level, aside, count(*) from {rated} group by {keys}, level, aside"
_RATED_STOPS = "select {keys}, count(distinct stop_seq) from {rated} where not aside group by {keys}"

_TICKETS = {
    _EACH: "select day, null, null, drawn_for, state, count(*), sum(party) from tickets "
    "where day between :first and :last group by day, drawn_for, state",
    _AT_HOUR: "select (drawn_ms - midnight_ms) / 3600000, state, count(*), sum(party) "
    "from tickets join days using (day) where day between :first and :last group by 1, 2",
}

_PROMISES = "select day, service, promised, held from promises where day between :first and :last"
_SEATS = "select day, window, clerk, overtime_ms, idle_ms from seats where day between :first and :last"

Key = tuple[str, int, str | None, str | None, str | None]
Span = dict[str, str]


def cells(connection: sqlite3.Connection, first: str, last: str) -> list[Cell]:
    """The cells of the days from `first` to `last`; seats and promises are of days that are over only: those of the
    open day are folded from the log."""
    found: dict[Key, Tally] = {}
    span = {"first": first, "last": last}
    _add(connection, found, span, _EACH)
    for day, service, promised, held in connection.execute(_PROMISES, span):
        tally = _at(found, (day, -1, None, None, service))
        tally.promised, tally.held = promised, held
    for day, window, clerk, overtime_ms, idle_ms in connection.execute(_SEATS, span):
        tally = _at(found, (day, -1, window, clerk, None))
        tally.overtime_ms, tally.idle_ms = overtime_ms, idle_ms
    return [Cell(*key, tally) for key, tally in found.items()]


def cells_by_hour(connection: sqlite3.Connection, first: str, last: str) -> list[Cell]:
    """A cell for each hour of the day, of all those days together."""
    found: dict[Key, Tally] = {}
    _add(connection, found, {"first": first, "last": last}, _AT_HOUR)
    return [Cell(*key, tally) for key, tally in found.items()]


def _at(found: dict[Key, Tally], key: Key) -> Tally:
    tally = found.get(key)
    if tally is None:
        tally = found[key] = Tally()
    return tally


def _key(columns: Sequence[Any]) -> Key:
    if len(columns) == len(_AT_HOUR):
        return "", columns[0], None, None, None
    day, window, clerk, service = columns
    return day, -1, window, clerk, service


def _add(connection: sqlite3.Connection, found: dict[Key, Tally], span: Span, of: tuple[str, ...]) -> None:
    keys = ", ".join(of)
    for *columns, called, served, missed, waits, serves in connection.execute(_STOPS.format(keys=keys), span):
        tally = _at(found, _key(columns))
        tally.called, tally.served, tally.missed = called, served, missed
        tally.waits_ms, tally.serves_ms = json.loads(waits), json.loads(serves)
    rated = {"keys": keys, "rated": _RATED[of]}
    for *columns, level, is_aside, count in connection.execute(_LEVELS.format(**rated), span):
        tally = _at(found, _key(columns))
        (tally.set_aside if is_aside else tally.levels)[level] = count
    for *columns, stops in connection.execute(_RATED_STOPS.format(**rated), span):
        _at(found, _key(columns)).rated_stops = stops
    for *columns, state, count, people in connection.execute(_TICKETS[of], span):
        tally = _at(found, _key(columns))
        tally.drawn += count
        tally.people += people
        tally.cancelled += count * (state == CANCELLED)
        tally.expired += count * (state == EXPIRED)


_HALLS = """
select day, l.seq, l.body from (
    select day, seq first, lead(seq, 1, 9e18) over (order by seq) after from days
) d join log l on l.kind = 'HallConfigured' and l.seq < d.after and l.seq >= (
    select coalesce(max(seq), 0) from log where kind = 'HallConfigured' and seq < d.first
)
where day between ? and ? order by day, l.seq
"""


class KnownHalls:
    """The versions of the hall, each read once: a year has few of them, and many days. For several threads."""

    def __init__(self) -> None:
        self._read: dict[int, Hall] = {}

    def between(self, connection: sqlite3.Connection, first: str, last: str) -> Halls:
        """The hall as it was on each day from `first` to `last`."""
        versions: dict[str, list[Hall]] = {}
        for day, seq, body in connection.execute(_HALLS, (first, last)):
            if seq not in self._read:
                self._read[seq] = from_dict(json.loads(body)["hall"])
            versions.setdefault(day, []).append(self._read[seq])
        return Halls(versions)
