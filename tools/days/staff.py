"""Who sits where by the hall's own plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from hub.core import schedule
from hub.core.hall import MINUTE_MS, Hall, Shift
from tools.days.people import Sitting


def planned(hall: Hall, day: str, kind: str) -> tuple[Sitting, ...]:
    """The sittings of the shift plan, in order of time. Where no row names a clerk one is called after the window;
    windows that no shift ever names are staffed while the hall is open."""
    sittings = [sitting for window in hall.windows for sitting in _of_window(hall, window, day, kind)]
    return tuple(sorted(sittings, key=lambda each: (each.begins_ms, each.window)))


def _of_window(hall: Hall, window: str, day: str, kind: str) -> Iterator[Sitting]:
    """Stretches with the same clerk that touch are one sitting; a row that names somebody counts before one that does
    not."""
    rows = [(row.begins, row.ends, row.clerks.get(window, "")) for row in _rows(hall, window, day, kind)]
    edges = sorted({edge for begins, ends, _ in rows for edge in (begins, ends)})
    last: Sitting | None = None
    for begins, ends in pairwise(edges):
        clerks = [clerk for from_, to, clerk in rows if from_ <= begins < to]
        if not clerks:
            continue
        sitting = Sitting(max(clerks) or f"clerk-{window}", window, begins * MINUTE_MS, ends * MINUTE_MS)
        if last and (last.clerk, last.ends_ms) == (sitting.clerk, sitting.begins_ms):
            last = replace(last, ends_ms=sitting.ends_ms)
            continue
        if last:
            yield last
        last = sitting
    if last:
        yield last


def _rows(hall: Hall, window: str, day: str, kind: str) -> list[Shift]:
    if schedule.is_planned(hall, window):
        return [row for row in schedule.shifts(hall, day, kind) if window in row.windows]
    return [Shift((day,), begins, ends, (window,)) for begins, ends in schedule.opening(hall, day, kind)]
