"""Usual durations follow the hall and not its outliers; ranges hold four times of five, for short and long waits."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence

import pytest

from hub.core import pace
from hub.core.hall import MINUTE_MS
from hub.core.pace import Pace, Trust

MINUTE = MINUTE_MS


def after(durations_min: Sequence[float]) -> dict[str, Pace]:
    paces: dict[str, Pace] = {}
    for minutes in durations_min:
        pace.took(paces, "a", int(minutes * MINUTE))
    return paces


def test_the_hall_file_says_how_long_it_takes_until_there_are_figures():
    assert pace.usual_ms({}, "a", 8 * MINUTE) == 8 * MINUTE
    assert pace.usual_ms(after([2] * pace.PRIOR_VISITS), "a", 8 * MINUTE) == 5 * MINUTE


def test_a_clerk_who_forgets_to_press_finish_changes_little():
    usual_ms = pace.usual_ms(after([6] * 49 + [300]), "a", 6 * MINUTE)
    assert usual_ms < 6.5 * MINUTE


def test_what_was_taken_back_is_forgotten_and_what_others_took_stays():
    paces = after([2, 1, 4])
    pace.took_back(paces, "a", MINUTE)
    assert (paces["a"].recent_ms, paces["a"].mean_ms) == ([2 * MINUTE, 4 * MINUTE], 3 * MINUTE)
    pace.took_back(paces, "a", MINUTE)  # long ago: it counts no more
    pace.took_back(paces, "b", MINUTE)
    assert paces == after([2, 4])
    assert pace.usual_ms(after_all_was_taken_back(), "a", 8 * MINUTE) == 8 * MINUTE


def after_all_was_taken_back() -> dict[str, Pace]:
    paces = after([2])
    pace.took_back(paces, "a", 2 * MINUTE)
    return paces


def test_only_recent_visits_count():
    paces = after([20] * 100 + [4] * pace.RECENT)
    assert len(paces["a"].recent_ms) == pace.RECENT
    assert paces["a"].mean_ms == 4 * MINUTE


def test_a_visit_that_lasts_longer_than_usual_is_expected_to_end_but_not_now():
    left = [pace.remaining_ms(8 * MINUTE, spent * MINUTE) // MINUTE for spent in (0, 4, 8, 30)]
    assert left == [8, 6, 4, 4]


def test_before_anything_came_out_the_range_is_wide():
    promise = pace.range_for({}, "a", 10 * MINUTE)
    assert promise.low_ms < 4 * MINUTE
    assert promise.high_ms > 20 * MINUTE


def day_after_day(seed: int, factor: float, spread: float, count: int = 2000) -> tuple[dict[str, Trust], dict]:
    """Waits that come out `factor` times as long as expected, give or take, and twice that in the second half; what was
    held in which band."""
    chance = random.Random(seed)
    trust: dict[str, Trust] = {}
    held: dict[int, list[bool]] = defaultdict(list)
    for number in range(count):
        expected_ms = round(chance.choice((1, 4, 8, 15, 30)) * chance.uniform(0.8, 1.2) * MINUTE)
        promise = pace.range_for(trust, "a", expected_ms)
        shift = 1 if number < count / 2 else 2
        # Short waits come out far more scattered than long ones, as they do in halls.
        sigma = spread * (2 if expected_ms < 6 * MINUTE else 0.5)
        actual_ms = round(expected_ms * factor * shift * chance.lognormvariate(0, sigma))
        held[expected_ms // (6 * MINUTE)].append(promise.low_ms <= actual_ms <= promise.high_ms)
        pace.came_out(trust, "a", promise, actual_ms)
    return trust, held


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("factor", "spread"), [(1.0, 0.5), (0.6, 0.3), (1.5, 0.8)])
def test_ranges_hold_four_times_of_five_whatever_the_estimate_is_worth(seed: int, factor: float, spread: float):
    trust, _ = day_after_day(seed, factor, spread)
    assert 0.75 <= trust["a"].held / trust["a"].made <= 0.85


@pytest.mark.parametrize("seed", range(3))
def test_short_waits_do_not_hide_behind_long_ones(seed: int):
    _, held = day_after_day(seed, 1.0, 0.5)
    short, long = held[0], [each for band, of in held.items() if band for each in of]
    assert 0.73 <= sum(short) / len(short) <= 0.88
    assert 0.73 <= sum(long) / len(long) <= 0.88


def test_a_range_that_begins_with_no_wait_at_all_is_no_surer_than_others():
    chance = random.Random(5)
    trust: dict[str, Trust] = {}
    for _ in range(1500):
        promise = pace.range_for(trust, "a", 3 * MINUTE)
        actual_ms = round(3 * MINUTE * chance.choice((0, 0.01, 1)) * chance.lognormvariate(0, 1))
        pace.came_out(trust, "a", promise, actual_ms)
    assert pace.range_for(trust, "a", 3 * MINUTE).low_ms == 0
    assert 0.75 <= trust["a"].held / trust["a"].made <= 0.85


def test_called_at_once_is_no_estimate_and_counts_apart():
    trust: dict[str, Trust] = {}
    promise = pace.range_for(trust, "a", 0)
    assert promise == (0, 0, pace.AT_ONCE_MS)
    for actual_ms in (0, 5_000, 10 * MINUTE):
        pace.came_out(trust, "a", promise, actual_ms)
    assert (trust["a"].at_once, trust["a"].at_once_held) == (3, 2)
    assert (trust["a"].made, trust[pace.ALL].made) == (0, 0)


def test_a_service_with_few_figures_learns_from_the_hall():
    trust, _ = day_after_day(1, 1.5, 0.3)
    pace.came_out(trust, "rare", (10 * MINUTE, 0, 20 * MINUTE), 12 * MINUTE)
    assert pace.range_for(trust, "rare", 10 * MINUTE) == pace.range_for(trust, "new", 10 * MINUTE)
    assert pace.range_for(trust, "rare", 10 * MINUTE) != pace.range_for({}, "rare", 10 * MINUTE)


def test_a_clock_set_back_makes_nothing_take_less_than_no_time():
    assert after([-60] * 10)["a"].mean_ms == 0
    trust: dict[str, Trust] = {}
    pace.came_out(trust, "a", (5 * MINUTE, 4 * MINUTE, 6 * MINUTE), -60 * MINUTE)
    assert trust["a"].bands[2].errors == [-5 / 6]
