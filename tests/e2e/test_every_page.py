"""Promises of every page, in a real browser: what axe looks for, room on a phone and at 400 %, targets, weight.

A page that is new gets a line in `VIEWS`; a test compares the list with what the hub serves. With SCREENSHOTS=folder,
every page is put there in three languages, light and dark, as on a phone, a desk and a television.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Error, Page, ViewportSize

from hub.permissions import ROUTES
from hub.web.appearance import Look
from hub.web.language import NAMES
from tests.e2e.real_hub import PASSWORD, RealHub, guest, in_opening_hours

PHONE: ViewportSize = {"width": 360, "height": 740}
DESK: ViewportSize = {"width": 1280, "height": 900}
TV: ViewportSize = {"width": 1920, "height": 1080}
SCREENS = {"phone": PHONE, "desk": DESK, "tv": TV}
LOOKS = (Look("light"), Look("dark"), Look("light", "more"), Look("dark", "more", "large"))

KB = 1000
STAFF_PAGE, APPLICANT_PAGE = 100 * KB, 50 * KB
"""What a page may weigh, compressed, with all that it loads, when nothing of it is in the browser yet."""


@dataclass(frozen=True, slots=True)
class View:
    """A page as somebody sees it. `user`: who logs in; empty: nobody does."""

    path: str
    user: str = ""
    weight: int = STAFF_PAGE


VIEWS = {
    "login": View("/login"),
    "kiosk": View("/kiosk", "kiosk-1", weight=APPLICANT_PAGE),
    "board": View("/board"),
    "index": View("/hall"),
    "ticket": View("/t/{visit}", weight=APPLICANT_PAGE),
    "rate": View("/r/{rating}", weight=APPLICANT_PAGE),
    "results": View("/results"),
    "clerk": View("/clerk?window=1", "li"),
    "desk": View("/desk", "wang"),
    "manager": View("/manager", "wang"),
    "reviews": View("/reviews", "admin"),
    "review": View("/reviews/R.1", "admin"),
    "report": View("/report", "admin"),
    "paper": View("/reports/{day}", "admin"),
    "admin": View("/admin", "admin"),
}
NOT_LOOKED_AT = {"/", "/setup"}
"""`/` leads on to another page; `/setup` is there for one minute of a hub's life, and test_pages walks it."""


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RealHub, dict[str, str]]]:
    """A hub on which something went on, and what has to be filled into the paths of pages."""
    hub = RealHub(tmp_path_factory.mktemp("hub"), more=in_opening_hours())
    hub.start()
    try:
        hub.set_up(li="clerk", wang="manager", **{"kiosk-1": "kiosk"})
        yield hub, play(hub)
    finally:
        hub.stop()


def play(hub: RealHub) -> dict[str, str]:
    """Five people drew tickets: one was served and is displeased, one is being served, three wait."""
    with hub.as_user("admin") as admin:
        drawn = [admin.post("/api/v1/tickets", json={"service": "company"}).json() for _ in range(5)]
        admin.post("/api/v1/windows/1/sign-in", json={"clerk": "li"}).raise_for_status()
        for verb in ("next", "start", "finish", "next", "start"):
            admin.post(f"/api/v1/windows/1/{verb}", json={"seen": version(admin)}).raise_for_status()
        bad = {"level": 1, "text": "等了很久，没有人解释为什么。", "name": "王芳", "contact": "13800138000"}
        admin.post(f"/api/v1/tickets/{drawn[0]['visit']}/rating", json=bad).raise_for_status()
        page = admin.get(f"/t/{drawn[1]['visit']}").text
        day = admin.get("/api/v1/figures").json()["day"]
    return {"visit": drawn[2]["visit"], "rating": page.partition('href="/r/')[2].partition('"')[0], "day": day}


def version(admin) -> list[int]:
    windows = admin.get("/api/v1/hall").json()["windows"]
    return next(window["state"]["version"] for window in windows if window["id"] == "1")


def test_every_page_is_looked_at():
    served = {path for method, _, path in (route.partition(" ") for route in ROUTES) if method == "GET"}
    pages = {path for path in served if "/api/" not in path} - {
        "/t/{visit}/code.svg",
        "/static",
        "/metrics",
        "/healthz",
        "/Q/{token}",
    }
    named = {"/reviews/R.1": "/reviews/{review}", "/reports/{day}": "/reports/{period}", "/r/{rating}": "/r/{token}"}
    assert pages - NOT_LOOKED_AT == {
        named.get(path, path) for path in (v.path.partition("?")[0] for v in VIEWS.values())
    }


async def log_in(page: Page, hub: RealHub, user: str) -> None:
    if user:
        answer = await page.request.post(
            f"{hub.url}/api/v1/login", data={"name": user, "password": PASSWORD}, headers={"Origin": hub.url}
        )
        assert answer.ok


async def arrive(page: Page, url: str) -> None:
    """Until the page shows what it shows: staff's pages are drawn by what the stream brings."""
    await page.goto(url)
    await page.evaluate("document.fonts.ready")
    await page.wait_for_timeout(300)


