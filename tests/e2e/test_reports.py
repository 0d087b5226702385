"""Reports in a real browser: on the screen, and on paper."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.real_hub import RealHub, guest

pytestmark = pytest.mark.edge


def serve_and_rate(hub: RealHub, levels: list[int]) -> str:
    """As many people as there are levels are served at window 1; the day."""
    with hub.as_user("admin") as admin, hub.as_user("li") as clerk:
        clerk.post("/api/v1/windows/1/sign-in", json={}).raise_for_status()
        for level in levels:
            admin.post("/api/v1/tickets", json={"service": "company"}).raise_for_status()
            visit = press(clerk, "next")["visit"]
            press(clerk, "finish")
            admin.post(f"/api/v1/tickets/{visit}/rating", json={"level": level}).raise_for_status()
        return admin.get("/api/v1/figures").json()["day"]


def press(clerk, verb: str) -> dict:
    windows = clerk.get("/api/v1/hall").json()["windows"]
    seen = next(window["state"]["version"] for window in windows if window["id"] == "1")
    answer = clerk.post(f"/api/v1/windows/1/{verb}", json={"seen": seen})
    answer.raise_for_status()
    return answer.json()


async def test_a_manager_opens_a_report_looks_at_its_charts_prints_and_downloads_it(browser: Browser, tmp_path: Path):
    hub = RealHub(tmp_path)
    hub.start()
    try:
        hub.set_up(li="clerk", sun="manager")
        day = serve_and_rate(hub, [5, 5, 4, 1])
        async with guest(browser, hub.url) as manager:
            await manager.log_in("sun")
            page = await manager.open("/report")
            await expect(page.get_by_role("table")).to_contain_text("75.0 %")
            await page.get_by_role("link", name=day[:7], exact=True).focus()
            await page.keyboard.press("Enter")
            await expect(page.get_by_role("heading", level=1)).to_have_text("叫号与评价报表")
            drawn = "images => images.map(it => it.complete && it.naturalWidth > 100)"
            charts = await page.locator("figure img").evaluate_all(drawn)
            assert charts and all(charts), "the page's own rule lets its charts through"
            await expect(page.get_by_text("R.1")).to_have_count(1)
            if folder := os.environ.get("SCREENSHOTS"):
                await page.screenshot(path=f"{folder}/report.png", full_page=True)
            assert (await page.pdf(prefer_css_page_size=True)).startswith(b"%PDF")
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "wide tables scroll"
            async with page.expect_download() as waiting:
                await page.get_by_role("link", name="XLSX").click()
            assert (await waiting.value).suggested_filename == f"report-{day[:7]}.xlsx"
    finally:
        hub.stop()
