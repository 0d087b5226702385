"""How long things take in this hall, from its own recent visits; and how well its promises of waiting held.

The range of a promise is adaptive conformal prediction: errors of recent promises, relative to what was expected, give
the quantiles, and the share of misses is steered until one promise in five is missed (Gibbs and Candes, "Adaptive
Conformal Inference Under Distribution Shift", 2021). It supposes nothing about how arrivals or durations are spread.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hub.core.commands import Promise

RECENT = 50
"""Visits of a service that count: enough for a spread, few enough to follow a change of the day."""

GAP = "@gap"
"""The key for the time between a visit's end and the next call, while somebody waits."""

PRIOR_VISITS = 5
"""What the hall file says about a service counts as so many visits, until there are many more."""

PRIOR_GAP_MS = 15_000
"""A clerk's breath between two people, until the hall's own is known."""

OUTLIER = 4
"""A duration beyond so many medians counts as that: a clerk forgot to press *finish*, or went to lunch."""

MISS = 0.2
"""The share of promises that shall not hold: ranges are meant for 80 %."""

STEP = 0.01
"""How far one promise moves the share of misses that is aimed at."""

LEAST_MISS, MOST_MISS = 0.02, 0.5
"""Ranges never grow or shrink beyond these: a strange day must not spoil the next one."""

ERRORS = 300
"""Promises whose errors count."""

ENOUGH = 50
"""From so many errors on a service's own ones are taken, not those of the whole hall."""

FLOOR_MS = 60_000
"""Errors are relative to what was expected and this: a minute is nothing after an hour, and much after no time."""

ALL = "@all"
"""The key for the promises of all services together."""


@dataclass(slots=True)
class Pace:
    """The last durations at windows for one service, in ms, oldest first; `mean_ms`: their mean without outliers."""

    recent_ms: list[int] = field(default_factory=list)
    mean_ms: int = 0


@dataclass(slots=True)
class Trust:
    """How promises came out: the last `errors` (see `_error`), the share of misses aimed at now, and how many promises
    were made and held."""

    errors: list[float] = field(default_factory=list)
    miss: float = MISS
    made: int = 0
    held: int = 0


def took(paces: dict[str, Pace], key: str, ms: int) -> None:
    """Something took `ms` for the service `key`, or GAP."""
    pace = paces.setdefault(key, Pace())
    pace.recent_ms.append(ms)
    del pace.recent_ms[:-RECENT]
    longest = OUTLIER * sorted(pace.recent_ms)[len(pace.recent_ms) // 2]
    pace.mean_ms = sum(min(each, longest) for each in pace.recent_ms) // len(pace.recent_ms)


def usual_ms(paces: dict[str, Pace], key: str, prior_ms: int) -> int:
    """How long `key` takes: the mean of recent ones, and `prior_ms` for as long as there are few."""
    pace = paces.get(key)
    if pace is None:
        return prior_ms
    count = len(pace.recent_ms)
    return (PRIOR_VISITS * prior_ms + count * pace.mean_ms) // (PRIOR_VISITS + count)


def remaining_ms(usual_ms: int, spent_ms: int) -> int:
    """How long something still takes that usually takes `usual_ms` and has taken `spent_ms`.

    Durations at windows are skewed to the right: after the usual time about half of it is to be expected still, and
    that stays so however long it lasts.
    """
    return max(usual_ms - spent_ms // 2, usual_ms // 2)


def came_out(trust: dict[str, Trust], service: str, promise: tuple[int, ...], actual_ms: int) -> None:
    """A promise (expected, low, high) for `service` was made, and the wait was `actual_ms`."""
    expected, low, high = promise
    held = low <= actual_ms <= high
    steered = _of(trust, service)
    error = _error(expected, actual_ms)
    for key in (service, ALL):
        each = trust.setdefault(key, Trust())
        each.made += 1
        each.held += held
        each.errors.append(error)
        del each.errors[:-ERRORS]
        if each is steered or (steered is None and key == ALL):
            each.miss = min(MOST_MISS, max(LEAST_MISS, each.miss + STEP * (MISS - (not held))))


def _error(expected_ms: int, actual_ms: int) -> float:
    return (actual_ms - expected_ms) / (expected_ms + FLOOR_MS)


def _of(trust: dict[str, Trust], service: str) -> Trust | None:
    """Whose errors make the range for `service`: its own if they are enough, or those of the hall."""
    own = trust.get(service)
    return own if own and len(own.errors) >= ENOUGH else trust.get(ALL)


def range_for(trust: dict[str, Trust], service: str, expected_ms: int) -> Promise:
    """The range in which the wait will be, four times of five, where `expected_ms` is expected."""
    found = _of(trust, service)
    if found is None or len(found.errors) < ENOUGH:
        return Promise(expected_ms, expected_ms // 3, 2 * expected_ms + 5 * FLOOR_MS)
    errors = sorted(found.errors)
    low = _bound(errors, found.miss / 2, expected_ms)
    if low <= 0:  # nobody waits less than no time: all misses are on the other side
        return Promise(expected_ms, 0, max(0, _bound(errors, 1 - found.miss, expected_ms)))
    return Promise(expected_ms, low, _bound(errors, 1 - found.miss / 2, expected_ms))


def _bound(errors: list[float], share: float, expected_ms: int) -> int:
    """The wait below which `share` of the sorted `errors` put it."""
    error = errors[min(len(errors) - 1, int(share * len(errors)))]
    return round(expected_ms + error * (expected_ms + FLOOR_MS))
