"""Moments as other systems write them, at an offset from UTC that does not change in the year (China has one)."""

from __future__ import annotations

import re
from datetime import date, timedelta

DAY_MS = 24 * 3600 * 1000
MINUTE_MS = 60_000
_EPOCH = date(1970, 1, 1)

ISO = "iso"
PLAIN = "plain"
COMPACT = "compact"
SECONDS = "s"
MILLISECONDS = "ms"
FORMS = {
    ISO: "2026-03-04T09:15:00+08:00",
    PLAIN: "2026-03-04 09:15:00",
    COMPACT: "20260304091500",
    SECONDS: "1772586900",
    MILLISECONDS: "1772586900000",
}
"""Form -> an example of it."""

_READ = {
    ISO: re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII),
    PLAIN: re.compile(r"(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)()", re.ASCII),
    COMPACT: re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)()", re.ASCII),
}


def stamp(ms: int, form: str, offset_min: int) -> str | int:
    """`ms` since 1970 in one of FORMS. Raises OverflowError beyond the calendar."""
    if form == MILLISECONDS:
        return ms
    if form == SECONDS:
        return ms // 1000
    days, rest = divmod(ms + offset_min * MINUTE_MS, DAY_MS)
    day = (_EPOCH + timedelta(days)).isoformat()
    hour, minute, second = rest // 3_600_000, rest // 60_000 % 60, rest // 1000 % 60
    if form == COMPACT:
        return f"{day.replace('-', '')}{hour:02}{minute:02}{second:02}"
    clock = f"{hour:02}:{minute:02}:{second:02}"
    return f"{day} {clock}" if form == PLAIN else f"{day}T{clock}{_offset(offset_min)}"


def read_stamp(text: str, form: str, offset_min: int) -> int:
    """ms since 1970. Raises ValueError for what is not in that form, or is no moment of the calendar."""
    if form in (MILLISECONDS, SECONDS):
        if not re.fullmatch(r"\d{1,15}", text, re.ASCII):
            raise ValueError(text)
        return int(text) * (1000 if form == SECONDS else 1)
    found = _READ[form].fullmatch(text)
    if not found:
        raise ValueError(text)
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError(text)
    days = (date(year, month, day) - _EPOCH).days
    return days * DAY_MS + ((hour * 60 + minute - _minutes(found[7], offset_min)) * 60 + second) * 1000


def _offset(minutes: int) -> str:
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def _minutes(offset: str, otherwise: int) -> int:
    """Of "+08:00", "Z" or nothing."""
    if not offset:
        return otherwise
    if offset == "Z":
        return 0
    minutes = int(offset[1:3]) * 60 + int(offset[4:6])
    return -minutes if offset[0] == "-" else minutes
