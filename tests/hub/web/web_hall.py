"""A hall with its app, without a broker: real SQLite, a clock that is set by hand, and people who ask."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from argon2 import PasswordHasher
from fastapi import FastAPI

from hub.adapters.day_keys import DayKeys
from hub.adapters.memory import MemoryPublisher, SetClock
from hub.adapters.printers import ReceiptPrinters
from hub.adapters.releases import ReleaseShelf
from hub.adapters.sqlite_accounts import SqliteAccounts
from hub.adapters.sqlite_answers import SqliteAnswers
from hub.adapters.sqlite_archive import SqliteArchive
from hub.adapters.sqlite_figures import SqliteFigures
from hub.adapters.sqlite_lines import SqliteLines
from hub.adapters.sqlite_rollout import SqliteRollout
from hub.adapters.sqlite_store import SqliteStore
from hub.core import commands
from hub.core.hall import Hall
from hub.devices.orders import Orders
from hub.devices.registry import Registry
from hub.devices.slips import SlipCounter, SlipWriter
from hub.devices.updates import Updates
from hub.ports import BrokerError, Deed, Device, DeviceLogin, User
from hub.service import HallService
from hub.web.app import create_app
from hub.web.vitals import Vitals
from tests.hub.halls import small_hall

HOST = "http://hall.test"
PASSWORD = "correct horse"
HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
"""Cheap to check: tests log in a hundred times."""

NAMES = {"admin": "admin", "clerk": "clerk", "wang": "clerk", "kiosk": "kiosk", "board": "board"}
"""User -> role."""


class FakeBroker:
    """Lets everybody in; `fail_with` makes it refuse, as a broker that is down does."""

    def __init__(self) -> None:
        self.inside: set[str] = set()
        self.rights: dict[str, str] = {}
        self.fail_with = ""
        self.connected = True
        self.last_error = ""
        self.quarantined = 0
        self.set_back_ms = 0
        self.orders = Orders(MemoryPublisher(), "small", iter(map(str, range(1000))).__next__, lambda: 0)
        self.reconnects = self.received = self.published = self.dropped = 0

    async def start(self) -> None: ...
    async def stop(self) -> None: ...

    async def grant(self, login: DeviceLogin) -> None:
        self._fail()
        self.inside.add(login.device)

    async def revoke(self, device: str) -> None:
        self._fail()
        self.inside.discard(device)

    async def reconcile(self, devices: Sequence[Device]) -> set[str]:
        self._fail()
        self.rights = {device.id: device.window or device.zone for device in devices}
        return set()

    def _fail(self) -> None:
        if self.fail_with:
            raise BrokerError(self.fail_with)


@dataclass
class WebHall:
    """The app and what it stands on."""

    app: FastAPI
    service: HallService
    store: SqliteStore
    accounts: SqliteAccounts
    clock: SetClock
    broker: FakeBroker
    data: Path

    def visitor(self, address: str = "10.0.0.1", **headers: str) -> httpx.AsyncClient:
        """A browser that nobody logged in, on a page of the hub as `Host` calls it."""
        transport = httpx.ASGITransport(self.app, client=(address, 1234))
        origin = f"http://{headers['Host']}" if "Host" in headers else HOST
        return httpx.AsyncClient(transport=transport, base_url=HOST, headers={"Origin": origin, **headers})

    async def logged_in(self, name: str, password: str = PASSWORD) -> httpx.AsyncClient:
        """The browser of a user."""
        browser = self.visitor()
        answer = await browser.post("/api/v1/login", json={"name": name, "password": password})
        assert answer.status_code == 200, answer.text
        return browser

    async def machine(self, role: str) -> httpx.AsyncClient:
        """A program with a key of `role`."""
        admin = await self.logged_in("admin")
        answer = await admin.post("/api/v1/keys", json={"label": f"machine-{role}", "role": role})
        transport = httpx.ASGITransport(self.app)
        return httpx.AsyncClient(
            transport=transport, base_url=HOST, headers={"Authorization": f"Bearer {answer.json()['token']}"}
        )


@asynccontextmanager
async def web_hall(
    data: Path, *, has_users: bool = True, rules: Hall | None = None, source: str = "", **settings: Any
) -> AsyncIterator[WebHall]:
    """A small hall, or `rules` of the file `source`, with users called like their roles, and a second clerk `wang`."""
    store = SqliteStore(data / "hall.db")
    clock, broker = SetClock(), FakeBroker()
    service = HallService(store, MemoryPublisher(), clock, epoch=7)
    writer = asyncio.create_task(service.run())
    if service.state.hall is None:
        await service.handle(commands.ConfigureHall("", rules or small_hall(), source))
        await service.handle(commands.LookAround(""))  # which opens the day
    accounts = SqliteAccounts(data / "hall.db")
    if has_users and not accounts.users():
        for name, role in NAMES.items():
            accounts.keep_user(User(name, role, name.title(), HASH), Deed(0, "test", "", "user added", name))
    devices = Registry(store, broker, lambda: clock.now().ms)
    rollout = ReleaseShelf(data), SqliteRollout(data / "hall.db")
    updates = Updates(
        *rollout, devices, MemoryPublisher(), "small", lambda _: "z1", lambda _: False, lambda: clock.now().ms
    )
    app = create_app(
        slips=SlipCounter(SlipWriter(service, clock), ReceiptPrinters(settings.pop("printers", ()))),
        service=service,
        accounts=accounts,
        answers=SqliteAnswers(data / "hall.db"),
        lines=SqliteLines(data / "hall.db"),
        figures=SqliteFigures(data / "hall.db"),
        archive=SqliteArchive(data / "hall.db"),
        secret=b"s" * 32,
        day_keys=DayKeys(data / "day-keys"),
        devices=devices,
        updates=updates,
        clock=clock,
        broker=broker,
        inbox=broker,
        broker_address=("127.0.0.1", 1883),
        vitals=Vitals(data, broker),
        **settings,
    )
    try:
        yield WebHall(app, service, store, accounts, clock, broker, data)
    finally:
        writer.cancel()
        await asyncio.gather(writer, return_exceptions=True)
        accounts.close()
        store.close()
