"""A manager's day at the desk: windows opened, paused and closed, a ticket moved and one brought back, all live."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Browser, Page, expect

from tests.e2e.real_hub import RealHub, guest
from tests.e2e.test_pages import draw


def tile(page: Page, window: str):
    return page.locator(f'[data-window="{window}"]')


async def test_a_window_is_opened_paused_and_closed_by_keyboard(hub: RealHub, browser: Browser, tmp_path: Path):
    with hub.as_user("admin") as admin:
        hub.add_user(admin, "zhou", "manager")
    draw(hub, 3)
    async with guest(browser, hub.url) as manager, guest(browser, hub.url) as second:
        page = await manager.log_in("zhou")
        await page.wait_for_url("**/manager")
        await second.log_in("zhou")
        other = second.page
        await other.wait_for_url("**/manager")
        await expect(tile(page, "1")).to_have_attribute("data-state", "closed")

        await tile(page, "1").focus()
        await page.keyboard.press("Enter")
        await page.select_option("#clerk", "li")
        await page.get_by_role("button", name="开窗").focus()
        await page.keyboard.press("Enter")
        await expect(tile(page, "1")).to_have_attribute("data-state", "free")
        await expect(tile(page, "1")).to_contain_text("li")
        await expect(tile(other, "1")).to_have_attribute("data-state", "free")  # without a reload
        await expect(page.locator(".wrong")).to_contain_text("3人在等")

        await tile(page, "1").click()
        await page.get_by_role("button", name="关窗").click()
        await expect(tile(other, "1")).to_have_attribute("data-state", "closed")
        await page.screenshot(path=tmp_path / "manager.png", full_page=True)


async def test_a_clerk_cannot_sit_twice_and_the_page_says_so(hub: RealHub, browser: Browser):
    with hub.as_user("admin") as admin:
        hub.add_user(admin, "zhou", "manager")
    async with guest(browser, hub.url) as manager:
        page = await manager.log_in("zhou")
        await tile(page, "1").click()
        with hub.as_user("li") as clerk:  # meanwhile
            assert clerk.post("/api/v1/windows/2/sign-in", json={}).status_code == 200
        await page.evaluate("document.querySelector('#clerk').value = 'li'")
        await page.get_by_role("button", name="开窗").click()
        await expect(page.locator("#window-said")).not_to_be_empty()
        await expect(page.locator("#window")).to_be_visible()


async def test_a_ticket_is_moved_and_one_brought_back(hub: RealHub, browser: Browser):
    with hub.as_user("admin") as admin:
        hub.add_user(admin, "zhou", "manager")
        drawn = [admin.post("/api/v1/tickets", json={"service": "company"}).json() for _ in range(2)]
        admin.post("/api/v1/windows/1/sign-in", json={"clerk": "li"}).raise_for_status()
        for verb in ("next", "start", "hold"):
            windows = admin.get("/api/v1/hall").json()["windows"]
            seen = next(window["state"]["version"] for window in windows if window["id"] == "1")
            admin.post(f"/api/v1/windows/1/{verb}", json={"seen": seen}).raise_for_status()
    async with guest(browser, hub.url) as manager:
        page = await manager.log_in("zhou")
        await page.fill("#number", "a001")
        await page.click("#ticket button")
        await expect(page.locator("#moved")).to_have_text("A001：已完成")
        await page.fill("#number", "A002")
        await page.select_option("#what", "social")
        await page.click("#ticket button")
        await expect(page.locator("#moved")).to_have_text("A002：已完成")
        await page.fill("#number", "Z999")
        await page.click("#ticket button")
        await expect(page.locator("#said")).not_to_be_empty()
        await expect(page.locator("#number")).to_have_value("Z999")
    with hub.as_user("admin") as admin:
        assert [admin.get(f"/api/v1/tickets/{each['visit']}").json()["state"] for each in drawn] == ["waiting"] * 2
        assert admin.get("/api/v1/tickets/A002").json()["service"] == "social"


async def test_the_hub_is_killed_and_the_page_is_right_again_by_itself(hub: RealHub, browser: Browser):
    with hub.as_user("admin") as admin:
        hub.add_user(admin, "zhou", "manager")
    async with guest(browser, hub.url) as manager:
        page = await manager.log_in("zhou")
        hub.stop(kill=True)
        await expect(page.locator("#connection")).to_be_visible(timeout=10_000)
        hub.start()
        with hub.as_user("li") as clerk:
            assert clerk.post("/api/v1/windows/1/sign-in", json={}).status_code == 200
        await expect(tile(page, "1")).to_have_attribute("data-state", "free", timeout=15_000)
        await expect(page.locator("#connection")).to_be_hidden()
