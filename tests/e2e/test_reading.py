"""Can it be read: contrast of every text, large type, nothing cut off at 200 %, a name for every control."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page

from tests.e2e.real_hub import RealHub, guest
from tests.e2e.test_pages import call, draw, sit_down

pytestmark = pytest.mark.edge

LEAST_CONTRAST = {"/board": 7.0}
"""4.5 everywhere else; a board is read from across the hall."""

# [contrast, text] of every element that has text of its own, by the formula of WCAG 2.
CONTRASTS = """() => {
    const parse = (css) => css.match(/[\\d.]+/g).map(Number);
    const light = (rgb) => rgb.slice(0, 3).map((c) => c / 255)
        .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const ground = (element) => {
        for (let e = element; e; e = e.parentElement) {
            const color = parse(getComputedStyle(e).backgroundColor);
            if (color.length < 4 || color[3] > 0) return color;
        }
        return [255, 255, 255];
    };
    return [...document.querySelectorAll("body *")]
        .filter((e) => e.checkVisibility() && [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
        .map((e) => [light(parse(getComputedStyle(e).color)), light(ground(e)), e.textContent.trim()])
        .map(([a, b, text]) => [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), text]);
}"""

TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"

NAMELESS = """() => [...document.querySelectorAll("button, input, select, textarea, a")]
    .filter((e) => e.checkVisibility())
    .filter((e) => !e.textContent.trim() && !e.labels?.length && !e.ariaLabel)
    .map((e) => e.outerHTML)"""


async def check(page: Page, path: str) -> None:
    found = await page.evaluate(CONTRASTS)
    assert len(found) > 3
    least = LEAST_CONTRAST.get(path, 4.5)
    assert [pair for pair in found if pair[0] < least] == []
    assert await page.evaluate(NAMELESS) == []


async def check_narrow(page: Page) -> None:
    """A 1280 px screen at 200 % is 640 px wide, and one scrolls in one direction only."""
    await page.set_viewport_size({"width": 640, "height": 450})
    assert await page.evaluate(TOO_WIDE) <= 0


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
async def test_every_page_can_be_read(hub: RealHub, browser: Browser, language: str):
    draw(hub, 3)
    await call(hub, "2", "wang")
    async with guest(browser, hub.url) as clerk:
        await check(await clerk.open(f"/login?lang={language}"), "/login")
        page = await clerk.log_in("li")
        await page.locator("#windows button").first.wait_for()
        await check(page, "/clerk")
        await sit_down(page, "1")
        await page.keyboard.press("n")
        await page.locator("#why:not(:empty)").wait_for()
        await check(page, "/clerk")
        await page.keyboard.press("t")
        await check(page, "/clerk")
        await page.keyboard.press("Escape")
        await check_narrow(page)
        for path in ("/desk", "/hall"):
            await page.set_viewport_size({"width": 1280, "height": 900})
            page = await clerk.open(path)
            await check(page, path)
            await check_narrow(page)
    with hub.as_user("admin") as kiosk:
        link = kiosk.post("/api/v1/tickets", json={"service": "company"}).json()["link"]
    async with guest(browser, hub.url, viewport={"width": 360, "height": 640}) as phone:
        page = await phone.open(f"{link}?lang={language}")
        await check(page, "/t")
        await check_narrow(page)
    async with guest(browser, hub.url) as admin:
        await admin.open(f"/login?lang={language}")
        page = await admin.log_in("admin")
        await check(page, "/admin")
        await check_narrow(page)
    async with guest(browser, hub.url, reduced_motion="reduce") as wall:
        page = await wall.open(f"/board?lang={language}")
        await page.locator("#calls .newest").wait_for()
        await check(page, "/board")
        await check_narrow(page)
