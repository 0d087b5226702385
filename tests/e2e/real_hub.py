"""A hub as it is started by an admin, `jiaohao hub`, in a process of its own; and a browser that trusts nobody."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import httpx
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from tools.ports import free_port

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # no way out, whatever a page asks for
]
READY_S = 20
PASSWORD = "correct horse"
OPEN_MS = int(datetime(2026, 12, 1, 10, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp() * 1000)
"""A Tuesday at ten, when halls are open."""


def in_opening_hours() -> list[str]:
    """Arguments of a hub whose clock begins at OPEN_MS, whenever the test runs."""
    return ["--clock-shift-ms", str(OPEN_MS - time.time_ns() // 1_000_000)]


class RealHub:
    """The command, on ports and in a folder that stay the same over restarts."""

    def __init__(self, folder: Path, hall: str = "songshan-lake", more: Sequence[str] = ()):
        self._more = more
        self._folder = folder
        self._port, self._mqtt = free_port(), free_port()
        self._hall = hall
        self._process: subprocess.Popen | None = None
        self.url = f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        where = ["--listen", f"127.0.0.1:{self._port}", "--mqtt", f"127.0.0.1:{self._mqtt}", "--open-board"]
        arguments = ["--hall", self._hall, "--data", str(self._folder / "data"), *where, *self._more]
        with (self._folder / "hub.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tools.cli", "hub", *arguments], stdout=log, stderr=log
            )
        self._wait_until_it_answers()

    def _wait_until_it_answers(self) -> None:
        give_up_at = time.monotonic() + READY_S
        while time.monotonic() < give_up_at:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/api/v1/health").json()["ok"]:
                    return
            assert self._process and self._process.poll() is None, (self._folder / "hub.log").read_text()
            time.sleep(0.05)
        raise AssertionError((self._folder / "hub.log").read_text())

    def stop(self, kill: bool = False) -> None:
        if self._process and self._process.poll() is None:
            self._process.kill() if kill else self._process.terminate()
            self._process.wait(READY_S)

    @property
    def setup_token(self) -> str:
        link = (self._folder / "data" / "setup-link").read_text().strip()
        return parse_qs(urlsplit(link).query)["token"][0]

    def set_up(self, **users: str) -> None:
        """An admin called `admin`, and users with their roles; all have PASSWORD."""
        with self.as_user(None) as anybody:
            first = {"token": self.setup_token, "name": "admin", "password": PASSWORD}
            assert anybody.post("/api/v1/setup", json=first).status_code == 201
        with self.as_user("admin") as admin:
            for name, role in users.items():
                self.add_user(admin, name, role)

    @staticmethod
    def add_user(admin: httpx.Client, name: str, role: str) -> None:
        answer = admin.post("/api/v1/users", json={"name": name, "role": role, "password": PASSWORD})
        assert answer.status_code == 201, answer.text

    @staticmethod
    def add_again(admin: httpx.Client, name: str, role: str) -> None:
        """Writes a user anew, which ends the user's logins."""
        answer = admin.post("/api/v1/users", json={"name": name, "role": role, "password": PASSWORD})
        assert answer.status_code == 200, answer.text

    @contextlib.contextmanager
    def as_user(self, name: str | None) -> Iterator[httpx.Client]:
        """A program that logged in as `name`."""
        with httpx.Client(base_url=self.url, headers={"Origin": self.url}) as client:
            if name:
                assert client.post("/api/v1/login", json={"name": name, "password": PASSWORD}).status_code == 200
            yield client


class Guest:
    """A browser window that writes down what must not happen: requests to elsewhere, broken rules, errors."""

    def __init__(self, context: BrowserContext, page: Page, url: str):
        self.context = context
        self.page = page
        self._url = url
        self.elsewhere: list[str] = []
        self.wrong: list[str] = []
        context.on("request", lambda request: self._saw(request.url))
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("console", lambda message: self._heard(message.text))

    def _saw(self, url: str) -> None:
        if not url.startswith((self._url, "blob:", "data:")):
            self.elsewhere.append(url)

    def _heard(self, text: str) -> None:
        if "Content Security Policy" in text:
            self.wrong.append(text)

    async def open(self, path: str) -> Page:
        await self.page.goto(self._url + path)
        return self.page

    async def log_in(self, name: str, path: str = "/login") -> Page:
        """Fills the form in as a person does: by keyboard."""
        page = await self.open(path)
        await expect(page.locator("#name")).to_be_focused()
        await page.keyboard.type(name)
        await page.keyboard.press("Tab")
        await page.keyboard.type(PASSWORD)
        await page.keyboard.press("Enter")
        await page.wait_for_url(lambda url: "/login" not in url)
        return page


@contextlib.asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    if not CHROMIUM.exists():
        raise AssertionError(f"{CHROMIUM} is missing: apt-get install chromium fonts-noto-cjk")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


@contextlib.asynccontextmanager
async def guest(browser: Browser, url: str, **settings) -> AsyncIterator[Guest]:
    """A window of its own, without cookies of others. What must not happen fails the test at the end."""
    context = await browser.new_context(**{"locale": "zh-CN", "viewport": {"width": 1280, "height": 900}, **settings})
    made = Guest(context, await context.new_page(), url)
    yield made
    await asyncio.sleep(0.05)
    await context.close()
    assert made.elsewhere == []
    assert not made.wrong, made.wrong
