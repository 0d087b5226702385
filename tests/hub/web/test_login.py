"""Logging in, staying logged in, and how long."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest
from argon2 import PasswordHasher

from hub.web import passwords
from hub.web.accounts import HOUR_MS
from hub.web.app import end_streams
from tests.hub.web.web_hall import PASSWORD, WebHall, web_hall


async def try_password(browser: httpx.AsyncClient, password: str, name: str = "clerk") -> httpx.Response:
    return await browser.post("/api/v1/login", json={"name": name, "password": password})


async def test_a_login_tells_who_one_is(hall: WebHall):
    clerk = await hall.logged_in("clerk")
    assert (await clerk.get("/api/v1/me")).json() == {"name": "clerk", "role": "clerk", "display": "Clerk"}


async def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(hall: WebHall):
    answer = await try_password(hall.visitor(), PASSWORD)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("jiaohao_session=")
    assert {"HttpOnly", "Path=/", "SameSite=strict", "Max-Age=43200"} <= set(cookie.split("; "))


async def test_over_tls_the_cookie_is_bound_to_the_host(tmp_path: Path):
    async with web_hall(tmp_path, secure=True) as hall:
        browser = hall.visitor(Origin="https://hall.test")
        cookie = (await try_password(browser, PASSWORD)).headers["set-cookie"]
        assert cookie.startswith("__Host-jiaohao_session=")
        assert "Secure" in cookie


async def test_the_token_is_long_and_kept_as_a_hash_only(hall: WebHall):
    answer = await try_password(hall.visitor(), PASSWORD)
    token = answer.cookies["jiaohao_session"]
    assert len(token) >= 43  # 256 bits in base64
    kept = b"".join(file.read_bytes() for file in hall.data.glob("hall.db*"))
    assert token.encode() not in kept
    assert PASSWORD.encode() not in kept


async def test_each_login_has_a_token_of_its_own(hall: WebHall):
    tokens = {(await try_password(hall.visitor(), PASSWORD)).cookies["jiaohao_session"] for _ in range(3)}
    assert len(tokens) == 3


async def test_logging_out_ends_the_session(hall: WebHall):
    clerk = await hall.logged_in("clerk")
    token = clerk.cookies["jiaohao_session"]
    assert (await clerk.post("/api/v1/logout", json={})).status_code == 204
    assert (await hall.visitor(Cookie=f"jiaohao_session={token}").get("/api/v1/me")).status_code == 401


async def test_a_clerk_stays_logged_in_for_twelve_hours(hall: WebHall):
    clerk = await hall.logged_in("clerk")
    hall.clock.advance(12 * HOUR_MS - 1)
    assert (await clerk.get("/api/v1/me")).status_code == 200
    hall.clock.advance(1)
    assert (await clerk.get("/api/v1/me")).status_code == 401


async def test_an_admin_who_does_nothing_is_logged_out_after_half_an_hour(hall: WebHall):
    admin = await hall.logged_in("admin")
    for _ in range(3):
        hall.clock.advance(HOUR_MS // 2)
        assert (await admin.get("/api/v1/me")).status_code == 200
    hall.clock.advance(HOUR_MS // 2 + 1)
    assert (await admin.get("/api/v1/me")).status_code == 401


async def test_a_page_that_looks_again_by_itself_does_not_keep_a_login_alive(hall: WebHall):
    end_streams(hall.app)  # or the live page would go on
    used, left_alone = await hall.logged_in("admin"), await hall.logged_in("admin")
    for _ in range(4):
        hall.clock.advance(HOUR_MS // 4)
        statuses = [
            (await left_alone.get(f"/api/v1/{path}", headers={"X-Poll": "1"})).status_code for path in ("me", "health")
        ]
        watching = (await left_alone.get("/api/v1/live")).status_code
        assert (await used.get("/api/v1/me")).status_code == 200
    assert (statuses, watching) == ([401, 200], 401)


async def test_a_new_login_ends_the_one_before_in_that_browser(hall: WebHall):
    browser, elsewhere = await hall.logged_in("clerk"), await hall.logged_in("clerk")
    old = hall.visitor()
    old.cookies.update(browser.cookies)
    assert (await try_password(browser, PASSWORD)).status_code == 200
    statuses = [(await each.get("/api/v1/me")).status_code for each in (browser, old, elsewhere)]
    assert statuses == [200, 401, 200]


async def test_whoever_tries_many_names_waits_and_those_who_only_ask_for_tickets_from_there_do_not(
    hall: WebHall, monkeypatch
):
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_HASHER", cheap)  # the real one takes a quarter of a second for each name
    guesser = hall.visitor("10.6.6.6")
    statuses = [(await try_password(guesser, "wrong password", f"name {count}")).status_code for count in range(70)]
    assert (statuses.count(401), statuses[-1]) == (60, 429)
    assert (await try_password(guesser, PASSWORD)).json()["code"] == "wait-login"
    assert (await guesser.get("/api/v1/tickets/x")).status_code == 404
    assert (await try_password(hall.visitor("10.0.0.9"), PASSWORD)).status_code == 200
    hall.clock.advance(60_000)
    assert (await try_password(guesser, PASSWORD)).status_code == 200


async def test_whoever_looks_for_tickets_keeps_nobody_from_logging_in(hall: WebHall):
    browser = hall.visitor()
    for count in range(70):
        await browser.get(f"/api/v1/tickets/{count}")
    assert (await browser.get("/api/v1/tickets/x")).json()["code"] == "wait-ticket"
    assert (await try_password(browser, PASSWORD)).status_code == 200


async def test_a_login_outlives_a_restart_of_the_hub(tmp_path: Path):
    async with web_hall(tmp_path) as hall:
        cookies = (await hall.logged_in("clerk")).cookies
    async with web_hall(tmp_path) as hall:
        again = hall.visitor()
        again.cookies = cookies
        assert (await again.get("/api/v1/me")).json()["name"] == "clerk"


@pytest.mark.parametrize("change", ["delete", "new password"])
async def test_who_is_thrown_out_while_logging_in_stays_out(hall: WebHall, monkeypatch, change: str):
    admin, browser, is_right = await hall.logged_in("admin"), hall.visitor(), passwords.is_right

    async def slow(hashed: str | None, password: str) -> bool:
        if change == "delete":
            await admin.delete("/api/v1/users/clerk")
        else:
            await admin.post("/api/v1/users", json={"name": "clerk", "role": "clerk", "password": "another one"})
        return await is_right(hashed, password)

    monkeypatch.setattr(passwords, "is_right", slow)
    assert (await try_password(browser, PASSWORD)).status_code == 401
    assert (await browser.get("/api/v1/me")).status_code == 401


async def test_a_wrong_password_and_an_unknown_name_are_told_alike(hall: WebHall):
    wrong = await try_password(hall.visitor(), "wrong password")
    unknown = await try_password(hall.visitor(), "wrong password", "nobody-of-that-name")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()


async def test_each_wrong_password_doubles_the_pause_up_to_a_minute(hall: WebHall):
    browser = hall.visitor()
    for pause_s in (1, 2, 4, 8, 16, 32, 60, 60):
        assert (await try_password(browser, "wrong password")).status_code == 401
        early = await try_password(browser, PASSWORD)
        assert early.status_code == 429
        assert early.headers["Retry-After"] == str(pause_s)
        hall.clock.advance(1000 * pause_s)
    assert (await try_password(browser, PASSWORD)).status_code == 200


async def test_a_guesser_does_not_lock_the_owner_out(hall: WebHall):
    for _ in range(3):
        await try_password(hall.visitor("10.6.6.6"), "wrong password")
    assert (await try_password(hall.visitor("10.0.0.9"), PASSWORD)).status_code == 200


async def test_guesses_at_the_same_moment_count_as_well(hall: WebHall):
    browser = hall.visitor()
    answers = await asyncio.gather(*(try_password(browser, "wrong password") for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [401] + [429] * 9


@pytest.mark.parametrize("name", ["admin", "root", ""])
async def test_a_fresh_hub_lets_nobody_in(tmp_path: Path, name: str):
    async with web_hall(tmp_path, has_users=False) as hall:
        for address, password in enumerate(("", "admin", "password", "123456", "jiaohao")):
            assert (await try_password(hall.visitor(f"10.0.0.{address}"), password, name)).status_code == 401


async def test_a_name_that_nobody_can_have_is_not_remembered(hall: WebHall):
    for name in ("x" * 33, "\\ud800"):
        body = f'{{"name":"{name}","password":"12345678"}}'.encode()
        answer = await hall.visitor().post("/api/v1/login", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 422
