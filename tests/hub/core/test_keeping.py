from hypothesis import given, settings
from hypothesis import strategies as st

from hub.core.keeping import ALL_MS, DAILY_MS, DAY_MS, HOUR_MS, MONTHLY_MS, keep

NOW = 1_800_000_000_000
TIMES = st.sets(st.integers(NOW - 2 * MONTHLY_MS, NOW + DAY_MS), max_size=60)


def day(ms: int) -> int:
    return ms // DAY_MS


@given(TIMES)
def test_what_is_kept_was_there_and_the_newest_is_always_kept(times):
    kept = keep(times, NOW)
    assert kept <= times
    assert not times or max(times) in kept


@given(TIMES)
def test_all_of_two_days_and_one_of_each_day_of_a_month_are_kept(times):
    kept = keep(times, NOW)
    assert {time for time in times if 0 <= NOW - time <= ALL_MS} <= kept
    last_of_days = {max(other for other in times if day(other) == day(time)) for time in times}
    assert {time for time in last_of_days if NOW - time <= DAILY_MS} <= kept


@given(TIMES)
def test_nothing_older_than_a_year_is_kept_beside_newer_ones_and_asking_again_changes_nothing(times):
    kept = keep(times, NOW)
    assert all(NOW - time <= MONTHLY_MS for time in kept if time != max(kept))
    assert keep(kept, NOW) == kept


@settings(max_examples=4, deadline=None)
@given(st.integers(0, DAY_MS), st.integers(1, 5))
def test_a_hall_that_makes_one_every_few_hours_for_a_year_always_finds_one_near(offset, every_h):
    """What is pruned hour by hour leaves the same as what the rule would leave at once: about ninety files."""
    kept: set[int] = set()
    made: list[int] = []
    for step in range(0, 400 * 24, every_h):
        now = NOW + offset + step * HOUR_MS
        made.append(now)
        kept = keep({*kept, now}, now)
    assert kept == keep(made, made[-1])
    assert len(kept) <= 49 + 31 + 14
    days = {day(time) for time in kept}
    assert all(day(made[-1]) - ago in days for ago in range(30))


def test_names_later_than_a_clock_that_was_set_back_are_as_many_as_two_days_have():
    hourly = [NOW - each * HOUR_MS for each in range(100)]
    behind = keep(hourly, NOW - 20 * 366 * DAY_MS)
    assert set(hourly[:49]) <= behind
    assert {day(time) for time in behind} == {day(time) for time in hourly}
    made_since = [NOW + each for each in range(1, 10_000)]
    assert len(keep([*hourly, *made_since], NOW)) < 49 + 49 + 31 + 14
