"""What people and devices ask for. Imperatives; each carries an id, so that asking twice happens once.

`seen` is the version (hub epoch, revision) of the window that the asker saw: a command for another version is refused,
so that a double press calls one person and two clerks never get the same one. `by` says who asks: "clerk:ID",
"admin:ID", "device:ID" or "hub".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from hub.core.hall import Hall

Version = tuple[int, int]


class Moment(NamedTuple):
    """Now: milliseconds since 1970 UTC, and the hall's business day as YYYY-MM-DD."""

    ms: int
    day: str


@dataclass(frozen=True, slots=True)
class ConfigureHall:
    id: str
    hall: Hall


@dataclass(frozen=True, slots=True)
class OpenDay:
    """Numbers start again; what is left of the day before is closed."""

    id: str
    day: str


@dataclass(frozen=True, slots=True)
class DrawTicket:
    """`visit` is a fresh random token: the handle of the visit for its holder."""

    id: str
    visit: str
    service: str
    by: str


@dataclass(frozen=True, slots=True)
class SignIn:
    id: str
    clerk: str
    window: str
    by: str


@dataclass(frozen=True, slots=True)
class SignOut:
    id: str
    window: str
    by: str


@dataclass(frozen=True, slots=True)
class CallNext:
    id: str
    window: str
    seen: Version
    by: str


@dataclass(frozen=True, slots=True)
class Recall:
    id: str
    window: str
    seen: Version
    by: str


@dataclass(frozen=True, slots=True)
class StartService:
    id: str
    window: str
    seen: Version
    by: str


@dataclass(frozen=True, slots=True)
class FinishService:
    id: str
    window: str
    seen: Version
    by: str


@dataclass(frozen=True, slots=True)
class MarkMissed:
    id: str
    window: str
    seen: Version
    by: str


@dataclass(frozen=True, slots=True)
class RecordRating:
    """A press on a pad, named for ever by (device, epoch, seq). It was pressed between the two times, in ms."""

    id: str
    device: str
    epoch: int
    seq: int
    window: str
    visit: str
    level: int
    earliest_ms: int
    latest_ms: int


@dataclass(frozen=True, slots=True)
class ConfirmShown:
    """A display reports that its glass shows `version` of its window."""

    id: str
    device: str
    window: str
    version: Version


AtWindow = CallNext | Recall | StartService | FinishService | MarkMissed
Command = ConfigureHall | OpenDay | DrawTicket | SignIn | SignOut | AtWindow | RecordRating | ConfirmShown

VERBS: dict[str, type[AtWindow]] = {
    "next": CallNext,
    "recall": Recall,
    "start": StartService,
    "finish": FinishService,
    "missed": MarkMissed,
}
"""What a clerk can press, on a call pad or on the page -> the command it means."""
