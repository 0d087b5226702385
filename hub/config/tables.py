"""The tables of a hall file and their keys, each with its type, its limits and its default.

docs/hall-file.md tells what they mean; a test holds the two together.

Words that point at something else (services, windows, classes …) are only text here: hub.config.checks looks them up.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field
from pydantic.fields import FieldInfo

from hub.config.parsing import STRICT
from hub.config.words import (
    ALL,
    Country,
    Day,
    Days,
    DayStart,
    Email,
    Id,
    Minute,
    NameText,
    Prefix,
    Quota,
    SomeWords,
    TimeZone,
    WebAddress,
    WindowKey,
    WindowWords,
    Words,
)
from hub.core import retention
from hub.core.limits import MOST_DAYS
from hub.core.ratings import PAST_DAYS
from protocol.limits import NUMBER_CHARS

CREDIT_MAX_MIN = 240
"""A credit is how long others wait behind somebody: more than half a day would be no order any more."""

PREFER_MAX_MIN = 60
"""The same for what a window prefers, which nobody is told when they draw a ticket."""

ROW_MAX = 10
"""Calls in a row that a condition may take: of each 11 calls at a window one follows the order."""

SHARE_MAX = 20
"""Calls of a group in one cycle of a ratio: the others wait that long at most."""

DAY_MIN = 1440

CORRECTION_MAX_S = 600
"""Who thinks again within ten minutes may still stand at the pad; whoever presses later is somebody else."""

Language = Literal["zh-Hans", "zh-Hant", "en"]
By = Literal["kiosk", "clerk", "admin"]
Credit = Annotated[int, Field(ge=0, le=CREDIT_MAX_MIN)]
Minutes = Annotated[int, Field(ge=0, le=DAY_MIN)]
Count = Annotated[int, Field(ge=0, le=100_000)]
Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{0,64}$")]
Points = Annotated[int, Field(ge=0, le=100)]


class Table(BaseModel):
    model_config = STRICT


class Names(Table):
    zh_hans: NameText = Field(alias="zh-Hans")
    zh_hant: NameText = Field(alias="zh-Hant")
    en: NameText


class HallTable(Table):
    id: Id
    name: Names
    timezone: TimeZone
    day_starts: DayStart = "04:00"
    slip_guard_ms: Annotated[int, Field(ge=0, le=60_000)] = 1500
    languages: Annotated[list[Language], Field(min_length=1)] = ["zh-Hans", "zh-Hant", "en"]


class Calendar(Table):
    country: Country = ""
    exceptions: dict[Day, Literal["workday", "restday", "holiday", "closed"]] = {}


class Service(Table):
    name: Names
    prefix: Prefix
    start: Annotated[int, Field(ge=0)] = 1
    end: Annotated[int, Field(ge=1)] = 999
    step: Annotated[int, Field(ge=1)] = 1
    width: Annotated[int, Field(ge=1, le=NUMBER_CHARS)] = 3
    wrap: bool = False
    group: str = ""
    minutes: Annotated[int, Field(ge=1, le=DAY_MIN)] = 8
    per_day: Count = 0
    party_max: Annotated[int, Field(ge=1, le=1000)] = 10
    pre_check: bool = False
    papers: dict[Id, Names] = {}
    department: str = ""
    item_code: Code = ""


class Named(Table):
    """A group, a zone or a reason for a pause: a name, and nothing else."""

    name: Names


class TicketClass(Table):
    name: Names
    credit_min: Credit = 0
    by: list[By] = ["kiosk", "clerk", "admin"]


class Window(Table):
    name: Names
    zone: Id = "main"
    services: SomeWords
    prefer: dict[str, Annotated[int, Field(ge=0, le=PREFER_MAX_MIN)]] = {}
    only: Words = []
    else_any: bool = False
    mobile: bool = False


class Condition(Table):
    id: Id
    name: Names
    windows: WindowWords = [ALL]
    services: SomeWords = [ALL]
    classes: SomeWords = [ALL]
    waits_over_min: Minutes = 0
    waiting_over: Count = 0
    begins: Minute = 0
    ends: Minute = 0
    at_most: Annotated[int, Field(ge=1, le=ROW_MAX)] = 3


class Share(Table):
    count: Annotated[int, Field(ge=1, le=SHARE_MAX)]
    classes: SomeWords = [ALL]
    services: SomeWords = [ALL]


class Ratio(Table):
    id: Id
    name: Names
    windows: WindowWords = [ALL]
    shares: Annotated[list[Share], Field(min_length=2)]


class Calls(Table):
    min_calls: Annotated[int, Field(ge=1, le=10)] = 1
    min_s: Annotated[int, Field(ge=0, le=600)] = 0
    return_after: Annotated[int, Field(ge=0, le=50)] = 3
    transfer_credit_min: Credit = 15
    hold_credit_min: Credit = 15


class Opening(Table):
    days: Days
    begins: Minute
    ends: Minute


class Shift(Table):
    days: Days
    begins: Minute
    ends: Minute
    windows: WindowWords
    services: SomeWords = [ALL]
    clerks: dict[str, Id] = {}


class Admission(Table):
    days: Days
    mode: Literal["walk-in", "mixed", "appointment-only"] = "walk-in"
    capacity: Count = 0
    cut_off_min: Minutes = 0
    servable: bool = False
    overtime_min: Minutes = 0
    early_min: Minutes = 30
    late_min: Minutes = 15
    late: Literal["refuse", "walk-in"] = "walk-in"


class Slots(Table):
    days: Days
    begins: Minute
    ends: Minute
    every_min: Annotated[int, Field(ge=1, le=DAY_MIN)]
    quota: Quota
    services: SomeWords = [ALL]


class Alarm(Table):
    id: Id
    name: Names
    kind: Literal["wait", "service", "unstaffed", "idle", "contact", "answer"]
    minutes: Annotated[int, Field(ge=1, le=DAY_MIN)]
    to: SomeWords
    services: SomeWords = [ALL]
    next_after_min: Annotated[int, Field(ge=1, le=DAY_MIN)] = 10


class Clerk(Table):
    services: SomeWords = [ALL]
    number: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{0,8}$")] = ""


class Department(Table):
    name: Names
    code: Code = ""


class Region(Table):
    code: Annotated[str, Field(pattern=r"^[0-9]{6}([0-9]{3}([0-9]{3})?)?$")]
    name: Names


class Ratings(Table):
    correction_s: Annotated[int, Field(ge=0, le=CORRECTION_MAX_S)] = 60
    link_days: Annotated[int, Field(ge=1, le=PAST_DAYS)] = PAST_DAYS
    small: Annotated[int, Field(ge=5, le=1000)] = 30
    invite_after_h: Annotated[int, Field(ge=0, le=72)] = 24
    list_after_days: Annotated[int, Field(ge=0, le=PAST_DAYS)] = 3
    scores: Annotated[list[Points], Field(min_length=5, max_length=5)] = [10, 8, 6, 3, 0]
    reasons_version: Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]{0,16}$")] = ""


class Reason(Table):
    name: Names
    levels: Annotated[list[Annotated[int, Field(ge=1, le=5)]], Field(min_length=1)]


class Limit(Table):
    contact_days: Annotated[int, Field(ge=0, le=MOST_DAYS)]
    answer_days: Annotated[int, Field(ge=0, le=MOST_DAYS)]


class Board(Table):
    zone: Id = "main"
    left: WindowWords = []
    right: WindowWords = []
    ahead: WindowWords = []
    behind: WindowWords = []
    distance_m: Annotated[int, Field(ge=0, le=60)] = 0
    width_mm: Annotated[int, Field(ge=0, le=20_000)] = 0


class ContactTable(Table):
    name: Annotated[str, Field(min_length=1, max_length=64)]
    email: Email = ""
    webhook: WebAddress = ""


def _days(kind: str) -> tuple[AfterValidator, FieldInfo]:
    """The check of a number of days, which says why there is a limit."""
    days = retention.CHOSEN[kind]

    def checked(value: int) -> int:
        if not days.least <= value <= days.most:
            raise ValueError(f"must be {days.least} to {days.most} days: {days.because}")
        return value

    return AfterValidator(checked), Field(ge=days.least, le=days.most)


class Retention(Table):
    commands_days: Annotated[int, *_days(retention.COMMANDS)] = retention.CHOSEN[retention.COMMANDS].default
    quarantine_days: Annotated[int, *_days(retention.QUARANTINE)] = retention.CHOSEN[retention.QUARANTINE].default
    outbox_days: Annotated[int, *_days(retention.OUTBOX)] = retention.CHOSEN[retention.OUTBOX].default
    texts_days: Annotated[int, *_days(retention.TEXTS)] = retention.CHOSEN[retention.TEXTS].default
    people_days: Annotated[int, *_days(retention.PEOPLE)] = retention.CHOSEN[retention.PEOPLE].default


class File(Table):
    hall: HallTable
    calendar: Calendar = Calendar()
    services: Annotated[dict[Id, Service], Field(min_length=1)]
    groups: dict[Id, Named] = {}
    zones: dict[Id, Named] = {}
    classes: dict[Id, TicketClass] = {}
    windows: Annotated[dict[WindowKey, Window], Field(min_length=1)]
    conditions: list[Condition] = []
    ratios: list[Ratio] = []
    calls: Calls = Calls()
    opening: list[Opening] = []
    shifts: list[Shift] = []
    admission: list[Admission] = []
    slots: list[Slots] = []
    alarms: list[Alarm] = []
    clerks: dict[Id, Clerk] = {}
    pauses: dict[Id, Named] = {}
    boards: dict[Id, Board] = {}
    departments: dict[Id, Department] = {}
    region: Region | None = None
    ratings: Ratings = Ratings()
    reasons: dict[Id, Reason] = {}
    limits: dict[Literal["bad-rating", "question", "complaint"], Limit] = {}
    contacts: dict[Id, ContactTable] = {}
    retention: Retention = Retention()
