"""After the log was set back nobody is given a number that somebody may hold."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.core import applying, commands, restoring
from hub.core.hall import Opening
from hub.core.state import State
from tests.hub.halls import MIDNIGHT_MS, Play, small_hall

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS


def hall(end: int = 9999, shared: bool = False, wrap: bool = False, step: int = 1):
    made = small_hall()
    services = {
        key: replace(service, end=end, width=4, wrap=wrap, step=step, prefix="A" if shared else service.prefix)
        for key, service in made.services.items()
    }
    return replace(made, services=services, opening=(Opening(("*",), 540, 1020),))


def state_after(play: Play, count: int) -> State:
    """What a backup has that was made after so many events."""
    state = State(epoch=play.state.epoch)
    for entry in play.log[:count]:
        applying.apply(state, *entry)
    return state


def restored(play: Play, count: int) -> Play:
    """The hall as it goes on now with the first `count` events, as a restored hub does."""
    after = Play(play.state.hall)
    after.state, after.ms, after.visits = state_after(play, count), play.ms, play.visits
    since = play.log[count - 1][1]
    pace = restoring.per_hour(after.state, since)
    if after.state.day != play.state.day:
        after.do(commands.OpenDay("", play.state.day, "workday", play.state.midnight_ms))
    after.do(commands.NoteRestored("", 100, since, pace))
    return after


def numbers(play: Play, services: str, draws: int) -> set[str]:
    visits = [play.draw(services[n % len(services)]) for n in range(draws)]
    return {play.state.tickets[visit].number for visit in visits}


@settings(max_examples=60, deadline=None)
@given(
    st.integers(10, 120),
    st.integers(30, 180),
    st.integers(1, 180),
    st.floats(0, 1),
    st.booleans(),
    st.booleans(),
    st.sampled_from([1, 2]),
)
def test_no_number_of_the_lost_time_is_given_again_at_up_to_twice_the_pace(
    drawn, minutes, lost_min, faster, shared, wrap, step
):
    """`drawn` tickets of each service in `minutes`, then up to twice as fast in the lost time."""
    play = Play(hall(shared=shared, wrap=wrap, step=step))
    for _ in range(drawn):
        numbers(play, "ab", 2)
        play.ms += minutes * MINUTE_MS // drawn
    kept = len(play.log)
    since = play.log[-1][1]
    pace = restoring.per_hour(state_after(play, kept), since)["a"]
    play.ms = since + lost_min * MINUTE_MS
    lost = numbers(play, "ab", 2 * int(faster * 2 * pace * lost_min / 60))
    after = restored(play, kept)
    assert after.state.epoch == 100
    assert not lost & numbers(after, "ab", 200)


def test_the_jump_is_the_formula():
    play = Play(hall())
    play.ms = MIDNIGHT_MS + 600 * MINUTE_MS
    for _ in range(61):
        play.draw("a")
        play.ms += MINUTE_MS
    kept = len(play.log)
    play.ms += 29 * MINUTE_MS  # half an hour after the last one
    after = restored(play, kept)
    assert after.state.counts == {"a": 61 + 2 * 61 // 2 + 5, "b": 2 * 30 // 2 + 5}


def test_a_loss_of_seconds_is_a_jump_of_few():
    play = Play(hall())
    play.draw("a")
    kept = len(play.log)
    play.ms += 5000
    assert restored(play, kept).state.counts["a"] == 1 + 1 + 5


@pytest.mark.parametrize("wrap", [False, True])
def test_at_least_half_of_what_is_left_stays(wrap):
    play = Play(hall(end=100, wrap=wrap))
    numbers(play, "a", 20)
    kept = len(play.log)
    play.ms += 6 * HOUR_MS
    after = restored(play, kept)
    assert after.state.counts["a"] == (70 if wrap else 60)
    numbers(after, "a", 40 if not wrap else 80)


def test_a_series_that_is_used_up_stays_so():
    play = Play(hall(end=10))
    numbers(play, "a", 10)
    kept = len(play.log)
    play.ms += HOUR_MS
    assert restored(play, kept).state.counts == {"a": 10, "b": 5}


def test_restored_on_the_next_day_numbers_that_were_drawn_this_morning_are_not_given_again():
    """The backup is of yesterday at noon; the hall had opened today and given numbers from A0001 on."""
    play = Play(hall())
    for _ in range(40):
        play.draw("a")
        play.ms += 3 * MINUTE_MS
    kept = len(play.log)
    play.do(commands.OpenDay("", "2026-01-06", "workday", MIDNIGHT_MS + 24 * HOUR_MS))
    play.ms = MIDNIGHT_MS + 24 * HOUR_MS + 540 * MINUTE_MS
    lost = numbers(play, "a", 70)
    play.ms += 2 * HOUR_MS
    after = restored(play, kept)
    assert not lost & numbers(after, "a", 50)


def test_restored_before_the_hall_opens_the_numbers_hardly_jump():
    play = Play(hall())
    numbers(play, "a", 30)
    kept = len(play.log)
    play.ms = MIDNIGHT_MS + 31 * HOUR_MS
    play.do(commands.OpenDay("", "2026-01-06", "workday", MIDNIGHT_MS + 24 * HOUR_MS))
    assert restored(play, kept).state.counts == {"a": 5, "b": 5}


@pytest.mark.parametrize("wrap", [False, True])
@pytest.mark.parametrize("ahead_h", [3, 24])
def test_no_number_is_given_again_when_the_clock_was_ahead_and_is_right_now(wrap, ahead_h):
    """The log ends in the future, so nobody can tell how much time is lost."""
    play = Play(hall(wrap=wrap))
    play.ms = MIDNIGHT_MS + 13 * HOUR_MS
    if ahead_h == 24:
        play.do(commands.OpenDay("", "2026-01-06", "workday", MIDNIGHT_MS + 24 * HOUR_MS))
        play.ms += 24 * HOUR_MS
    numbers(play, "a", 10)
    kept = len(play.log)
    play.ms += HOUR_MS
    numbers(play, "a", 60)
    play.ms -= ahead_h * HOUR_MS
    assert restored(play, kept).state.counts["a"] >= 70


def test_a_hall_that_was_never_configured_can_be_restored():
    play = Play()
    play.state = State(epoch=7)
    assert play.do(commands.NoteRestored("", 9, 0, {})) != []
    assert play.state.epoch == 9
