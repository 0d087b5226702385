"""The hall board across a hall: letters as large as its distance needs, and an arrow to the window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, ViewportSize, expect

from hub.core import legible
from tests.e2e.real_hub import RealHub, guest
from tests.e2e.test_pages import call, draw

HALL = Path(__file__).parents[2] / "hub/halls/songshan-lake.toml"
FAR_M, WIDE_MM = 9, 1430
"""A screen of 65 inches at the end of a room."""

BOARD = f"""
[boards.door]
left = ["1"]
right = ["2-3"]
distance_m = {FAR_M}
width_mm = {WIDE_MM}
"""

SCREENS: dict[str, ViewportSize] = {
    "1080p": {"width": 1920, "height": 1080},
    "4k": {"width": 3840, "height": 2160},
    "upright": {"width": 1080, "height": 1920},
}

CAPITAL = """() => {
  const number = document.querySelector("#calls .number");
  const pen = document.createElement("canvas").getContext("2d");
  const { fontWeight, fontSize, fontFamily } = getComputedStyle(number);
  pen.font = `${fontWeight} ${fontSize} ${fontFamily}`;
  return pen.measureText("H").actualBoundingBoxAscent;
}"""
"""Height of a capital in pixels, as this browser draws it."""

CUT_OFF = """() => [...document.querySelectorAll("#calls li:not([hidden]), #calls li:not([hidden]) .number")]
  .map((part) => part.getBoundingClientRect())
  .filter((box) => box.bottom > innerHeight || box.right > innerWidth).length"""


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[RealHub]:
    (tmp_path / "hall.toml").write_text(HALL.read_text("utf-8") + BOARD, "utf-8")
    made = RealHub(tmp_path, str(tmp_path / "hall.toml"))
    made.start()
    try:
        made.set_up(li="clerk", wang="clerk")
        yield made
    finally:
        made.stop()


@pytest.mark.parametrize("screen", SCREENS)
async def test_letters_are_as_large_as_the_distance_needs(hub: RealHub, browser: Browser, tmp_path: Path, screen: str):
    draw(hub, 2)
    await call(hub, "1", "li")
    await call(hub, "2", "wang")
    size = SCREENS[screen]
    async with guest(browser, hub.url, viewport=size) as wall:
        page = await wall.open("/board?board=door")
        newest = page.locator("#calls .newest")
        await expect(newest).to_contain_text("A002")
        await expect(newest.locator(".arrow")).to_have_text("→")
        needed_px = legible.capital_mm(FAR_M) / WIDE_MM * size["width"]
        assert await page.evaluate(CAPITAL) >= needed_px
        assert await page.evaluate(CUT_OFF) == 0
        assert await page.evaluate("document.documentElement.scrollHeight <= innerHeight")
        await page.screenshot(path=tmp_path / f"board-{screen}.png")


async def test_a_board_that_is_not_in_the_hall_file(hub: RealHub, browser: Browser):
    async with guest(browser, hub.url) as wall:
        answer = await wall.page.goto(f"{hub.url}/board?board=moon")
        assert answer and answer.status == 404
