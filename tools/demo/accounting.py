"""What people were promised, against what the hub knows. Pure: two heaps of facts in, the figures out.

A *witness* stands in the hall: it keeps each ticket that the kiosk handed out, each thank-you that a pad showed and
each call that a pad was told is done. The *record* is what the hub answers at the end. What the witness has and the
record lacks is lost; what the record has twice is doubled.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

Press = tuple[str, int, int]
"""The name of a press for ever: (device, journal epoch, sequence number)."""

Version = tuple[int, int]


class Promise(NamedTuple):
    """A thank-you on a rating pad. `visit` is empty for a press without a visit."""

    press: Press
    level: int
    visit: str


class Ticket(NamedTuple):
    """A row of the hub's tickets. `day` is the business day: numbers begin anew with each."""

    visit: str
    number: str
    day: str


class Call(NamedTuple):
    """A row of the hub's calls. `shown` says that the display reported this very call. `stop` is the same for a call
    and its recalls, and another one when the visit comes to a window again; it lasted from `at_ms` to `ended_ms`, if
    that is known."""

    visit: str
    window: str
    clerk: str
    shown: bool
    stop: int
    at_ms: int
    ended_ms: int | None = None


class Rating(NamedTuple):
    """A row of the hub's ratings."""

    press: Press
    visit: str
    window: str
    clerk: str
    level: int
    standing: str


class Shown(NamedTuple):
    """What is on a window's glass, or should be."""

    number: str
    version: Version


@dataclass(slots=True)
class Witness:
    """What people were promised. `tickets` are (visit, number); `calls` is window -> accepted presses on *next*."""

    tickets: list[tuple[str, str]] = field(default_factory=list)
    promises: dict[Press, Promise] = field(default_factory=dict)
    calls: dict[str, set[Press]] = field(default_factory=dict)
    press_to_display_ms: dict[str, list[float]] = field(default_factory=dict)
    glass: dict[str, Shown | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """What the hub knows of this run. All of them are lists of rows, and not dicts, to find doubles."""

    tickets: Sequence[Ticket]
    calls: Sequence[Call]
    ratings: Sequence[Rating]
    glass: Mapping[str, Shown]


@dataclass(frozen=True, slots=True)
class Figures:
    """How the run went. `lost`, `doubled` and `differing` have one line of words for each case."""

    drawn: int
    called: int
    shown: int
    rated: int
    lost: tuple[str, ...]
    doubled: tuple[str, ...]
    differing: tuple[str, ...]
    press_to_display_ms: tuple[float, ...]

    @property
    def is_good(self) -> bool:
        return not (self.lost or self.doubled or self.differing)


def figures(witness: Witness, record: Record) -> Figures:
    """Works the figures out."""
    return Figures(
        drawn=len(witness.tickets),
        called=len({call.visit for call in record.calls}),
        shown=len({call.visit for call in record.calls if call.shown}),
        rated=len({rating.press for rating in record.ratings}),
        lost=(*_lost_tickets(witness, record), *_lost_ratings(witness, record), *_lost_calls(witness, record)),
        doubled=(*_doubled_tickets(witness, record), *_doubled_calls(record), *_doubled_ratings(record)),
        differing=tuple(_differing(witness, record)),
        press_to_display_ms=tuple(sorted(ms for times in witness.press_to_display_ms.values() for ms in times)),
    )


def _lost_tickets(witness: Witness, record: Record) -> Iterable[str]:
    known = {(ticket.visit, ticket.number) for ticket in record.tickets}
    missing = (ticket for ticket in witness.tickets if ticket not in known)
    return (f"ticket {number} was handed out, the hub lacks it" for _, number in missing)


def _lost_ratings(witness: Witness, record: Record) -> Iterable[str]:
    known = {Promise(rating.press, rating.level, rating.visit) for rating in record.ratings}
    missing = (promise for promise in witness.promises.values() if promise not in known)
    return (f"press {_name(promise.press)} was thanked for, the hub lacks it" for promise in missing)


def _lost_calls(witness: Witness, record: Record) -> Iterable[str]:
    done = Counter(window for _, window in {(call.stop, call.window) for call in record.calls})
    for window, presses in witness.calls.items():
        for _ in range(len(presses) - done[window]):
            yield f"a call at window {window} was confirmed to the pad, the hub lacks it"


def _doubled_tickets(witness: Witness, record: Record) -> Iterable[str]:
    """A number twice on one day at the hub, or one ticket in two hands."""
    for (day, number), times in Counter((ticket.day, ticket.number) for ticket in record.tickets).items():
        if times > 1:
            yield f"number {number} was given {times} times on {day}"
    for (_, number), times in Counter(witness.tickets).items():
        if times > 1:
            yield f"ticket {number} was handed out {times} times"


def _doubled_calls(record: Record) -> Iterable[str]:
    """Visits that were called to a window while they were at another one."""
    stops: dict[str, dict[int, Call]] = {}
    for call in record.calls:
        stops.setdefault(call.visit, {}).setdefault(call.stop, call)
    for visit, calls in stops.items():
        in_order = [calls[stop] for stop in sorted(calls)]
        for before, after in pairwise(in_order):
            if before.ended_ms is None or before.ended_ms > after.at_ms:
                yield f"visit {visit} was called to window {after.window} while it was at window {before.window}"


def _doubled_ratings(record: Record) -> Iterable[str]:
    """A press that is there twice, or a visit that counts more often than it was at a window, by whatever press."""
    for name, times in Counter(_name(rating.press) for rating in record.ratings).items():
        if times > 1:
            yield f"press {name} counts {times} times"
    stops = Counter(visit for visit, _ in {(call.visit, call.stop) for call in record.calls})
    for visit, times in Counter(rating.visit for rating in record.ratings if rating.standing == "counted").items():
        if times > max(1, stops[visit]):
            yield f"rating of visit {visit} counts {times} times"


def _differing(witness: Witness, record: Record) -> Iterable[str]:
    for window, seen in witness.glass.items():
        meant = record.glass.get(window)
        if seen != meant:
            yield f"window {window} shows {_words(seen)}, the hub means {_words(meant)}"


def _words(shown: Shown | None) -> str:
    return f"{shown.number or 'no number'} of version {list(shown.version)}" if shown else "nothing"


def _name(press: Press) -> str:
    device, epoch, seq = press
    return f"{device}:{epoch}:{seq}"


def without(record: Record, earlier: Record) -> Record:
    """`record` without what was there before this run: a data folder may be used again."""
    tickets = set(earlier.tickets)
    called = {call.visit for call in earlier.calls}
    rated = {rating.press for rating in earlier.ratings}
    return Record(
        tickets=[ticket for ticket in record.tickets if ticket not in tickets],
        calls=[call for call in record.calls if call.visit not in called],
        ratings=[rating for rating in record.ratings if rating.press not in rated],
        glass=record.glass,
    )


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """The value below which `share` (0 to 1) of the `ordered` values lie, by nearest rank; None when there is none."""
    if not ordered:
        return None
    return ordered[max(0, -(-len(ordered) * round(share * 100) // 100) - 1)]
