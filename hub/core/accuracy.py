"""How often the promised range of waiting held, per service and day: worked out from the log and nothing else.

A promise is made with a ticket and comes out at its first call. Tickets that were never called, and those that were
given without a promise, do not count. Where a window was free there was nothing to estimate: "at once" counts apart, or
a hall with little to do would seem to know the future.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from statistics import median
from typing import NamedTuple, Protocol

from hub.core import events, pace


class Happened(Protocol):
    """An entry of the log."""

    @property
    def at_ms(self) -> int: ...
    @property
    def event(self) -> events.Event: ...


class Row(NamedTuple):
    """Of the ranges that were `promised` and came out `held` were true; `width_ms`: median of high - low; 0: no ranges.
    `at_once`: promises to be called at once, because a window was free; `at_once_held` of them were true."""

    day: str
    service: str
    promised: int
    held: int
    width_ms: int
    at_once: int
    at_once_held: int

    @property
    def share(self) -> float | None:
        """How many of the ranges held, of 1; None: there were none."""
        return self.held / self.promised if self.promised else None


class Outcome(NamedTuple):
    """A promise (expected, low, high) that came out: the wait was `actual_ms`."""

    day: str
    service: str
    promise: tuple[int, ...]
    actual_ms: int

    @property
    def held(self) -> bool:
        _, low_ms, high_ms = self.promise
        return low_ms <= self.actual_ms <= high_ms


def outcomes(entries: Iterable[Happened]) -> Iterator[Outcome]:
    """Every promise of the log that came out, in the order of the calls."""
    told: dict[str, tuple[events.TicketDrawn, int]] = {}
    for entry in entries:
        event = entry.event
        if isinstance(event, events.TicketDrawn) and event.promise:
            told[event.visit] = event, event.arrival_ms or entry.at_ms
        elif isinstance(event, events.TicketCalled) and event.visit in told:
            drawn, arrived_ms = told.pop(event.visit)
            yield Outcome(drawn.day, drawn.service, drawn.promise, entry.at_ms - arrived_ms)


def accuracy(entries: Iterable[Happened]) -> list[Row]:
    """A row for each day and service with promises that came out, in this order."""
    groups: dict[tuple[str, str], list[Outcome]] = {}
    for outcome in outcomes(entries):
        groups.setdefault((outcome.day, outcome.service), []).append(outcome)
    return [Row(*key, *figures(group)) for key, group in sorted(groups.items())]


class Figures(NamedTuple):
    """See Row."""

    promised: int
    held: int
    width_ms: int
    at_once: int
    at_once_held: int


def figures(group: Iterable[Outcome]) -> Figures:
    """What some outcomes come to."""
    ranges: list[Outcome] = []
    at_once: list[Outcome] = []
    for outcome in group:
        (at_once if pace.is_at_once(outcome.promise) else ranges).append(outcome)
    widths_ms = [outcome.promise[2] - outcome.promise[1] for outcome in ranges]
    return Figures(
        len(ranges),
        sum(outcome.held for outcome in ranges),
        round(median(widths_ms or [0])),
        len(at_once),
        sum(outcome.held for outcome in at_once),
    )
