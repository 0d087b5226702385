"""What devices, clerks, applicants and hall files say is shown, and never run: in a real browser, on every page."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser

from hub.adapters.mqtt import BrokerLogin, open_client
from hub.permissions import ROUTES
from hub.web.access import SAFE
from protocol import topics
from tests.e2e.real_hub import RealHub, chromium, guest
from tests.talk.hall import until

EVIL = '"><img src=x onerror=alert(1)>'
HALL = Path(__file__).parents[2] / "hub" / "halls" / "songshan-lake.toml"
VIEWS = (
    "/board",
    "/hall",
    "/clerk",
    "/clerk?window=1",
    "/desk",
    "/kiosk",
    "/manager",
    "/admin",
    "/login?next=" + EVIL,
    "/board?zone=" + EVIL,
    "/reviews",
    "/reviews/R.1",
    "/results",
    "/report",
    "/report?by=clerk",
    "/reports/{day}",
)


def evil_hall(folder: Path) -> Path:
    """The hall with names that want to be scripts: hall, services, classes, windows, in every language."""
    text = re.sub(r'(zh-Hans|zh-Hant|en) = "([^"]*)"', named, HALL.read_text("utf-8"))
    file = folder / "hall.toml"
    file.write_text(text, "utf-8")
    return file


def named(found: re.Match[str]) -> str:
    """The name of a range of windows has a hole for the number, and so less room."""
    evil = EVIL.removeprefix('">') + "{n}" if "{n}" in found[2] else EVIL.replace('"', '\\"')
    return f'{found[1]} = "{evil}"'


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[RealHub]:
    made = RealHub(tmp_path, str(evil_hall(tmp_path)))
    made.start()
    try:
        made.set_up()
        with made.as_user("admin") as admin:
            made.add_user(admin, EVIL, "clerk")
            admin.post("/api/v1/keys", json={"label": EVIL + "k", "role": "board"}).raise_for_status()
            await speak(admin.post("/api/v1/devices", json=PAD).json(), admin)
            tickets = [admin.post("/api/v1/tickets", json={"service": "company"}) for _ in range(3)]
            made.visit = tickets[-1].json()["visit"]
            admin.post(f"/api/v1/tickets/{made.visit}/case", json={"case": EVIL}).raise_for_status()
            admin.post("/api/v1/windows/1/sign-in", json={"clerk": EVIL}).raise_for_status()
            windows = admin.get("/api/v1/hall").json()["windows"]
            seen = next(window["state"]["version"] for window in windows if window["id"] == "1")
            called = admin.post("/api/v1/windows/1/next", json={"seen": seen}).raise_for_status().json()
            made.visit = called["visit"]
            seen = next(it for it in admin.get("/api/v1/hall").json()["windows"] if it["id"] == "1")["state"]["version"]
            admin.post("/api/v1/windows/1/finish", json={"seen": seen}).raise_for_status()
            bad = {"level": 1, "text": EVIL, "name": EVIL, "contact": EVIL}
            admin.post(f"/api/v1/tickets/{made.visit}/rating", json=bad).raise_for_status()
        yield made
    finally:
        made.stop()


def rating_link(admin: httpx.Client, visit: str) -> str:
    found = re.search(r'href="(/r/[^"]+)"', admin.get(f"/t/{visit}").text)
    assert found
    return found[1]


PAD = {"id": "pad-1", "role": "rating_pad", "window": "1"}


async def speak(config: dict, admin) -> None:
    """The board says it in every field that takes text, and in messages that cannot be read."""
    login = BrokerLogin(config["host"], config["port"], config["user"], config["password"], config["client_id"])
    said = {
        "hello": {**dict.fromkeys(("role", "window", "model", "fw", "core", "reset"), EVIL), "boot": 1},
        "reported": {"shown": [1, 1], "error": EVIL, "rejected": 1},
        "online": {"on": 1, "boot": 1, "conn": 1},
        "events": {"epoch": 7, "presses": EVIL},
        "telemetry": {"up_s": EVIL},
    }
    async with open_client(login) as client:
        for name, message in said.items():
            await client.publish(topics.up("songshan-lake", "pad-1", name), json.dumps(message), qos=1)
        await until(lambda: admin.get("/api/v1/devices").json()[0]["error"] != "", 10)


def test_every_page_is_tried():
    pages = {route.split(" ")[1] for route in ROUTES if route.split(" ")[0] in SAFE and "/api/" not in route}
    named = {"/reviews/R.1": "/reviews/{review}", "/reports/{day}": "/reports/{period}"}
    tried = {named.get(view, view) for view in (view.partition("?")[0] for view in VIEWS)} | {
        "/t/{visit}",
        "/r/{token}",
    }
    assert pages - tried == {"/", "/setup", "/static", "/metrics", "/healthz", "/Q/{token}", "/t/{visit}/code.svg"}


async def test_04_stored_script(hub: RealHub):
    """No script ran, nothing was loaded, and the browser's own rule for this was never broken."""
    async with chromium() as browser:
        await looked_at(hub, browser)


async def looked_at(hub: RealHub, browser: Browser) -> None:
    asked: list[str] = []
    async with guest(browser, hub.url) as admin:
        admin.page.on("dialog", lambda dialog: asked.append(dialog.message))
        await admin.log_in("admin")
        with hub.as_user("admin") as asking:
            day, rate = asking.get("/api/v1/figures").json()["day"], rating_link(asking, hub.visit)
        for view in (*(view.replace("{day}", day) for view in VIEWS), f"/t/{hub.visit}", rate):
            for language in ("zh-Hans", "en"):
                page = await admin.open(f"{view}{'&' if '?' in view else '?'}lang={language}")
                await page.wait_for_timeout(150)  # what comes over the live stream is drawn
                assert await page.locator("img[src=x]").count() == 0, view
        for view in ("/admin", "/reviews/R.1", f"/reports/{day}"):
            await admin.open(view)
            assert "<img" in await admin.page.inner_text("body"), "it is shown as it is"
    assert asked == []
