"""Days in figures, counted from what really happened; reports in every form."""

from __future__ import annotations

import csv
import io

import httpx
import openpyxl
import pytest

from hub.core import commands
from tests.hub.web.test_windows import draw, press, sit_down, version
from tests.hub.web.web_hall import WebHall

DAY = "2023-11-15"


async def serve_three(hall: WebHall) -> list[str]:
    """Three visits at window 1 by `clerk`, waiting 1, 2 and 3 minutes: done, missed, done. Their tokens."""
    await draw(hall, 3)
    clerk, seen = await sit_down(hall)
    visits = []
    for verb in ("finish", "missed", "finish"):
        hall.clock.advance(60_000)
        called = await press(clerk, "next", seen)
        visits.append(called.json()["visit"])
        seen = version(await press(clerk, verb, version(called)))
    return visits


async def rate(hall: WebHall, visit: str, level: int, seq: int) -> None:
    now = hall.clock.now().ms
    identity = f"pad-1:9:{seq}"
    await hall.service.handle(commands.RecordRating(identity, "pad-1", 9, seq, "1", visit, level, now, now))


async def test_figures_count_who_was_called_and_who_really_pressed(hall: WebHall):
    visits = await serve_three(hall)
    await rate(hall, visits[0], 5, 1)
    await rate(hall, visits[2], 2, 2)
    admin = await hall.logged_in("admin")
    told = (await admin.get("/api/v1/figures")).json()
    seen = {
        "called": 3,
        "served": 2,
        "missed": 1,
        "rated": 2,
        "levels": {"5": 1, "4": 0, "3": 0, "2": 1, "1": 0},
        "mean": 3.5,
        "satisfied": 0.5,
        "wait_p50_ms": 120_000,
        "wait_worst_ms": 180_000,
    }
    (window,), (clerk,), (service,), (group,) = (told[key] for key in ("windows", "clerks", "services", "groups"))
    assert (told["day"], window["window"], clerk["clerk"], service["service"], group["group"]) == (
        DAY,
        "1",
        "clerk",
        "a",
        "",
    )
    assert all({key: row[key] for key in seen} == seen for row in (window, clerk, service, group))


async def test_figures_count_tickets_for_services_and_overtime_for_windows(hall: WebHall):
    await serve_three(hall)
    told = (await (await hall.logged_in("admin")).get("/api/v1/figures")).json()
    (window,), (service,) = told["windows"], told["services"]
    assert (service["drawn"], service["people"], service["names"]["en"]) == (3, 3, "a")
    assert "drawn" not in window and "overtime_ms" not in service
    assert window["overtime_ms"] == 0


async def test_without_a_press_there_is_no_mean(hall: WebHall):
    await serve_three(hall)
    told = (await (await hall.logged_in("admin")).get("/api/v1/figures")).json()
    assert (told["clerks"][0]["rated"], told["clerks"][0]["mean"]) == (0, None)


async def test_a_second_press_and_a_press_without_a_visit_do_not_count(hall: WebHall):
    visits = await serve_three(hall)
    for seq, visit in enumerate((visits[0], visits[0], "")):
        await rate(hall, visit, 5, seq)
    admin = await hall.logged_in("admin")
    assert (await admin.get("/api/v1/figures")).json()["windows"][0]["rated"] == 1
    ratings = (await admin.get("/api/v1/ratings")).json()
    assert [rating["standing"] for rating in ratings] == ["counted", "correction", "no-visit"]


async def test_the_median_wait_of_two_is_between_them(hall: WebHall):
    await draw(hall, 2)
    clerk, seen = await sit_down(hall)
    for wait_ms in (60_000, 60_000):
        hall.clock.advance(wait_ms)
        seen = version(await press(clerk, "next", seen))
    figures = (await (await hall.logged_in("admin")).get("/api/v1/figures")).json()
    assert figures["windows"][0]["wait_p50_ms"] == 90_000


async def test_each_call_is_listed_with_when_it_was_shown(hall: WebHall):
    await draw(hall)
    clerk, seen = await sit_down(hall)
    called = await press(clerk, "next", seen)
    await hall.service.handle(commands.ConfirmShown("", "display-1", "1", (7, version(called)[1])))
    await press(clerk, "recall", version(called))
    calls = (await (await hall.logged_in("admin")).get("/api/v1/calls")).json()
    assert [(call["number"], call["clerk"], call["shown_ms"] is not None) for call in calls] == [
        ("A001", "clerk", True),
        ("A001", "clerk", False),
    ]


async def test_another_day_is_empty_and_what_is_no_day_is_refused(hall: WebHall):
    await serve_three(hall)
    admin = await hall.logged_in("admin")
    assert (await admin.get("/api/v1/figures?day=2023-11-16")).json()["windows"] == []
    assert (await admin.get("/api/v1/ratings?day=2023-11-16")).json() == []
    for day in ("yesterday", "2023-13-40", "'; drop table log"):
        assert (await admin.get("/api/v1/ratings", params={"day": day})).status_code == 422


async def test_the_days_tickets_are_listed(hall: WebHall):
    await serve_three(hall)
    rows = (await (await hall.logged_in("admin")).get(f"/api/v1/tickets?day={DAY}")).json()
    assert [(row["number"], row["state"]) for row in rows] == [("A001", "done"), ("A002", "missed"), ("A003", "done")]


