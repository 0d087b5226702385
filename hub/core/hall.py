"""What a hall is made of, and its rules as data. Checked by hub.config; here it is only held.

Times of the day are minutes since local midnight of the business day; `days` are words that
`hub.core.schedule.matches` understands; an empty tuple of ids means all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hub.core.plain import Names, from_plain, to_plain
from hub.core.ratings import RatingRules
from hub.core.retention import Retention

WALK_IN = "walk-in"
APPOINTMENT = "appointment"
"""The classes that every hall has; others are the hall file's own (priority, green channel …)."""

MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Service:
    """What people come for.

    Its numbers run from `start` to `end` by `step`, in `width` digits; with `wrap` they go on from yesterday's last and
    begin again after `end`. `minutes`: how long a visit takes, until the hall's own figures are known. `per_day`: most
    tickets a day; 0: no limit. `party_max`: most people on one ticket. `pre_check`: only with papers that were looked
    at; `papers` are what can be missing. `group`: under which it is reported (companies, persons). `department`: who is
    responsible for it. `item_code`: what other systems call it.
    """

    id: str
    names: Names
    prefix: str
    start: int
    end: int
    step: int
    width: int
    wrap: bool = False
    group: str = ""
    minutes: int = 8
    per_day: int = 0
    party_max: int = 10
    pre_check: bool = False
    papers: dict[str, Names] = field(default_factory=dict)
    department: str = ""
    item_code: str = ""


@dataclass(frozen=True, slots=True)
class Department:
    """Who is responsible for some of the services. `code`: what other systems call it."""

    id: str
    names: Names
    code: str = ""


@dataclass(frozen=True, slots=True)
class Region:
    """A district, under which several halls are reported together. `code`: its administrative code (GB/T 2260)."""

    code: str = ""
    names: Names = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Window:
    """A place where a clerk serves. `services` are the ids of the services that may be called here.

    `prefer`: service -> minutes that its people are taken to have waited longer, here. `only`: classes for which the
    window is reserved; with `else_any` it takes the others while none of these wait. `mobile`: a laptop, not a desk.
    """

    id: str
    names: Names
    zone: str
    services: tuple[str, ...]
    prefer: dict[str, int] = field(default_factory=dict)
    only: tuple[str, ...] = ()
    else_any: bool = False
    mobile: bool = False


@dataclass(frozen=True, slots=True)
class TicketClass:
    """Why somebody is called earlier: their arrival counts as `credit_min` minutes earlier. `by`: who may give it
    ("kiosk", "clerk", "admin")."""

    id: str
    names: Names
    credit_min: int = 0
    by: tuple[str, ...] = ("kiosk", "clerk", "admin")


@dataclass(frozen=True, slots=True)
class Condition:
    """A rule above the order: while the first in line of (`services`, `classes`) has waited longer than
    `waits_over_min`, or more than `waiting_over` of them wait, at a time between `begins` and `ends`, they go first;
    but `at_most` times in a row at one window, so that nobody starves. 0: that is not asked."""

    id: str
    names: Names
    windows: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    waits_over_min: int = 0
    waiting_over: int = 0
    begins: int = 0
    ends: int = 0
    at_most: int = 3


@dataclass(frozen=True, slots=True)
class Share:
    """A group of a ratio: `count` of a cycle's calls are for these classes (and services)."""

    count: int
    classes: tuple[str, ...] = ()
    services: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ratio:
    """A rule above the order: while people of several groups wait, each group gets its share of a window's calls."""

    id: str
    names: Names
    shares: tuple[Share, ...]
    windows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Calls:
    """When *missed* may be pressed (`min_calls` calls, `min_s` seconds after the last), after how many others somebody
    who comes back is called (`return_after`), and what coming back from a transfer or a hold is worth (minutes)."""

    min_calls: int = 1
    min_s: int = 0
    return_after: int = 3
    transfer_credit_min: int = 15
    hold_credit_min: int = 15


@dataclass(frozen=True, slots=True)
class Opening:
    """The hall gives tickets on `days` from `begins` to `ends`."""

    days: tuple[str, ...]
    begins: int
    ends: int


@dataclass(frozen=True, slots=True)
class Shift:
    """`windows` are staffed on `days` from `begins` to `ends`; with `services` they take only these then. `clerks`:
    window -> who is planned to sit there."""

    days: tuple[str, ...]
    begins: int
    ends: int
    windows: tuple[str, ...]
    services: tuple[str, ...] = ()
    clerks: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Admission:
    """Who gets in on `days`; the first row that matches the day counts.

    `mode`: "walk-in", "mixed" or "appointment-only". `capacity`: people inside at once, companions too; 0: no limit.
    `cut_off_min`: no tickets in the last minutes before closing. `servable`: none to people who cannot be served within
    `overtime_min` after closing, by the estimate. Appointments check in from `early_min` before to `late_min` after
    their time; `late` is what happens after that: "refuse", or "walk-in" (they queue like everybody).
    """

    days: tuple[str, ...]
    mode: str = "walk-in"
    capacity: int = 0
    cut_off_min: int = 0
    servable: bool = False
    overtime_min: int = 0
    early_min: int = 30
    late_min: int = 15
    late: str = "walk-in"


