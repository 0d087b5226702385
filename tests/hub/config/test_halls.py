"""The hall files that come along: good, complete, and with what the reports say of them."""

from __future__ import annotations

from pathlib import Path

import pytest

import hub.halls
from hub.config import read_contacts, read_hall
from hub.core import schedule
from hub.core.hall import Hall

FILES = {file.stem: file for file in Path(hub.halls.__path__[0]).glob("*.toml")}

VISITS = {
    "binhai-bay": 250,
    "changchun-jingkai": 600,
    "dongguan-citizens": 450,
    "songshan-lake": 650,
    "songshan-lake-north": 130,
    "songshan-lake-south": 90,
    "zengcheng": 10_000,
}
"""On a working day."""

BUSY = 0.95
"""More of its time than this no window can be at work: somebody always has to walk."""

FRIDAY = ("2026-01-09", "workday")
SATURDAY = ("2026-01-10", "restday")


def hall_of(name: str) -> Hall:
    return read_hall(FILES[name].read_text("utf-8"))


def staffed_min(hall: Hall, day: str, kind: str) -> int:
    """Minutes of all windows together that are staffed that day."""
    open_minutes = [minute for begins, ends in schedule.opening(hall, day, kind) for minute in range(begins, ends)]
    quarters = [minute for minute in open_minutes if minute % 15 == 0]
    return 15 * sum(
        schedule.is_staffed(hall, window, day, kind, minute) for window in hall.windows for minute in quarters
    )


@pytest.mark.parametrize("name", sorted(FILES))
def test_every_hall_file_that_we_give_is_good(name):
    assert hall_of(name).id == name


@pytest.mark.parametrize("name", sorted(FILES))
def test_it_has_windows_enough_for_its_visits(name):
    hall = hall_of(name)
    minutes = sum(service.minutes for service in hall.services.values()) / len(hall.services)
    assert VISITS[name] * minutes < BUSY * staffed_min(hall, *FRIDAY)


@pytest.mark.parametrize("name", sorted(FILES))
def test_its_alarms_go_to_people_who_can_be_told(name):
    contacts = read_contacts(FILES[name].read_text("utf-8"))
    assert {one for alarm in hall_of(name).alarms for one in alarm.to} <= contacts.keys()


def test_changchun_serves_fewer_services_at_three_windows_at_noon():
    hall = hall_of("changchun-jingkai")
    noon = 11 * 60 + 45
    staffed = [window for window in hall.windows if schedule.is_staffed(hall, window, *FRIDAY, noon)]
    offered = [service for service in hall.services if schedule.offering(hall, service, *FRIDAY, noon)]
    assert (staffed, offered) == (["1", "2", "3"], ["consult", "instant", "registration"])
    assert schedule.next_offered(hall, "social", *FRIDAY, noon) == 13 * 60


def test_changchun_has_a_consulting_window_while_the_noon_clerks_eat():
    hall = hall_of("changchun-jingkai")
    assert "1" not in schedule.offering(hall, "consult", *FRIDAY, 11 * 60 + 15)
    assert schedule.offering(hall, "consult", *FRIDAY, 11 * 60 + 15)


def test_changchun_tells_two_people_of_instant_business_over_thirty_minutes():
    hall = hall_of("changchun-jingkai")
    (alarm,) = [alarm for alarm in hall.alarms if alarm.services == ("instant",)]
    assert (alarm.kind, alarm.minutes, len(alarm.to)) == ("service", 30, 2)
    assert [key for key, service in hall.services.items() if not service.pre_check] == ["consult"]


def test_dongguan_takes_appointments_only_also_at_weekends_within_its_cap():
    hall = hall_of("dongguan-citizens")
    for day in (FRIDAY, SATURDAY):
        assert schedule.admission(hall, *day).mode == "appointment-only"
        assert all(list(schedule.slots(hall, service, *day)) for service in hall.services)
    assert schedule.admission(hall, *SATURDAY).capacity > 0
    assert hall.languages[0] == "zh-Hant"


def test_dongguan_has_slots_for_the_people_whom_the_report_counts():
    hall = hall_of("dongguan-citizens")
    slots = {slot.key: slot.quota for service in hall.services for slot in schedule.slots(hall, service, *FRIDAY)}
    assert sum(slots.values()) > 32_106 / 65


def test_songshan_lake_has_over_80_percent_windows_for_any_item_and_saturday_shifts():
    hall = hall_of("songshan-lake")
    any_item = [window for window in hall.windows.values() if len(window.services) == len(hall.services)]
    assert len(any_item) > 0.8 * len(hall.windows)
    assert list(hall.windows) == [str(number) for number in range(1, 13)]
    assert 163 * 8 < staffed_min(hall, *SATURDAY) < staffed_min(hall, *FRIDAY) / 2


@pytest.mark.parametrize("name", ["songshan-lake-north", "songshan-lake-south"])
def test_a_branch_of_songshan_lake_can_be_reported_with_the_main_hall(name):
    """The same id means the same: a joint report adds them up."""
    main, branch = hall_of("songshan-lake"), hall_of(name)
    assert branch.id != main.id and 3 <= len(branch.windows) <= 4
    assert branch.services.keys() <= main.services.keys() and branch.groups == main.groups
    assert all((service.names, service.group) == named(main, key) for key, service in branch.services.items())


def named(hall: Hall, service: str) -> tuple[dict[str, str], str]:
    return hall.services[service].names, hall.services[service].group


def test_binhai_bay_plans_22_clerks_at_ten_windows_and_one_on_wheels():
    hall = hall_of("binhai-bay")
    assert len(hall.clerks) == 22
    assert {clerk for row in hall.shifts for clerk in row.clerks.values()} == hall.clerks.keys()
    assert [window.id for window in hall.windows.values() if window.mobile] == ["mobile"]
    assert len(hall.windows) == 11


def test_binhai_bay_moves_clerks_between_windows_within_a_day():
    hall = hall_of("binhai-bay")
    morning, afternoon = (row.clerks for row in schedule.shifts(hall, *FRIDAY) if row.clerks)
    assert (morning["5"], afternoon["1"]) == ("c05", "c05")


def test_binhai_bay_can_register_copyright_with_every_team():
    hall = hall_of("binhai-bay")
    for row in (row for row in hall.shifts if row.clerks):
        minute = row.begins
        at = [w for w, clerk in row.clerks.items() if "copyright" in schedule.offered(hall, w, clerk, *FRIDAY, minute)]
        assert at == ["8", "9"]


def test_zengcheng_has_42_windows_for_companies_and_180_for_persons():
    hall = hall_of("zengcheng")
    zones = [window.zone for window in hall.windows.values()]
    assert (zones.count("a"), zones.count("b"), hall.zones) == (42, 180, ["a", "b"])
    groups = {
        hall.services[service].group
        for window in hall.windows.values()
        if window.zone == "a"
        for service in window.services
    }
    assert groups == {"company"}


def test_zengcheng_goes_on_with_every_service_at_noon():
    hall = hall_of("zengcheng")
    assert all(schedule.offering(hall, service, *FRIDAY, 12 * 60 + 30) for service in hall.services)