async def test_the_quarantine_shows_bytes_that_are_no_text(hall: WebHall):
    hall.store.quarantine("q1/small/d/pad-1/up/events", b"\xff{", "not JSON", 1)
    (row,) = (await (await hall.logged_in("admin")).get("/api/v1/quarantine")).json()
    assert (row["payload"], row["reason"]) == ("\\xff{", "not JSON")


async def test_the_last_day_of_all_is_refused(hall: WebHall):
    admin = await hall.logged_in("admin")
    assert (await admin.get("/api/v1/ratings?day=9999-12-31")).status_code == 422


async def bad_and_good(hall: WebHall) -> None:
    """Two visits: one rated good, the other bad."""
    visits = await serve_three(hall)
    await rate(hall, visits[0], 5, 1)
    await rate(hall, visits[2], 1, 2)


async def test_a_report_is_told_as_json_with_everything_that_happened(hall: WebHall):
    await bad_and_good(hall)
    told = (await (await hall.logged_in("admin")).get("/api/v1/reports/2023-11")).json()
    (whole,), (window,), (clerk,) = (told["tables"][by] for by in ("hall", "window", "clerk"))
    assert (told["first"], told["last"], told["final"]) == ("2023-11-01", "2023-11-30", False)
    assert [(row["served"], row["rated"], row["satisfied"]) for row in (whole, window, clerk)] == [(2, 2, 0.5)] * 3
    assert (told["reviews"]["opened"], told["reviews"]["unclosed"]) == (1, ["R.1"])


async def test_a_report_is_opened_by_a_spreadsheet_program(hall: WebHall):
    await bad_and_good(hall)
    answer = await (await hall.logged_in("admin")).get("/api/v1/reports/2023-W46?format=xlsx&lang=en")
    assert 'filename="report-2023-W46.xlsx"' in answer.headers["content-disposition"]
    head, row = opened(answer)["Window"].iter_rows(values_only=True)
    assert (row[0], row[head.index("Served")], row[head.index("Good")]) == ("1号窗口", 2, 0.5)


async def test_a_table_of_a_report_is_told_as_csv(hall: WebHall):
    await bad_and_good(hall)
    answer = await (await hall.logged_in("admin")).get("/api/v1/reports/2023?format=csv&by=service&lang=en")
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert (row["Service"], row["Served"]) == ("a", "2")


async def test_a_report_for_paper_brings_its_own_style_and_may_do_nothing_else(hall: WebHall):
    await bad_and_good(hall)
    browser = await hall.logged_in("admin")
    for path in ("/reports/2023-11-15", "/api/v1/reports/2023-11-15?format=html"):
        answer = await browser.get(path)
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'") and "script-src" not in policy and "unsafe" not in policy
        assert "R.1" in answer.text


@pytest.mark.parametrize(
    ("asked", "where"),
    [
        ("yesterday", "period"),
        ("9999", "period"),
        ("2023-11-31", "period"),
        ("2023-W60", "period"),
        ("2023?format=csv&by=mood", "by"),
        ("2023?format=pdf", "format"),
    ],
)
async def test_a_report_about_nothing_is_refused_with_what_would_be_right(hall: WebHall, asked: str, where: str):
    browser = await hall.logged_in("admin")
    answer = await browser.get(f"/api/v1/reports/{asked}")
    assert (answer.status_code, where in answer.text) == (422, True), answer.text
    if where == "period":
        assert (await browser.get(f"/reports/{asked}")).status_code == 422


async def test_reports_name_clerks_and_are_for_the_office(hall: WebHall):
    await serve_three(hall)
    for browser, status in (
        (hall.visitor(), 401),
        (await hall.logged_in("clerk"), 403),
        (await hall.machine("board"), 403),
    ):
        assert (await browser.get("/api/v1/reports/2023")).status_code == status
    for path in ("/reports/2023", "/report"):
        assert (await (await hall.logged_in("clerk")).get(path)).status_code == 403


async def test_the_lines_of_many_days_are_a_workbook_made_beside_the_hub(hall: WebHall):
    await bad_and_good(hall)
    browser = await hall.logged_in("admin")
    for what, count in (("tickets", 3), ("calls", 3), ("ratings", 2)):
        asked = f"/api/v1/{what}?first=2023-11-01&last=2023-11-30&format="
        head, *rows = opened(await browser.get(f"{asked}xlsx")).worksheets[0].iter_rows(values_only=True)
        assert len(rows) == count and len(head) > 5, what
        assert (await browser.get(f"{asked}csv")).text.count("\r\n") == count + 1


async def test_days_that_run_backwards_are_refused(hall: WebHall):
    browser = await hall.logged_in("admin")
    for what in ("tickets", "calls", "ratings", "tables/clerk"):
        answer = await browser.get(f"/api/v1/{what}?first=2023-11-16&last=2023-11-15")
        assert (answer.status_code, "last" in answer.text) == (422, True)


def opened(answer: httpx.Response) -> openpyxl.Workbook:
    assert answer.headers["content-type"].startswith("application/vnd.openxmlformats")
    return openpyxl.load_workbook(io.BytesIO(answer.content))
