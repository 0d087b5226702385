"""The pages in a real browser, against the hub as an admin starts it.

Whatever a test does, the browser must ask nobody but the hub, break no rule of the content security policy, and meet no
error in a script: `guest` looks at that when its window closes.
"""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import Browser, Page, expect

from protocol.downward import LANGUAGES
from tests.e2e.real_hub import PASSWORD, RealHub, guest

pytestmark = pytest.mark.edge

FOLLOWS_MS = 5000
"""How soon a board must be right again after the hub is back."""

EVIL = '"><img src=x onerror=alert(1)>'


def draw(hub: RealHub, count: int) -> None:
    with hub.as_user("admin") as admin:
        for _ in range(count):
            assert admin.post("/api/v1/tickets", json={"service": "company"}).status_code == 201


async def number_shown(page: Page, number: str) -> None:
    await expect(page.locator("#number")).to_have_text(number, timeout=FOLLOWS_MS)


async def sit_down(page: Page, window: str) -> None:
    """Chooses a window by keyboard: the field has the focus already."""
    await expect(page.locator("#wanted")).to_be_focused()
    await expect(page.locator("#windows button")).to_have_count(12)
    await page.keyboard.type(window)
    await page.keyboard.press("Enter")
    await expect(page.locator("#next")).to_be_focused()


async def call(hub: RealHub, window: str, clerk: str) -> None:
    """A call that comes from elsewhere than the browser."""
    with hub.as_user(clerk) as client:
        signed_in = client.post(f"/api/v1/windows/{window}/sign-in", json={}).json()
        seen = signed_in["window"]["state"]["version"]
        assert client.post(f"/api/v1/windows/{window}/next", json={"seen": seen}).status_code == 200


async def test_a_clerk_serves_a_ticket_by_keyboard_alone(hub: RealHub, browser: Browser):
    draw(hub, 2)
    async with guest(browser, hub.url) as clerk:
        page = await clerk.log_in("li")
        await sit_down(page, "3")
        await expect(page.locator("#waiting")).to_have_text("2 人等候")
        await page.keyboard.press("n")
        await number_shown(page, "A001")
        await page.keyboard.press("r")
        await expect(page.locator("#mode")).to_have_text("已呼叫 2 次")
        await page.keyboard.press("s")
        await expect(page.locator("#mode")).to_have_text("正在办理")
        await page.keyboard.press("f")
        await number_shown(page, "–")
        await page.keyboard.press("Enter")  # next has the focus
        await number_shown(page, "A002")
        await page.keyboard.press("m")
        await number_shown(page, "–")
        await page.keyboard.press("n")
        await expect(page.locator("#said")).to_contain_text("没有人在等候")


async def test_pressing_twice_calls_one_person(hub: RealHub, browser: Browser):
    draw(hub, 3)
    async with guest(browser, hub.url) as clerk:
        page = await clerk.log_in("li")
        await sit_down(page, "1")
        for _ in range(5):
            await page.keyboard.press("n")
        await number_shown(page, "A001")
        await expect(page.locator("#waiting")).to_have_text("2 人等候")


async def test_a_clerk_sees_that_the_hub_is_away_and_sends_nothing(hub: RealHub, browser: Browser):
    draw(hub, 2)
    async with guest(browser, hub.url) as clerk:
        page = await clerk.log_in("li")
        await sit_down(page, "1")
        hub.stop(kill=True)
        await expect(page.locator("#connection")).to_contain_text("已断开", timeout=FOLLOWS_MS)
        await page.keyboard.press("n")
        await expect(page.locator("#said")).to_contain_text("操作没有发出")
        hub.start()
        await expect(page.locator("#connection")).to_be_hidden(timeout=FOLLOWS_MS)
        await number_shown(page, "–")  # what was pressed meanwhile was not kept for later
        await page.keyboard.press("n")
        await number_shown(page, "A001")


@pytest.mark.parametrize("kill", [True, False], ids=["killed", "stopped"])
async def test_the_board_follows_after_the_hub_was_away(hub: RealHub, browser: Browser, kill: bool):
    draw(hub, 3)
    await call(hub, "1", "li")
    async with guest(browser, hub.url) as wall:
        page = await wall.open("/board")
        await expect(page.locator("#calls .newest .number")).to_have_text("A001")
        hub.stop(kill=kill)
        await expect(page.locator("#connection")).to_contain_text("以下为断开前的内容", timeout=FOLLOWS_MS)
        await expect(page.locator("#calls .newest .number")).to_have_text("A001")
        hub.start()
        await call(hub, "2", "wang")
        await expect(page.locator("#calls .newest .number")).to_have_text("A002", timeout=FOLLOWS_MS)
        await expect(page.locator("#connection")).to_be_hidden()


