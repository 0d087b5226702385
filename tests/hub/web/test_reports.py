"""The day in figures, counted from what really happened."""

from __future__ import annotations

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
