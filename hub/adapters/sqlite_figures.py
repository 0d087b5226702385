"""What a day came to, counted by the database from its tables. Connections are read-only and live for one question.

A visit belongs to the window and the clerk that called it; a rating to the visit. The wait is from the draw to the
first call. Of ratings only those that count are summed up, and beside the mean stands how many really pressed.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from hub.ports import Row, StoreError
from protocol.ratings import LEVELS

BUSY_S = 5
"""How long to wait for a lock. Readers of a WAL database wait only while it is being recovered."""

QUARANTINE_ROWS = 200
"""Lines of the quarantine that are shown: the newest; who needs more has a flood, not a list."""

TEXT_BYTES = 500
"""Of each message that is shown."""

_VISITS = """
with first as (select visit, min(at_ms) at_ms from calls
               where visit in (select visit from tickets where day = :day) group by visit),
visits as (select t.visit, t.{key} key, t.state, f.at_ms - t.drawn_ms wait_ms
           from tickets t join first f using (visit) where t.day = :day)
"""

_SUMS = """
select key, count(*), sum(state = 'done'), sum(state = 'missed') from visits group by key order by key
"""

_WAITS = """
select key, cast(avg(wait_ms) as int) from (
  select key, wait_ms, row_number() over (partition by key order by wait_ms) place,
         count(*) over (partition by key) places from visits)
where place in ((places + 1) / 2, (places + 2) / 2) group by key
"""

_LEVELS = """
select v.key, r.level, count(*) from visits v join ratings r using (visit)
where r.standing = 'counted' group by v.key, r.level
"""

_TICKETS = """
select visit, number, service, state, coalesce(window, '') window, coalesce(clerk, '') clerk, drawn_ms, called_ms,
       started_ms, finished_ms
from tickets where day = ? order by drawn_ms, number
"""

_CALLS = """
select c.revision, c.visit, t.number, c.window, c.clerk, c.at_ms, c.shown_ms, c.device
from tickets t join calls c using (visit) where t.day = ? order by c.revision
"""

_RATINGS = """
select r.device, r.epoch, r.seq, r.visit, r.window, r.clerk, r.level, r.standing, r.earliest_ms, r.latest_ms
from ratings r left join tickets t using (visit)
where t.day = :day or (t.day is null and r.latest_ms between :first_ms and :last_ms) order by r.at_ms, r.seq
"""


class SqliteFigures:
    """Reports on `file`. Raises StoreError."""

    def __init__(self, file: Path):
        self._file = file

    def by_window(self, day: str) -> list[Row]:
        return self._sums("window", day)

    def by_clerk(self, day: str) -> list[Row]:
        return self._sums("clerk", day)

    def _sums(self, key: str, day: str) -> list[Row]:
        """A line for each window or clerk that called somebody on `day`. `mean` is None when nobody pressed."""
        visits = _VISITS.format(key=key)  # one of our own two words, never a request's
        rows: dict[object, Row] = {
            name: {key: name, "called": called, "served": served, "missed": missed, **_rated({})}
            for name, called, served, missed in self._ask(visits + _SUMS, {"day": day})
        }
        for name, median_ms in self._ask(visits + _WAITS, {"day": day}):
            rows[name]["wait_p50_ms"] = median_ms
        counts: dict[object, dict[int, int]] = {}
        for name, level, count in self._ask(visits + _LEVELS, {"day": day}):
            counts.setdefault(name, {})[level] = count
        for name, levels in counts.items():
            rows[name].update(_rated(levels))
        return list(rows.values())

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
        try:
            address = f"{self._file.resolve().as_uri()}?mode=ro"
            with closing(sqlite3.connect(address, uri=True, timeout=BUSY_S)) as connection:
                connection.row_factory = sqlite3.Row
                return connection.execute(sql, words).fetchall()
        except sqlite3.Error as error:
            raise StoreError(f"cannot read the database {self._file}: {error}") from error

    def _rows(self, sql: str, words) -> list[Row]:
        return [dict(row) for row in self._ask(sql, words)]


def _rated(counts: dict[int, int]) -> Row:
    """How many pressed, each level, and the mean level to two places."""
    rated = sum(counts.values())
    mean = round(sum(level * count for level, count in counts.items()) / rated, 2) if rated else None
    return {"rated": rated, "levels": {str(level): counts.get(level, 0) for level in LEVELS}, "mean": mean}
