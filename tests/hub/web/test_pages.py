"""The pages as the server makes them: language, headers, and nothing of what people typed taken for HTML."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

import httpx
import pytest

from hub.permissions import ROUTES
from hub.ports import Deed, User
from hub.texts import catalogue
from hub.web.language import preferred
from hub.web.pages.login import safe_path
from protocol.downward import LANGUAGES
from tests.hub.web.web_hall import HASH, WebHall, web_hall

EVIL = '"><img src=x onerror=alert(1)>'


def language_of(page: httpx.Response) -> str:
    found = re.search(r'<html lang="([\w-]+)">', page.text)
    assert found
    return found[1]


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "zh-Hans"),
        ("zh-CN,zh;q=0.9", "zh-Hans"),
        ("zh-TW", "zh-Hant"),
        ("zh-Hant-HK", "zh-Hant"),
        ("en-GB,en;q=0.8", "en"),
        ("fr,en;q=0.5,zh;q=0.7", "zh-Hans"),
        ("fr", "zh-Hans"),
        ("en;q=0", "zh-Hans"),
        ("en;q=x,;;,", "zh-Hans"),
    ],
)
def test_the_browsers_wish_decides(header: str, language: str):
    assert preferred(header) == language


async def test_a_chosen_language_is_kept(hall: WebHall):
    browser = hall.visitor(**{"Accept-Language": "en"})
    assert language_of(await browser.get("/login")) == "en"
    assert language_of(await browser.get("/login?lang=zh-Hant")) == "zh-Hant"
    assert language_of(await browser.get("/login")) == "zh-Hant"


async def test_a_language_that_is_none_is_passed_over(hall: WebHall):
    assert language_of(await hall.visitor().get("/login?lang=%3Cscript%3E")) == "zh-Hans"


def test_every_text_of_the_pages_is_there_in_every_language():
    for key, text in catalogue().items():
        assert set(text) == set(LANGUAGES), key
        holes = {frozenset(re.findall(r"{\w+}", line)) for line in text.values()}
        assert len(holes) == 1, key


async def test_a_page_without_a_login_leads_to_it_and_back(hall: WebHall):
    answer = await hall.visitor().get("/clerk")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/clerk")


@pytest.mark.parametrize("path", ["//evil.test", "https://evil.test", "/\\evil.test", "/api/v1/me", ""])
def test_the_login_leads_to_pages_of_this_hub_only(path: str):
    assert safe_path(path) == ""


def test_the_login_leads_back_to_the_desk():
    assert safe_path("/desk") == "/desk"


@pytest.mark.parametrize(
    ("name", "page"), [("admin", "/admin"), ("clerk", "/clerk"), ("board", "/board"), ("", "/login")]
)
async def test_the_start_leads_to_the_page_of_ones_role(hall: WebHall, name: str, page: str):
    browser = await hall.logged_in(name) if name else hall.visitor()
    assert (await browser.get("/")).headers["location"] == page


def paths_to_look_at() -> list[str]:
    """Every address that answers, and one that does not; the live page would not end."""
    found = [route.removeprefix("GET ") for route in ROUTES if route.startswith("GET ") and not route.endswith("/live")]
    return [re.sub(r"{\w+}", "1", path).replace("/static", "/static/hub.js") for path in found] + ["/nowhere"]


@pytest.mark.parametrize("role", ["admin", ""])
async def test_every_answer_has_the_headers(hall: WebHall, role: str):
    browser = await hall.logged_in(role) if role else hall.visitor()
    for path in paths_to_look_at():
        check_headers(path, (await browser.get(path)).headers)


def check_headers(path: str, headers: httpx.Headers) -> None:
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == ("no-cache" if path.startswith("/static/") else "no-store")


async def test_over_tls_browsers_are_told_to_stay_there(tmp_path):
    async with web_hall(tmp_path, secure=True) as hall:
        assert "strict-transport-security" in (await hall.visitor().get("/login")).headers


async def test_names_are_text_wherever_they_appear(hall: WebHall):
    hall.accounts.keep_user(User(EVIL, "clerk", EVIL, HASH), Deed(0, "test", "", "", ""))
    async with web_hall(hall.data) as again:
        admin, evil = await again.logged_in("admin"), await again.logged_in(EVIL)
        await evil.post("/api/v1/windows/1/sign-in", json={})
        for browser, path in (
            (admin, "/admin"),
            (evil, "/clerk"),
            (evil, "/desk"),
            (admin, "/hall"),
            (admin, "/board"),
        ):
            page = (await browser.get(path)).text
            assert "<img src=x" not in page, path


async def test_what_the_address_says_is_text_too(hall: WebHall):
    page = (await hall.visitor().get("/login", params={"next": EVIL, EVIL: EVIL})).text
    assert "<img src=x" not in page


async def test_an_unknown_page_is_told_in_words(hall: WebHall):
    answer = await hall.visitor().get("/nowhere")
    assert answer.status_code == 404
    assert "没有找到" in answer.text
    assert "text/html" in answer.headers["content-type"]


async def test_pages_have_no_script_or_style_of_their_own(hall: WebHall):
    admin = await hall.logged_in("admin")
    link = (await admin.post("/api/v1/tickets", json={"service": "a"})).json()["link"]
    for path in ("/login", "/clerk", "/desk", "/hall", "/board", "/admin", link, "/nowhere"):
        page = (await admin.get(path)).text
        assert "<style" not in page
        assert not re.search(r'\s(style|on\w+)="', page), path
        assert all("src=" in tag or "application/json" in tag for tag in re.findall(r"<script[^>]*>", page))


async def test_a_zone_that_is_not_there(hall: WebHall):
    assert (await (await hall.logged_in("board")).get("/board?zone=moon")).status_code == 404


async def test_the_day_s_figures_are_shown_for_services_without_a_group_too(hall: WebHall):
    admin = await hall.logged_in("admin")
    assert (await admin.post("/api/v1/tickets", json={"service": "a"})).status_code == 201
    answer = await admin.get("/admin")
    assert answer.status_code == 200
    assert answer.text.count("<h3>") >= 4


async def test_an_admin_sees_which_alarms_reached_nobody(hall: WebHall):
    row = ("d1", "email", EVIL, "long", "a", 0, "{}", 1, "given-up", 9, 0, None, "refused")
    with closing(sqlite3.connect(hall.data / "hall.db")) as database, database:
        database.execute("insert into outbox values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    page = (await (await hall.logged_in("admin")).get("/admin")).text
    assert "已放弃" in page and "refused" in page and "<img src=x" not in page
