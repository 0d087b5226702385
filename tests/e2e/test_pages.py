"""The pages in a real browser, against the hub as an admin starts it.

Whatever a test does, the browser must ask nobody but the hub, break no rule of the content security policy, and meet no
error in a script: `guest` looks at that when its window closes.
"""

from __future__ import annotations

import asyncio
import os
import re
from datetime import date, timedelta

import pytest
from playwright.async_api import Browser, Page, Route, expect

from hub.adapters.calendar import Calendar
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
        await expect(page.locator("#said")).to_contain_text("叫满2次才能过号")  # this hall's rule
        await page.keyboard.press("f")
        await number_shown(page, "–")
        await page.keyboard.press("n")
        await expect(page.locator("#said")).to_contain_text("没有人在等候")


async def test_the_whole_counter_by_keyboard_alone(hub: RealHub, browser: Browser):
    draw(hub, 3)
    async with guest(browser, hub.url) as clerk:
        page = await clerk.log_in("li")
        await sit_down(page, "1")
        people = page.locator("#people li")
        await expect(people).to_have_count(3)
        await page.keyboard.press("n")
        await number_shown(page, "A001")
        await expect(page.locator("#why")).to_contain_text("先来后到")
        await page.keyboard.press("u")  # a slip: the call is taken back
        await number_shown(page, "–")
        await page.keyboard.press("n")
        await number_shown(page, "A001")
        await page.keyboard.press("k")
        await page.keyboard.type("2026-17")
        await page.keyboard.press("Enter")
        await expect(page.locator("#about")).to_contain_text("案号2026-17")
        await page.keyboard.press("h")
        await page.keyboard.type("复印")
        await page.keyboard.press("Enter")
        await number_shown(page, "–")
        await expect(page.locator("#held li")).to_contain_text("A001")
        await page.locator("#held button").focus()
        await page.keyboard.press("Enter")
        await number_shown(page, "A001")
        await page.keyboard.press("t")
        await page.keyboard.press("Enter")  # the first choice is a service: the same one is refused
        await expect(page.locator("#said")).not_to_be_empty()
        await page.keyboard.press("f")
        await number_shown(page, "–")
        await page.keyboard.press("p")
        await page.keyboard.press("Enter")
        await expect(page.locator("#mode")).to_contain_text("已暂停：用餐")
        await page.keyboard.press("p")
        await expect(page.locator("#mode")).to_contain_text("空闲")
        await page.keyboard.press("o")  # calls by itself from now on
        await number_shown(page, "A002")


async def test_somebody_is_called_out_of_order_with_a_reason(hub: RealHub, browser: Browser):
    draw(hub, 3)
    async with guest(browser, hub.url) as clerk:
        page = await clerk.log_in("li")
        await sit_down(page, "1")
        await page.get_by_role("button", name="选叫 A003").click()
        await page.keyboard.type("身体不适")
        await page.keyboard.press("Enter")
        await number_shown(page, "A003")
        await expect(page.locator("#why")).to_contain_text("身体不适")


async def test_a_clerk_moves_to_another_window_when_asked(hub: RealHub, browser: Browser):
    async with guest(browser, hub.url) as clerk:
        page = await clerk.log_in("li")
        await expect(page.locator("#windows button")).to_have_count(12)
        with hub.as_user("admin") as admin:
            admin.post("/api/v1/windows/5/sign-in", json={"clerk": "li"})
        await expect(page.locator("#counter-title")).to_have_text("5号窗口")


async def test_the_desk_gives_a_ticket_for_somebody(hub: RealHub, browser: Browser):
    async with guest(browser, hub.url) as clerk:
        await clerk.log_in("li")
        page = await clerk.open("/desk")
        await page.select_option("#draw-service", "person")
        await page.select_option("#draw-class", "priority")
        await page.fill("#draw-party", "3")
        await page.click("#draw button")
        await expect(page.locator("#drawn b")).to_have_text("号码 B001")
        await expect(page.locator("#inside")).to_contain_text("3人")


async def test_the_desk_rates_for_somebody_by_keyboard(hub: RealHub, browser: Browser):
    draw(hub, 1)
    with hub.as_user("wang") as wang:
        seen = None
        for verb in ("sign-in", "next", "start"):
            answer = wang.post(f"/api/v1/windows/3/{verb}", json={"seen": seen} if seen else {})
            seen = answer.raise_for_status().json()["window"]["state"]["version"]
    async with guest(browser, hub.url) as clerk:
        await clerk.log_in("li")
        page = await clerk.open("/desk")
        await page.focus("#rate-number")
        await page.keyboard.type("a001")
        for key in ("Tab", "Space", "ArrowDown", "Enter"):
            await page.keyboard.press(key)
        await expect(page.locator("#rated-for")).to_have_text("A001在3号窗口的评价已记录：满意（代录）")
        await page.focus("#contact-number")
        await page.keyboard.type("A001")
        await page.keyboard.press("Tab")
        await page.keyboard.type("13800138000")
        await page.keyboard.press("Enter")
        await expect(page.locator("#contact-kept")).to_have_text("A001的联系方式已保存")
        if folder := os.environ.get("SCREENSHOTS"):
            await page.screenshot(path=f"{folder}/desk.png", full_page=True)
        await page.fill("#rate-number", "X999")
        await page.keyboard.press("Tab")
        for key in ("Space", "Enter"):
            await page.keyboard.press(key)
        await expect(page.locator("#said")).not_to_be_empty()


