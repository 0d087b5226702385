"""The hall as it is now. Only `apply` changes it; everybody else reads. Times are ms since 1970; 0: not yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from hub.core.hall import Hall
from hub.core.lines import Lines, Place
from hub.core.pace import Pace, Trust
from hub.core.ratings import Given


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
    since_ms: int = 0
    why: dict[str, Any] = field(default_factory=dict)


def stop_at(stops: Sequence[Stop | ServedAt], window: str) -> int | None:
    """Which of a visit's stops a press on the pad of `window` is about: the last one there. None: the visit was not
    there, as far as the log knows; a log that was restored may have lost that stop."""
    return next((index for index in range(len(stops) - 1, -1, -1) if stops[index].window == window), None)


def earlier(one_ms: int, other_ms: int) -> int:
    """The earlier of two moments, of which 0 is none."""
    return min(one_ms or other_ms, other_ms or one_ms)


def case_at(cases: Sequence[tuple[int, str]], stop: int) -> str:
    """The case that was done at the stop number `stop`: the last that was noted there or before, since one case may go
    from window to window; empty: none."""
    return next((case for at, case in reversed(cases) if at <= stop), "")


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


@dataclass(frozen=True, slots=True)
class Served:
    """What is remembered of a visit of an earlier day, so that a late press still finds it."""

    day: str
    stops: tuple[ServedAt, ...]


class Pressed(NamedTuple):
    """A rating of today as far as the rules of hub.core.marking look at it. `at_ms`: when it was pressed at the latest;
    `left_ms`: when the visit's stop ended, 0: it lasts, or nobody knows. `sender`: as in events.RatingRecorded."""

    rating: str
    channel: str
    device: str
    window: str
    clerk: str
    visit: str
    level: int
    standing: str
    at_ms: int
    left_ms: int = 0
    replaced: int = 0
    sender: str = ""


@dataclass(slots=True)
class MarkNow:
    """Ratings that were marked, and what came of it: one of hub.core.marks.STATES. `proposed_by`: who wants them
    excluded; `decided_by`: who agreed to that, or declined it."""

    mark: str
    rule: str
    window: str
    clerk: str
    ratings: tuple[str, ...]
    evidence: dict[str, int]
    marked_ms: int
    state: str
    proposed_by: str = ""
    decided_by: str = ""


@dataclass(slots=True)
class ReviewNow:
    """A bad rating on its way (see hub.core.reviews). `seen`: log position of the last event about it. `due` moments
    are 0 where there is no limit; the others 0 while it has not happened. `taken_by`: who verifies; `proposed_by`: who
    wants the rating struck out, on which `ground`. `struck`: it is. `orders`: of other systems, about the same."""

    review: str
    kind: str
    rating: str
    visit: str
    stop: int
    window: str
    clerk: str
    service: str
    level: int
    named: bool
    opened_ms: int
    contact_due_ms: int
    answer_due_ms: int
    orders: tuple[str, ...] = ()
    state: str = "open"
    appeal: str = "none"
    seen: int = 0
    ledger_due_ms: int = 0
    contacted_ms: int = 0
    answered_ms: int = 0
    visited_ms: int = 0
    ended_ms: int = 0
    taken_by: str = ""
    proposed_by: str = ""
    ground: str = ""
    struck: bool = False


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
    `given`: visit -> its ratings that count, of today and of `past`; `cases`: visit -> (stop, case) of each case that
    was noted for it; `contacts`: visit -> (when it was served, how often its holder was asked) of those who left a
    contact and did not rate. `pressed`: today's ratings in the order of the log. `reviews_made`: how many there were.
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
    given: dict[str, tuple[Given, ...]] = field(default_factory=dict)
    cases: dict[str, tuple[tuple[int, str], ...]] = field(default_factory=dict)
    contacts: dict[str, tuple[int, int]] = field(default_factory=dict)
    pressed: list[Pressed] = field(default_factory=list)
    marks: dict[str, MarkNow] = field(default_factory=dict)
    reviews: dict[str, ReviewNow] = field(default_factory=dict)
    reviews_made: int = 0
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

    def served_ms(self, visit: str) -> int:
        """When the visit of today was done; 0: it is not, or was not served."""
        ticket = self.tickets.get(visit)
        return ticket.stops[-1].ended_ms if ticket and ticket.state == "done" else 0

    def minute(self, ms: int) -> int:
        """Minutes since the business day's midnight."""
        return (ms - self.midnight_ms) // 60_000


def hall_of(state: State) -> Hall:
    """The hall; nobody asks for anything before there is one."""
    assert state.hall is not None
    return state.hall
