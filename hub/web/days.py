"""Business days in hub time."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from hub.core.hall import Hall
from hub.web.problems import Problem


def moments_of(day: str, hall: Hall | None) -> tuple[int, int]:
    """First and last ms since 1970 of the business day `day`. Raises Problem for a day that is in no calendar."""
    if hall is None:
        raise Problem(503, "no-hall")
    zone = ZoneInfo(hall.timezone)
    begins = time.fromisoformat(hall.day_starts)
    try:
        date = datetime.fromisoformat(day).date()
        first = datetime.combine(date, begins, zone)
        after = datetime.combine(date + timedelta(days=1), begins, zone)
    except (ValueError, OverflowError) as error:  # after 9999-12-31 no day comes
        raise Problem(422, "invalid", where="day", reason="must be a day as YYYY-MM-DD") from error
    return int(first.timestamp() * 1000), int(after.timestamp() * 1000) - 1


def local_time(ms: int, hall: Hall | None) -> str:
    """Day and time in the hall's zone, for people."""
    zone = ZoneInfo(hall.timezone if hall else "UTC")
    return datetime.fromtimestamp(ms / 1000, zone).strftime("%Y-%m-%d %H:%M")