@dataclass(frozen=True, slots=True)
class Slots:
    """Appointments on `days`: one slot each `every_min` minutes from `begins` to `ends`, for `quota` people in all of
    `services` together."""

    days: tuple[str, ...]
    begins: int
    ends: int
    every_min: int
    quota: int
    services: tuple[str, ...] = ()


OF_REVIEWS = ("contact", "answer")
"""Kinds of alarms that last for days."""


@dataclass(frozen=True, slots=True)
class AlarmRule:
    """When to tell whom. `kind`: "wait" (the next in line waits over `minutes`), "service" (a visit at a window takes
    over `minutes`), "unstaffed" (people wait and no window takes them) or "idle" (a staffed window is free although it
    could call somebody), the last two for `minutes`; "contact" or "answer" (a bad rating's limit ends in `minutes`).
    `to`: people's ids; the next one after each `next_after_min`."""

    id: str
    names: Names
    kind: str
    minutes: int
    to: tuple[str, ...]
    services: tuple[str, ...] = ()
    next_after_min: int = 10


@dataclass(frozen=True, slots=True)
class Board:
    """Where a zone's last calls are shown. `arrows`: arrow (`←`) -> the windows that lie there, seen from the board.
    `distance_m`: from where it is to be read; `width_mm`: of its picture; 0: not said."""

    zone: str
    arrows: dict[str, tuple[str, ...]] = field(default_factory=dict)
    distance_m: int = 0
    width_mm: int = 0


@dataclass(frozen=True, slots=True)
class Hall:
    """A hall as its file describes it.

    `day_starts` is "HH:MM" in `timezone`: when the business day changes. `slip_guard_ms` is how soon after a call
    another *next* at the same window counts as a slip of the finger. `country`: whose calendar of working days holds
    ("CN"; empty: Monday to Friday); `exceptions`: date -> the kind of day that it is here. `clerks`: clerk -> the
    services that this clerk may serve; who is not in it serves all. `clerk_numbers`: clerk -> the number that everybody
    may read. `groups`, `zone_names`, `pauses`: ids -> names. `boards`: device -> where it hangs. `retention`: how long
    what is kept. `ratings`: how visits are rated and bad ratings answered. `departments`: who is responsible for
    services. `region`: the district that the hall belongs to.
    """

    id: str
    names: Names
    timezone: str
    day_starts: str
    slip_guard_ms: int
    services: dict[str, Service]
    windows: dict[str, Window]
    languages: tuple[str, ...] = ("zh-Hans", "zh-Hant", "en")
    country: str = ""
    exceptions: dict[str, str] = field(default_factory=dict)
    classes: dict[str, TicketClass] = field(default_factory=dict)
    conditions: tuple[Condition, ...] = ()
    ratios: tuple[Ratio, ...] = ()
    calls: Calls = field(default_factory=Calls)
    opening: tuple[Opening, ...] = ()
    shifts: tuple[Shift, ...] = ()
    admission: tuple[Admission, ...] = ()
    slots: tuple[Slots, ...] = ()
    alarms: tuple[AlarmRule, ...] = ()
    clerks: dict[str, tuple[str, ...]] = field(default_factory=dict)
    pauses: dict[str, Names] = field(default_factory=dict)
    groups: dict[str, Names] = field(default_factory=dict)
    zone_names: dict[str, Names] = field(default_factory=dict)
    retention: Retention = field(default_factory=Retention)
    clerk_numbers: dict[str, str] = field(default_factory=dict)
    boards: dict[str, Board] = field(default_factory=dict)
    ratings: RatingRules = field(default_factory=RatingRules)
    departments: dict[str, Department] = field(default_factory=dict)
    region: Region = field(default_factory=Region)

    @property
    def zones(self) -> list[str]:
        """Ids of the zones, in the order of the windows."""
        return list(dict.fromkeys(window.zone for window in self.windows.values()))

    def credit_ms(self, klass: str) -> int:
        """What the class is worth. A class that the hall no longer has is worth nothing."""
        found = self.classes.get(klass)
        return found.credit_min * MINUTE_MS if found else 0

    @property
    def most_credit_ms(self) -> int:
        """Nobody who comes later than this after somebody is before them by their credit: the bound of waiting."""
        credits = [klass.credit_min for klass in self.classes.values()]
        return MINUTE_MS * max(*credits, self.calls.transfer_credit_min, self.calls.hold_credit_min, 0)


def to_dict(hall: Hall) -> dict[str, Any]:
    """`hall` as JSON values, for the log."""
    return to_plain(hall)


def from_dict(value: dict[str, Any]) -> Hall:
    """The hall that `to_dict` wrote; what an older version did not know has its default."""
    return from_plain(Hall, value)
