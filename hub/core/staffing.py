"""Which windows work for the rest of the day: who sits there now, and what the plan of shifts says about later.

After the last shift of a window its clerk goes on while somebody waits; between two shifts the window is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from hub.core import calling, pace, schedule
from hub.core.hall import MINUTE_MS, Hall
from hub.core.state import State, WindowNow, hall_of

NEVER_MS = 1 << 62
"""The end of what has none."""

LATE_MIN = 10
"""Whose shift began so many minutes ago and who does not sit there yet is still expected."""

LATE_MS = 2 * MINUTE_MS
"""When somebody who is late comes, from now."""

PAUSE_MS = 10 * MINUTE_MS
"""How long a pause still lasts. Nobody says so when it begins."""


class Stretch(NamedTuple):
    """A window calls people of `services`, from `begins_ms` until `ends_ms`."""

    begins_ms: int
    ends_ms: int
    services: tuple[str, ...]


def stretches(state: State, window: str, now_ms: int) -> Sequence[Stretch]:
    """When the window calls people from now on, in order of time; the first is the present one if a clerk sits there.
    State needs a hall and a day."""
    planned = _planned(state, window)
    index = sum(each.begins_ms <= now_ms for each in planned) - 1
    later = planned[index + 1 :]
    present = planned[index] if index >= 0 and now_ms < planned[index].ends_ms else None
    if state.windows[window].clerk:
        ends_ms = present.ends_ms if present else later[0].begins_ms if later else NEVER_MS
        return [Stretch(now_ms, ends_ms, calling.services_at(state, window, now_ms)), *later]
    if present and now_ms - present.begins_ms < LATE_MIN * MINUTE_MS:
        return [present._replace(begins_ms=now_ms + LATE_MS), *later]
    return later


def free_ms(state: State, window: WindowNow, now_ms: int, gap_ms: int) -> int:
    """When a window where a clerk sits will call the next one, on average; `gap_ms`: see `gap`."""
    if window.paused:
        return now_ms + PAUSE_MS
    if not window.visit:
        return now_ms + (0 if window.automatic else max(0, gap_ms - (now_ms - window.free_ms)))
    ticket = state.tickets[window.visit]
    spent_ms = now_ms - ticket.stops[-1].called_ms
    return now_ms + gap_ms + pace.remaining_ms(usual(state, ticket.service), spent_ms)


def gap(state: State) -> int:
    """From the end of a visit to the next call, in ms."""
    return pace.usual_ms(state.pace, pace.GAP, pace.PRIOR_GAP_MS)


def usual(state: State, service: str) -> int:
    """How long a visit for `service` takes, in ms. A service that the hall no longer has takes no time."""
    found = hall_of(state).services.get(service)
    return pace.usual_ms(state.pace, service, found.minutes * MINUTE_MS) if found else 0


def _planned(state: State, window: str) -> tuple[Stretch, ...]:
    """The stretches of the window today by the plan. Remembered until hall or day change."""
    key = ("stretches", window)
    found = state.memo.get(key)
    if found is None:
        found = tuple(_joined(_by_plan(state, hall_of(state), window)))
        state.memo[key] = found
    return found  # type: ignore[return-value]


def _by_plan(state: State, hall: Hall, window: str) -> list[Stretch]:
    day, kind = state.day, state.kind
    rows = [row for row in schedule.shifts(hall, day, kind) if window in row.windows]
    hours = [] if schedule.is_planned(hall, window) else schedule.opening(hall, day, kind)
    edges = sorted(
        {edge for row in rows for edge in (row.begins, row.ends)} | {edge for span in hours for edge in span}
    )
    found = []
    for begins, ends in pairwise(edges):
        if schedule.is_staffed(hall, window, day, kind, begins):
            clerk = next(
                (row.clerks[window] for row in rows if row.begins <= begins < row.ends and window in row.clerks), ""
            )
            services = schedule.offered(hall, window, clerk, day, kind, begins)
            found.append(Stretch(_ms(state, begins), _ms(state, ends), services))
    return found


def _ms(state: State, minute: int) -> int:
    return state.midnight_ms + minute * MINUTE_MS


def _joined(planned: list[Stretch]) -> list[Stretch]:
    """Stretches that touch and take the same become one; the last one has no end."""
    joined: list[Stretch] = []
    for each in planned:
        if joined and joined[-1].ends_ms == each.begins_ms and joined[-1].services == each.services:
            joined[-1] = joined[-1]._replace(ends_ms=each.ends_ms)
        else:
            joined.append(each)
    if joined:
        joined[-1] = joined[-1]._replace(ends_ms=NEVER_MS)
    return joined
