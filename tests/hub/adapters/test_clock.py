"""Hub time: steady whatever happens to the wall clock, and the right business day through every night."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from hub.adapters.clock import FOLLOWED_MS, MINUTE_MS, HallClock, steady_ns

HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS


def ms_at(text: str, zone: str = "Asia/Shanghai") -> int:
    """Milliseconds of the local time "2026-01-05 10:00"."""
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


class Machine:
    """A wall clock that anybody may set, and a steady clock that nobody can."""

    def __init__(self, wall_ms: int):
        self.wall_ms = wall_ms
        self.steady_ms = 5_000

    def run(self, ms: int) -> None:
        """Time passes, on both."""
        self.wall_ms += ms
        self.steady_ms += ms

    def clock(self, zone: str = "Asia/Shanghai", day_starts: str = "04:00", country: str = "", shift_ms: int = 0):
        return HallClock(
            zone,
            day_starts,
            country,
            shift_ms=shift_ms,
            wall_ns=lambda: self.wall_ms * 1_000_000,
            steady_ns=lambda: self.steady_ms * 1_000_000,
        )


@pytest.fixture
def machine() -> Machine:
    return Machine(ms_at("2026-01-05 10:00"))


def test_hub_time_begins_with_the_wall_clock_and_goes_on_with_it(machine):
    clock = machine.clock()
    assert clock.now().ms == ms_at("2026-01-05 10:00")
    machine.run(HOUR_MS)
    assert clock.now().ms == ms_at("2026-01-05 11:00")
    assert clock.drift_ms == 0


@pytest.mark.parametrize("set_by_ms", [-DAY_MS, -HOUR_MS, -FOLLOWED_MS, FOLLOWED_MS, HOUR_MS, DAY_MS])
def test_a_wall_clock_that_is_set_moves_nothing_and_is_told(machine, set_by_ms):
    clock = machine.clock()
    machine.wall_ms += set_by_ms
    machine.run(HOUR_MS)
    assert clock.now() == (ms_at("2026-01-05 11:00"), "2026-01-05")
    assert clock.drift_ms == set_by_ms


@pytest.mark.parametrize("set_by_ms", [-30_000, 30_000])
def test_a_small_difference_is_made_good_by_a_second_a_minute(machine, set_by_ms):
    clock = machine.clock()
    machine.wall_ms += set_by_ms
    sign = 1 if set_by_ms > 0 else -1
    before = clock.now().ms
    for minute in range(1, 31):
        machine.run(MINUTE_MS)
        now = clock.now().ms
        assert now - before == MINUTE_MS + sign * 1000
        assert clock.drift_ms == set_by_ms - sign * 1000 * minute
        before = now
    machine.run(MINUTE_MS)
    assert clock.now().ms == machine.wall_ms


def test_many_looks_at_the_clock_slew_like_few(machine):
    clock = machine.clock()
    machine.wall_ms += 30_000
    for _ in range(60_000):
        machine.run(1)
        clock.now()
    assert clock.drift_ms == 29_000


def test_a_hub_that_starts_again_takes_the_wall_clock_over(machine):
    machine.clock()
    machine.wall_ms -= HOUR_MS
    assert machine.clock().now().ms == machine.wall_ms


def test_a_night_with_the_lid_closed_is_a_night(machine):
    """The steady clock counts while the machine sleeps; the first look afterwards is right."""
    clock = machine.clock()
    machine.run(20 * HOUR_MS)
    assert clock.now() == (ms_at("2026-01-06 06:00"), "2026-01-06")


def test_the_steady_clock_of_this_machine_goes_forward():
    looks = [steady_ns() for _ in range(1000)]
    assert looks == sorted(looks)


def test_the_day_changes_when_it_is_said_to(machine):
    clock = machine.clock(day_starts="04:30")
    machine.run(18 * HOUR_MS + 29 * MINUTE_MS)
    assert clock.now().day == "2026-01-05"
    machine.run(MINUTE_MS)
    assert clock.now().day == "2026-01-06"


def test_a_hub_that_was_off_over_the_change_starts_in_the_new_day():
    machine = Machine(ms_at("2026-01-08 08:00"))
    assert machine.clock().now().day == "2026-01-08"


def test_a_day_that_starts_at_midnight_is_the_calendar_day():
    machine = Machine(ms_at("2026-01-04 23:59"))
    clock = machine.clock(day_starts="00:00")
    assert clock.now().day == "2026-01-04"
    machine.run(MINUTE_MS)
    assert clock.now().day == "2026-01-05"


def days_through(machine: Machine, clock: HallClock, minutes: int) -> list[tuple[int, str]]:
    """(minutes from now, day) of each change of the day."""
    changes: list[tuple[int, str]] = []
    for minute in range(minutes):
        day = clock.now().day
        if not changes or changes[-1][1] != day:
            changes.append((minute, day))
        machine.run(MINUTE_MS)
    return changes


def test_in_spring_the_day_begins_once_though_its_hour_is_skipped():
    machine = Machine(ms_at("2026-03-29 00:00", "Europe/Berlin"))
    clock = machine.clock("Europe/Berlin", "02:30")
    assert days_through(machine, clock, 300) == [(0, "2026-03-28"), (120, "2026-03-29")]


def test_in_autumn_the_day_begins_once_though_its_hour_comes_twice():
    machine = Machine(ms_at("2026-10-25 00:00", "Europe/Berlin"))
    clock = machine.clock("Europe/Berlin", "02:30")
    assert days_through(machine, clock, 300) == [(0, "2026-10-24"), (150, "2026-10-25")]


@pytest.mark.parametrize("day", ["2026-03-28", "2026-03-29", "2026-10-25", "2026-10-26"])
def test_nine_in_the_morning_is_minute_540_after_every_night(day):
    clock = Machine(0).clock("Europe/Berlin")
    assert ms_at(f"{day} 09:00", "Europe/Berlin") - clock.midnight_ms(day) == 540 * MINUTE_MS


def test_zone_start_of_day_and_country_can_change_while_it_runs(machine):
    clock = machine.clock()
    assert (clock.now().day, clock.kind("2026-02-16")) == ("2026-01-05", "workday")
    clock.configure("Asia/Shanghai", "12:00", "CN")
    assert (clock.now().day, clock.kind("2026-02-16")) == ("2026-01-04", "holiday")
    clock.configure("Pacific/Auckland", "12:00", "CN")
    assert clock.now().day == "2026-01-05"
    assert clock.now().ms == machine.wall_ms


def test_a_configuration_that_cannot_be_changes_nothing(machine):
    clock = machine.clock()
    with pytest.raises(ValueError, match="XX"):
        clock.configure("UTC", "12:00", "XX")
    assert clock.midnight_ms("2026-01-05") == ms_at("2026-01-05 00:00")


def test_a_shifted_hall_lives_at_another_time_and_drifts_no_more_for_it(machine):
    clock = machine.clock(shift_ms=-3 * DAY_MS)
    machine.run(MINUTE_MS)
    assert clock.now().ms == ms_at("2026-01-02 10:01")
    assert clock.drift_ms == 0
