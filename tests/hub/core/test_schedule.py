"""What the plan says about a day and a minute: kinds of days, hours, shifts with a noon rota, slots."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.core import schedule
from hub.core.hall import Admission, Opening, Shift, Slots
from hub.core.schedule import CLOSED, HOLIDAY, RESTDAY, WORKDAY
from tests.hub.core.doors import hall_with, minutes
from tests.hub.halls import small_hall

MONDAY, TUESDAY, SATURDAY, SUNDAY = "2026-01-05", "2026-01-06", "2026-01-10", "2026-01-11"


@pytest.mark.parametrize(
    ("days", "day", "kind", "expected"),
    [
        (("workday",), MONDAY, WORKDAY, True),
        (("workday",), SATURDAY, WORKDAY, True),  # 调休: a Saturday that is worked
        (("sat",), SATURDAY, WORKDAY, False),
        (("sat",), SATURDAY, RESTDAY, True),
        (("sun",), SATURDAY, RESTDAY, False),
        (("restday",), SATURDAY, RESTDAY, True),
        (("mon",), MONDAY, WORKDAY, True),
        (("mon",), MONDAY, HOLIDAY, False),
        (("mon",), MONDAY, RESTDAY, False),  # a Monday given free for a weekend that was worked
        (("restday",), MONDAY, RESTDAY, True),
        (("holiday",), MONDAY, HOLIDAY, True),
        (("*",), MONDAY, HOLIDAY, True),
        (("*",), MONDAY, CLOSED, False),
        (("2026-01-05",), MONDAY, HOLIDAY, True),
        (("2026-01-05",), MONDAY, CLOSED, False),
        (("2026-01-05",), TUESDAY, WORKDAY, False),
        ((), MONDAY, WORKDAY, False),
    ],
)
def test_a_row_is_about_the_days_of_its_words(days: tuple[str, ...], day: str, kind: str, expected: bool):
    assert schedule.matches(days, day, kind) is expected


def test_the_halls_own_exception_is_above_the_calendar():
    hall = hall_with(exceptions={SATURDAY: WORKDAY, MONDAY: CLOSED})
    assert schedule.kind_of(hall, SATURDAY, RESTDAY) == WORKDAY
    assert schedule.kind_of(hall, MONDAY, WORKDAY) == CLOSED
    assert schedule.kind_of(hall, SUNDAY, RESTDAY) == RESTDAY


@pytest.mark.parametrize("text", ["2026-02-29", "20260105", "2026-1-5", "tomorrow", ""])
def test_what_is_not_a_day_of_the_calendar(text: str):
    assert not schedule.is_day(text)
    assert schedule.is_day("2028-02-29")


@pytest.mark.parametrize(("minute", "text"), [(0, "00:00"), (545, "09:05"), (1439, "23:59"), (1500, "01:00")])
def test_a_minute_is_told_as_people_tell_it(minute: int, text: str):
    assert schedule.clock(minute) == text


SPLIT_DAY = (
    Opening(("workday",), minutes("13:30"), minutes("17:00")),
    Opening(("workday",), minutes("08:30"), minutes("12:00")),
)


@pytest.mark.parametrize(
    ("time", "is_open", "next_open"),
    [
        ("08:00", False, "08:30"),
        ("08:30", True, "08:30"),
        ("11:59", True, "11:59"),
        ("12:00", False, "13:30"),
        ("16:59", True, "16:59"),
        ("17:00", False, ""),
    ],
)
def test_hours_with_a_break_at_noon(time: str, is_open: bool, next_open: str):
    hall, minute = hall_with(opening=SPLIT_DAY), minutes(time)
    assert schedule.is_open(hall, MONDAY, WORKDAY, minute) is is_open
    opens = schedule.next_open(hall, MONDAY, WORKDAY, minute)
    assert opens == (minutes(next_open) if next_open else None)


def test_the_hall_closes_at_the_end_of_its_last_hours():
    hall = hall_with(opening=SPLIT_DAY)
    assert schedule.closing(hall, MONDAY, WORKDAY) == minutes("17:00")
    assert schedule.closing(hall, SATURDAY, RESTDAY) is None


def test_a_hall_without_hours_is_always_open_but_on_closed_days():
    hall = small_hall()
    assert schedule.is_open(hall, SATURDAY, RESTDAY, 0)
    assert schedule.is_open(hall, SATURDAY, RESTDAY, minutes("27:59"))  # its business day may end at 04:00
    assert schedule.is_open(hall, SATURDAY, RESTDAY, -1)
    assert schedule.closing(hall, SATURDAY, RESTDAY) is None
    assert not schedule.is_open(hall, SATURDAY, CLOSED, minutes("10:00"))


NOON = (
    Shift(("workday",), minutes("08:30"), minutes("11:30"), ("1", "2")),
    Shift(("workday",), minutes("11:30"), minutes("13:00"), ("1",), services=("b",)),
    Shift(("workday",), minutes("13:00"), minutes("17:00"), ("1", "2")),
)
NOON_HALL = hall_with(opening=(Opening(("workday",), minutes("08:30"), minutes("17:00")),), shifts=NOON)


@pytest.mark.parametrize(
    ("time", "a", "b"),
    [
        ("08:29", [], []),
        ("09:00", ["1", "2"], ["1", "2", "3"]),
        ("11:30", [], ["1", "3"]),
        ("13:00", ["1", "2"], ["1", "2", "3"]),
        ("17:00", [], []),
    ],
)
def test_the_noon_rota_offers_fewer_services_at_fewer_windows(time: str, a: list[str], b: list[str]):
    assert schedule.offering(NOON_HALL, "a", MONDAY, WORKDAY, minutes(time)) == a
    assert schedule.offering(NOON_HALL, "b", MONDAY, WORKDAY, minutes(time)) == b


@pytest.mark.parametrize("time", ["08:29", "09:00", "11:30", "12:59", "13:00", "17:00"])
def test_which_windows_offer_a_service_is_what_each_window_offers(time: str):
    minute = minutes(time)
    for service in ("a", "b"):
        one_by_one = [
            window
            for window in NOON_HALL.windows
            if schedule.is_staffed(NOON_HALL, window, MONDAY, WORKDAY, minute)
            and service in schedule.offered(NOON_HALL, window, "", MONDAY, WORKDAY, minute)
        ]
        assert schedule.offering(NOON_HALL, service, MONDAY, WORKDAY, minute) == one_by_one


@pytest.mark.parametrize(
    ("service", "time", "expected"),
    [("a", "11:45", "13:00"), ("b", "11:45", "11:45"), ("a", "07:00", "08:30"), ("a", "16:59", "16:59")],
)
def test_when_a_service_is_offered_next(service: str, time: str, expected: str):
    assert schedule.next_offered(NOON_HALL, service, MONDAY, WORKDAY, minutes(time)) == minutes(expected)


def test_a_service_is_offered_when_the_hall_is_open_and_a_window_is_staffed():
    early = (Shift(("*",), minutes("08:00"), minutes("18:00"), ("1",)),)
    for shifts in ((), early):
        hall = hall_with(opening=SPLIT_DAY, shifts=shifts)
        assert schedule.next_offered(hall, "a", MONDAY, WORKDAY, minutes("08:10")) == minutes("08:30")
        assert schedule.next_offered(hall, "a", MONDAY, WORKDAY, minutes("12:10")) == minutes("13:30")
        assert schedule.next_offered(hall, "a", MONDAY, WORKDAY, minutes("17:00")) is None


def test_a_service_that_is_not_offered_any_more_today():
    assert schedule.next_offered(NOON_HALL, "a", MONDAY, WORKDAY, minutes("17:00")) is None
    assert schedule.next_offered(NOON_HALL, "a", SATURDAY, RESTDAY, minutes("09:00")) is None


def test_a_window_that_no_shift_names_is_staffed_while_the_hall_is_open():
    assert schedule.is_staffed(NOON_HALL, "3", MONDAY, WORKDAY, minutes("12:00"))
    assert not schedule.is_staffed(NOON_HALL, "3", MONDAY, WORKDAY, minutes("17:00"))
    assert not schedule.is_staffed(NOON_HALL, "2", MONDAY, WORKDAY, minutes("12:00"))


def test_a_clerk_who_still_sits_there_after_the_shift_goes_on():
    assert schedule.offered(NOON_HALL, "1", "li", MONDAY, WORKDAY, minutes("17:30")) == ("a", "b")


def test_a_clerk_takes_no_more_than_they_may():
    hall = replace(NOON_HALL, clerks={"li": ("a",)})
    assert schedule.offered(hall, "1", "li", MONDAY, WORKDAY, minutes("09:00")) == ("a",)
    assert schedule.offered(hall, "1", "li", MONDAY, WORKDAY, minutes("12:00")) == ()
    assert schedule.offered(hall, "1", "wang", MONDAY, WORKDAY, minutes("12:00")) == ("b",)


def test_a_shift_that_ends_before_it_starts_staffs_nobody():
    hall = hall_with(shifts=(Shift(("*",), minutes("13:00"), minutes("09:00"), ("1", "2")),))
    assert schedule.offering(hall, "a", MONDAY, WORKDAY, minutes("10:00")) == []
    assert schedule.offering(hall, "a", MONDAY, WORKDAY, minutes("14:00")) == []


def test_the_first_row_of_admission_about_the_day_counts():
    rows = (Admission((MONDAY,), capacity=5), Admission(("workday",), mode="appointment-only"))
    hall = hall_with(admission=rows)
    assert schedule.admission(hall, MONDAY, WORKDAY) == rows[0]
    assert schedule.admission(hall, TUESDAY, WORKDAY) == rows[1]
    assert schedule.admission(hall, SATURDAY, RESTDAY).mode == "walk-in"


def times(hall, service: str = "a", day: str = MONDAY, kind: str = WORKDAY) -> list[tuple[str, int]]:
    return [(schedule.clock(slot.minute), slot.quota) for slot in schedule.slots(hall, service, day, kind)]


def test_slots_follow_each_other_and_none_ends_after_the_row():
    hall = hall_with(slots=(Slots(("workday",), minutes("09:00"), minutes("10:10"), 30, quota=4),))
    assert times(hall) == [("09:00", 4), ("09:30", 4)]
    assert times(hall, day=SATURDAY, kind=RESTDAY) == []


def test_rows_for_other_services_are_quotas_of_their_own():
    both = Slots(("*",), minutes("09:00"), minutes("10:00"), 60, quota=4)
    for_b = Slots(("*",), minutes("09:00"), minutes("10:00"), 30, quota=2, services=("b",))
    hall = hall_with(slots=(both, for_b))
    assert times(hall, "a") == [("09:00", 4)]
    assert times(hall, "b") == [("09:00", 4), ("09:00", 2), ("09:30", 2)]
    assert len({slot.key for slot in schedule.slots(hall, "b", MONDAY, WORKDAY)}) == 3


def test_an_exception_before_the_rule_is_instead_of_it():
    rule = Slots(("workday",), minutes("09:00"), minutes("10:00"), 30, quota=9)
    exception = Slots((MONDAY,), minutes("09:30"), minutes("10:00"), 30, quota=0)
    hall = hall_with(slots=(exception, rule))
    assert times(hall) == [("09:00", 9), ("09:30", 0)]
    assert times(hall, day=TUESDAY) == [("09:00", 9), ("09:30", 9)]


def test_a_changed_plan_keeps_what_a_quota_is_called():
    """Otherwise a row more in the hall file would forget who has booked."""
    row = Slots(("workday",), minutes("09:00"), minutes("10:00"), 30, quota=9, services=("a", "b"))
    before = schedule.slots(hall_with(slots=(row,)), "a", MONDAY, WORKDAY)
    other = Slots((MONDAY,), minutes("14:00"), minutes("15:00"), 30, quota=1)
    after = schedule.slots(hall_with(slots=(other, replace(row, quota=5, services=("b", "a")))), "a", MONDAY, WORKDAY)
    assert {slot.key for slot in before} < {slot.key for slot in after}
