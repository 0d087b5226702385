"""Hub time: the one place where the hub asks what time it is."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hub.core.commands import Moment


class HallClock:
    """The wall clock, with business days that change at `day_starts` ("HH:MM") in the hall's time zone."""

    def __init__(self, timezone: str, day_starts: str):
        self._zone = ZoneInfo(timezone)
        hours, _, minutes = day_starts.partition(":")
        self._offset = timedelta(hours=int(hours), minutes=int(minutes))
        self._day = ""
        self._minute = -1

    def now(self) -> Moment:
        """Milliseconds since 1970 and the business day. The day is worked out once a minute: presses come often."""
        ms = time.time_ns() // 1_000_000
        if ms // 60_000 != self._minute:
            self._minute = ms // 60_000
            local = datetime.fromtimestamp(ms / 1000, self._zone).replace(tzinfo=None)
            self._day = (local - self._offset).date().isoformat()
        return Moment(ms, self._day)
