"""What a clerk presses. The version that was seen decides, so pressing twice is pressing once."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.hub.web.web_hall import WebHall


async def draw(hall: WebHall, count: int = 1) -> None:
    kiosk = await hall.machine("kiosk")
    for _ in range(count):
        await kiosk.post("/api/v1/tickets", json={"service": "a"})


async def sit_down(hall: WebHall, name: str = "clerk", window: str = "1") -> tuple[httpx.AsyncClient, list[int]]:
    """The clerk's browser and the version that it shows."""
    clerk = await hall.logged_in(name)
    answer = await clerk.post(f"/api/v1/windows/{window}/sign-in", json={})
    assert answer.status_code == 200, answer.text
    return clerk, version(answer)


def version(answer: httpx.Response) -> list[int]:
    return answer.json()["window"]["state"]["version"]


async def press(clerk: httpx.AsyncClient, verb: str, seen: Any, window: str = "1") -> httpx.Response:
    return await clerk.post(f"/api/v1/windows/{window}/{verb}", json={"seen": seen})


async def test_a_ticket_from_call_to_finish(hall: WebHall):
    await draw(hall)
    clerk, seen = await sit_down(hall)
    modes = []
    for verb in ("next", "recall", "start", "finish"):
        answer = await press(clerk, verb, seen)
        assert answer.status_code == 200, answer.text
        seen = version(answer)
        state = answer.json()["window"]["state"]
        modes.append((state["mode"], state["number"], state["calls"]))
    assert modes == [("called", "A001", 1), ("called", "A001", 2), ("serving", "A001", 2), ("open", "", 0)]


async def test_an_answer_has_the_window_with_who_and_how_many_wait(hall: WebHall):
    await draw(hall, 3)
    clerk, seen = await sit_down(hall)
    answer = (await press(clerk, "next", seen)).json()
    assert answer["window"]["clerk"] == "clerk"
    assert answer["window"]["waiting"] == 2
    assert answer["visit"] in hall.service.state.tickets


async def test_a_double_press_calls_one_person(hall: WebHall):
    await draw(hall, 2)
    clerk, seen = await sit_down(hall)
    answers = await asyncio.gather(press(clerk, "next", seen), press(clerk, "next", seen))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    refused = next(answer.json() for answer in answers if answer.status_code == 409)
    assert refused["code"] == "stale"
    assert refused["window"]["state"]["number"] == "A001"
    assert "刚有变化" in refused["message"]["zh-Hans"]


async def test_asking_again_with_the_same_key_is_answered_again(hall: WebHall):
    await draw(hall, 2)
    clerk, seen = await sit_down(hall)
    key = {"Idempotency-Key": "k"}
    for _ in range(2):
        answer = await clerk.post("/api/v1/windows/1/next", json={"seen": seen}, headers=key)
        assert answer.status_code == 200
        assert answer.json()["window"]["state"]["number"] == "A001"


async def test_a_clerk_cannot_press_at_somebody_elses_window(hall: WebHall):
    await draw(hall)
    _, seen = await sit_down(hall, "wang")
    clerk = await hall.logged_in("clerk")
    for verb in ("next", "recall", "start", "finish", "missed"):
        assert (await press(clerk, verb, seen)).json()["code"] == "not-your-window"
    assert (await clerk.post("/api/v1/windows/1/sign-out", json={})).json()["code"] == "not-your-window"


async def test_a_clerk_sits_down_as_nobody_else(hall: WebHall):
    clerk = await hall.logged_in("clerk")
    answer = await clerk.post("/api/v1/windows/1/sign-in", json={"clerk": "wang"})
    assert answer.json()["window"]["clerk"] == "clerk"


async def test_an_admin_says_who_sits_down(hall: WebHall):
    admin = await hall.logged_in("admin")
    assert (await admin.post("/api/v1/windows/1/sign-in", json={})).json()["code"] == "which-clerk"
    answer = await admin.post("/api/v1/windows/1/sign-in", json={"clerk": "wang"})
    assert answer.json()["window"]["clerk"] == "wang"
    assert (await press(admin, "next", version(answer))).json()["code"] == "nobody-waiting"
    assert (await admin.post("/api/v1/windows/1/sign-out", json={})).json()["window"]["state"]["mode"] == "closed"


async def test_a_taken_window_is_refused_with_the_name(hall: WebHall):
    await sit_down(hall, "wang")
    answer = await (await hall.logged_in("clerk")).post("/api/v1/windows/1/sign-in", json={})
    assert answer.status_code == 409
    assert answer.json()["message"]["en"] == "Window 1 is taken by wang."


async def test_a_window_that_is_not_there(hall: WebHall):
    clerk = await hall.logged_in("clerk")
    assert (await press(clerk, "next", [7, 1], "99")).status_code == 404


@pytest.mark.parametrize("seen", [None, [], [1], [1, 2, 3], ["7", "1"], [True, 1], [-1, 1], [1.5, 1], [7, 2**60]])
async def test_a_press_must_say_what_was_seen(hall: WebHall, seen: Any):
    clerk, _ = await sit_down(hall)
    assert (await press(clerk, "next", seen)).status_code == 422


async def test_a_verb_that_is_not_there(hall: WebHall):
    clerk, seen = await sit_down(hall)
    assert (await press(clerk, "dance", seen)).status_code == 404
