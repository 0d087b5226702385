"""Appointments and papers over the API: codes are few tries away from nobody, and nobody is known by name."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from hub.core.commands import Moment
from tests.hub.web.full_hall import full_hall
from tests.hub.web.web_hall import WebHall, web_hall

DAY = "2023-11-15"
NUMBER = "440101199001011234"


@pytest.fixture
async def hall(tmp_path: Path) -> AsyncIterator[WebHall]:
    async with web_hall(tmp_path, rules=full_hall()) as made:
        yield made


async def book(clerk: httpx.AsyncClient, time: str = "09:00", key: str = "", **more) -> httpx.Response:
    body = {"service": "a", "day": DAY, "time": time, **more}
    return await clerk.post("/api/v1/bookings", json=body, headers={"Idempotency-Key": key} if key else {})


async def test_free_places_are_counted_in_people(hall: WebHall):
    clerk = await hall.logged_in("clerk")
    assert (await book(clerk, party=2)).status_code == 201
    slots = (await clerk.get(f"/api/v1/slots?service=a&day={DAY}")).json()
    assert [(slot["time"], slot["left"]) for slot in slots] == [("09:00", 0), ("09:30", 2), ("10:00", 2), ("10:30", 2)]
    assert (await book(clerk)).json()["code"] == "slot-full"
    assert (await clerk.get("/api/v1/slots?service=b")).json() == []
    assert (await clerk.get("/api/v1/slots?service=zzz")).status_code == 404


async def test_an_appointment_from_booking_to_check_in(hall: WebHall):
    clerk, kiosk = await hall.logged_in("clerk"), await hall.machine("kiosk")
    booked = (await book(clerk)).json()
    assert (booked["time"], booked["state"], len(booked["code"])) == ("09:00", "booked", 8)
    code = f"{booked['code'][:4]} {booked['code'][4:]}"
    assert (await kiosk.post("/api/v1/check-in", json={"code": code})).json()["code"] == "too-early"
    hall.clock.advance(3 * 3_600_000 - 15 * 60_000)  # 08:58
    answer = await kiosk.post("/api/v1/check-in", json={"code": code})
    assert (answer.status_code, answer.json()["number"]) == (201, "A001")
    assert (await kiosk.get(f"/api/v1/tickets/{answer.json()['visit']}")).json()["due"] == "09:00"
    (kept,) = (await clerk.get(f"/api/v1/bookings?day={DAY}")).json()
    assert (kept["state"], kept["number"]) == ("kept", "A001")


async def test_asking_twice_with_one_key_books_once(hall: WebHall):
    clerk = await hall.logged_in("clerk")
    first, again = await book(clerk, key="k"), await book(clerk, key="k")
    assert first.json() == again.json()
    assert len(hall.service.state.bookings) == 1


async def test_nobody_books_twice_and_nobody_is_known(hall: WebHall):
    clerk = await hall.logged_in("clerk")
    await book(clerk, id_number=NUMBER)
    twice = await book(clerk, "09:30", id_number=f" {NUMBER[:6]} {NUMBER[6:]} ")
    assert twice.json()["code"] == "booked-already"
    assert NUMBER.encode() not in b"".join(file.read_bytes() for file in hall.data.rglob("*") if file.is_file())
    assert NUMBER not in (await clerk.get("/api/v1/bookings")).text


async def test_a_cancelled_appointment_frees_its_place(hall: WebHall):
    clerk = await hall.logged_in("clerk")
    booking = (await book(clerk, party=2)).json()["booking"]
    assert (await clerk.delete(f"/api/v1/bookings/{booking}")).json()["state"] == "cancelled"
    assert (await book(clerk, party=2)).status_code == 201
    assert (await clerk.delete("/api/v1/bookings/nothing")).status_code == 404


@pytest.mark.parametrize("wrong", [{"day": "2023-02-30"}, {"time": "9:00"}, {"time": "09:61"}, {"party": 0}])
async def test_what_is_no_time_is_refused(hall: WebHall, wrong: dict):
    assert (await book(await hall.logged_in("clerk"), **wrong)).status_code == 422


async def test_codes_cannot_be_tried_out(hall: WebHall):
    kiosk, clerk = await hall.machine("kiosk"), await hall.logged_in("clerk")
    for guess in range(10):
        assert (await kiosk.post("/api/v1/check-in", json={"code": f"{guess:08}"})).status_code == 404
    answer = await kiosk.post("/api/v1/check-in", json={"code": "00000011"})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
    draw = {"service": "b", "check": "00000012"}
    assert (await kiosk.post("/api/v1/tickets", json=draw)).status_code == 429
    assert (await clerk.post("/api/v1/check-in", json={"code": "00000011"})).status_code == 404
    hall.clock.advance(60_000)
    assert (await kiosk.post("/api/v1/check-in", json={"code": "00000011"})).status_code == 404


async def test_papers_that_are_missing_are_listed_and_give_no_code(hall: WebHall):
    clerk = await hall.logged_in("clerk")
    failed = (await clerk.post("/api/v1/pre-checks", json={"service": "b", "missing": ["id"]})).json()
    assert (failed["passed"], failed["code"]) == (False, "")
    assert [(paper["id"], paper["names"]["en"]) for paper in failed["missing"]] == [("id", "证件")]
    unknown = await clerk.post("/api/v1/pre-checks", json={"service": "b", "missing": ["gold"]})
    assert unknown.json()["code"] == "unknown-paper"


async def test_with_a_passed_check_one_ticket_is_drawn(hall: WebHall):
    clerk, kiosk = await hall.logged_in("clerk"), await hall.machine("kiosk")
    passed = (await clerk.post("/api/v1/pre-checks", json={"service": "b"})).json()
    assert (await kiosk.post("/api/v1/tickets", json={"service": "b"})).json()["code"] == "check-needed"
    draw = {"service": "b", "check": passed["code"]}
    assert (await kiosk.post("/api/v1/tickets", json=draw)).json()["number"] == "B001"
    assert (await kiosk.post("/api/v1/tickets", json=draw)).json()["code"] == "check-used"


async def test_many_codes_at_the_same_moment_count_as_well(hall: WebHall):
    kiosk = await hall.machine("kiosk")
    answers = await asyncio.gather(*(kiosk.post("/api/v1/check-in", json={"code": str(code)}) for code in range(30)))
    assert sorted(answer.status_code for answer in answers) == [404] * 10 + [429] * 20


async def test_an_old_key_after_the_day_is_over_finds_nothing(hall: WebHall):
    clerk = await hall.logged_in("clerk")
    booked = (await book(clerk, key="k")).json()
    path, key = f"/api/v1/bookings/{booked['booking']}", {"Idempotency-Key": "c"}
    assert (await clerk.delete(path, headers=key)).json()["state"] == "cancelled"
    hall.clock.moment = Moment(hall.clock.moment.ms + 24 * 3_600_000, "2023-11-16")
    clerk = await hall.logged_in("clerk")
    await clerk.post("/api/v1/check-in", json={"code": "1"})  # with which the new day opens
    assert (await book(clerk, key="k")).status_code == 404
    assert (await clerk.delete(path, headers=key)).status_code == 404
