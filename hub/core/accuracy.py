"""How often the promised range of waiting held, per service and day: worked out from the log and nothing else.

A promise is made with a ticket and comes out at its first call. Tickets that were never called, and those that were
given without a promise, do not count.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median
from typing import NamedTuple, Protocol

from hub.core import events


class Happened(Protocol):
    """An entry of the log."""

    @property
    def at_ms(self) -> int: ...
    @property
    def event(self) -> events.Event: ...


class Row(NamedTuple):
    """`promised` came out, of which `held`; `share` is held / promised; `width_ms`: median of high - low."""

    day: str
    service: str
    promised: int
    held: int
    share: float
    width_ms: int


@dataclass(slots=True)
class _Count:
    held: int = 0
    widths_ms: list[int] = field(default_factory=list)


def accuracy(entries: Iterable[Happened]) -> list[Row]:
    """A row for each day and service with promises that came out, in this order."""
    open_: dict[str, tuple[events.TicketDrawn, int]] = {}
    counts: dict[tuple[str, str], _Count] = {}
    for entry in entries:
        event = entry.event
        if isinstance(event, events.TicketDrawn) and event.promise:
            open_[event.visit] = event, event.arrival_ms or entry.at_ms
        elif isinstance(event, events.TicketCalled) and event.visit in open_:
            drawn, arrived_ms = open_.pop(event.visit)
            _, low_ms, high_ms = drawn.promise
            count = counts.setdefault((drawn.day, drawn.service), _Count())
            count.held += low_ms <= entry.at_ms - arrived_ms <= high_ms
            count.widths_ms.append(high_ms - low_ms)
    return [_row(*key, count) for key, count in sorted(counts.items())]


def _row(day: str, service: str, count: _Count) -> Row:
    promised = len(count.widths_ms)
    return Row(day, service, promised, count.held, count.held / promised, round(median(count.widths_ms)))
