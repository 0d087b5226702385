"""A whole hub over TLS, with boards that run the firmware: certificates change under them, and nothing is lost."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import sqlite3
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from edge_brokers import until

from hub.adapters import ca, transport
from hub.bootstrap import Hub, Settings, open_hub
from tests.virtual import Device, start
from tools.bench.hall import write_hall
from tools.ports import free_port

HOST = "hub.example"
PASSWORD = "correct horse battery"
NOW = datetime.now(UTC)
PATIENCE_S = 30
LOCKED_S = 3.1
"""A pad thanks for three seconds and takes no other press meanwhile."""


@dataclass
class Hall:
    """A running hub, and an admin's browser."""

    hub: Hub
    admin: httpx.AsyncClient
    data: Path
    mqtt: int
    folder: Path

    async def pad(self, device: str) -> Path:
        """Registers a pad; the folder that is its flash."""
        body = {"id": device, "role": "rating_pad", "window": "1"}
        config = (await self.admin.post("/api/v1/devices", json=body)).raise_for_status().json()
        flash = self.folder / device
        flash.mkdir(exist_ok=True)
        (flash / "config.json").write_text(json.dumps(config))
        if "tls" in config:
            shutil.copy(ca.files_of(self.data).for_boards, flash / config["tls"]["ca"])
        return flash

    def stored(self) -> list[tuple[str, int, int]]:
        """(device, epoch, seq) of every rating on the hub's disk."""
        with contextlib.closing(sqlite3.connect(f"file:{self.data / 'hall.db'}?mode=ro", uri=True)) as database:
            return database.execute("select device, epoch, seq from ratings").fetchall()

    async def health(self) -> dict:
        return (await self.admin.get("/api/v1/health")).raise_for_status().json()


@asynccontextmanager
async def hall_in(folder: Path) -> AsyncIterator[Hall]:
    """A hub on loopback; over TLS if its data folder has certificates."""
    folder.mkdir(exist_ok=True)
    write_hall(folder / "hall.toml", 1)
    data, mqtt = folder / "data", free_port()
    verify = ca.client_context(ca.files_of(data).trusted) if ca.exists(data) else True
    settings = Settings(folder / "hall.toml", data, ("127.0.0.1", free_port()), ("127.0.0.1", mqtt))
    async with open_hub(settings) as hub:
        client = httpx.AsyncClient(base_url=hub.url, headers={"Origin": hub.url}, verify=verify)
        async with client as admin:
            token = hub.setup_link.partition("token=")[2]
            first = {"token": token, "name": "chief", "password": PASSWORD}
            (await admin.post("/api/v1/setup", json=first)).raise_for_status()
            login = await admin.post("/api/v1/login", json={"name": "chief", "password": PASSWORD})
            login.raise_for_status()
            yield Hall(hub, admin, data, mqtt, folder)


@asynccontextmanager
async def running(*flashes: Path) -> AsyncIterator[list[Device]]:
    """A board for each folder."""
    boards = [await start(flash, None) for flash in flashes]
    try:
        yield boards
    finally:
        for board in boards:
            if board.process.returncode is None:
                board.process.kill()
            await board.process.wait()


def promised(device: str, *boards: Device) -> set[tuple[str, int, int]]:
    return {(device, *line["promised"][:2]) for board in boards for line in board.said("promised")}


async def press_for_ever(board: Device) -> None:
    with contextlib.suppress(ConnectionError):
        while True:
            board.tell({"key": 0})
            await asyncio.sleep(LOCKED_S)


async def shown(port: int, trusted: Path) -> str:
    """The serial number of the certificate that a server shows, as its authority's clients see it."""
    context = ca.client_context(trusted)
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname=HOST)
    writer.close()
    return writer.get_extra_info("peercert")["serialNumber"]


async def changed(port: int, trusted: Path, before: str) -> str:
    """What is shown instead of `before`, as soon as it is."""
    async with asyncio.timeout(PATIENCE_S):
        while (now := await shown(port, trusted)) == before:
            await asyncio.sleep(0.1)
    return now


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(transport, "LOOK_EVERY_S", 0.2)


