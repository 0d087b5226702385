"""The full counter: a window's line, the verbs of the page, pauses and automatic calls."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from hub.core import commands
from tests.hub.web.full_hall import full_hall
from tests.hub.web.test_visits import draw
from tests.hub.web.test_windows import press, sit_down, version
from tests.hub.web.web_hall import WebHall, web_hall


@pytest.fixture
async def hall(tmp_path: Path) -> AsyncIterator[WebHall]:
    async with web_hall(tmp_path, rules=full_hall()) as made:
        yield made


async def say(clerk: httpx.AsyncClient, verb: str, answer: httpx.Response | list[int], **more: Any) -> httpx.Response:
    """A press with more in its body, at window 1, by somebody who has seen `answer`."""
    seen = answer if isinstance(answer, list) else version(answer)
    return await clerk.post(f"/api/v1/windows/1/{verb}", json={"seen": seen, **more})


async def line(clerk: httpx.AsyncClient, window: str = "1") -> dict:
    return (await clerk.get(f"/api/v1/windows/{window}/line")).json()


async def test_the_line_is_in_the_order_of_calling(hall: WebHall):
    kiosk = await hall.machine("kiosk")
    await draw(kiosk)
    hall.clock.advance(60_000)
    await draw(kiosk, **{"class": "priority"})
    clerk, seen = await sit_down(hall)
    told = await line(clerk)
    assert [(row["number"], row["class"], row["since_ms"]) for row in told["waiting"]] == [
        ("A002", "priority", 0),
        ("A001", "walk-in", 60_000),
    ]
    assert (told["count"], told["here"], told["take_back"]) == (2, None, {})
    called = await press(clerk, "next", seen)
    told = await line(clerk)
    assert told["here"]["number"] == "A002"
    assert "A001" in told["here"]["why"]["en"]
    assert told["take_back"] == {"take-back-call": "A002"}
    assert called.json()["visit"] not in str(told)


async def test_a_line_that_is_not_there(hall: WebHall):
    assert (await (await hall.logged_in("clerk")).get("/api/v1/windows/9/line")).status_code == 404


async def test_hold_and_go_on(hall: WebHall):
    await draw(await hall.machine("kiosk"))
    clerk, seen = await sit_down(hall)
    held = await say(clerk, "hold", await press(clerk, "next", seen), reason="copies")
    assert [row["number"] for row in (await line(clerk))["hold"]] == ["A001"]
    again = await say(clerk, "pick", held, visit="A001")
    assert again.json()["window"]["state"]["number"] == "A001"
    assert (await line(clerk))["hold"] == []


async def test_picking_somebody_needs_a_reason(hall: WebHall):
    kiosk = await hall.machine("kiosk")
    await draw(kiosk)
    await draw(kiosk)
    clerk, seen = await sit_down(hall)
    assert (await say(clerk, "pick", seen, visit="A002")).json()["code"] == "reason-needed"
    picked = await say(clerk, "pick", seen, visit="A002", reason="faint")
    assert picked.json()["window"]["state"]["number"] == "A002"
    assert "faint" in (await line(clerk))["here"]["why"]["en"]
    assert (await say(clerk, "pick", picked, visit="A009", reason="x")).status_code == 404


async def test_transfer_to_a_clerk_and_to_a_service(hall: WebHall):
    await draw(await hall.machine("kiosk"))
    clerk, seen = await sit_down(hall)
    wang, _ = await sit_down(hall, "wang", "2")
    called = await press(clerk, "next", seen)
    assert (await say(clerk, "transfer", called)).json()["code"] == "transfer-whereto"
    sent = await say(clerk, "transfer", called, to_clerk="wang", place="first")
    assert sent.json()["window"]["state"]["mode"] == "open"
    assert [row["number"] for row in (await line(wang, "2"))["waiting"]] == ["A001"]
    assert (await line(clerk))["waiting"] == []


async def test_each_step_back_takes_back_one_step(hall: WebHall):
    await draw(await hall.machine("kiosk"))
    clerk, seen = await sit_down(hall)
    answer = await press(clerk, "next", seen)
    for verb, back, mode in (
        ("start", "take-back-start", "called"),
        ("finish", "take-back-finish", "serving"),
        ("", "take-back-start", "called"),
        ("missed", "take-back-missed", "called"),
        ("", "take-back-call", "open"),
    ):
        answer = await press(clerk, verb, version(answer)) if verb else answer
        assert (await line(clerk))["take_back"] == {back: "A001"}
        answer = await press(clerk, back, version(answer))
        assert answer.json()["window"]["state"]["mode"] == mode
    assert [row["number"] for row in (await line(clerk))["waiting"]] == ["A001"]


async def test_changing_the_service_at_the_window(hall: WebHall):
    await draw(await hall.machine("kiosk"))
    clerk, seen = await sit_down(hall)
    started = await press(clerk, "start", version(await press(clerk, "next", seen)))
    await say(clerk, "change-service", started, service="b")
    assert (await line(clerk))["here"]["service"] == "b"


async def test_a_pause_closes_the_window_and_says_why(hall: WebHall):
    await draw(await hall.machine("kiosk"))
    clerk, _ = await sit_down(hall)
    assert (await clerk.post("/api/v1/windows/1/pause", json={"reason": "golf"})).json()["code"] == "unknown-pause"
    paused = await clerk.post("/api/v1/windows/1/pause", json={"reason": "meal"})
    shown = paused.json()["window"]
    assert (shown["state"]["mode"], shown["paused"], shown["clerk"]) == ("closed", "meal", "clerk")
    assert "用餐" in shown["state"]["texts"]["zh-Hans"]
    assert (await press(clerk, "next", version(paused))).json()["code"] == "paused"
    assert (await clerk.post("/api/v1/windows/1/resume", json={})).json()["window"]["state"]["mode"] == "open"


async def test_an_automatic_window_calls_by_itself(hall: WebHall):
    clerk, _ = await sit_down(hall)
    assert (await clerk.post("/api/v1/windows/1/automatic", json={"on": True})).json()["window"]["automatic"]
    await draw(await hall.machine("kiosk"))
    assert (await line(clerk))["here"]["number"] == "A001"


async def test_a_clerk_moves_only_when_asked_to(hall: WebHall):
    clerk, _ = await sit_down(hall)
    assert (await clerk.post("/api/v1/windows/2/sign-in", json={})).json()["code"] == "clerk-elsewhere"
    assert (await clerk.post("/api/v1/windows/2/sign-in", json={"move": True})).json()["window"]["clerk"] == "clerk"
    assert hall.service.state.windows["1"].clerk == ""


async def test_alarms_are_told_with_whom(hall: WebHall):
    await draw(await hall.machine("kiosk"))
    hall.clock.advance(31 * 60_000)
    await hall.service.handle(commands.LookAround(""))
    (alarm,) = (await (await hall.logged_in("clerk")).get("/api/v1/alarms")).json()
    assert (alarm["rule"], alarm["kind"], alarm["subject"]["en"], alarm["to"]) == ("long", "wait", "a", "lead")


async def test_limits_of_bad_ratings_are_told_to_who_may_see_these_and_to_no_clerk(hall: WebHall):
    """Whoever served at the window could else read out of it who rated."""
    admin = await hall.logged_in("admin")
    order = {"order": "12345-7", "kind": "question", "text": "?", "window": "1", "clerk": "clerk"}
    assert (await admin.post("/api/v1/reviews", json=order)).status_code == 201
    hall.clock.advance(hall.service.state.reviews["R.1"].contact_due_ms - 3_600_000 - hall.clock.now().ms)
    await hall.service.handle(commands.LookAround(""))
    (alarm,) = (await (await hall.logged_in("admin")).get("/api/v1/alarms")).json()
    assert (alarm["kind"], alarm["subject"]["en"]) == ("contact", "Question R.1 · 1号窗口")
    assert (await (await hall.logged_in("clerk")).get("/api/v1/alarms")).json() == []


async def test_services_tell_what_is_offered_and_how_long_it_takes(hall: WebHall):
    await sit_down(hall)
    kiosk = await hall.machine("kiosk")
    await draw(kiosk)
    told = (await kiosk.get("/api/v1/services")).json()
    first, second = told["services"]
    assert (told["open"], told["mode"]) == (True, "mixed")
    assert (first["offered"], first["waiting"], first["before"]) == (True, 1, 1)
    assert first["range"]["low_ms"] <= first["range"]["high_ms"]
    assert (second["pre_check"], set(second["papers"])) == (True, {"form", "id"})
    assert [klass["id"] for klass in told["classes"]] == ["priority", "green", "appointment"]


async def test_periods_and_accuracy_are_for_admins(hall: WebHall):
    await draw(await hall.machine("kiosk"))
    clerk, seen = await sit_down(hall)
    hall.clock.advance(60_000)
    await press(clerk, "next", seen)
    hall.clock.advance(60_000)
    admin = await hall.logged_in("admin")
    periods = (await admin.get("/api/v1/periods")).json()
    assert {row["state"] for row in periods["visits"]} == {"wait", "way"}
    assert {row["clerk"] for row in periods["clerks"]} == {"clerk"}
    assert isinstance((await admin.get("/api/v1/accuracy")).json(), list)
    assert (await clerk.get("/api/v1/periods")).status_code == 403
