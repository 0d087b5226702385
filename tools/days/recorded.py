"""A recorded day, out of the log in the data folder: what happened, and the people and staff that made it so.

The database is opened for reading only, also while the hub runs. What cannot be known of those who were never served is
filled in with what was usual for the service that day.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from hub.core import events, hall, tickets
from hub.core.events import from_record
from hub.core.hall import MINUTE_MS, Hall
from hub.ports import Entry
from tools.days.journeys import STEP, Happened, Journey, Span
from tools.days.people import FINISH, HOLD, MISSED, TRANSFER, Day, Person, Sitting, Turn

_ENDS = {
    events.TicketFinished.__name__: FINISH,
    STEP: FINISH,
    events.TicketHeld.__name__: HOLD,
    events.TicketMissed.__name__: MISSED,
    events.TicketTransferred.__name__: TRANSFER,
}

_BEFORE = ("HallConfigured", "AppointmentBooked", "BookingCancelled")
"""What matters of the log before the day began."""


class NoSuchDay(Exception):
    """The log has no such day; the text says which it has."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """`hall` as it was when the day began; `kind` is the hall's own kind of day."""

    hall: Hall
    opened: events.DayOpened
    entries: list[Entry]
    happened: Happened


def read(folder: Path, day: str) -> Recorded:
    """The recorded `day`. Raises NoSuchDay."""
    file = folder / "hall.db"
    if not file.exists():
        raise NoSuchDay(f"{folder} has no hall.db: is it the data folder of a hub?")
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        first, after = _range(database, day)
        marks = ", ".join("?" * len(_BEFORE))
        before = list(_entries(database, f"seq < ? and kind in ({marks})", (first, *_BEFORE)))
        entries = list(_entries(database, "seq >= ? and seq < ?", (first, after)))
    configured = [entry.event.hall for entry in before if isinstance(entry.event, events.HallConfigured)]
    if not configured:
        raise NoSuchDay(f"no hall was in force on {day}")
    opened = entries[0].event
    assert isinstance(opened, events.DayOpened)
    return Recorded(hall.from_dict(configured[-1]), opened, entries, Happened([*_of(before, day), *entries]))


def _range(database: sqlite3.Connection, day: str) -> tuple[int, int]:
    """The positions of the day's DayOpened and of the next one."""
    rows = database.execute("select seq, body from log where kind = 'DayOpened' order by seq").fetchall()
    days = [(json.loads(body)["day"], seq) for seq, body in rows]
    found = [index for index, (name, _) in enumerate(days) if name == day]
    if not found:
        known = ", ".join(name for name, _ in days[-5:]) or "no day at all"
        raise NoSuchDay(f"{day} is not in the log; the last days in it: {known}")
    index = found[-1]
    return days[index][1], days[index + 1][1] if index + 1 < len(days) else _end(database)


def _end(database: sqlite3.Connection) -> int:
    """A position after all that is in the log."""
    return database.execute("select max(seq) + 1 from log").fetchone()[0]


def _entries(database: sqlite3.Connection, where: str, values: Sequence[object]) -> Iterable[Entry]:
    for seq, at_ms, kind, body in database.execute(
        f"select seq, at_ms, kind, body from log where {where} order by seq", values
    ):
        yield Entry(seq, at_ms, "", from_record(kind, json.loads(body)))


def _of(before: Iterable[Entry], day: str) -> list[Entry]:
    """The bookings for `day` that were made before it."""
    booked = [entry for entry in before if not isinstance(entry.event, events.HallConfigured)]
    return [entry for entry in booked if getattr(entry.event, "day", day) == day]


def day_of(recorded: Recorded, kind: str) -> Day:
    """The people and the staff of the recorded day, to be played again. `kind`: what the calendar calls it."""
    return _Again(recorded).day(kind)


