"""Nobody's phone number, ID number, address or name is on a page, in an answer, in a state at the broker or in a log
line, whoever asks; and old codes and handles open nothing."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from hub.adapters.memory import MemoryPublisher
from hub.config import without_contacts
from hub.core import commands
from hub.core.commands import Moment
from hub.core.retention import DAY_MS
from hub.devices.inbox import Inbox
from hub.permissions import ROUTES
from protocol.upkeep import Log, encode_log
from tests.hub.web.full_hall import full_hall
from tests.hub.web.web_hall import NAMES, WebHall, web_hall

ID = "440101199001011233"
PHONE = "13812345678"
EMAIL = "li.min@hall.example"
NAME = "李敏之"
SEEDS = (ID, PHONE, EMAIL, NAME)
DAY = "2023-11-15"
CONTACTS = f'[contacts.lead]\nname = "{NAME}"\nemail = "{EMAIL}"\nwebhook = "https://hall.example/{PHONE}"\n'


async def seed(hall: WebHall) -> str:
    """Puts the values wherever somebody can put them; the handle of a visit."""
    clerk = await hall.logged_in("clerk")
    body = {"service": "a", "day": DAY, "time": "09:00", "id_number": ID}
    booked = await clerk.post("/api/v1/bookings", json=body, headers={"Idempotency-Key": ID})
    assert booked.status_code == 201
    for case in (ID, PHONE, EMAIL):
        refused = await clerk.post("/api/v1/tickets", json={"service": "a", "case": case})
        assert refused.json()["code"] == "personal-data" and case not in refused.text
    drawn = await clerk.post("/api/v1/tickets", json={"service": "a"}, headers={"Idempotency-Key": PHONE})
    await clerk.post("/api/v1/windows/1/sign-in", json={})
    for name in (PHONE, EMAIL, NAME):
        await hall.visitor().post("/api/v1/login", json={"name": name, "password": f"{name} {ID}"})
    admin = await hall.logged_in("admin")
    await admin.post("/api/v1/devices", json={"id": "pad", "role": "rating_pad", "window": "1"})
    web = hall.app.state.web
    inbox = Inbox(hall.service, web.devices, MemoryPublisher(), hall.store, hall.clock, "small")
    await inbox("q1/small/d/pad/up/hello", f'{{"fw":"{PHONE} {ID}","note":"{EMAIL}"'.encode())
    web.devices.seen["pad"].error = f"call {PHONE}"
    await inbox("q1/small/d/pad/up/log", encode_log(Log([f"line {PHONE}"], [f"ValueError: {EMAIL}"])))
    web.inbox.orders.diaries |= inbox.orders.diaries
    hall.store._writer.execute(
        "insert into outbox values ('1', 'email', 'lead', 'long', 'a', 0, '{}', 1, 'given-up', 9, 0, 1, ?)",
        (f"550 {EMAIL} is no mailbox",),
    )
    return drawn.json()["visit"]


def asked_of(hall: WebHall, visit: str) -> list[str]:
    """Every address that can be looked at."""
    token = hall.app.state.web.handles.rating_token(visit)
    names = {
        "visit": visit,
        "token": token,
        "window": "1",
        "version": "1",
        "device": "pad",
        "by": "clerk",
        "period": DAY,
        "review": "R.1",
    }
    paths = [route.removeprefix("GET ").format(**names) for route in ROUTES if route.startswith("GET ")]
    query = f"?service=a&day={DAY}&number=A001"
    return [path + query for path in paths if not path.endswith(("/live", "/static"))]


async def test_nobody_is_on_a_page_in_an_answer_in_a_state_or_in_a_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG, "hub")
    async with web_hall(tmp_path, rules=full_hall(), source=without_contacts(CONTACTS)) as hall:
        visit = await seed(hall)
        looked = 0
        for name in (*NAMES, ""):
            browser = await hall.logged_in(name) if name else hall.visitor()
            for path in asked_of(hall, visit):
                answer = await browser.get(path)
                looked += answer.status_code == 200
                assert not [value for value in SEEDS if value in answer.text], (name, path)
        assert looked > 80
        publisher = hall.service._publisher
        assert isinstance(publisher, MemoryPublisher) and publisher.sent
        sent = b"\n".join(payload for _, payload in publisher.sent).decode()
        assert not [value for value in SEEDS if value in sent + caplog.text]
        assert "quarantined" in caplog.text and "wrong password" in caplog.text


async def test_old_codes_checks_and_handles_open_nothing(tmp_path: Path):
    async with web_hall(tmp_path, rules=full_hall()) as hall:
        clerk, kiosk = await hall.logged_in("clerk"), await hall.machine("kiosk")
        booked = (await clerk.post("/api/v1/bookings", json={"service": "a", "day": DAY, "time": "09:00"})).json()
        check = (await clerk.post("/api/v1/pre-checks", json={"service": "b"})).json()["code"]
        visit = (await clerk.post("/api/v1/tickets", json={"service": "a"})).json()["visit"]
        assert (await hall.visitor().get(f"/api/v1/tickets/{visit}")).status_code == 200

        hall.clock.moment = Moment(hall.clock.now().ms + DAY_MS, "2023-11-16")
        await hall.service.handle(commands.LookAround(""))
        late = await kiosk.post("/api/v1/check-in", json={"code": booked["code"]})
        assert (late.status_code, late.json()["code"]) == (404, "unknown-code")
        late = await kiosk.post("/api/v1/tickets", json={"service": "b", "check": check})
        assert (late.status_code, late.json()["code"]) == (404, "unknown-check")
        for verb in ("", "/cancel", "/postpone"):
            path = f"/api/v1/tickets/{visit}{verb}"
            asked = hall.visitor().post(path, json={"minutes": 5} if verb[1:] == "postpone" else {}) if verb else None
            assert (await (asked or hall.visitor().get(path))).status_code == 404
