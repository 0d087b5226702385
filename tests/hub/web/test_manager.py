"""The hall at a glance: what is wrong, and that it is told first."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from hub.core.hall import AlarmRule
from hub.web import overview
from tests.hub.web.full_hall import full_hall
from tests.hub.web.test_ticket_page import press, sit_down, version
from tests.hub.web.web_hall import WebHall, web_hall

MINUTE_MS = 60_000
NAMES = {"zh-Hans": "久等", "zh-Hant": "久等", "en": "long"}
RULES = (
    AlarmRule("w", NAMES, "wait", 15, ("chen",), ("a",)),
    AlarmRule("s", NAMES, "service", 20, ("chen",)),
)


TAKEN = frozenset({"a"})


@pytest.fixture
async def hall(tmp_path: Path) -> AsyncIterator[WebHall]:
    async with web_hall(tmp_path, rules=replace(full_hall(), alarms=RULES)) as made:
        yield made


def now(hall: WebHall) -> overview.WindowNow:
    return overview.window_now(hall.service.state, "1", hall.clock.now().ms)


async def draw(hall: WebHall) -> str:
    kiosk = await hall.machine("kiosk")
    return (await kiosk.post("/api/v1/tickets", json={"service": "a"})).json()["number"]


async def test_a_window_is_followed_through_a_visit(hall: WebHall):
    assert (now(hall).state, now(hall).clerk) == ("closed", "")
    clerk, seen = await sit_down(hall)
    assert (now(hall).state, now(hall).tone) == ("free", "good")
    number = await draw(hall)
    assert (now(hall).tone, now(hall).waiting) == ("warn", 1), "free, and somebody waits"
    seen = version(await press(clerk, "next", seen))
    assert now(hall)[1:3] == ("called", "info") and now(hall).number == number
    await press(clerk, "start", seen)
    assert now(hall)[1:3] == ("serving", "good")
    hall.clock.advance(20 * MINUTE_MS)
    assert (now(hall).tone, now(hall).minutes) == ("bad", 20)


async def test_a_wait_over_its_target_is_bad(hall: WebHall):
    await draw(hall)
    state = hall.service.state

    def service() -> overview.ServiceNow:
        return overview.service_now(state, "a", hall.clock.now().ms, overview.came_first(state).get("a"), TAKEN)

    assert service() == ("a", 1, 0, 15, True, "good")
    hall.clock.advance(15 * MINUTE_MS)
    assert service() == ("a", 1, 15, 15, True, "bad")
    assert overview.service_now(state, "b", 0, None, TAKEN)[1:] == (0, None, None, False, "good")


async def test_who_waits_for_what_no_window_does_is_bad(hall: WebHall):
    await draw(hall)
    state, now_ms = hall.service.state, hall.clock.now().ms
    assert overview.services_taken(state, now_ms) == frozenset()
    assert overview.service_now(state, "a", now_ms, now_ms, frozenset()).tone == "bad"
    await sit_down(hall)
    assert "a" in overview.services_taken(state, now_ms)


def test_the_worst_comes_first():
    def window(id: str, tone: str, waiting: int = 0) -> overview.WindowNow:
        return overview.WindowNow(id, "free", tone, "", "", 1, False, waiting)

    some = [window("1", "good"), window("2", "warn", 3), window("3", "bad"), window("4", "warn", 5), window("5", "off")]
    assert [each.id for each in overview.wrong(some)] == ["3", "4", "2"]


async def test_the_page_says_what_is_wrong_before_all_else(hall: WebHall):
    manager = await hall.logged_in("admin")
    await sit_down(hall)
    await draw(hall)
    page = (await manager.get("/manager?lang=en")).text
    assert page.index("Needs somebody") < page.index("Waits by service") < page.index('class="tiles"')
    assert 'data-tone="warn"' in page and "1 wait for it" in page
    for role in ("clerk", "kiosk"):
        assert (await (await hall.logged_in(role)).get("/manager")).status_code == 403