async def lose_first_answer(page: Page, path: str) -> None:
    """The hub does what is asked, and the browser does not hear of it."""
    lost: list[Route] = []

    async def answer(route: Route) -> None:
        if lost:
            await route.continue_()
        else:
            lost.append(route)
            await route.fetch()
            await route.abort()

    await page.route(f"**/api/v1/{path}", answer)


async def test_giving_a_ticket_again_after_no_answer_gives_one(hub: RealHub, browser: Browser):
    async with guest(browser, hub.url) as clerk:
        await clerk.log_in("li")
        page = await clerk.open("/desk")
        await lose_first_answer(page, "tickets")
        await page.locator("#draw button").click()
        await expect(page.locator("#said")).to_contain_text("没有应答")
        await page.locator("#draw button").click()
        await expect(page.locator("#drawn")).to_contain_text("A001")
    with hub.as_user("admin") as admin:
        assert len(admin.get("/api/v1/tickets").json()) == 1


async def test_what_was_typed_is_still_there_after_no_answer(hub: RealHub, browser: Browser):
    draw(hub, 2)
    async with guest(browser, hub.url) as clerk:
        page = await clerk.log_in("li")
        await sit_down(page, "3")
        await page.keyboard.press("n")
        await number_shown(page, "A001")
        await page.route("**/api/v1/tickets/A001/case", lambda route: route.abort())
        await page.keyboard.press("k")
        await page.keyboard.type("2023-777")
        await page.keyboard.press("Enter")
        await expect(page.locator("#said")).to_contain_text("没有应答")
        await page.keyboard.press("k")
        await expect(page.locator("#case-number")).to_have_value("2023-777")
        await page.keyboard.press("Escape")
        await page.keyboard.press("h")
        await expect(page.locator("#hold-reason")).to_have_value("")


async def test_a_check_of_papers_leads_to_a_ticket_or_to_a_list(browser: Browser, tmp_path):
    hub = RealHub(tmp_path, "changchun-jingkai")
    hub.start()
    try:
        hub.set_up(li="clerk")
        async with guest(browser, hub.url) as clerk:
            await clerk.log_in("li")
            page = await clerk.open("/desk")
            await page.check("#papers input >> nth=0")
            await page.click("#pre-check button")
            await expect(page.locator("#checked li")).to_have_count(1)
            await page.uncheck("#papers input >> nth=0")
            await page.click("#pre-check button")
            await expect(page.locator("#checked")).to_contain_text("通过")
            await page.click("#draw button")  # service and code are filled in
            await expect(page.locator("#drawn b")).to_contain_text("001")
    finally:
        hub.stop()


async def test_an_appointment_is_booked_and_cancelled(browser: Browser, tmp_path):
    hub = RealHub(tmp_path, "binhai-bay")
    hub.start()
    try:
        hub.set_up(li="clerk")
        async with guest(browser, hub.url) as clerk:
            await clerk.log_in("li")
            page = await clerk.open("/desk")
            page.on("dialog", lambda dialog: dialog.accept())
            await page.fill("#book-day", next_workday())
            await page.press("#book-day", "Tab")
            await expect(page.locator("#book-time option").first).to_contain_text("余")
            await page.fill("#book-id", "440101199001011234")
            await page.click("#book button")
            await expect(page.locator("#booked")).to_contain_text("代码")
            await expect(page.locator("#book-id")).to_have_value("")
            await page.click("#bookings button")
            await expect(page.locator("#bookings tbody")).to_contain_text("已取消")
    finally:
        hub.stop()


def next_workday() -> str:
    """A day on which halls are open, a few days from now."""
    day = date.today() + timedelta(days=3)
    while not is_workday(day):
        day += timedelta(days=1)
    return day.isoformat()


def is_workday(day: date) -> bool:
    return Calendar("CN").kind(day.isoformat()) == "workday"


