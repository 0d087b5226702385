"""Ratings, marks and bad ratings line by line, for those who answer them. Connections are read-only, for one question.

What people wrote comes out of the table `words`: it may be gone by now, when its time was over.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from hub.core.reviews import ENDED
from hub.ports import Row, StoreError

BUSY_S = 5
"""How long to wait for a lock. Readers of a WAL database wait only while it is being recovered."""

PUBLISHED = 100
"""Rectifications that are shown to the public: the newest."""

_REVIEWS = """
select v.*, r.channel, r.standing, r.reasons, r.reasons_version, r.latest_ms, r.case_number, t.number,
       coalesce(w.text, '') text, coalesce(w.name, '') name, coalesce(w.contact, '') contact
from reviews v left join ratings r using (rating) left join tickets t on t.visit = v.visit
left join words w on w.seq = case v.rating
    when '' then (select min(seq) from review_steps s where s.review = v.review)
    else (select min(seq) from words where about = v.rating) end
"""
"""The citizen's words are those with the rating, or those with which an order was opened. What was said in later steps
is about the same review."""

_STEPS = """
select s.seq, s.at_ms, s.step, s.by, s.how, s.ground, s.due_ms, s.rating, coalesce(w.text, '') text
from review_steps s left join words w using (seq) where s.review = ? order by s.seq
"""

_REMARKS = """
select r.rating, r.level, r.channel, r.standing, r.latest_ms, r.reasons, coalesce(w.text, '') text
from ratings r left join words w on w.about = r.rating where r.visit = ? and r.stop = ? order by r.at_ms, r.rowid
"""

_SUMS = """
select count(*) opened, sum(owed) named,
       sum(owed and answered_ms > 0) named_answered, sum(owed and visited_ms > 0) named_visited,
       sum(state in ('closed', 'withdrawn')) ended, sum(struck) struck,
       sum(contacted_ms > 0 and contacted_ms <= contact_due_ms) contacted_in_time,
       sum(contact_due_ms > 0 and contacted_ms > contact_due_ms) contacted_late,
       sum(answered_ms > 0 and answered_ms <= answer_due_ms) answered_in_time,
       sum(answered_ms > answer_due_ms) answered_late
from (select *, named and state <> 'withdrawn' owed from reviews where day between ? and ?)
"""

_PUBLISHED = """
select v.day, v.service, w.text from reviews v join words w on w.seq = v.published
where v.published > 0 order by v.published desc limit ?
"""

_MARKS = """
select m.*, coalesce((select w.text from words w where w.about = m.mark order by w.seq desc limit 1), '') text,
       coalesce((select group_concat(distinct r.device) from marked join ratings r using (rating)
                 where marked.mark = m.mark and r.device <> ''), '') devices
from marks m where m.day between ? and ? order by m.marked_ms, m.mark
"""

_TO_CALL = """
select i.visit, i.day, t.number, i.listed_ms, coalesce(w.name, '') name, coalesce(w.contact, '') contact,
       coalesce(o.state, '') invitation
from invitations i join tickets t using (visit)
left join words w on w.about = i.visit and w.contact <> ''
left join (select subject, state, max(raised_ms) from outbox where channel = 'invitation' group by subject) o
on o.subject = i.visit where i.listed_ms is not null order by i.listed_ms
"""


class SqliteAnswers:
    """Answers on `file`. Raises StoreError."""

    def __init__(self, file: Path):
        self._file = file

    def reviews(self, first: str, last: str, only_open: bool = False) -> list[Row]:
        """Each review that was opened on those days, or is still open; the newest first."""
        ended = ", ".join(f"'{state}'" for state in ENDED)
        which = f"v.state not in ({ended})" if only_open else "v.day between :first and :last"
        rows = self._rows(f"{_REVIEWS} where {which} order by v.opened_ms desc", {"first": first, "last": last})
        return [_review(row) for row in rows]

    def review(self, review: str) -> Row | None:
        """One of them, with its `steps`, and with every word about that stop as `said`."""
        rows = self._rows(f"{_REVIEWS} where v.review = :review", {"review": review})
        if not rows:
            return None
        row = _review(rows[0])
        said = self._rows(_REMARKS, (row["visit"], row["stop"])) if row["visit"] else []
        for each in said:
            each["reasons"] = _list(each["reasons"])
        return {**row, "steps": self._rows(_STEPS, (review,)), "said": said}

    def review_sums(self, first: str, last: str) -> Row:
        """How those of the days were answered, in figures."""
        (row,) = self._rows(_SUMS, (first, last))
        return {name: value or 0 for name, value in row.items()}

    def published(self) -> list[Row]:
        """What was put right and may be read by everybody: day, service, text."""
        return self._rows(_PUBLISHED, (PUBLISHED,))

    def marks(self, first: str, last: str) -> list[Row]:
        """Each mark on ratings of those days; `text`: what was said last of whether to leave them out;
        `devices`: the boards that these came from, with commas."""
        rows = self._rows(_MARKS, (first, last))
        return [{**row, "evidence": json.loads(str(row["evidence"]))} for row in rows]

    def to_call(self) -> list[Row]:
        """Who did not answer the invitation, and can still be reached. `invitation`: what became of it, a state of
        hub.adapters.sqlite_outbox; empty: it was so long ago that this was deleted."""
        return [row for row in self._rows(_TO_CALL, ()) if row["contact"]]

    def _rows(self, sql: str, given: Any) -> list[Row]:
        with self._connected() as connection:
            return [dict(row) for row in connection.execute(sql, given)]

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        try:
            address = f"{self._file.resolve().as_uri()}?mode=ro"
            with closing(sqlite3.connect(address, uri=True, timeout=BUSY_S)) as connection:
                connection.row_factory = sqlite3.Row
                yield connection
        except sqlite3.Error as error:
            raise StoreError(f"cannot read the database {self._file}: {error}") from error


def _review(row: Row) -> Row:
    return {**row, "orders": _list(row["orders"]), "reasons": _list(row["reasons"])}


def _list(text: object) -> list[str]:
    return json.loads(str(text)) if text else []