class _Again:
    def __init__(self, recorded: Recorded):
        self._recorded = recorded
        self._midnight_ms = recorded.opened.midnight_ms
        self._usual_ms = _usual(recorded.happened.journeys.values(), recorded.hall)

    def day(self, kind: str) -> Day:
        happened, opened = self._recorded.happened, self._recorded.opened
        pieces = self._pieces()
        people = [
            self._person(journey, pieces[journey.visit]) for journey in happened.journeys.values() if not journey.origin
        ]
        people += self._absent()
        people.sort(key=lambda person: person.arrives_ms)
        staff = [
            Sitting(sat.clerk, sat.window, begins_ms - self._midnight_ms, ends_ms - self._midnight_ms)
            for sat in happened.sat
            for begins_ms, ends_ms in sat.working
        ]
        return Day(opened.day, kind, self._midnight_ms, tuple(people), tuple(staff), self._press_ms())

    def _pieces(self) -> defaultdict[str, list[Journey]]:
        """Visit -> those that were split from it, and from these."""
        journeys = self._recorded.happened.journeys
        pieces: defaultdict[str, list[Journey]] = defaultdict(list)
        for journey in journeys.values():
            first = journey
            while first.origin:
                first = journeys[first.origin]
            if first is not journey:
                pieces[first.visit].append(journey)
        return pieces

    def _person(self, journey: Journey, pieces: Sequence[Journey]) -> Person:
        booking = self._recorded.happened.bookings.get(journey.booking)
        turns = tuple(self._turns(journey))
        gave_up = journey.state == tickets.CANCELLED and not journey.calls
        return Person(
            journey.visit,
            journey.drawn_ms - self._midnight_ms,
            turns,
            journey.klass,
            journey.party + sum(piece.party for piece in pieces),
            booking.minute if booking else None,
            checks=((),) if journey.check else (),
            splits=tuple(tuple(self._turns(piece)) for piece in pieces),
            patience_ms=journey.left_ms - journey.drawn_ms if gave_up else 0,
        )

    def _turns(self, journey: Journey) -> Iterable[Turn]:
        spans = journey.spans
        for index, span in enumerate(spans):
            away_ms = spans[index + 1].since_ms - span.ended_ms if index + 1 < len(spans) else 0
            yield self._turn(span, away_ms)
        if spans[-1].end in (FINISH, "", events.TicketFinished.__name__):
            for service in journey.plan[sum(span.end == STEP for span in spans) :]:
                yield Turn(service, self._usual_ms[service], 0)

    def _turn(self, span: Span, away_ms: int) -> Turn:
        """What was not timed (never called, finished by the next call, at the end of the day) took as long as usual."""
        end = _ENDS.get(span.end, FINISH)
        walk_ms = span.started_ms - span.called_ms if span.started_ms else 0
        serve_ms = span.ended_ms - (span.started_ms or span.called_ms)
        if not span.ended_ms or serve_ms > 4 * self._usual_ms[span.service] + 60 * MINUTE_MS:
            serve_ms = self._usual_ms[span.service]
        return Turn(span.service, serve_ms, walk_ms, end, away_ms, span.line, span.level)

    def _absent(self) -> Iterable[Person]:
        """Appointments that nobody kept."""
        kept = {journey.booking for journey in self._recorded.happened.journeys.values()}
        for key, booking in self._recorded.happened.bookings.items():
            if key not in kept and booking.day == self._recorded.opened.day:
                turn = Turn(booking.service, MINUTE_MS, 0)
                arrives_ms = booking.minute * MINUTE_MS
                yield Person(key, arrives_ms, (turn,), party=booking.party, booked=booking.minute, shows=False)

    def _press_ms(self) -> int:
        """How long a window usually was free while its next one waited already."""
        free_ms: dict[str, int] = {}
        gaps: list[int] = []
        calls = [span for journey in self._recorded.happened.journeys.values() for span in journey.calls]
        for span in sorted(calls, key=lambda span: span.called_ms):
            since_ms = free_ms.get(span.window)
            if since_ms is not None and span.since_ms <= since_ms:
                gaps.append(span.called_ms - since_ms)
            free_ms[span.window] = span.ended_ms
        return max(0, int(median(gaps))) if gaps else 0


def _usual(journeys: Iterable[Journey], hall: Hall) -> defaultdict[str, int]:
    """Service -> the median time at a window, ms; what the hall file says where nobody was served."""
    took: defaultdict[str, list[int]] = defaultdict(list)
    for journey in journeys:
        for span in journey.calls:
            if _ENDS.get(span.end) == FINISH and span.by_hand:
                took[span.service].append(span.ended_ms - (span.started_ms or span.called_ms))
    planned = {service.id: service.minutes * MINUTE_MS for service in hall.services.values()}
    usual = planned | {service: int(median(times)) for service, times in took.items()}
    return defaultdict(lambda: 10 * MINUTE_MS, usual)
