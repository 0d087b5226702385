"""The kiosk's page: what is offered, to whom, in which order; and the code of a ticket's page."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import segno

from tests.hub.web.full_hall import full_hall
from tests.hub.web.web_hall import WebHall, web_hall


@pytest.fixture
async def hall(tmp_path: Path) -> AsyncIterator[WebHall]:
    async with web_hall(tmp_path, rules=full_hall()) as made:
        yield made


async def test_every_service_is_offered_with_who_is_before(hall: WebHall):
    kiosk = await hall.logged_in("kiosk")
    page = (await kiosk.get("/kiosk")).text
    assert page.count('class="offer"') == len(full_hall().services)
    assert 'data-service="a"' in page and "前面0人" in page
    assert (await kiosk.post("/api/v1/tickets", json={"service": "a"})).status_code == 201
    assert "前面1人" in (await kiosk.get("/kiosk")).text


async def test_a_kiosk_has_no_way_to_the_pages_of_staff(hall: WebHall):
    kiosk = await hall.logged_in("kiosk")
    assert 'class="pages"' not in (await kiosk.get("/kiosk")).text
    for path in ("/clerk", "/desk", "/admin", "/reviews", "/report"):
        assert (await kiosk.get(path)).status_code == 403, path
    assert (await hall.visitor().get("/kiosk")).status_code in (303, 401)


async def test_the_code_of_a_ticket_needs_an_address_that_phones_reach(hall: WebHall):
    kiosk = await hall.machine("kiosk")
    link = (await kiosk.post("/api/v1/tickets", json={"service": "a"})).json()["link"]
    assert (await hall.visitor().get(f"{link}/code.svg")).status_code == 404


async def test_the_code_of_a_ticket_is_its_address(tmp_path: Path):
    async with web_hall(tmp_path, rules=full_hall(), public_url="https://hall.example") as hall:
        kiosk = await hall.machine("kiosk")
        link = (await kiosk.post("/api/v1/tickets", json={"service": "a"})).json()["link"]
        answer = await hall.visitor().get(f"{link}/code.svg")
        assert answer.headers["content-type"] == "image/svg+xml"
        drawing = io.BytesIO()
        segno.make_qr(f"https://hall.example{link}", error="M").save(
            drawing, kind="svg", scale=4, border=4, light="#fff"
        )
        assert answer.content == drawing.getvalue()
        assert (await hall.visitor().get("/t/nobody/code.svg")).status_code == 404