async def test_the_hall_index_tells_who_works_and_follows(hub: RealHub, browser: Browser):
    async with guest(browser, hub.url) as passer_by:
        page = await passer_by.open("/hall?lang=en")
        first = page.locator("tbody tr").first
        await expect(first).to_contain_text("nobody now")
        await call_nobody(hub, "1", "li")
        await expect(first).not_to_contain_text("nobody now", timeout=FOLLOWS_MS)


async def call_nobody(hub: RealHub, window: str, clerk: str) -> None:
    with hub.as_user(clerk) as client:
        assert client.post(f"/api/v1/windows/{window}/sign-in", json={}).status_code == 200


async def test_an_admin_checks_and_applies_the_hall_file(hub: RealHub, browser: Browser):
    async with guest(browser, hub.url) as admins:
        page = await admins.log_in("admin")
        source = page.locator("#hall-source")
        await expect(source).to_have_value(re.compile("songshan-lake"))
        text = await source.input_value()
        await source.fill(text.replace("end = 999", 'end = "x"', 1))
        await page.click("#hall-check")
        await expect(page.locator("#hall-said pre")).to_contain_text("services.company.end")
        await source.fill(text.replace("slip_guard_ms = 1500", "slip_guard_ms = 1200"))
        await page.click("#hall-check")
        await expect(page.locator("#hall-said pre")).to_contain_text("+slip_guard_ms = 1200")
        await page.click("#hall-file .primary")
        await expect(page.locator("#hall-said p")).to_contain_text("已应用")
        await page.reload()
        await expect(page.locator("#versions tbody tr")).to_have_count(2)


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
        await expect(page.locator("#audit tbody")).to_have_count(1)
        assert await page.locator("img[src=x]").count() == 0
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
        await expect(page.locator("#device-zone")).to_be_hidden()
        await page.fill("#device-id", "board-1")
        await page.select_option("#device-role", "hall_board")
        await expect(page.locator("#device-window")).to_be_hidden()
        await page.click("#add-device button")
        await expect(config).to_have_value(re.compile('"zone": "main"'))


async def test_what_was_typed_is_kept_when_the_login_ends(hub: RealHub, browser: Browser):
    with hub.as_user("admin") as admin:
        hub.add_user(admin, "sun", "admin")
    async with guest(browser, hub.url) as admins:
        page = await admins.log_in("sun")
        await page.fill("#device-id", "display-1")
        with hub.as_user("admin") as admin:
            hub.add_again(admin, "sun", "admin")
        again = page.locator("#log-in-again")
        await expect(again).to_be_visible(timeout=15_000)
        await expect(page.locator("#broker")).to_have_text("")  # the hub is not away
        await expect(page.locator("#device-id")).to_have_value("display-1")
        async with admins.context.expect_page() as opened:
            await again.locator("a").click()
        other = await opened.value
        await other.fill("#name", "sun")
        await other.fill("#password", PASSWORD)
        await other.keyboard.press("Enter")
        await other.wait_for_url("**/admin")
        await expect(again).to_be_hidden(timeout=15_000)
        await page.click("#add-device button")
        await expect(page.locator("#once-text")).to_have_value(re.compile('"client_id": "display-1-'))


async def test_a_ticket_on_a_phone(hub: RealHub, browser: Browser):
    with hub.as_user("admin") as admin:
        links = [admin.post("/api/v1/tickets", json={"service": "company"}).json()["link"] for _ in range(2)]
    async with guest(browser, hub.url, viewport={"width": 360, "height": 640}) as phone:
        page = await phone.open(links[0])
        await expect(page.locator("h1")).to_contain_text("A001")
        await expect(page.locator("[role=status]")).to_have_text("正在等候")
        await page.select_option("#minutes", "10")
        async with page.expect_response("**/postpone") as postponed:
            await page.click('[data-verb="postpone"]')
        assert (await (await postponed.value).json())["number"] == "A001"
        page.on("dialog", lambda dialog: dialog.accept())
        await page.click('[data-verb="cancel"]')
        await expect(page.locator("[role=status]")).to_have_text("已取消")
        await expect(page.locator('[data-verb="cancel"]')).to_have_count(0)
    async with guest(browser, hub.url, java_script_enabled=False) as plain:
        page = await plain.open(links[1])
        await expect(page.locator("[role=status]")).to_have_text("正在等候")
        await expect(page.locator("button").filter(visible=True)).to_have_count(0)
        await expect(page.locator(".banner").filter(visible=True)).to_have_count(0)


async def test_a_login_that_ended_leads_back_to_the_login(hub: RealHub, browser: Browser):
    async with guest(browser, hub.url) as clerk:
        page = await clerk.log_in("li")
        await sit_down(page, "1")
        with hub.as_user("admin") as admin:
            admin.delete("/api/v1/users/li")
        await page.keyboard.press("n")
        await page.wait_for_url("**/login?next=%2Fclerk")