@pytest.mark.parametrize("name", VIEWS)
async def test_what_a_page_promises(name: str, hall: tuple[RealHub, dict[str, str]], browser: Browser):
    hub, filled = hall
    view = VIEWS[name]
    url = hub.url + view.path.format(**filled)
    async with guest(browser, hub.url, viewport=DESK) as visitor:
        page = visitor.page
        await log_in(page, hub, view.user)
        weight = await weigh(page, url)
        assert weight <= view.weight, f"{weight} bytes"
        found: dict[str, object] = {}
        for look in LOOKS:
            await arrive(page, with_query(url, f"look={look}"))
            results = await Axe().run(page, options={"resultTypes": ["violations"]})
            for broken in results.response["violations"]:
                if broken["impact"] in ("serious", "critical"):
                    found[f"{look} {broken['id']}"] = [node["html"][:160] for node in broken["nodes"]][:3]
        assert found == {}
        await page.set_viewport_size(PHONE)
        for look, languages in ((Look(), NAMES), (Look(type="large"), ("zh-Hans",))):
            for spoken in languages:
                await arrive(page, with_query(url, f"look={look}&lang={spoken}"))
                assert await page.evaluate(SIDEWAYS) == [], (str(look), spoken)
                assert await page.evaluate(TOO_SMALL) == [], (str(look), spoken)
        await page.set_viewport_size({"width": 320, "height": 640})  # 1280 at 400 %: WCAG 2.2, 1.4.10
        assert await page.evaluate(SIDEWAYS) == [], "320 px wide"


SIDEWAYS = """() => {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  return [...document.querySelectorAll("body *")]
    .filter((element) => element.getBoundingClientRect().right > root.clientWidth + 1)
    .map((element) => element.outerHTML.slice(0, 120)).slice(0, 3);
}"""
"""What makes the page scroll sideways."""

TOO_SMALL = """() => {
  const seen = (element) => element.checkVisibility() && !element.closest(".skip, .unseen");
  const inText = (element) => getComputedStyle(element).display === "inline";
  return [...document.querySelectorAll("button, select, summary, a, input:not([type=hidden])")]
    .filter((element) => seen(element) && !inText(element))
    .map((element) => [element, (element.closest("label") ?? element).getBoundingClientRect()])
    .filter(([, box]) => box.width > 1 && (box.height < 43.5 || box.width < 24))
    .map(([element, box]) => `${Math.round(box.width)}x${Math.round(box.height)} ${element.outerHTML.slice(0, 120)}`);
}"""
"""What can be pressed and is lower than a thumb needs: 44 px, except links within text (WCAG 2.2, 2.5.5)."""


def with_query(url: str, more: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}{more}"


async def weigh(page: Page, url: str) -> int:
    """Bytes that came over the line for the page and all it loads, as the browser counts them, without streams."""
    network = await page.context.new_cdp_session(page)
    await network.send("Network.enable")
    await network.send("Network.setCacheDisabled", {"cacheDisabled": True})
    sizes: list[int] = []
    network.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
    await arrive(page, url)
    await network.detach()
    return sum(sizes)


async def test_nothing_can_leave_the_machine(hall: tuple[RealHub, dict[str, str]], browser: Browser):
    """The browser of these tests finds no way out, so a page that needed one would be seen to be broken."""
    async with guest(browser, hall[0].url) as visitor:
        page = await visitor.open("/hall")
        for elsewhere in ("https://cdn.jsdelivr.net/x.js", "http://192.0.2.1/"):
            other = await visitor.context.new_page()
            with pytest.raises(Error, match=r"ERR_NAME_NOT_RESOLVED|ERR_ADDRESS_UNREACHABLE"):
                await other.goto(elsewhere, timeout=3000)
        visitor.elsewhere.clear()
        assert (await page.reload()).ok  # pyright: ignore[reportOptionalMemberAccess]


@pytest.mark.parametrize("name", VIEWS)
async def test_pictures(name: str, hall: tuple[RealHub, dict[str, str]], browser: Browser, tmp_path: Path):
    """Without SCREENSHOTS, one of each page and screen, which must not be empty."""
    hub, filled = hall
    view = VIEWS[name]
    url = hub.url + view.path.format(**filled)
    folder = Path(os.environ.get("SCREENSHOTS", tmp_path))
    languages = NAMES if "SCREENSHOTS" in os.environ else ("zh-Hans",)
    async with guest(browser, hub.url) as visitor:
        page = visitor.page
        await log_in(page, hub, view.user)
        for screen, size in SCREENS.items():
            await page.set_viewport_size(size)
            for spoken in languages:
                for theme in ("light", "dark") if "SCREENSHOTS" in os.environ else ("light",):
                    await arrive(page, with_query(url, f"lang={spoken}&look={theme}.auto.normal"))
                    picture = await page.screenshot(
                        path=folder / f"{name}-{screen}-{spoken}-{theme}.png", full_page=True
                    )
                    assert len(picture) > 4 * KB
