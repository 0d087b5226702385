"""The words that a hall file is made of: ids, names, times, days. Each refuses with what would be right."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field

from hub.core import schedule
from protocol.errors import ProtocolError
from protocol.limits import TEXT_CHARS
from protocol.numbers import checked_prefix
from protocol.topics import checked_id

ALL = "*"
"""In a list of services, classes or windows: all of them (a window with all services is a 无差别综合窗口)."""

RANGE = re.compile(r"(\d+)-(\d+)")
"""Windows from one number to another, both included: "101-142"."""

WINDOWS_MAX = 1000
"""Windows of one hall. The largest that we know of has 222; a slip of the finger in a range must not make a million."""

DAY_WORDS = (schedule.ANY_DAY, *schedule.WEEKDAYS, schedule.WORKDAY, schedule.RESTDAY, schedule.HOLIDAY)


def _by_protocol(check: Callable[[Any], str]) -> AfterValidator:
    """A pydantic check out of one of the protocol's: the wire and the file have the same rules."""

    def checked(value: str) -> str:
        try:
            return check(value)
        except ProtocolError as error:
            raise ValueError(error.reason) from error

    return AfterValidator(checked)


def _zone_known(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError('must be a time zone such as "Asia/Shanghai"') from error
    return name


def minute_of(text: Any) -> int:
    """Minutes since midnight of "HH:MM", "24:00" being the last. Raises ValueError."""
    found = re.fullmatch(r"([01]\d|2[0-4]):([0-5]\d)", text) if isinstance(text, str) else None
    minute = int(found[1]) * 60 + int(found[2]) if found else -1
    if not 0 <= minute <= schedule.DAY_MINUTES:
        raise ValueError('must be a time such as "08:30", "24:00" at the latest')
    return minute


def time_of(minute: int) -> str:
    """ "HH:MM" of minutes since midnight."""
    return f"{minute // 60:02}:{minute % 60:02}"


def _day_start(text: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
        raise ValueError('must be a time such as "04:00"')
    return text


def _date(text: str) -> str:
    try:
        if date.fromisoformat(text).isoformat() == text:
            return text
    except ValueError:
        pass
    raise ValueError(f'"{text}" is no date of the calendar; must be one such as "2026-02-17"')


def _day_word(word: str) -> str:
    if word in DAY_WORDS:
        return word
    if word[:1].isdigit():
        return _date(word)
    raise ValueError(f'must be a date such as "2026-02-17", or one of {quoted(DAY_WORDS)}')


def _once(words: list[str]) -> list[str]:
    for word in words:
        if words.count(word) > 1:
            raise ValueError(f'"{word}" is in the list twice')
    return words


def _window_key(key: str) -> str:
    """A window's id, or a range of them."""
    if not RANGE.fullmatch(key):
        return checked_id(key, "id")
    first, last = key.split("-")
    if first.startswith("0") or int(first) > int(last) or int(last) - int(first) >= WINDOWS_MAX:
        raise ProtocolError("id", f'a range runs from the lower to the higher, as "101-142", {WINDOWS_MAX} at most')
    return key


def window_ids(key: str) -> list[str]:
    """The ids that a key, or a word in a list of windows, stands for."""
    found = RANGE.fullmatch(key)
    return [str(number) for number in range(int(found[1]), int(found[2]) + 1)] if found else [key]


def quoted(words: Any) -> str:
    return ", ".join(f'"{word}"' for word in words)


def _like(pattern: str, wanted: str) -> AfterValidator:
    """A check that the text is empty, or matches `pattern` as a whole."""

    def checked(text: str) -> str:
        if text and not re.fullmatch(pattern, text):
            raise ValueError(wanted)
        return text

    return AfterValidator(checked)


def _quota(people: int) -> int:
    if people < 1:
        raise ValueError("must be 1 or more; leave the row out to close it")
    return people


Id = Annotated[str, _by_protocol(lambda value: checked_id(value, "id"))]
WindowKey = Annotated[str, _by_protocol(_window_key)]
Prefix = Annotated[str, _by_protocol(checked_prefix)]
NameText = Annotated[str, Field(min_length=1, max_length=TEXT_CHARS // 2)]
TimeZone = Annotated[str, AfterValidator(_zone_known)]
DayStart = Annotated[str, AfterValidator(_day_start)]
Minute = Annotated[int, BeforeValidator(minute_of)]
Day = Annotated[str, AfterValidator(_date)]
Days = Annotated[list[Annotated[str, AfterValidator(_day_word)]], Field(min_length=1), AfterValidator(_once)]
Words = Annotated[list[str], AfterValidator(_once)]
SomeWords = Annotated[list[str], Field(min_length=1), AfterValidator(_once)]
WindowWord = Annotated[str, _by_protocol(lambda word: word if word == ALL else _window_key(word))]
WindowWords = Annotated[list[WindowWord], Field(min_length=1), AfterValidator(_once)]
Quota = Annotated[int, AfterValidator(_quota)]
Country = Annotated[str, _like("[A-Z]{2}", 'must be two capital letters, such as "CN", or empty')]
Email = Annotated[str, _like(r"[^@\s]+@[^@\s]+", 'must be an address, such as "li@hall.example", or empty')]
WebAddress = Annotated[str, _like(r"https?://\S+", 'must begin with "https://" or "http://", or be empty')]
