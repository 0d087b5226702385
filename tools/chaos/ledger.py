"""What was promised against what is in the hub's database, read with SQL and not through the hub.

The witness (tools.demo.accounting) stands outside: it keeps each ticket that was answered, each thank-you that a pad
wrote down, each call that a pad was told is done, and what each glass shows. All but `read` is pure.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tools.demo.accounting import Call, Promise, Rating, Record, Shown, Ticket, Witness, figures


@dataclass(frozen=True, slots=True)
class Book:
    """What the database says. `called_by` has a row for each call (no recalls): the press that made it, and the visit.
    `damage`: what SQLite finds wrong with its own file; empty when it is whole."""

    record: Record
    called_by: Sequence[tuple[str, str]]
    damage: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The figures, and a line of words for each case that is wrong. `unthanked`: stored presses whose pad was killed
    before it could say thank you, which is allowed."""

    promised: int
    tickets: int
    called: int
    unthanked: int
    lost: tuple[str, ...]
    doubled: tuple[str, ...]
    altered: tuple[str, ...]
    differing: tuple[str, ...]
    damaged: tuple[str, ...]

    @property
    def wrong(self) -> tuple[str, ...]:
        """All cases."""
        return (*self.lost, *self.doubled, *self.altered, *self.differing, *self.damaged)


def read(file: Path, glass: Mapping[str, Shown]) -> Book:
    """The book in the database `file`, which may be in use; `glass` is what each window should show."""
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10)) as database:
        tickets = [Ticket(*row) for row in database.execute("select visit, number, day from tickets")]
        calls = database.execute(
            "select visit, window, clerk, shown_ms is not null, stop, at_ms, ended_ms from calls order by revision"
        )
        ratings = database.execute("select device, epoch, seq, visit, window, clerk, level, standing from ratings")
        called_by = database.execute(
            "select command_id, json_extract(body, '$.visit') from log where kind = 'TicketCalled'"
        )
        record = Record(
            tickets,
            [Call(visit, window, clerk, bool(shown), *rest) for visit, window, clerk, shown, *rest in calls],
            [Rating((row[0], row[1], row[2]), *row[3:]) for row in ratings],
            glass,
        )
        damage = database.execute("pragma integrity_check").fetchone()[0]
        return Book(record, called_by.fetchall(), "" if damage == "ok" else damage)


def unreadable(error: sqlite3.Error) -> Book:
    """The book of a database that cannot be read."""
    return Book(Record([], [], [], {}), (), f"it cannot be read: {error}")


def judge(witness: Witness, window_of: Mapping[str, str], book: Book) -> Verdict:
    """Compares. `window_of`: device -> the window where it stands."""
    altered = list(_altered(witness.promises.values(), window_of, book.record.ratings))
    kept = {press: promise for press, promise in witness.promises.items() if promise not in dict(altered)}
    # Calls are looked for by their press below, which is stricter than by their number.
    found = figures(replace(witness, promises=kept, calls={}), book.record)
    stored = {rating.press for rating in book.record.ratings}
    return Verdict(
        promised=len(witness.promises),
        tickets=len(witness.tickets),
        called=sum(len(presses) for presses in witness.calls.values()),
        unthanked=len(stored - set(witness.promises)),
        lost=(*found.lost, *_lost_calls(witness, book)),
        doubled=(*found.doubled, *_doubled_calls(book)),
        altered=tuple(words for _, words in altered),
        differing=found.differing,
        damaged=(f"the database is damaged: {book.damage}",) if book.damage else (),
    )


def _altered(
    promises: Iterable[Promise], window_of: Mapping[str, str], ratings: Iterable[Rating]
) -> Iterable[tuple[Promise, str]]:
    """Promises whose press is there, but says something else."""
    stored = {rating.press: rating for rating in ratings}
    for promise in promises:
        rating = stored.get(promise.press)
        meant = (promise.level, promise.visit, window_of[promise.press[0]])
        if rating and (rating.level, rating.visit, rating.window) != meant:
            was = (rating.level, rating.visit, rating.window)
            yield promise, f"press {_name(promise.press)} was {meant} (level, visit, window), the hub has {was}"


def _lost_calls(witness: Witness, book: Book) -> Iterable[str]:
    known = {press for press, _ in book.called_by}
    missing = sorted({_name(press) for presses in witness.calls.values() for press in presses} - known)
    return (f"call {press} was confirmed to the pad, the hub called nobody by it" for press in missing)


def _doubled_calls(book: Book) -> Iterable[str]:
    for press, times in Counter(press for press, _ in book.called_by).items():
        if times > 1:
            yield f"press {press} called {times} people"


def _name(press: tuple[str, int, int]) -> str:
    device, epoch, seq = press
    return f"{device}:{epoch}:{seq}"
