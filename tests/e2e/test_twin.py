"""The twin in a real browser: what a newcomer sees and presses, down to the firmware and back.

JIAOHAO_UPDATE_IMAGES=1 writes the README's picture again (docs/images/demo.png).
"""

import os
import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.tools.demo_runs import demo

pytestmark = pytest.mark.edge

PICTURE = Path(__file__).parent.parent.parent / "docs/images/demo.png"
CHROMIUM = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")
PATIENCE_MS = 20_000

LIT_PIXELS = """canvas => {
    const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    return data.filter((value, index) => index % 4 === 3 && value > 0).length;
}"""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    with demo(tmp_path_factory.mktemp("twin") / "data", "--windows", "4", "--seed", "3") as running:
        yield running


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(CHROMIUM))
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser, run):
    opened = browser.new_page(viewport={"width": 1440, "height": 1000})
    complaints = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda message: message.type == "error" and complaints.append(message.text))
    opened.set_default_timeout(PATIENCE_MS)
    opened.goto(run.url)
    expect(opened.locator("#phase")).to_have_attribute("data-phase", "open", timeout=60_000)
    yield opened
    opened.close()
    assert complaints == []


def works_here(page, window):
    """The visitor takes the window over, and brings it to where the next number can be called."""
    page.locator(f"#window-{window} .switch button").nth(1).click()
    display = page.locator(f"#device-display-{window}")
    expect(display).to_have_attribute("data-mode", re.compile("open|called|serving"))
    for mode, key, then in (("called", 2, "serving"), ("serving", 3, "open")):
        page.wait_for_timeout(
            500
        )  # a pad takes no second press within 0.3 s, and the robot's last one may be on its way
        if display.get_attribute("data-mode") == mode:
            press(page, window, key)
            expect(display).to_have_attribute("data-mode", then)
    page.wait_for_timeout(500)
    return display


def press(page, window, key, device="call"):
    page.locator(f"#device-{device}-{window} .key").nth(key).click()


def test_next_on_the_call_pad_puts_a_number_on_the_display(page):
    display = works_here(page, 1)
    version = display.get_attribute("data-version")
    page.locator(".service").first.click()
    expect(page.locator("#slip")).to_have_text(re.compile(r"[A-D]\d{3}"))
    press(page, 1, 0)
    expect(display).to_have_attribute("data-mode", "called")
    assert re.fullmatch(r"[A-D]\d{3}", display.get_attribute("data-number"))
    assert display.get_attribute("data-version") != version
    assert display.locator("canvas").evaluate(LIT_PIXELS) > 100


def test_who_was_served_rates_and_the_level_arrives(page):
    works_here(page, 2)
    press(page, 2, 0)
    display = page.locator("#device-display-2")
    expect(display).to_have_attribute("data-mode", "called")
    page.wait_for_timeout(500)
    press(page, 2, 2)
    expect(display).to_have_attribute("data-mode", "serving")
    pad = page.locator("#device-rate-2")
    expect(pad.locator(".key i.lit")).to_have_count(5)
    before = int(page.locator("#figures dd").nth(2).inner_text())
    press(page, 2, 4, device="rate")
    expect(pad.locator(".key i.lit")).to_have_count(0)
    expect(page.locator("#figures dd").nth(2)).not_to_have_text(str(before))


def test_a_pulled_display_is_dark_until_its_plug_is_in_again(page):
    display = page.locator("#device-display-3")
    display.locator(".plug").click()
    expect(display).to_have_attribute("data-on", "false")
    assert display.locator("canvas").evaluate(LIT_PIXELS) == 0
    page.wait_for_timeout(1500)
    expect(display).to_have_attribute("data-on", "false")
    display.locator(".plug").click()
    expect(display).to_have_attribute("data-on", "true")
    expect(display).to_have_attribute("data-mode", re.compile("open|called|serving"))


def test_the_robot_takes_a_window_back(page):
    display = works_here(page, 4)
    page.locator("#window-4 .switch button").first.click()
    expect(display).to_have_attribute("data-mode", re.compile("called|serving"))


def test_the_page_speaks_three_languages(page):
    for language, title in (("zh-Hant", "松山湖政務服務中心"), ("en", "Songshan Lake Service Centre")):
        page.locator(f"button[lang={language}]").click()
        expect(page.locator("#hall")).to_have_text(title)
        expect(page.locator("html")).to_have_attribute("lang", language)
    page.reload()
    expect(page.locator("#hall")).to_have_text("Songshan Lake Service Centre")
    page.locator("button[lang=zh-Hans]").click()


def test_everything_can_be_reached_with_the_keyboard(page):
    reached = set()
    page.locator("a").first.focus()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.className || document.activeElement.tagName"))
    assert {"key", "plug", "service"} <= reached


def test_the_logins_on_the_page_are_good_at_the_hub(page):
    page.locator(".logins summary").click()
    name, password = page.locator("#logins tr").first.locator("code").all_inner_texts()
    hub = page.locator("#link-admin").get_attribute("href").rsplit("/", 1)[0]
    answer = page.request.post(
        f"{hub}/api/v1/login", data={"name": name, "password": password}, headers={"Origin": hub}
    )
    assert answer.status == 200


def test_the_picture_of_the_readme_can_be_made(page, tmp_path):
    page.locator("button[lang=zh-Hans]").click()
    for robot in page.locator(".switch button:first-child").all():
        robot.click()
    page.wait_for_function("document.querySelectorAll('.device[data-on=true]').length === 12")
    page.wait_for_function("document.querySelector('.device[data-role=window_display][data-mode=called]')")
    fresh = tmp_path / "demo.png"
    page.screenshot(path=fresh, full_page=True)
    assert fresh.stat().st_size > 50_000
    if os.environ.get("JIAOHAO_UPDATE_IMAGES"):
        PICTURE.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(fresh, PICTURE)
    assert PICTURE.exists()
