"""Numbers: nobody has the number of somebody else on the same day, whatever the hall file says about them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core import commands
from hub.core.deciding.drawing import next_numbers
from hub.core.hall import Slots
from hub.core.refusals import Refusal
from tests.hub.core.doors import Door, hall_with, minutes, only
from tests.hub.halls import refused


def numbers(door: Door, count: int, service: str = "a") -> list[str]:
    """The next ones that are given, as many as there are."""
    decisions = [door.ask(service) for _ in range(count)]
    return [only(decision).number for decision in decisions if not isinstance(decision, Refusal)]


def test_they_run_from_start_to_end_by_step_in_so_many_digits():
    door = Door(hall_with({"prefix": "K", "start": 5, "end": 20, "step": 5, "width": 4}))
    assert numbers(door, 9) == ["K0005", "K0010", "K0015", "K0020"]
    assert refused(door.ask()) == "numbers-used-up"


def test_each_service_has_its_own():
    door = Door()
    assert numbers(door, 2, "a") + numbers(door, 2, "b") == ["A001", "A002", "B001", "B002"]


def test_a_new_day_begins_again():
    door = Door()
    numbers(door, 3)
    assert numbers(door.tomorrow(), 2) == ["A001", "A002"]


def test_with_wrap_they_go_on_from_yesterday_and_begin_again_after_the_end():
    door = Door(hall_with({"end": 4, "wrap": True}))
    assert numbers(door, 3) == ["A001", "A002", "A003"]
    door.tomorrow()
    assert numbers(door, 9) == ["A004", "A001", "A002", "A003"]
    assert refused(door.ask()) == "numbers-used-up"
    assert numbers(door.tomorrow(), 1) == ["A004"]


def test_two_services_with_one_prefix_share_the_numbers():
    hall = hall_with({"prefix": "B", "end": 4})
    door = Door(hall)
    given_out = numbers(door, 2, "a") + numbers(door, 1, "b") + numbers(door, 9, "a")
    assert given_out == ["B001", "B002", "B003", "B004"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"start": 100, "end": 200}, "A100"),
        ({"step": 5}, "A006"),
        ({"width": 5}, "A00004"),
        ({"end": 2}, ""),
        ({"end": 2, "wrap": True}, ""),
        ({"end": 3, "wrap": True, "prefix": "Z"}, "Z001"),
    ],
)
def test_they_go_on_when_the_hall_file_changes_in_the_middle_of_a_day(changes: dict, expected: str):
    """Three were given."""
    door = Door()
    numbers(door, 3)
    door.do(commands.ConfigureHall("", hall_with(changes)))
    assert numbers(door, 1) == ([expected] if expected else [])


def test_somebody_with_an_appointment_has_the_next_number_like_everybody():
    """Who is before whom is not to be read from a number."""
    door = Door(hall_with(slots=(Slots(("*",), minutes("09:30"), minutes("10:00"), 30, quota=1),)))
    numbers(door, 1)
    assert only(door.check_in(only(door.book("09:30")).code)).number == "A002"


def test_as_many_as_are_asked_for_or_none():
    door = Door(hall_with({"end": 3}))
    numbers(door, 2)
    service = door.state.hall.services["a"]  # type: ignore
    assert next_numbers(door.state, service, 1) == [(3, "A003")]
    assert next_numbers(door.state, service, 2) == Refusal("numbers-used-up", {"service": "a"})


SERVICES = st.fixed_dictionaries(
    {
        "prefix": st.sampled_from(["A", "B", ""]),
        "start": st.integers(0, 12),
        "end": st.integers(0, 30),
        "step": st.integers(1, 7),
        "width": st.integers(1, 4),
        "wrap": st.booleans(),
    }
)
STEPS = st.one_of(st.sampled_from(["a", "a", "a", "b", "tomorrow"]), SERVICES)


@given(SERVICES, st.lists(STEPS, max_size=60))
def test_no_number_is_given_twice_on_a_day(first: dict, steps: list[str | dict]):
    """Nor is one given that the service does not have; and a refusal means that every one is taken."""
    door = Door(hall_with(first))
    for step in steps:
        if isinstance(step, dict):
            door.do(commands.ConfigureHall("", hall_with(step)))
        elif step == "tomorrow":
            door.tomorrow()
        else:
            taken = set(door.state.numbers)
            service = door.state.hall.services[step]  # type: ignore
            decision = door.ask(step)
            if isinstance(decision, Refusal):
                assert decision.code == "numbers-used-up"
                continue
            drawn = only(decision)
            assert drawn.number not in taken
            assert drawn.count in range(service.start, service.end + 1, service.step)
            assert drawn.number == f"{service.prefix}{drawn.count:0{service.width}}"


@given(st.integers(1, 12), st.integers(0, 30), st.integers(1, 7), st.booleans(), st.integers(0, 40))
def test_every_number_is_given_before_they_are_used_up(start: int, more: int, step: int, wrap: bool, yesterday: int):
    door = Door(hall_with({"start": start, "end": start + more, "step": step, "wrap": wrap}))
    numbers(door, yesterday)
    door.tomorrow()
    every = [f"A{count:03}" for count in range(start, start + more + 1, step)]
    assert sorted(numbers(door, len(every) + 1)) == every