async def test_the_board_never_goes_back(hub: RealHub, browser: Browser):
    """A hub whose log was set back to an older day says older versions; what was shown stays."""
    draw(hub, 2)
    await call(hub, "1", "li")
    async with guest(browser, hub.url) as wall:
        page = await wall.open("/board")
        await expect(page.locator("#calls .newest .number")).to_have_text("A001")
        old = 'event: board\ndata: {"zone":"main","version":[1,1],"calls":[["A999","1",1]]}\n\n'
        headers = {"Content-Type": "text/event-stream"}
        lied = asyncio.Event()

        async def lie(route) -> None:
            await route.fulfill(body=old, headers=headers)
            lied.set()

        await page.route("**/api/v1/live*", lie)
        hub.stop()
        hub.start()
        await asyncio.wait_for(lied.wait(), 10)
        await page.wait_for_timeout(200)
        await expect(page.locator("#calls .newest .number")).to_have_text("A001")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_page_speaks_the_language(hub: RealHub, browser: Browser, language: str):
    says = {
        "zh-Hans": ("登录", "1号窗口", "下一位"),
        "zh-Hant": ("登入", "1號窗口", "下一位"),
        "en": ("Log in", "Window 1", "Next"),
    }
    async with guest(browser, hub.url, locale="fr") as clerk:
        page = await clerk.open(f"/login?lang={language}")
        await expect(page.locator("html")).to_have_attribute("lang", language)
        await expect(page.locator("form button")).to_have_text(says[language][0])
        page = await clerk.log_in("li")
        await expect(page.locator("#windows li:first-child button")).to_have_text(says[language][1])
        await sit_down(page, "1")
        await expect(page.locator("#next span")).to_have_text(says[language][2])
        page = await clerk.open("/board")
        await expect(page.locator("html")).to_have_attribute("lang", language)
        await expect(page.locator("#windows li:first-child .window")).to_have_text(says[language][1])


async def test_names_are_shown_and_never_run(hub: RealHub, browser: Browser):
    draw(hub, 1)
    with hub.as_user("admin") as admin:
        hub.add_user(admin, EVIL, "clerk")
        admin.post("/api/v1/keys", json={"label": EVIL + "k", "role": "board"})
    await call(hub, "2", EVIL)
    async with guest(browser, hub.url) as other:
        page = await other.log_in("li")
        await expect(page.locator("#windows li:nth-child(2)")).to_contain_text(EVIL)
        await page.keyboard.type("2")
        await page.keyboard.press("Enter")
        await expect(page.locator("#said")).to_contain_text(EVIL)
    async with guest(browser, hub.url) as admins:
        page = await admins.log_in("admin")
        await expect(page.locator("tbody")).to_have_count(5)
        assert await page.locator("img").count() == 0
        await expect(page.get_by_role("rowheader", name=EVIL, exact=True).first).to_be_visible()


async def test_the_set_up_link_leads_to_the_first_admin(browser: Browser, tmp_path):
    hub = RealHub(tmp_path)
    hub.start()
    try:
        async with guest(browser, hub.url) as first:
            page = await first.open(f"/setup?token={hub.setup_token}")
            await page.keyboard.type("chen")
            await page.keyboard.press("Tab")
            await page.keyboard.type(PASSWORD)
            await page.keyboard.press("Enter")
            await page.wait_for_url("**/admin")
            await expect(page.locator("h1")).to_have_text("管理")
    finally:
        hub.stop()


async def test_an_admin_adds_a_clerk_and_a_device(hub: RealHub, browser: Browser):
    async with guest(browser, hub.url) as admins:
        page = await admins.log_in("admin")
        await page.fill("#user-name", "sun")
        await page.fill("#user-password", PASSWORD)
        await page.click("#add-user button")
        await expect(page.get_by_role("rowheader", name="sun")).to_be_visible()
        await page.fill("#device-id", "display-1")
        await page.click("#add-device button")
        config = page.locator("#once-text")
        await expect(config).to_have_value(re.compile('"client_id": "display-1-'))
        await page.click("#once-close")
        await expect(page.locator("#devices tbody tr")).to_have_count(1)
        await expect(page.locator("#devices td:nth-of-type(3)")).to_have_text("离线")


async def test_a_login_that_ended_leads_back_to_the_login(hub: RealHub, browser: Browser):
    async with guest(browser, hub.url) as clerk:
        page = await clerk.log_in("li")
        await sit_down(page, "1")
        with hub.as_user("admin") as admin:
            admin.delete("/api/v1/users/li")
        await page.keyboard.press("n")
        await page.wait_for_url("**/login?next=%2Fclerk")
