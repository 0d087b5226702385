"""How long things take in this hall, from its own recent visits; and how well its promises of waiting held.

The range of a promise is adaptive conformal prediction: errors of recent promises, relative to what was expected, give
the quantiles, and the share of misses is steered until one promise in five is missed (Gibbs and Candes, "Adaptive
Conformal Inference Under Distribution Shift", 2021). It supposes nothing about how arrivals or durations are spread.
Short and long waits are learned apart (BANDS_MS): else ranges too wide for one would make up for those too narrow for
the other, and only the average would hold. Where a window is free nothing is estimated; such promises count apart.
"""

from __future__ import annotations

from bisect import bisect_right
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

LEAST_MISS, MOST_MISS = 0.05, 0.4
"""Ranges never grow or shrink beyond these: a strange day must not spoil the next one."""

ERRORS = 150
"""Promises whose errors count, of one service and band."""

ENOUGH = 40
"""From so many errors on a service's own ones are taken, not those of the whole hall."""

FLOOR_MS = 60_000
"""Errors are relative to what was expected and this: a minute is nothing after an hour, and much after no time."""

BANDS_MS = (120_000, 300_000, 600_000, 1_200_000, 2_400_000)
"""Where the bands of expected waits end."""

AT_ONCE_MS = 60_000
"""Where a window is free, this is the promise: called within a minute."""

ALL = "@all"
"""The key for the promises of all services together."""


@dataclass(slots=True)
class Pace:
    """The last durations at windows for one service, in ms, oldest first; `mean_ms`: their mean without outliers."""

    recent_ms: list[int] = field(default_factory=list)
    mean_ms: int = 0


@dataclass(slots=True)
class Band:
    """The last `errors` of promises for waits of about one length, and the share of misses that is aimed
    at now."""

    errors: list[float] = field(default_factory=list)
    miss: float = MISS


@dataclass(slots=True)
class Trust:
    """How promises for a service came out: ranges that were `made` and `held`; promises to be called `at_once`, and how
    many of these held. `bands`: one for each band of BANDS_MS."""

    made: int = 0
    held: int = 0
    at_once: int = 0
    at_once_held: int = 0
    bands: list[Band] = field(default_factory=lambda: [Band() for _ in range(len(BANDS_MS) + 1)])


def took(paces: dict[str, Pace], key: str, ms: int) -> None:
    """Something took `ms` for the service `key`, or GAP; less than no time when the clock was set back."""
    pace = paces.get(key) or paces.setdefault(key, Pace())
    pace.recent_ms.append(max(0, ms))
    del pace.recent_ms[:-RECENT]
    _renew(pace)


def took_back(paces: dict[str, Pace], key: str, ms: int) -> None:
    """What `took` was told last of so many ms was a slip of the finger; nothing, when it counts no more."""
    pace = paces.get(key)
    if pace is None or max(0, ms) not in pace.recent_ms:
        return
    newest = len(pace.recent_ms) - 1 - pace.recent_ms[::-1].index(max(0, ms))
    del pace.recent_ms[newest]
    if pace.recent_ms:
        _renew(pace)
    else:
        del paces[key]


def _renew(pace: Pace) -> None:
    ordered = sorted(pace.recent_ms)
    longest = OUTLIER * ordered[len(ordered) // 2]
    usual = bisect_right(ordered, longest)
    pace.mean_ms = (sum(ordered[:usual]) + longest * (len(ordered) - usual)) // len(ordered)


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


def is_at_once(promise: tuple[int, ...]) -> bool:
    """Whether a promise (expected, low, high) was made because a window was free, so that it is no estimate."""
    return promise[0] == 0


def came_out(trust: dict[str, Trust], service: str, promise: tuple[int, ...], actual_ms: int) -> None:
    """A promise (expected, low, high) for `service` was made, and the wait was `actual_ms`: less than no time when the
    clock was set back."""
    expected_ms, low_ms, high_ms = promise
    held = low_ms <= actual_ms <= high_ms
    actual_ms = max(0, actual_ms)
    of_both = [trust.get(key) or trust.setdefault(key, Trust()) for key in (service, ALL)]
    if is_at_once(promise):
        for each in of_both:
            each.at_once += 1
            each.at_once_held += held
        return
    index = bisect_right(BANDS_MS, expected_ms)
    steered = _band(trust, service, index)
    steered.miss = min(MOST_MISS, max(LEAST_MISS, steered.miss + STEP * (MISS - (not held))))
    for each in of_both:
        each.made += 1
        each.held += held
        errors = each.bands[index].errors
        errors.append((actual_ms - expected_ms) / (expected_ms + FLOOR_MS))
        del errors[:-ERRORS]


def _band(trust: dict[str, Trust], service: str, index: int) -> Band:
    """What makes the range for `service`: its own errors if they are enough, or those of the hall."""
    for key in (service, ALL):
        if key in trust and len(trust[key].bands[index].errors) >= ENOUGH:
            return trust[key].bands[index]
    return trust[ALL].bands[index] if ALL in trust else Band()


def range_for(trust: dict[str, Trust], service: str, expected_ms: int) -> Promise:
    """The range in which the wait will be, four times of five, where `expected_ms` is expected."""
    if expected_ms <= 0:
        return Promise(0, 0, AT_ONCE_MS)
    band = _band(trust, service, bisect_right(BANDS_MS, expected_ms))
    if len(band.errors) < ENOUGH:
        return Promise(expected_ms, expected_ms // 3, 2 * expected_ms + FLOOR_MS)
    errors = sorted(band.errors)
    low_ms = _bound(errors, band.miss / 2, expected_ms)
    if low_ms <= 0:  # nobody waits less than no time: all misses are on the other side
        return Promise(expected_ms, 0, max(expected_ms, _bound(errors, 1 - band.miss, expected_ms)))
    return Promise(expected_ms, low_ms, _bound(errors, 1 - band.miss / 2, expected_ms))


def _bound(errors: list[float], share: float, expected_ms: int) -> int:
    """The wait below which `share` of the sorted `errors` put it."""
    error = errors[min(len(errors) - 1, int(share * len(errors)))]
    return round(expected_ms + error * (expected_ms + FLOOR_MS))
