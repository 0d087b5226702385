from __future__ import annotations

import pytest

from hub.reports.periods import due, is_final, name_of, read_period


@pytest.mark.parametrize(
    ("name", "kind", "first", "last"),
    [
        ("2026-03-04", "day", "2026-03-04", "2026-03-04"),
        ("2026-W01", "week", "2025-12-29", "2026-01-04"),
        ("2026-W53", "week", "2026-12-28", "2027-01-03"),
        ("2024-02", "month", "2024-02-01", "2024-02-29"),
        ("2026-12", "month", "2026-12-01", "2026-12-31"),
        ("2026", "year", "2026-01-01", "2026-12-31"),
    ],
)
def test_a_period_is_read_as_people_write_it(name: str, kind: str, first: str, last: str):
    period = read_period(name)
    assert (period.kind, period.first, period.last) == (kind, first, last)


@pytest.mark.parametrize(
    "name",
    [
        *("", "x", "2026-13", "2026-02-30", "2025-W53", "20260304", "2026-W10-1", "٢٠٢٦"),
        *("0000", "0001", "1969-12-31", "9999", "9999-12", "9999-12-31", "9999-W52"),
    ],
)
def test_what_is_no_period_is_refused(name: str):
    with pytest.raises(ValueError):
        read_period(name)


def test_a_report_is_made_the_night_after_and_once_more_when_it_is_final():
    days = ["2026-02-27", "2026-03-02"]
    assert [it.name for it in due(days, {}, "2026-03-02")] == ["2026-02-27", "2026-02"]
    made = {"2026-02-27": False, "2026-02": False}
    assert due(days, made, "2026-03-09") == [read_period("2026-03-02")]
    made["2026-03-02"] = False
    assert due(days, made, "2026-03-09") == []
    assert due(days, made, "2026-03-10") == [read_period("2026-02-27")]
    assert [it.name for it in due(days, made, "2026-03-11")] == ["2026-02-27", "2026-02"]
    made = {"2026-02-27": True, "2026-02": True, "2026-03-02": True}
    assert [it.name for it in due(days, made, "2026-04-01")] == ["2026-03"]


def test_a_hub_with_years_behind_it_makes_up_for_the_last_weeks_and_months_only():
    days = [f"{year}-{month:02}-15" for year in (2023, 2024, 2025) for month in range(1, 13)]
    names = [it.name for it in due(days, {}, "2026-01-10")]
    assert names[:2] == ["2025-12-15", "2025-12"] and names[-1] == "2024-12"


def test_a_report_is_final_when_no_rating_can_come_any_more():
    period = read_period("2026-03-04")
    assert not is_final(period, "2026-03-14")
    assert is_final(period, "2026-03-15")


def test_names_of_periods_and_reading_them_fit():
    from datetime import date

    for kind in ("day", "week", "month", "year"):
        assert read_period(name_of(date(2027, 1, 2), kind)).kind == kind
