"""The first admin: by a link that works once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.hub.web.web_hall import PASSWORD, WebHall, web_hall


@pytest.fixture
async def fresh(tmp_path: Path) -> AsyncIterator[WebHall]:
    async with web_hall(tmp_path, has_users=False) as hall:
        yield hall


async def set_up(hall: WebHall, token: str, name: str = "chen", password: str = PASSWORD) -> httpx.Response:
    return await hall.visitor().post("/api/v1/setup", json={"token": token, "name": name, "password": password})


async def test_the_link_makes_the_first_admin(fresh: WebHall):
    token = fresh.accounts.setup_token() or ""
    assert (await fresh.visitor().get(f"/setup?token={token}")).status_code == 200
    assert (await set_up(fresh, token)).status_code == 201
    admin = await fresh.logged_in("chen")
    assert (await admin.get("/api/v1/me")).json()["role"] == "admin"


async def test_the_link_works_once(fresh: WebHall):
    token = fresh.accounts.setup_token() or ""
    await set_up(fresh, token)
    assert (await set_up(fresh, token, "second")).status_code == 410
    assert (await fresh.visitor().get(f"/setup?token={token}")).status_code == 410
    assert fresh.accounts.setup_token() is None


async def test_a_wrong_link_makes_nobody(fresh: WebHall):
    fresh.accounts.setup_token()
    assert (await set_up(fresh, "wrong")).status_code == 403
    assert (await fresh.visitor().get("/setup?token=wrong")).status_code == 403
    assert (await fresh.visitor().get("/setup")).status_code == 403
    assert fresh.accounts.users() == []


async def test_wrong_links_are_looked_at_sixty_times_a_minute(fresh: WebHall):
    token = fresh.accounts.setup_token() or ""
    statuses = [(await set_up(fresh, f"wrong {count}")).status_code for count in range(50)]
    statuses += [(await fresh.visitor().get(f"/setup?token=wrong{count}")).status_code for count in range(20)]
    assert (statuses.count(403), statuses[-1]) == (60, 429)
    assert (await set_up(fresh, token)).json()["code"] == "wait-setup"
    elsewhere = fresh.visitor("10.0.0.2")
    answer = await elsewhere.post("/api/v1/setup", json={"token": token, "name": "chen", "password": PASSWORD})
    assert answer.status_code == 201


async def test_a_new_link_ends_the_one_before(fresh: WebHall):
    old, new = fresh.accounts.setup_token() or "", fresh.accounts.setup_token() or ""
    assert (await set_up(fresh, old)).status_code == 403
    assert (await set_up(fresh, new)).status_code == 201


async def test_the_link_is_kept_as_a_hash(fresh: WebHall):
    token = fresh.accounts.setup_token() or ""
    kept = b"".join(file.read_bytes() for file in fresh.data.glob("hall.db*"))
    assert token.encode() not in kept


async def test_a_short_password_is_refused(fresh: WebHall):
    token = fresh.accounts.setup_token() or ""
    assert (await set_up(fresh, token, password="1234567")).status_code == 422
    assert (await set_up(fresh, token, password="12345678")).status_code == 201


async def test_a_link_that_is_no_text_is_refused(fresh: WebHall):
    body = b'{"token":"\\ud800","name":"li","password":"12345678"}'
    answer = await fresh.visitor().post("/api/v1/setup", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
