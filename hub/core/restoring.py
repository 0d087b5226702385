"""Numbers after the log was set back: those that were given in the lost time are in people's hands, and nobody knows
which they are. So each series goes on behind all that can have been given: at twice the pace of its day, and some more.

    jump = 2 x (its pace, at least FLOOR_PER_HOUR) x (lost time in the hall's hours) + MORE

Services whose numbers look alike (one prefix) jump together. A jump leaves at least half of what was left of a series,
so that people can still be served: then a number may be given twice, and the two hold tickets of different times.
"""

from __future__ import annotations

from collections.abc import Mapping

from hub.core import schedule
from hub.core.commands import Moment
from hub.core.hall import MINUTE_MS, Hall, Service
from hub.core.state import State

HOUR_MS = 60 * MINUTE_MS

FASTER = 2
"""How much faster than its day a series may have been in the lost time."""

FLOOR_PER_HOUR = 30
"""Nobody knows how a day goes on that has hardly begun."""

MORE = 5

SHORT_MS = 10 * MINUTE_MS
"""A day is at least this long when its pace is asked: two tickets within a second are no pace."""

ASIDE_MIN = 60
"""Staff give tickets before and after the hours, too."""

MOST_MS = 24 * HOUR_MS


def per_hour(state: State, last_ms: int) -> dict[str, int]:
    """Service -> numbers an hour, rounded up, from the first ticket of the day until `last_ms`."""
    first_ms = min((ticket.drawn_ms for ticket in state.tickets.values()), default=last_ms)
    long_ms = max(last_ms - first_ms, SHORT_MS)
    return {service: -(-drawn * HOUR_MS // long_ms) for service, drawn in state.drawn.items()}


def counts_after(state: State, since_ms: int, now: Moment, pace: Mapping[str, int]) -> dict[str, int]:
    """Service -> the last number that it is taken to have given, for all that jump. `now.day` must be open."""
    assert state.hall is not None
    margins = {service.id: _margin(state, service, since_ms, now, pace) for service in state.hall.services.values()}
    return {
        service.id: count
        for service in state.hall.services.values()
        if (count := _jump(state, state.hall, service, margins)) is not None
    }


def _margin(state: State, service: Service, since_ms: int, now: Moment, pace: Mapping[str, int]) -> int:
    """How many numbers of the service the lost time may have taken."""
    rate = FASTER * max(pace.get(service.id, 0), FLOOR_PER_HOUR)
    return -(-rate * _lost_ms(state, service, since_ms, now) // HOUR_MS) + MORE


def _lost_ms(state: State, service: Service, since_ms: int, now: Moment) -> int:
    """The lost time in which numbers of its present series were given: today's, or all of it when the series goes on
    from day to day. A log that ends in the future was written by a clock that was ahead: all of that may be lost then,
    for nobody knows how much it was."""
    assert state.hall is not None
    ahead = since_ms > now.ms
    if service.wrap:
        return MOST_MS if ahead else min(now.ms - since_ms, MOST_MS)
    hours = schedule.opening(state.hall, state.day, state.kind)
    if not hours:
        return 0
    begins_ms = state.midnight_ms + (hours[0][0] - ASIDE_MIN) * MINUTE_MS
    ends_ms = state.midnight_ms + (max(ends for _, ends in hours) + ASIDE_MIN) * MINUTE_MS
    return ends_ms - begins_ms if ahead else max(0, min(now.ms, ends_ms) - max(since_ms, begins_ms))


def _jump(state: State, hall: Hall, service: Service, margins: Mapping[str, int]) -> int | None:
    """The count after the jump; None: the series has nothing left."""
    series = range(service.start, service.end + 1, service.step)
    alike = [other for other in hall.services.values() if other.prefix == service.prefix and _overlap(other, service)]
    margin = sum(margins[other.id] for other in alike)
    passed = _passed(series, _last(state, service))
    if service.wrap:
        behind = passed + min(margin, len(series) // 2)
        return series[(behind - 1) % len(series)]
    furthest = max(_last(state, other) + margin * other.step for other in alike)
    room = len(series) - passed
    behind = min(max(passed, _passed(series, furthest)), passed + room // 2)
    return series[behind - 1] if behind > passed else None


def _overlap(one: Service, other: Service) -> bool:
    return one.start <= other.end and other.start <= one.end


def _last(state: State, service: Service) -> int:
    return state.counts.get(service.id, service.start - service.step)


def _passed(series: range, last: int) -> int:
    """How many of the series are not after `last`."""
    return min(len(series), max(0, (last - series.start) // series.step + 1))
