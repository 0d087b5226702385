"""A bad rating in a real browser: from the phone of who was served to the reviewer who closes it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.real_hub import RealHub, guest
from tests.e2e.test_reports import press

pytestmark = pytest.mark.edge

PHONE = {"viewport": {"width": 360, "height": 640}}
SAID = "等了很久，跑了三趟。"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[RealHub]:
    made = RealHub(tmp_path)
    made.start()
    try:
        made.set_up(li="clerk", zhao="reviewer", qian="reviewer")
        yield made
    finally:
        made.stop()


def served(hub: RealHub) -> str:
    """Somebody is served at window 1; the link for rating, as the page of the ticket has it."""
    with hub.as_user("admin") as admin, hub.as_user("li") as clerk:
        clerk.post("/api/v1/windows/1/sign-in", json={}).raise_for_status()
        admin.post("/api/v1/tickets", json={"service": "company"}).raise_for_status()
        visit = press(clerk, "next")["visit"]
        press(clerk, "finish")
        found = re.search(r'href="(/r/[^"]+)"', admin.get(f"/t/{visit}").text)
        assert found
        return found[1]


async def picture(page: Page, name: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        await page.screenshot(path=f"{folder}/{name}.png", full_page=True)


async def test_what_was_typed_on_the_phone_outlives_the_hub_and_is_counted_once(hub: RealHub, browser: Browser):
    link = served(hub)
    async with guest(browser, hub.url, **PHONE) as phone:
        page = await phone.open(link)
        send, answer = page.locator("button.primary"), page.locator("p.answer")
        await send.click()
        await expect(page.get_by_role("alert")).to_have_text("请选择一个等级")
        await page.locator("input[value='2']").check()
        await page.get_by_label("等候太久").check()
        await page.locator("textarea").fill(SAID)
        hub.stop(kill=True)
        await send.click()
        await expect(page.get_by_role("alert")).not_to_be_empty()
        assert await page.locator("textarea").input_value() == SAID
        hub.start()
        await send.click()
        await expect(answer).to_have_text("谢谢，您的评价已记录。")
        await page.locator("input[value='1']").check()
        await send.click()
        await expect(answer).to_have_text("谢谢，您的评价已更改。")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await picture(page, "rate")
    with hub.as_user("admin") as admin:
        ratings = admin.get("/api/v1/ratings").json()
    assert [(row["level"], row["standing"], row["channel"]) for row in ratings] == [
        (2, "counted", "phone"),
        (1, "correction", "phone"),
    ]


async def test_a_reviewer_brings_a_bad_rating_to_its_end_by_keyboard(hub: RealHub, browser: Browser):
    link = served(hub)
    async with guest(browser, hub.url, **PHONE) as phone:
        page = await phone.open(link)
        await page.locator("input[value='1']").check()
        await page.get_by_role("main").locator("summary").click()
        await page.locator("[name=name]").fill("王芳")
        await page.locator("[name=contact]").fill("13800138000")
        await page.locator("button.primary").click()
        await expect(page.locator("p.answer")).to_have_text("谢谢，您的评价已记录。")
    async with guest(browser, hub.url) as zhao:
        await zhao.log_in("zhao")
        page = await zhao.open("/reviews")
        await expect(page.get_by_role("main")).to_contain_text("尚未答复或回访：R.1")
        await page.get_by_role("link", name="R.1").focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("main")).to_contain_text("王芳 13800138000")
        assert "rectify" not in await offered(page), "it is looked into first"
        await step(page, "verify", "", state="核实中")
        await step(page, "contact", "", state="核实中")
        await step(page, "rectify", "", wrong="请写明情况")
        await step(page, "rectify", "中午增开一个窗口", state="已整改")
        await step(page, "answer", "已电话说明", state="已答复")
        await step(page, "close", "", wrong="回访")
        await step(page, "visit", "", state="已回访")
        await step(page, "close", "", state="已办结")
        await picture(page, "review-closed")
        await expect(page.get_by_role("listitem").last).to_contain_text("reviewer:zhao")
        page = await zhao.open("/reviews")
        await expect(page.get_by_role("main")).to_contain_text("100.0 %")


async def offered(page: Page) -> list[str]:
    return await page.locator("#verb option").evaluate_all("all => all.map(it => it.value)")


async def step(page: Page, verb: str, text: str, *, state: str = "", wrong: str = "") -> None:
    """Takes the step: the page has its new `state`, or says what is `wrong` and keeps what was chosen."""
    await page.locator("#verb").select_option(verb)
    await page.locator("#text").fill(text)
    await page.locator("#step button").focus()
    if wrong:
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_contain_text(wrong)
        await expect(page.locator("#verb")).to_have_value(verb)
    else:
        async with page.expect_navigation():
            await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", level=1)).to_contain_text(state)