async def test_certificates_change_under_a_hall_at_work_and_no_rating_is_lost(tmp_path, quick):
    files = ca.init(tmp_path / "data", [HOST], NOW).files
    async with hall_in(tmp_path) as hall:
        assert hall.hub.url.startswith("https://") and "__Host-jiaohao_session" in hall.admin.cookies
        pages = int(hall.hub.url.rpartition(":")[2])
        flashes = [await hall.pad(f"pad-{number}") for number in (1, 2)]
        async with running(*flashes) as boards:
            pressing = [asyncio.create_task(press_for_ever(board)) for board in boards]
            await until(lambda: len({device for device, _, _ in hall.stored()}) == 2, PATIENCE_S)
            ports = (hall.mqtt, pages)
            before = [await shown(port, files.trusted) for port in ports]

            # Nearly over: the hub makes new ones by itself, and nobody is cut.
            ca.load(hall.data).renew([HOST], NOW - timedelta(days=ca.SERVER_DAYS - ca.RENEW_DAYS + 1))
            await until(lambda: ca.load(hall.data).days_left(NOW) > 300, PATIENCE_S)
            renewed = [await changed(port, files.trusted, old) for port, old in zip(ports, before, strict=True)]
            assert (await hall.health())["broker"] == {"connected": True, "error": ""}

            # A new authority: a board that knows the old one only connects anew, by the firmware's own check.
            ca.load(hall.data).replace(NOW)
            await changed(hall.mqtt, files.trusted, renewed[0])
            boards[0].process.kill()
            await boards[0].process.wait()
            async with running(flashes[0]) as again:
                pressing.append(asyncio.create_task(press_for_ever(again[0])))
                await until(lambda: again[0].said("promised") and len(boards[1].said("promised")) > 2, PATIENCE_S)
                for task in pressing:
                    task.cancel()
                await asyncio.gather(*pressing, return_exceptions=True)
                kept = promised("pad-1", boards[0], again[0]) | promised("pad-2", boards[1])
                await until(lambda: kept <= set(hall.stored()), PATIENCE_S)
                assert len(hall.stored()) == len(set(hall.stored()))


async def test_two_boards_with_one_name_are_told_and_lose_no_rating(tmp_path, caplog):
    async with hall_in(tmp_path) as hall:
        original = await hall.pad("pad-1")
        clone = tmp_path / "clone"
        shutil.copytree(original, clone)
        async with running(original, clone) as boards:
            pressing = [asyncio.create_task(press_for_ever(board)) for board in boards]
            devices = (await hall.admin.get("/api/v1/devices")).json()
            assert [device["clone"] for device in devices] == [False]
            async with asyncio.timeout(60):
                while (await hall.health())["clones"] == 0:
                    await asyncio.sleep(0.2)
            assert "two boards speak as pad-1" in caplog.text
            assert (await hall.admin.get("/api/v1/devices")).json()[0]["clone"] is True
            for task in pressing:
                task.cancel()
            await asyncio.gather(*pressing, return_exceptions=True)
            kept = promised("pad-1", *boards)
            assert len({epoch for _, epoch, _ in kept}) == 2, "each has pressed"
            await until(lambda: kept <= set(hall.stored()), PATIENCE_S)
            await hall.pad("pad-1")
            assert (await hall.health())["clones"] == 0


async def test_a_line_of_before_tls_1_2_is_refused(tmp_path):
    files = ca.init(tmp_path / "data", [HOST], NOW).files
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    with pytest.warns(DeprecationWarning):
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    async with hall_in(tmp_path) as hall:
        for port in (hall.mqtt, int(hall.hub.url.rpartition(":")[2])):
            assert await shown(port, files.trusted)
            with pytest.raises(OSError):  # an alert, or the line is cut
                await asyncio.open_connection("127.0.0.1", port, ssl=old)
