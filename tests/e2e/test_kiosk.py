"""A kiosk's page under the fingers of whoever comes: three taps, one ticket, large text, and ready for the next."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.real_hub import Guest, RealHub, guest, in_opening_hours
from tests.talk.printer import NO_PAPER, PAPER, NetworkPrinter

UPRIGHT, FLAT = {"width": 1080, "height": 1920}, {"width": 1280, "height": 800}


@pytest.fixture
def printer() -> Iterator[NetworkPrinter]:
    made = NetworkPrinter()
    yield made
    made.close()


@pytest.fixture
def hub(tmp_path: Path, printer: NetworkPrinter) -> Iterator[RealHub]:
    place = ("--printer", f"kiosk-1=127.0.0.1:{printer.port}")
    made = RealHub(tmp_path, more=[*in_opening_hours(), "--public-url", "https://hall.example", *place])
    made.start()
    try:
        made.set_up()
        yield made
    finally:
        made.stop()


@pytest.fixture
async def kiosk(hub: RealHub, browser: Browser) -> AsyncIterator[Guest]:
    with hub.as_user("admin") as admin:
        hub.add_user(admin, "kiosk-1", "kiosk")
    async with guest(browser, hub.url, viewport=UPRIGHT, has_touch=True) as made:
        await made.log_in("kiosk-1")
        await made.page.wait_for_url("**/kiosk")
        yield made


def drawn(hub: RealHub) -> list[dict]:
    with hub.as_user("admin") as admin:
        return admin.get("/api/v1/tickets").json()


def class_of(hub: RealHub, number: str) -> str:
    with hub.as_user("admin") as admin:
        return admin.get(f"/api/v1/tickets/{number}").json()["class"]


def company(page: Page):
    return page.locator('[data-service="company"]')


async def test_two_taps_give_a_ticket_and_one_more_a_class(hub: RealHub, kiosk: Guest):
    page = kiosk.page
    await company(page).tap()
    await expect(page.locator("#ask-before")).to_have_text("前面0人")
    await page.tap("#give")
    await expect(page.locator("#number")).to_have_text("A001")
    await page.tap("#done")
    await expect(page.locator("dialog[open]")).to_have_count(0)
    await expect(company(page).locator(".before")).to_have_text("前面1人")

    await company(page).tap()
    await page.get_by_text("优先（老弱病残孕军）").tap()
    await page.tap("#give")
    await expect(page.locator("#number")).to_have_text("A002")
    assert (class_of(hub, "A001"), class_of(hub, "A002")) == ("walk-in", "priority")


async def test_by_keyboard_alone(hub: RealHub, kiosk: Guest):
    page = kiosk.page
    await company(page).focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#give")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#number")).to_have_text("A001")
    await expect(page.locator("#done")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("dialog[open]")).to_have_count(0)


async def test_who_taps_often_has_one_ticket(hub: RealHub, kiosk: Guest):
    page = kiosk.page
    await company(page).tap()
    await page.evaluate("for (let i = 0; i < 5; i++) document.getElementById('give').click()")
    await expect(page.locator("#number")).to_have_text("A001")
    assert len(drawn(hub)) == 1


async def test_a_hub_that_dies_in_between_gives_one_ticket_and_what_was_chosen_stays(hub: RealHub, kiosk: Guest):
    page = kiosk.page
    await company(page).tap()
    await page.get_by_text("优先（老弱病残孕军）").tap()
    hub.stop(kill=True)
    await page.tap("#give")
    await expect(page.locator("#said")).not_to_be_empty()
    hub.start()
    await page.tap("#give")
    await expect(page.locator("#number")).to_have_text("A001")
    assert len(drawn(hub)) == 1 and class_of(hub, "A001") == "priority"


async def test_large_text_is_one_tap_away_and_gone_for_the_next(kiosk: Guest):
    page = kiosk.page
    size = "parseFloat(getComputedStyle(document.querySelector('.offer b')).fontSize)"
    await page.wait_for_load_state()
    small = await page.evaluate(size)
    await page.tap("#elder")
    await expect(page.locator("html")).to_have_attribute("data-type", "large")
    await page.wait_for_load_state()
    assert await page.evaluate(size) > 1.4 * small
    assert await page.evaluate(LOWER_THAN_60) == []
    await company(page).tap()
    assert await page.evaluate(LOWER_THAN_60) == []
    await page.tap("#give")
    await page.tap("#done")
    await expect(page.locator("html")).not_to_have_attribute("data-type", "large")


LOWER_THAN_60 = """() => [...document.querySelectorAll("button, a, label.choice, input[type=search]")]
  .filter((element) => element.checkVisibility() && !element.closest(".skip"))
  .map((element) => [element.getBoundingClientRect(), element.outerHTML.slice(0, 90)])
  .filter(([box]) => box.width > 1 && (box.height < 60 || box.width < 44))
  .map(([box, text]) => `${box.height} ${text}`)"""


async def test_targets_are_large_for_everybody(kiosk: Guest):
    assert await kiosk.page.evaluate(LOWER_THAN_60) == []
    await kiosk.page.set_viewport_size(FLAT)
    assert await kiosk.page.evaluate(LOWER_THAN_60) == []


async def test_who_left_is_asked_first_and_who_stays_goes_on(hub: RealHub, browser: Browser):
    with hub.as_user("admin") as admin:
        hub.add_user(admin, "kiosk-1", "kiosk")
    async with guest(browser, hub.url, viewport=FLAT, has_touch=True) as made:
        page = await made.log_in("kiosk-1")
        await page.clock.install()
        await page.goto(f"{hub.url}/kiosk?lang=en")
        await company(page).tap()
        await page.clock.run_for(58_000)
        assert not await page.locator("#still").is_visible()
        await page.clock.run_for(4_000)
        await expect(page.locator("#left")).to_contain_text("Starting again in")
        await page.tap("#here")
        await expect(page.locator("#still")).not_to_be_visible()
        await expect(page.locator("#ask")).to_be_visible()
        await page.clock.run_for(81_000)
        await page.wait_for_url("**/kiosk?lang=zh-Hans**")
        await expect(page.locator("dialog[open]")).to_have_count(0)
        await expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
        assert drawn(hub) == []


async def test_a_slip_that_is_not_out_is_told_and_printed_again(hub: RealHub, kiosk: Guest, printer: NetworkPrinter):
    page = kiosk.page
    await company(page).tap()
    printer.says = NO_PAPER
    await page.tap("#give")
    await expect(page.locator("#slip")).to_contain_text("缺纸")
    await expect(page.locator("#number")).to_have_text("A001")
    await expect(page.locator("#qr")).to_be_visible()
    assert printer.printed == b""
    printer.says = PAPER
    await page.tap("#print")
    await expect(page.locator("#slip")).to_have_text("请取走小票")
    await expect(page.locator("#print")).to_be_hidden()
    assert printer.printed.count(b"A001") == 1 and len(drawn(hub)) == 1


async def test_pictures(kiosk: Guest, tmp_path: Path):
    page = kiosk.page
    for name in ("start", "ask", "given"):
        if name == "ask":
            await company(page).tap()
        if name == "given":
            await page.tap("#give")
            await expect(page.locator("#number")).to_have_text("A001")
        assert len(await page.screenshot(path=tmp_path / f"kiosk-{name}.png")) > 9000
