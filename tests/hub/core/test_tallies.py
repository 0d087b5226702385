"""Sums of visits: of people and never of means, and with how sure a share is."""

from __future__ import annotations

from collections import Counter

import pytest

from hub.core.tallies import Tally, added, percentile, row, wilson


@pytest.mark.parametrize(
    ("good", "rated", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_that_of_newcombes_examples(good, rated, low, high):
    """Newcombe, Two-sided confidence intervals for the single proportion, Statistics in Medicine 17 (1998), table I."""
    assert wilson(good, rated) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_five_of_five_prove_little_and_9994_of_10000_much():
    assert wilson(5, 5) == (pytest.approx(0.5655, abs=1e-4), 1.0)
    low, high = wilson(9994, 10_000) or (0.0, 0.0)
    assert 0.998 < low < 0.9994 < high < 0.9999


def test_without_a_press_nobody_is_satisfied_or_not():
    told = row(Tally())
    assert [told[key] for key in ("mean", "satisfied", "satisfied_range", "held_share", "wait_p50_ms")] == [None] * 5


def test_the_90th_percentile_is_a_value_that_somebody_waited():
    assert percentile(list(range(1, 11)), 90) == 9
    assert percentile(list(range(1, 12)), 90) == 10
    assert percentile([7], 90) == 7
    assert percentile([], 90) is None


def test_what_is_added_up_is_a_figure_of_people_and_not_of_halls():
    full = Tally(served=9, waits_ms=[10] * 9, serves_ms=[3] * 9, levels=Counter({5: 9}))
    empty = Tally(served=1, waits_ms=[110], serves_ms=[13], levels=Counter({1: 1}))
    both = row(added([("a", full), ("a", empty)])["a"])
    assert (both["wait_mean_ms"], both["wait_p50_ms"], both["wait_p90_ms"], both["wait_worst_ms"]) == (20, 10, 10, 110)
    assert (both["serve_mean_ms"], both["satisfied"], both["mean"]) == (4, 0.9, 4.6)


def test_adding_changes_none_of_what_is_added():
    one = Tally(drawn=1, waits_ms=[1])
    added([("a", one), ("a", one)])
    assert one == Tally(drawn=1, waits_ms=[1])


def test_means_reach_the_best_when_everybody_gave_it():
    all_but_one = row(Tally(levels=Counter({5: 1999, 4: 1})))
    assert (all_but_one["mean"], all_but_one["score"]) == (4.99, 9.99)
    everybody = row(Tally(levels=Counter({5: 2000})))
    assert (everybody["mean"], everybody["score"]) == (5, 10)


@pytest.mark.parametrize("bad", range(1, 10))
def test_one_of_ten_is_a_tenth_and_not_a_little_less(bad: int):
    """Shares are cut where they are shown."""
    assert row(Tally(levels=Counter({5: 10 - bad, 1: bad})))["bad_share"] == bad / 10


def test_basically_satisfied_is_no_bad_rating():
    assert row(Tally(levels=Counter({3: 1, 2: 1})))["satisfied"] == 0.5
