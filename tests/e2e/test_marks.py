"""Leaving marked ratings out, in a real browser and by keyboard: one proposes it, another agrees."""

from __future__ import annotations

import os
import time
from datetime import date
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from hub.adapters.sqlite_store import SqliteStore
from hub.core import events
from hub.ports import Commit, Entry, Outcome
from tests.e2e.real_hub import RealHub, guest

pytestmark = pytest.mark.edge


def plant(data: Path) -> None:
    """Presses that nobody can have meant, and a pad whose presses nobody can tell apart."""
    data.mkdir()
    now_ms, day = int(time.time() * 1000), date.today().isoformat()
    presses = tuple(
        events.RatingRecorded("pad", 1, seq, "", "3", "", "", 5, now_ms, now_ms, "no-visit", sitting="li")
        for seq in range(3)
    )
    names = tuple(f"pad:1:{press.seq}" for press in presses)
    level = {"presses": 31, "level": 5, "others_percent": 68}
    marks = (
        events.RatingsMarked(f"{day}-1", "no-visit", "3", "li", names, {"presses": 3, "span_s": 95}),
        events.RatingsMarked(f"{day}-2", "same-level", "5", "wang", (), level),
    )
    store = SqliteStore(data / "hall.db")
    entries = tuple(Entry(seq, now_ms, "", event) for seq, event in enumerate((*presses, *marks), 1))
    store.append([Commit("", now_ms, Outcome(1, len(entries)), entries)])
    store.close()


async def test_two_people_leave_marked_ratings_out_by_keyboard(browser: Browser, tmp_path: Path):
    plant(tmp_path / "data")
    hub = RealHub(tmp_path)
    hub.start()
    try:
        hub.set_up(zhao="reviewer", qian="reviewer")
        async with guest(browser, hub.url) as first, guest(browser, hub.url) as second:
            await first.log_in("zhao")
            page = await first.open("/reviews")
            mark = page.locator("article").first
            await expect(mark).to_contain_text("1分35秒内按键3次，当时窗口没有在办理")
            await expect(page.locator("article").nth(1)).to_contain_text("针对整个评价器")
            await expect(page.locator("article").nth(1).get_by_role("button")).to_have_count(1)

            propose = mark.get_by_role("button", name="提出剔除")
            await propose.focus()
            await page.keyboard.press("Enter")
            await expect(mark.get_by_role("alert")).to_have_text("请写明情况")
            await expect(mark.get_by_role("textbox")).to_be_focused()
            if folder := os.environ.get("SCREENSHOTS"):
                await page.screenshot(path=f"{folder}/marks-refused.png", full_page=True)
            await page.keyboard.type("监控显示是工作人员自己按的")
            await page.keyboard.press("Tab")
            await expect(propose).to_be_focused()
            await page.keyboard.press("Enter")
            await expect(mark).to_contain_text("等待另一人同意")
            await expect(mark.get_by_role("button", name="同意剔除")).to_have_count(0)

            await second.log_in("qian")
            page = await second.open("/reviews")
            mark = page.locator("article").first
            await expect(mark).to_contain_text("监控显示是工作人员自己按的")
            await mark.get_by_role("button", name="同意剔除").focus()
            await page.keyboard.press("Enter")
            await expect(mark.locator("dl")).to_contain_text("已剔除")
            await expect(mark.locator("dl")).to_contain_text("reviewer:zhao")
            await expect(mark.locator("dl")).to_contain_text("reviewer:qian")
            if folder:
                await page.screenshot(path=f"{folder}/marks.png", full_page=True)
    finally:
        hub.stop()
