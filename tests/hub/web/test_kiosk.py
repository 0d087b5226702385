"""The kiosk's page: what is offered, to whom, in which order; and the code of a ticket's page."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import segno

from hub.adapters.printers import PrinterPlace
from tests.hub.web.full_hall import full_hall
from tests.hub.web.web_hall import WebHall, web_hall
from tests.talk.printer import NO_PAPER, NetworkPrinter


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


async def test_the_slip_of_a_ticket_comes_out_beside_the_kiosk_that_asks(tmp_path: Path):
    printer = NetworkPrinter()
    place = PrinterPlace("kiosk", 80, host="127.0.0.1", port=printer.port)
    async with web_hall(tmp_path, rules=full_hall(), printers=[place]) as hall:
        kiosk = await hall.logged_in("kiosk")
        visit = (await kiosk.post("/api/v1/tickets", json={"service": "a"})).json()["visit"]
        answer = await kiosk.post(f"/api/v1/tickets/{visit}/slip", json={"language": "zh-Hant"})
        assert (answer.status_code, answer.json()) == (200, {"number": "A001"})
        assert b"A001" in printer.printed and "前面0人".encode("gbk") in printer.printed
        printer.says = NO_PAPER
        answer = await kiosk.post(f"/api/v1/tickets/{visit}/slip", json={"language": "en"})
        assert (answer.status_code, answer.json()["code"]) == (503, "printer-paper")
        printer.close()
        answer = await kiosk.post(f"/api/v1/tickets/{visit}/slip", json={"language": "en"})
        assert (answer.status_code, answer.json()["code"]) == (503, "printer-silent")
        assert (await hall.visitor().get(f"/t/{visit}")).status_code == 200, "the number is good all the same"


async def test_where_no_printer_stands_nothing_is_printed(hall: WebHall):
    kiosk = await hall.logged_in("kiosk")
    visit = (await kiosk.post("/api/v1/tickets", json={"service": "a"})).json()["visit"]
    answer = await kiosk.post(f"/api/v1/tickets/{visit}/slip", json={"language": "en"})
    assert (answer.status_code, answer.json()["code"]) == (409, "no-printer")
    answer = await hall.visitor().post(f"/api/v1/tickets/{visit}/slip", json={"language": "en"})
    assert answer.status_code in (401, 403)
