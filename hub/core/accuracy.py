"""How often the promised range of waiting held, per service and day: worked out from the log and nothing else.

A promise is made with a ticket and comes out at its first call. Tickets that were never called, and those that were
given without a promise, do not count. Where a window was free there was nothing to estimate: "at once" counts apart, or
a hall with little to do would seem to know the future.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
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


@dataclass(slots=True)
class _Count:
    held: int = 0
    widths_ms: list[int] = field(default_factory=list)
    at_once: int = 0
    at_once_held: int = 0


def accuracy(entries: Iterable[Happened]) -> list[Row]:
    """A row for each day and service with promises that came out, in this order."""
    told: dict[str, tuple[events.TicketDrawn, int]] = {}
    counts: dict[tuple[str, str], _Count] = {}
    for entry in entries:
        event = entry.event
        if isinstance(event, events.TicketDrawn) and event.promise:
            told[event.visit] = event, event.arrival_ms or entry.at_ms
        elif isinstance(event, events.TicketCalled) and event.visit in told:
            drawn, arrived_ms = told.pop(event.visit)
            _count(counts.setdefault((drawn.day, drawn.service), _Count()), drawn.promise, entry.at_ms - arrived_ms)
    return [_row(*key, count) for key, count in sorted(counts.items())]


def _count(count: _Count, promise: tuple[int, ...], actual_ms: int) -> None:
    _, low_ms, high_ms = promise
    held = low_ms <= actual_ms <= high_ms
    if pace.is_at_once(promise):
        count.at_once += 1
        count.at_once_held += held
    else:
        count.held += held
        count.widths_ms.append(high_ms - low_ms)


def _row(day: str, service: str, count: _Count) -> Row:
    width_ms = round(median(count.widths_ms or [0]))
    return Row(day, service, len(count.widths_ms), count.held, width_ms, count.at_once, count.at_once_held)
