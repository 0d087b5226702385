"""What a day came to, service by service: waiting, overtime, idle windows. For recorded and played days alike.

Waiting is from the ticket, or from the end of the step before, to the call. Overtime is the time at windows after the
hall closed for the day. Idle is a clerk who sits, does not pause and has nobody, while the hall is open; the idle time
of a window is shared alike among the services that it takes, so that the services add up to the hall.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hub.core import schedule
from hub.core.hall import MINUTE_MS, Hall
from tools.bench.figures import percentile
from tools.days.journeys import Happened, Span

TOTAL = "*"
"""The row for the whole hall."""


@dataclass(frozen=True, slots=True)
class Row:
    """Of one service. Waits in minutes."""

    service: str
    calls: int
    mean_min: float
    p90_min: float
    worst_min: float
    overtime_min: float
    idle_min: float


@dataclass(frozen=True, slots=True)
class Facts:
    """`waits`: (minute of the day at which somebody began to wait, minutes waited)."""

    rows: list[Row]
    waits: list[tuple[int, float]]

    @property
    def total(self) -> Row:
        return self.rows[-1]


def measure(hall: Hall, day: str, kind: str, midnight_ms: int, happened: Happened) -> Facts:
    """The figures of a day that was played by `hall`; the last row is TOTAL. `kind` is the hall's own."""
    minutes = schedule.opening(hall, day, kind)
    open_ms = [(midnight_ms + begins * MINUTE_MS, midnight_ms + ends * MINUTE_MS) for begins, ends in minutes]
    closing_ms = open_ms[-1][1] if open_ms and hall.opening else None
    calls = [span for journey in happened.journeys.values() for span in journey.calls]
    waits: defaultdict[str, list[int]] = defaultdict(list)
    overtime: defaultdict[str, int] = defaultdict(int)
    for span in calls:
        waits[span.service].append(span.wait_ms)
        overtime[span.service] += _after(span, closing_ms, happened.last_ms)
    idle = _idle(hall, open_ms, happened, calls)
    rows = [_row(service, waits[service], overtime[service], idle[service]) for service in sorted(hall.services)]
    total = _row(TOTAL, [each for of in waits.values() for each in of], sum(overtime.values()), sum(idle.values()))
    arrivals = [((span.since_ms - midnight_ms) // MINUTE_MS, span.wait_ms / MINUTE_MS) for span in calls]
    return Facts([*(row for row in rows if row.calls), total], arrivals)


def _row(service: str, waits_ms: Sequence[int], overtime_ms: float, idle_ms: float) -> Row:
    waits = sorted(wait_ms / MINUTE_MS for wait_ms in waits_ms)
    mean = sum(waits) / len(waits) if waits else 0.0
    worst = waits[-1] if waits else 0.0
    return Row(service, len(waits), mean, percentile(waits, 0.9), worst, overtime_ms / MINUTE_MS, idle_ms / MINUTE_MS)


def _after(span: Span, closing_ms: int | None, last_ms: int) -> int:
    """How long the time at the window lasted after closing."""
    return 0 if closing_ms is None else max(0, (span.ended_ms or last_ms) - max(closing_ms, span.called_ms))


def _idle(
    hall: Hall, open_ms: Sequence[tuple[int, int]], happened: Happened, calls: Iterable[Span]
) -> defaultdict[str, float]:
    """Service -> idle ms."""
    busy: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for span in calls:
        busy[span.window].append((span.called_ms, span.ended_ms or happened.last_ms))
    working: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for sat in happened.sat:
        working[sat.window] += sat.working
    idle: defaultdict[str, float] = defaultdict(float)
    for window, times in working.items():
        present = [each for hours in open_ms for each in _within(times, hours)]
        used = [each for time in present for each in _within(busy[window], time)]
        services = hall.windows[window].services if window in hall.windows else ()
        for service in services:
            idle[service] += max(0, _length(present) - _length(used)) / len(services)
    return idle


def _within(times: Iterable[tuple[int, int]], hours: tuple[int, int]) -> list[tuple[int, int]]:
    cut = ((max(begins, hours[0]), min(ends, hours[1])) for begins, ends in times)
    return [(begins, ends) for begins, ends in cut if begins < ends]


def _length(times: Iterable[tuple[int, int]]) -> int:
    return sum(ends - begins for begins, ends in times)
