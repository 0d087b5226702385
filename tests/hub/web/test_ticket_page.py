"""A ticket on its holder's phone: what it shows in each state, to whom, and for how long."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from hub.core import commands
from hub.core.commands import Moment
from hub.core.retention import DAY_MS
from tests.hub.web.full_hall import CAPACITY, full_hall
from tests.hub.web.test_windows import press, sit_down, version
from tests.hub.web.web_hall import WebHall, web_hall

SECRETS = ("clerk", "wang", "2023-17")
"""Who serves, and the case: nothing for a page that anybody with the link sees."""


@pytest.fixture
async def hall(tmp_path: Path) -> AsyncIterator[WebHall]:
    async with web_hall(tmp_path, rules=full_hall()) as made:
        yield made


async def shown(hall: WebHall, link: str, language: str = "en") -> str:
    """The page's words, without its markup."""
    answer = await hall.visitor(**{"Accept-Language": language}).get(link)
    assert answer.status_code == 200, answer.text
    main = answer.text.partition("<main")[2].partition("</main>")[0]
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))
    assert not [secret for secret in SECRETS if secret in answer.text.replace("/clerk", "")]
    return words


async def draw(kiosk: httpx.AsyncClient, **more: object) -> dict:
    answer = await kiosk.post("/api/v1/tickets", json={"service": "a", **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_it_shows_the_number_the_place_the_wait_and_the_window(hall: WebHall):
    kiosk = await hall.machine("kiosk")
    clerk, seen = await sit_down(hall)
    first, second = await draw(kiosk, case="2023-17"), await draw(kiosk)
    assert second["link"] == f"/t/{second['visit']}"
    words = await shown(hall, second["link"])
    assert "A002" in words and "Waiting" in words and "1 before you" in words
    assert re.search(r"\d+ to \d+ min expected", words)

    seen = version(await press(clerk, "next", seen))
    assert "Please go to 1号窗口" in await shown(hall, first["link"])
    assert "请到1号窗口" in await shown(hall, first["link"], "zh-CN")
    assert "請到1号窗口" in await shown(hall, first["link"], "zh-TW")
    seen = version(await press(clerk, "start", seen))
    assert "At 1号窗口" in await shown(hall, first["link"])
    await press(clerk, "finish", seen)
    assert "Served" in await shown(hall, first["link"])


async def test_who_waits_before_a_full_hall_is_told_so(hall: WebHall):
    kiosk = await hall.machine("kiosk")
    for _ in range(CAPACITY):
        await draw(kiosk)
    assert "wait before the door" in await shown(hall, (await draw(kiosk))["link"])


async def test_it_looks_again_only_while_something_can_come(hall: WebHall):
    kiosk, phone = await hall.machine("kiosk"), hall.visitor()
    ticket = await draw(kiosk)
    page = (await phone.get(ticket["link"])).text
    assert 'http-equiv="refresh"' in page and 'data-lasts="true"' in page and 'data-verb="cancel"' in page
    assert (await phone.post(f"/api/v1/tickets/{ticket['visit']}/cancel", json={})).status_code == 200
    page = (await phone.get(ticket["link"])).text
    assert "refresh" not in page and 'data-lasts="false"' in page and "data-verb" not in page


async def test_no_search_engine_lists_it_and_no_other_site_learns_its_address(hall: WebHall):
    link = (await draw(await hall.machine("kiosk")))["link"]
    answer = await hall.visitor().get(link)
    assert '<meta name="robots" content="noindex">' in answer.text
    assert answer.headers["x-robots-tag"].startswith("noindex")
    assert (answer.headers["referrer-policy"], answer.headers["cache-control"]) == ("no-referrer", "no-store")


async def test_a_number_opens_nothing_and_a_link_is_good_for_its_day(hall: WebHall):
    link = (await draw(await hall.machine("kiosk")))["link"]
    phone = hall.visitor(**{"Accept-Language": "en"})
    for wrong in ("/t/A001", link + "x", link[:-1], "/t/%00"):
        answer = await phone.get(wrong)
        assert answer.status_code == 404 and "no such ticket" in answer.text, wrong
    hall.clock.moment = Moment(hall.clock.now().ms + DAY_MS, "2023-11-16")
    await hall.service.handle(commands.LookAround(""))
    assert (await phone.get(link)).status_code == 404


async def test_whoever_looks_for_tickets_waits(hall: WebHall):
    link = (await draw(await hall.machine("kiosk")))["link"]
    guesser = hall.visitor("10.6.6.6")
    answers = [await guesser.get(f"/t/{guess:022}") for guess in range(100)]
    assert (answers[0].status_code, answers[-1].status_code) == (404, 429)
    assert 0 < int(answers[-1].headers["retry-after"]) <= 60
    assert (await hall.visitor("10.6.6.7").get(link)).status_code == 200


async def test_a_network_of_ipv6_is_one_that_looks_for_tickets(hall: WebHall):
    """Whoever has one address of it has 18 trillion million of them."""
    statuses = [(await hall.visitor(f"2001:db8::{guess:x}").get(f"/t/{guess:022}")).status_code for guess in range(70)]
    assert statuses.count(404) == 60 and statuses[-1] == 429
    elsewhere = [hall.visitor(address) for address in ("2001:db8:0:1::1", "::ffff:10.0.0.9", "10.0.0.8")]
    assert [(await each.get("/t/x")).status_code for each in elsewhere] == [404] * 3
