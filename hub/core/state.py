"""The hall as it is now. Only `apply` changes it; everybody else reads. Times are ms since 1970; 0: not yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.core.hall import Hall
from hub.core.lines import Lines, Place
from hub.core.pace import Pace, Trust


@dataclass(slots=True)
class Stop:
    """One time at a window: from the call to the end of what was done there (`ended_ms`). `since_ms`: since when
    the person had waited for it; `why`: see calling.Choice."""

    window: str
    clerk: str
    service: str
    called_ms: int
    started_ms: int = 0
    ended_ms: int = 0
    rated: bool = False
    since_ms: int = 0
    why: dict[str, Any] = field(default_factory=dict)


def stop_at(stops: Sequence[Stop | ServedAt], window: str) -> int | None:
    """Which of a visit's stops a press on the pad of `window` is about: the last one there. None: the visit was not
    there, as far as the log knows; a log that was restored may have lost that stop."""
    return next((index for index in range(len(stops) - 1, -1, -1) if stops[index].window == window), None)


@dataclass(slots=True)
class Ticket:
    """One visit today. `window`, `clerk`, `calls`, `called_ms`, `started_ms` and `shown` are of the last stop.

    `line` is where it waits; `place_ms` and `place_seq` its place there (effective arrival, and the log position at
    which it was taken). `revision`: of the window, at the last call. `since_ms`: when the present state began.
    """

    visit: str
    number: str
    service: str
    state: str
    drawn_ms: int
    line: str = ""
    klass: str = "walk-in"
    credit_ms: int = 0
    due_ms: int = 0
    place_ms: int = 0
    place_seq: int = 0
    party: int = 1
    plan: tuple[str, ...] = ()
    booking: str = ""
    origin: str = ""
    case: str = ""
    promise: tuple[int, ...] = ()
    window: str = ""
    clerk: str = ""
    calls: int = 0
    revision: int = 0
    called_ms: int = 0
    started_ms: int = 0
    finished_ms: int = 0
    since_ms: int = 0
    shown: bool = False
    stops: list[Stop] = field(default_factory=list)

    @property
    def place(self) -> Place:
        return Place(self.place_ms, self.place_seq, self.visit)

    @property
    def rated(self) -> bool:
        """Whether the last stop was rated."""
        return bool(self.stops) and self.stops[-1].rated


@dataclass(slots=True)
class WindowNow:
    """A window: who sits there (`clerk`), the visit it holds (`visit`), the one before (`before`); empty: none.

    `revision` is the log position of the last event that changed what the window shows. `paused`: the reason.
    `free_ms`: since when it could have called somebody; `left_ms`: when its clerk last went or paused.
    `cycle`: calls of each share in the present cycle of its ratio; `in_a_row`: calls in a row by conditions; both
    also as they were before the last call, for when that is taken back. `missed`: who was marked missed here last,
    while nobody came after.
    """

    clerk: str = ""
    visit: str = ""
    before: str = ""
    missed: str = ""
    called_ms: int = 0
    revision: int = 0
    paused: str = ""
    automatic: bool = False
    free_ms: int = 0
    left_ms: int = 0
    cycle: tuple[int, ...] = ()
    in_a_row: int = 0
    cycle_before: tuple[int, ...] = ()
    in_a_row_before: int = 0


@dataclass(slots=True)
class BoardNow:
    """The visits last called in a zone, newest first."""

    visits: list[str] = field(default_factory=list)
    revision: int = 0


@dataclass(frozen=True, slots=True)
class ServedAt:
    """Where and by whom a visit of an earlier day was served."""

    window: str
    clerk: str
    service: str
    rated: bool


@dataclass(frozen=True, slots=True)
class Served:
    """What is remembered of a visit of an earlier day, so that a late press still finds it."""

    day: str
    stops: tuple[ServedAt, ...]


BOOKED = "booked"
KEPT = "kept"
CANCELLED = "cancelled"
LAPSED = "lapsed"


@dataclass(slots=True)
class Booking:
    """An appointment. `state`: BOOKED, KEPT (`visit` is its ticket), CANCELLED; LAPSED: nobody came."""

    booking: str
    code: str
    day: str
    minute: int
    service: str
    party: int
    holder: str
    slot: str
    state: str = BOOKED
    visit: str = ""


@dataclass(slots=True)
class Check:
    """A pre-check of today: what is `missing` (nothing: it passed), and whether its ticket was drawn."""

    check: str
    service: str
    missing: tuple[str, ...] = ()
    used: bool = False


@dataclass(slots=True)
class AlarmNow:
    """An alarm that lasts. `level` counts whom of its rule was told; `told_ms`: when the last one was."""

    alarm: str
    rule: str
    subject: str
    raised_ms: int
    level: int = 0
    told_ms: int = 0


@dataclass(slots=True)
class State:
    """`epoch` is the hub's; `seq` the last log position that was applied.

    `numbers`: given today. `counts`: service -> its last number. `drawn`: service -> tickets of today. `slots`: key of
    a slot -> people booked. `codes`: code of a living booking -> its booking. `inside`: people in the hall.
    `automatic`: windows that call by themselves. `pace`: how long things take, by service; `trust`: how good the
    estimates were.
    `memo`: what was worked out from hall and day, until one of them changes; not part of the state.
    """

    epoch: int = 0
    seq: int = 0
    hall: Hall | None = None
    day: str = ""
    kind: str = "workday"
    midnight_ms: int = 0
    tickets: dict[str, Ticket] = field(default_factory=dict)
    numbers: set[str] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=dict)
    drawn: dict[str, int] = field(default_factory=dict)
    lines: Lines = field(default_factory=Lines)
    inside: int = 0
    windows: dict[str, WindowNow] = field(default_factory=dict)
    automatic: set[str] = field(default_factory=set)
    boards: dict[str, BoardNow] = field(default_factory=dict)
    past: dict[str, Served] = field(default_factory=dict)
    bookings: dict[str, Booking] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    slots: dict[str, int] = field(default_factory=dict)
    checks: dict[str, Check] = field(default_factory=dict)
    alarms: dict[str, AlarmNow] = field(default_factory=dict)
    pace: dict[str, Pace] = field(default_factory=dict)
    trust: dict[str, Trust] = field(default_factory=dict)
    memo: dict[object, Any] = field(default_factory=dict, compare=False, repr=False)

    def version(self, window: str) -> tuple[int, int]:
        """What a display, a pad or a page must have seen to act on the window as it is now."""
        return self.epoch, self.windows[window].revision

    def minute(self, ms: int) -> int:
        """Minutes since the business day's midnight."""
        return (ms - self.midnight_ms) // 60_000


def hall_of(state: State) -> Hall:
    """The hall; nobody asks for anything before there is one."""
    assert state.hall is not None
    return state.hall
