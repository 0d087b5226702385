"""When a demo begins: in every hall on a working day, open, staffed, and with appointments that can be kept."""

from datetime import date

import pytest

from hub.config import read_hall
from hub.core import schedule
from tests.hub.halls import small_hall
from tests.tools.halls import HALLS, source_of
from tools.demo.plan import MINUTES_PER_S, at_pace, begin, bookable

SUNDAY = "2026-11-22"
FRIDAY = "2026-11-20"


def ordinary(day):
    return "workday" if date.fromisoformat(day).weekday() < 5 else "restday"


def start(hall, windows=4, today=SUNDAY, after=""):
    return begin(hall, today, after, windows, ordinary)


@pytest.mark.parametrize("name", HALLS)
def test_each_hall_begins_open_and_staffed_on_the_last_working_day(name):
    hall = read_hall(source_of(name))
    found = start(hall, windows=4)
    assert found.day == FRIDAY and schedule.is_open(hall, found.day, found.kind, found.minute)
    assert len(found.seats) == 4 and all(seat.services for seat in found.seats.values())


def test_all_222_windows_are_staffed_when_their_hall_begins():
    assert len(start(read_hall(source_of("zengcheng")), windows=222).seats) == 222


def test_in_a_hall_by_appointment_one_can_book_and_check_in_at_once():
    hall = read_hall(source_of("dongguan-citizens"))
    found = start(hall)
    assert all(bookable(hall, service, found.day, found.kind, found.minute) for service in hall.services)


def test_the_clerks_of_the_plan_sit_at_their_windows_with_what_they_may_serve():
    seats = start(read_hall(source_of("binhai-bay")), windows=8).seats
    assert seats["1"].clerk == "c01" and "copyright" not in seats["1"].services
    assert seats["8"].clerk == "c08" and "copyright" in seats["8"].services


def test_a_hall_without_hours_begins_too():
    found = start(small_hall())
    assert set(found.seats) == {"1", "2", "3"} and found.seats["3"].services == ("b",)


def test_on_a_working_day_it_begins_on_that_day():
    assert start(small_hall(), today=FRIDAY).day == FRIDAY


def test_a_folder_that_is_used_again_goes_on_with_the_next_working_day():
    assert start(small_hall(), today=SUNDAY, after=FRIDAY).day == "2026-11-23"
    assert start(small_hall(), today=SUNDAY, after="2026-11-27").day == "2026-11-30"


def test_a_hall_that_never_opens_on_a_working_day_has_no_demo():
    source = source_of("songshan-lake").replace('"workday"', '"holiday"')
    assert start(read_hall(source)) is None


def test_at_the_demos_pace_quotas_are_for_as_many_people_as_come():
    before, after = read_hall(source_of("dongguan-citizens")), read_hall(at_pace(source_of("dongguan-citizens")))
    assert [row.quota for row in after.slots] == [row.quota * MINUTES_PER_S for row in before.slots]
    assert before.calls.min_s == 30 and after.calls.min_s == 1
