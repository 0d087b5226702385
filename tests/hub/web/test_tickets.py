"""Drawing a ticket, and asking after it."""

from __future__ import annotations

import asyncio
import threading

from tests.hub.web.test_windows import sit_down
from tests.hub.web.web_hall import WebHall


async def test_a_ticket_has_a_number_and_tells_who_is_in_front(hall: WebHall):
    kiosk = await hall.machine("kiosk")
    first = await kiosk.post("/api/v1/tickets", json={"service": "a"})
    second = await kiosk.post("/api/v1/tickets", json={"service": "a"})
    other = await kiosk.post("/api/v1/tickets", json={"service": "b"})
    drawn = [(t.status_code, t.json()["number"], t.json()["before"]) for t in (first, second, other)]
    assert drawn == [(201, "A001", 0), (201, "A002", 1), (201, "B001", 0)]


async def test_asking_twice_with_one_key_draws_one_ticket(hall: WebHall):
    kiosk = await hall.machine("kiosk")
    key = {"Idempotency-Key": "press-1"}
    first = await kiosk.post("/api/v1/tickets", json={"service": "a"}, headers=key)
    again = await kiosk.post("/api/v1/tickets", json={"service": "a"}, headers=key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert len(hall.service.state.tickets) == 1


async def test_keys_of_different_askers_do_not_meet(hall: WebHall):
    key = {"Idempotency-Key": "1"}
    for client in (await hall.machine("kiosk"), await hall.machine("clerk")):
        assert (await client.post("/api/v1/tickets", json={"service": "a"}, headers=key)).status_code == 201


async def test_a_service_that_is_not_there(hall: WebHall):
    answer = await (await hall.machine("kiosk")).post("/api/v1/tickets", json={"service": "zzz"})
    assert answer.status_code == 404
    assert answer.json()["message"]["en"] == "There is no service zzz."


async def test_the_holder_sees_the_ticket_without_a_login(hall: WebHall):
    await sit_down(hall)
    kiosk = await hall.machine("kiosk")
    visit = (await kiosk.post("/api/v1/tickets", json={"service": "a"})).json()["visit"]
    answer = await hall.visitor().get(f"/api/v1/tickets/{visit}")
    told = answer.json()
    assert (told["number"], told["service"], told["class"]) == ("A001", "a", "walk-in")
    assert (told["state"], told["window"], told["calls"], told["before"]) == ("waiting", "", 0, 0)
    assert told["range"]["low_ms"] <= told["range"]["expected_ms"] <= told["range"]["high_ms"]


async def test_a_guessed_ticket_is_not_found(hall: WebHall):
    assert (await hall.visitor().get("/api/v1/tickets/A001")).status_code == 404


async def test_a_full_disk_is_told_in_words_and_where_it_is_in_the_log_alone(hall: WebHall, monkeypatch, caplog):
    from hub.ports import StoreError

    def full(commits):
        raise StoreError(f"cannot write to the database {hall.data}/hall.db: disk is full")

    kiosk = await hall.machine("kiosk")
    monkeypatch.setattr(hall.store, "append", full)
    answer = await kiosk.post("/api/v1/tickets", json={"service": "a"})
    assert answer.status_code == 503
    assert "Nothing can be saved" in answer.json()["message"]["en"]
    assert str(hall.data) not in answer.text and str(hall.data) in caplog.text
    assert hall.service.state.tickets == {}


async def test_nobody_is_before_themselves(hall: WebHall):
    """Also between two passes of the forecast, when the line has changed since."""
    await sit_down(hall)
    kiosk = await hall.machine("kiosk")
    drawn = []
    for _ in range(3):
        drawn.append((await kiosk.post("/api/v1/tickets", json={"service": "a"})).json())
        hall.clock.advance(100)
    assert [ticket["before"] for ticket in drawn] == [0, 1, 2]
    seen = [(await hall.visitor().get(f"/api/v1/tickets/{ticket['visit']}")).json()["before"] for ticket in drawn]
    assert seen == [0, 1, 2]


async def test_a_page_waits_for_the_disk_and_health_does_not(hall: WebHall, monkeypatch):
    clerk, kiosk, let = await hall.logged_in("clerk"), await hall.machine("kiosk"), threading.Event()
    append = hall.store.append
    monkeypatch.setattr(hall.store, "append", lambda commits: let.wait(5) and append(commits))
    drawing = asyncio.create_task(kiosk.post("/api/v1/tickets", json={"service": "a"}))
    while not hall.service.state.tickets:
        await asyncio.sleep(0)
    looking = asyncio.create_task(clerk.get("/api/v1/windows/1/line"))
    assert (await hall.visitor().get("/api/v1/health")).status_code == 200
    assert not looking.done()
    let.set()
    assert (await looking).json()["count"] == 1
    assert (await drawing).status_code == 201
