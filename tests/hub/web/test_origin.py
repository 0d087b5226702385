"""Another site cannot make a clerk's browser press: what changes something must have our Origin, and be JSON."""

from __future__ import annotations

import httpx
import pytest

from hub.permissions import ROUTES
from hub.web.access import SAFE
from tests.hub.web.web_hall import HOST, PASSWORD, WebHall

UNSAFE = [route for route in ROUTES if route.split(" ")[0] not in SAFE]
BAD = {
    "no origin": {},
    "another site": {"Origin": "http://evil.test"},
    "another port": {"Origin": f"{HOST}:81"},
    "a sandbox": {"Origin": "null"},
    "another scheme": {"Origin": HOST.replace("http:", "app:")},
    "no address": {"Origin": "http://["},
    "nothing": {"Origin": ""},
}


async def admins_cookie(hall: WebHall) -> httpx.AsyncClient:
    """The admin's browser, without an Origin of its own."""
    admin = await hall.logged_in("admin")
    del admin.headers["Origin"]
    return admin


@pytest.mark.parametrize("headers", BAD.values(), ids=BAD)
async def test_a_cookie_from_elsewhere_changes_nothing(hall: WebHall, headers: dict[str, str]):
    admin = await admins_cookie(hall)
    for route in UNSAFE:
        method, path = route.split(" ")
        path = path.replace("{window}", "1").replace("{verb}", "next").replace("{", "").replace("}", "")
        answer = await admin.request(method, path, headers={"Content-Type": "application/json", **headers})
        assert answer.status_code == 403, route
        assert answer.json()["code"] == "wrong-origin"


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data", ""])
async def test_what_a_form_can_send_changes_nothing(hall: WebHall, kind: str):
    admin = await hall.logged_in("admin")
    headers = {"Content-Type": kind} if kind else {}
    answer = await admin.post("/api/v1/tickets", content=b'{"service":"a"}', headers=headers)
    assert answer.status_code == 415
    assert hall.service.state.tickets == {}


async def test_a_program_with_its_token_needs_no_origin(hall: WebHall):
    kiosk = await hall.machine("kiosk")
    assert (await kiosk.post("/api/v1/tickets", json={"service": "a"})).status_code == 201


async def test_a_login_from_another_site_is_refused(hall: WebHall):
    browser = hall.visitor(Origin="http://evil.test")
    answer = await browser.post("/api/v1/login", json={"name": "clerk", "password": "x"})
    assert answer.status_code == 403


async def test_a_body_that_is_too_large_is_refused(hall: WebHall):
    kiosk = await hall.machine("kiosk")
    assert (await kiosk.post("/api/v1/tickets", json={"service": "a" * 20_000})).status_code == 413


async def test_our_own_page_is_let_in_whatever_the_address_looks_like(hall: WebHall):
    for host in ("hall.test", "hall.test:8443", "[::1]:8080"):
        answer = await hall.visitor(Host=host).post("/api/v1/login", json={"name": "clerk", "password": PASSWORD})
        assert answer.status_code == 200, host


async def test_a_body_that_does_not_tell_its_size_is_refused(hall: WebHall):
    async def endless():
        yield b'{"service":"a"}'

    kiosk = await hall.machine("kiosk")
    headers = {"Content-Type": "application/json"}
    assert (await kiosk.post("/api/v1/tickets", content=endless(), headers=headers)).status_code == 413
