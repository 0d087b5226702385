"""What is done with a visit, by its holder and by staff."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from hub.core import commands
from tests.hub.web.full_hall import CAPACITY, full_hall
from tests.hub.web.test_windows import press, sit_down, version
from tests.hub.web.web_hall import WebHall, web_hall

T = "/api/v1/tickets"


@pytest.fixture
async def hall(tmp_path: Path) -> AsyncIterator[WebHall]:
    async with web_hall(tmp_path, rules=full_hall()) as made:
        yield made


async def draw(client: httpx.AsyncClient, **given) -> dict:
    answer = await client.post(T, json={"service": "a", **given})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_kiosk_gives_only_the_classes_that_it_may(hall: WebHall):
    kiosk, clerk = await hall.machine("kiosk"), await hall.logged_in("clerk")
    assert (await draw(kiosk, **{"class": "priority"}))["number"] == "A001"
    assert (await kiosk.post(T, json={"service": "a", "class": "green"})).json()["code"] == "class-by-staff"
    assert (await draw(clerk, **{"class": "green"}))["number"] == "A002"
    assert (await kiosk.post(T, json={"service": "a", "class": "vip"})).json()["code"] == "unknown-class"


async def test_a_ticket_says_what_it_is_for(hall: WebHall):
    clerk = await hall.logged_in("clerk")
    visit = (await draw(clerk, party=3, case=" 2023-7 ", **{"class": "priority"}))["visit"]
    told = (await hall.visitor().get(f"{T}/{visit}")).json()
    assert (told["class"], told["party"], told["plan"], told["calls"]) == ("priority", 3, [], 0)
    assert hall.service.state.tickets[visit].case == "2023-7"


@pytest.mark.parametrize("wrong", [{"party": 0}, {"party": "2"}, {"plan": "a"}, {"plan": ["a"] * 11}, {"klass": "x"}])
async def test_what_cannot_be_meant_is_refused(hall: WebHall, wrong: dict):
    clerk = await hall.logged_in("clerk")
    assert (await clerk.post(T, json={"service": "a", **wrong})).status_code == 422


async def test_the_holder_cancels_without_a_login(hall: WebHall):
    visit = (await draw(await hall.machine("kiosk")))["visit"]
    answer = await hall.visitor().post(f"{T}/{visit}/cancel", json={})
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    assert (await hall.visitor().post(f"{T}/{visit}/cancel", json={})).json()["code"] == "not-possible-now"


async def test_the_holder_lets_others_go_first(hall: WebHall):
    kiosk = await hall.machine("kiosk")
    visit = (await draw(kiosk))["visit"]
    await draw(kiosk)
    assert (await hall.visitor().post(f"{T}/{visit}/postpone", json={"minutes": 10})).status_code == 200
    assert (await hall.visitor().get(f"{T}/{visit}")).json()["before"] == 1
    assert (await hall.visitor().post(f"{T}/{visit}/postpone", json={"minutes": 500})).status_code == 409


async def test_a_number_is_no_secret_so_it_is_not_enough_for_strangers(hall: WebHall):
    await draw(await hall.machine("kiosk"))
    assert (await hall.visitor().post(f"{T}/A001/cancel", json={})).status_code == 404
    assert (
        await (await hall.machine("kiosk-2" if False else "board")).post(f"{T}/A001/cancel", json={})
    ).status_code == 404
    clerk = await hall.logged_in("clerk")
    assert (await clerk.post(f"{T}/a001/cancel", json={})).json()["state"] == "cancelled"


async def test_what_staff_does_is_not_for_holders(hall: WebHall):
    visit = (await draw(await hall.machine("kiosk")))["visit"]
    for verb, body in (
        ("move", {"service": "b"}),
        ("return", {}),
        ("case", {"case": "x"}),
        ("split", {"parties": [1]}),
    ):
        assert (await hall.visitor().post(f"{T}/{visit}/{verb}", json=body)).status_code == 401


async def test_a_missed_person_waits_again(hall: WebHall):
    await draw(await hall.machine("kiosk"))
    clerk, seen = await sit_down(hall)
    called = await press(clerk, "next", seen)
    await press(clerk, "missed", version(called))
    assert (await clerk.post(f"{T}/A001/return", json={})).json()["state"] == "waiting"


async def test_services_are_added_and_a_case_is_noted(hall: WebHall):
    await draw(await hall.machine("kiosk"))
    clerk = await hall.logged_in("clerk")
    assert (await clerk.post(f"{T}/A001/add-service", json={"service": "b"})).json()["plan"] == ["b"]
    assert (await clerk.post(f"{T}/A001/case", json={"case": "K-1"})).json()["case"] == "K-1"
    assert (await clerk.post(f"{T}/A001/move", json={"service": "zzz"})).status_code == 404


async def test_a_group_is_split_once_however_often_it_is_asked(hall: WebHall):
    await draw(await hall.machine("kiosk"), party=4)
    clerk = await hall.logged_in("clerk")
    answers = [
        await clerk.post(f"{T}/A001/split", json={"parties": [1, 2]}, headers={"Idempotency-Key": "s"})
        for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert [ticket["number"] for ticket in answers[0].json()["tickets"]] == ["A002", "A003"]
    assert answers[0].json()["party"] == 1


async def test_who_is_before_the_door_is_told_so(hall: WebHall):
    kiosk = await hall.machine("kiosk")
    await draw(kiosk, party=CAPACITY)
    assert (await draw(kiosk))["state"] == "outside"
    told = (await kiosk.get("/api/v1/occupancy")).json()
    assert told == {"inside": CAPACITY, "capacity": CAPACITY, "outside": 1}


async def test_why_somebody_was_called_is_told_in_words(hall: WebHall):
    kiosk = await hall.machine("kiosk")
    await draw(kiosk)
    hall.clock.advance(60_000)
    await draw(kiosk, **{"class": "priority"})
    clerk, seen = await sit_down(hall)
    await press(clerk, "next", seen)
    for path in (f"{T}/A002/why", "/api/v1/why?number=a002"):
        (told,) = (await clerk.get(path)).json()
        assert (told["number"], told["window"], told["why"]["credit_ms"]) == ("A002", "1", 1_200_000)
        assert "A001" in told["words"]["en"] and "A001" in told["words"]["zh-Hans"]
    assert (await clerk.get("/api/v1/why?number=A009")).status_code == 404
    assert (await kiosk.get(f"{T}/A002/why")).status_code == 403


async def test_why_is_known_of_days_that_are_over(hall: WebHall):
    await draw(await hall.machine("kiosk"))
    clerk, seen = await sit_down(hall)
    await press(clerk, "next", seen)
    day = hall.clock.moment.day
    hall.clock.moment = hall.clock.moment._replace(ms=hall.clock.moment.ms + 86_400_000, day="2023-11-16")
    await draw(await hall.logged_in("clerk"))
    clerk = await hall.logged_in("clerk")
    (told,) = (await clerk.get(f"/api/v1/why?number=A001&day={day}")).json()
    assert "06:13" in told["words"]["en"]
    rules = full_hall()
    before = rules.windows["1"].names["en"]
    renamed = replace(rules.windows["1"], names=dict.fromkeys(rules.windows["1"].names, "Desk"))
    await hall.service.handle(commands.ConfigureHall("", replace(rules, windows=rules.windows | {"1": renamed})))
    (again,) = (await clerk.get(f"/api/v1/why?number=A001&day={day}")).json()
    assert before in again["words"]["en"] and "Desk" not in again["words"]["en"]
    assert (await clerk.get(f"/api/v1/why?number=A002&day={day}")).status_code == 404
    assert (await clerk.get("/api/v1/why?number=A001&day=2023-13-40")).status_code == 422


async def test_the_holder_is_not_told_who_served_nor_the_case(hall: WebHall):
    clerk, seen = await sit_down(hall)
    visit = (await draw(clerk, case="2023-7"))["visit"]
    called = await press(clerk, "next", seen)
    assert (await press(clerk, "hold", version(called))).status_code == 200
    gone = (await hall.visitor().post(f"{T}/{visit}/cancel", json={})).json()
    assert gone["state"] == "cancelled"
    assert not {"clerk", "case"} & gone.keys()
