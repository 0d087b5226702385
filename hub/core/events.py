"""What happened. Past participles; the log is made of these and is the truth.

An event is stored as its kind (the class name) and its fields. A field may be added with a default; a kind or a field
is never renamed, because logs are kept.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class HallConfigured:
    hall: dict[str, Any]


@dataclass(frozen=True, slots=True)
class DayOpened:
    day: str


@dataclass(frozen=True, slots=True)
class ClerkSignedIn:
    clerk: str
    window: str


@dataclass(frozen=True, slots=True)
class ClerkSignedOut:
    clerk: str
    window: str


@dataclass(frozen=True, slots=True)
class TicketDrawn:
    """`count` is the number within its service; `number` is what people see, once a day and hall."""

    visit: str
    day: str
    service: str
    count: int
    number: str
    by: str


@dataclass(frozen=True, slots=True)
class TicketCalled:
    visit: str
    window: str
    clerk: str
    by: str


@dataclass(frozen=True, slots=True)
class TicketRecalled:
    visit: str
    window: str
    by: str


@dataclass(frozen=True, slots=True)
class ServiceStarted:
    visit: str
    window: str
    by: str


@dataclass(frozen=True, slots=True)
class TicketFinished:
    """`implicit`: the clerk did not press *finish* but went on to the next one, or the day ended."""

    visit: str
    window: str
    by: str
    implicit: bool


@dataclass(frozen=True, slots=True)
class TicketMissed:
    visit: str
    window: str
    by: str


@dataclass(frozen=True, slots=True)
class TicketExpired:
    """The day ended before the ticket was served."""

    visit: str


@dataclass(frozen=True, slots=True)
class RatingRecorded:
    """`standing`: 'counted', 'repeat' (the visit was rated before) or 'no-visit' (kept apart from the figures)."""

    device: str
    epoch: int
    seq: int
    visit: str
    window: str
    clerk: str
    service: str
    level: int
    earliest_ms: int
    latest_ms: int
    standing: str


@dataclass(frozen=True, slots=True)
class NumberShown:
    """The display at the window reported that its glass shows this very call (`revision`)."""

    visit: str
    window: str
    device: str
    revision: int


Event = (
    HallConfigured
    | DayOpened
    | ClerkSignedIn
    | ClerkSignedOut
    | TicketDrawn
    | TicketCalled
    | TicketRecalled
    | ServiceStarted
    | TicketFinished
    | TicketMissed
    | TicketExpired
    | RatingRecorded
    | NumberShown
)

KINDS: dict[str, type[Event]] = {kind.__name__: kind for kind in Event.__args__}
_FIELDS = {kind: tuple(field.name for field in fields(kind)) for kind in KINDS.values()}


def to_record(event: Event) -> tuple[str, dict[str, Any]]:
    """(kind, fields) of `event`, for the log."""
    kind = type(event)
    return kind.__name__, {name: getattr(event, name) for name in _FIELDS[kind]}


def from_record(kind: str, record: dict[str, Any]) -> Event:
    """The event that `to_record` wrote. Raises KeyError for a kind that this version does not know."""
    return KINDS[kind](**record)
