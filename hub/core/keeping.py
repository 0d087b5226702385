"""Which backups are kept: all of the last two days, then one a day for a month, then one a month for a year."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS

ALL_MS = 2 * DAY_MS
DAILY_MS = 30 * DAY_MS
MONTHLY_MS = 366 * DAY_MS

LATER = ALL_MS // HOUR_MS + 1
"""Of those whose names are later than the clock, which was set back: as many as two days have."""

EPOCH_DAY = date(1970, 1, 1).toordinal()


def keep(times_ms: Iterable[int], now_ms: int) -> set[int]:
    """Those of `times_ms` whose backups stay. The last one of a day or a month (UTC) stands for it, and the newest of
    all is kept however old it is: a hall whose backups have failed for a year still has one."""
    kept: set[int] = set()
    of_day: dict[str, int] = {}
    of_month: dict[str, int] = {}
    times = sorted(times_ms)
    for time in times:
        day = date.fromordinal(EPOCH_DAY + time // DAY_MS).isoformat()
        of_day[day] = of_month[day[:7]] = time
        if 0 <= now_ms - time <= ALL_MS:
            kept.add(time)
    kept |= set([time for time in times if time > now_ms][-LATER:])
    kept |= {time for time in of_day.values() if now_ms - time <= DAILY_MS}
    kept |= {time for time in of_month.values() if now_ms - time <= MONTHLY_MS}
    if of_day:
        kept.add(max(of_day.values()))
    return kept
