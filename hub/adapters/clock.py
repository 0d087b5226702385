"""Hub time: the one place where the hub asks what time it is.

It begins with the wall clock and then runs on the machine's steady clock, so that it never stands still, never goes
back and never jumps, whatever is done to the wall clock: the order of people and what they waited hang on it.
Toward the wall clock it slews, a second a minute at most. A wall clock that is off by FOLLOWED_MS or more was set by
somebody, rightly or not: it is told in `drift_ms` and taken over when the hub starts again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from zoneinfo import ZoneInfo

from hub.adapters.calendar import Calendar
from hub.core.commands import Moment

FOLLOWED_MS = 600_000
"""A smaller difference is a clock that runs badly, and is made good; that takes ten hours at most."""

SLEW = 60
"""One part in this of the time that has passed is what hub time moves toward the wall clock: nobody sees a second more
or less in a minute, and no duration is off by more."""

MS_NS = 1_000_000
MINUTE_MS = 60_000


_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""A clock that nobody sets and that also counts while the machine sleeps (a laptop's lid is closed at night): Linux has
one of its own for that, elsewhere it is the monotonic one."""


def steady_ns() -> int:
    """Nanoseconds of the machine's steady clock."""
    return time.clock_gettime_ns(_STEADY)


def midnight_ms(zone: ZoneInfo, day: str) -> int:
    """The moment from which the minutes of `day` are counted: twelve hours before noon, so that opening hours are right
    on a day whose night was an hour shorter or longer."""
    noon = datetime.combine(date.fromisoformat(day), time_of_day(12), zone)
    return round(noon.timestamp() * 1000) - 12 * 60 * MINUTE_MS


class HallClock:
    """Hub time, and business days that change at `day_starts` ("HH:MM") in the hall's time zone.

    `shift_ms` is added to the wall clock, for a hall that is played at another time than it is. `wall_ns` and
    `steady_ns` are the sources of time. For one thread. Raises ValueError for a country without a calendar.
    """

    def __init__(
        self,
        timezone: str,
        day_starts: str,
        country: str = "",
        *,
        shift_ms: int = 0,
        wall_ns: Callable[[], int] = time.time_ns,
        steady_ns: Callable[[], int] = steady_ns,
    ):
        self._wall_ns, self._steady_ns = wall_ns, steady_ns
        self._shift_ns = shift_ms * MS_NS
        self._ns = wall_ns() + self._shift_ns
        self._seen_ns = steady_ns()
        self.configure(timezone, day_starts, country)

    def configure(self, timezone: str, day_starts: str, country: str) -> None:
        """Another zone, start of the day or country from now on. Raises as the constructor; nothing changes then."""
        zone, calendar = ZoneInfo(timezone), Calendar(country)
        self._zone, self._calendar = zone, calendar
        self._day_starts = time_of_day.fromisoformat(day_starts)
        self._day = ""
        self._minute = -1

    def now(self) -> Moment:
        """Milliseconds since 1970 and the business day. The day is worked out once a minute: presses come often."""
        ms = self._advance() // MS_NS
        if ms // MINUTE_MS != self._minute:
            self._minute = ms // MINUTE_MS
            self._day = self._day_of(ms)
        return Moment(ms, self._day)

    def kind(self, day: str) -> str:
        """ "workday", "restday" or "holiday" in the hall's country."""
        return self._calendar.kind(day)

    def midnight_ms(self, day: str) -> int:
        """The moment from which the minutes of the business day are counted."""
        return midnight_ms(self._zone, day)

    @property
    def drift_ms(self) -> int:
        """By how much the wall clock is before hub time; negative: behind."""
        return (self._wall_ns() + self._shift_ns - self._advance()) // MS_NS

    def _advance(self) -> int:
        """Hub time in ns, moved on to now."""
        steady_ns = self._steady_ns()
        passed_ns = steady_ns - self._seen_ns
        self._seen_ns = steady_ns
        self._ns += passed_ns
        drift_ns = self._wall_ns() + self._shift_ns - self._ns
        if abs(drift_ns) < FOLLOWED_MS * MS_NS:
            most_ns = passed_ns // SLEW
            self._ns += max(-most_ns, min(most_ns, drift_ns))
        return self._ns

    def _day_of(self, ms: int) -> str:
        """The business day. It has begun at the first moment at which the local clock shows `day_starts` or later; in
        the night in which an hour comes twice it does not end again."""
        local = datetime.fromtimestamp(ms / 1000, self._zone)
        begins = datetime.combine(local.date(), self._day_starts, self._zone)
        has_begun = local.replace(tzinfo=None) >= begins.replace(tzinfo=None) or ms >= begins.timestamp() * 1000
        return (local.date() if has_begun else local.date() - timedelta(days=1)).isoformat()
