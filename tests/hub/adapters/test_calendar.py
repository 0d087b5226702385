"""Working days against the notices of the State Council that everybody in China remembers."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from hub.adapters.calendar import Calendar


@pytest.fixture(scope="module")
def china() -> Calendar:
    return Calendar("CN")


@pytest.mark.parametrize(
    "day",
    [
        "2020-01-19",  # Sunday before the Spring Festival
        "2021-02-07",  # Sunday
        "2021-02-20",  # Saturday
        "2025-01-26",  # Sunday
        "2025-02-08",  # Saturday
        "2025-10-11",  # Saturday
        "2026-01-04",  # Sunday
        "2026-02-28",  # Saturday
        "2011-12-31",  # Saturday, worked for the January of the next year's notice
    ],
)
def test_a_shifted_weekend_is_worked(china, day):
    assert china.kind(day) == "workday"


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2020-01-24", "2020-02-02"),  # extended to 2 February while the epidemic began
        ("2021-02-11", "2021-02-17"),
        ("2025-01-28", "2025-02-04"),
        ("2025-10-01", "2025-10-08"),
        ("2026-01-01", "2026-01-03"),
        ("2026-02-15", "2026-02-23"),
    ],
)
def test_a_break_is_a_holiday_from_end_to_end_and_no_longer(china, first, last):
    begins, ends = date.fromisoformat(first), date.fromisoformat(last)
    days = [begins + timedelta(days=number) for number in range(-1, (ends - begins).days + 2)]
    kinds = [china.kind(day.isoformat()) for day in days]
    assert kinds == ["workday", *["holiday"] * (len(days) - 2), "workday"]


@pytest.mark.parametrize("day", ["2020-02-03", "2021-02-10", "2021-02-18", "2026-02-24", "2026-03-02"])
def test_an_ordinary_weekday_is_worked(china, day):
    assert china.kind(day) == "workday"


@pytest.mark.parametrize("day", ["2026-03-07", "2026-03-08", "2025-02-09"])
def test_an_ordinary_weekend_is_a_restday(china, day):
    assert china.kind(day) == "restday"


def test_where_breaks_are_not_whole_the_saturday_before_a_holiday_is_a_saturday():
    germany = Calendar("DE")
    assert germany.kind("2026-05-23") == "restday"
    assert germany.kind("2026-05-25") == "holiday"  # Whit Monday


def test_a_part_of_a_country_has_its_own_holidays():
    assert Calendar("DE-BY").kind("2026-01-06") == "holiday"
    assert Calendar("DE-BE").kind("2026-01-06") == "workday"


def test_without_a_country_monday_to_friday_are_worked():
    week = [Calendar("").kind(f"2026-02-{day:02}") for day in range(16, 23)]
    assert week == ["workday"] * 5 + ["restday"] * 2


@pytest.mark.parametrize("country", ["XX", "cn", "DE-XX", "Middle Earth"])
def test_an_unknown_country_is_named(country):
    with pytest.raises(ValueError, match=country):
        Calendar(country)
