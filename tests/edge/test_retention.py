"""A whole hub at its start deletes what it missed to delete, at the broker too, and its data folder stands the scan."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import aiomqtt
import httpx
from click.testing import CliRunner
from edge_brokers import HALL as NORTH
from edge_brokers import Device, Hub, until

from hub.adapters.memory import MemoryStore, SetClock
from hub.adapters.sqlite_store import SqliteStore
from hub.bootstrap import Settings, open_hub
from hub.cli.privacy import privacy
from hub.devices.inbox import Inbox
from hub.devices.registry import Registry
from hub.service import HallService
from protocol import topics
from tools.bench.hall import write_hall
from tools.ports import free_port

HALL = "bench"
PHONE = "13812345678"
PASSWORD = "correct horse battery"


async def revoked_board(url: str, mqtt: int, link: str) -> None:
    """Registers a board, which says something with a phone number in it, and revokes it."""
    async with httpx.AsyncClient(base_url=url, headers={"Origin": url}) as admin:
        token = link.partition("token=")[2]
        await admin.post("/api/v1/setup", json={"token": token, "name": "chief", "password": PASSWORD})
        await admin.post("/api/v1/login", json={"name": "chief", "password": PASSWORD})
        answer = await admin.post("/api/v1/devices", json={"id": "pad", "role": "rating_pad", "window": "1"})
        config = answer.raise_for_status().json()
        async with aiomqtt.Client(
            "127.0.0.1",
            mqtt,
            username=config["user"],
            password=config["password"],
            identifier=config["client_id"],
        ) as board:
            await board.publish(topics.up(HALL, "pad", "hello"), PHONE.encode(), qos=1, retain=True)
        (await admin.delete("/api/v1/devices/pad")).raise_for_status()


def scanned(folder: Path) -> tuple[int, str]:
    result = CliRunner().invoke(privacy, ["scan", "--data", str(folder)])
    return result.exit_code, result.output


async def test_what_was_missed_is_deleted_at_the_start(tmp_path: Path):
    data, hall = tmp_path / "data", tmp_path / "hall.toml"
    write_hall(hall, 1)
    data.mkdir()
    addresses = (("127.0.0.1", free_port()), ("127.0.0.1", free_port()))
    async with open_hub(Settings(hall, data, *addresses)) as hub:
        await revoked_board(hub.url, addresses[1][1], hub.setup_link)
    store = SqliteStore(data / "hall.db")
    store._writer.execute("update quarantine set at_ms = 1600000000000")  # what the board said could not be read
    store._writer.execute("delete from meta where key = 'retention'")  # the hub ran on another day
    store.close()
    code, told = scanned(data)
    assert code == 1 and "BEYOND: mobile number 13…78" in told and "table quarantine" in told

    def runs() -> int:
        with closing(sqlite3.connect(data / "hall.db")) as database:
            query = "select count(*) from deeds where action = 'kept for long enough'"
            return database.execute(query).fetchone()[0]

    before = runs()
    async with open_hub(Settings(hall, data, *addresses)):
        await until(lambda: runs() == before + 1, 20)
    code, told = scanned(data)
    assert code == 0, told


async def test_a_broker_forgets_what_a_revoked_board_said(broker):
    """nats-server does so by itself when a login is taken away; mosquitto does not."""
    store, clock = MemoryStore(), SetClock()
    hello = topics.up(NORTH, "pad-1", "hello")
    registry = Registry(store, broker.adapter, lambda: 1)
    login = await registry.register("pad-1", "rating_pad", "w1")
    first, second = Hub(broker.adapter.hub_login), Hub(broker.adapter.hub_login)
    async with first.link:
        await until(lambda: first.link.connected)
        async with Device(broker.port, login) as board:
            await board.client.publish(hello, PHONE, qos=1, retain=True)
        await first.hears(PHONE.encode())
        await registry.revoke("pad-1")
        inbox = Inbox(HallService(store, first.link, clock, 7), registry, first.link, store, clock, NORTH)
        assert inbox.clear_revoked() == 1
        await first.hears(b"")
    await inbox(hello, b"")
    assert store.quarantined == [], "a cleared message is none"
    async with second.link:
        await until(lambda: second.link.connected)
        second.link.publish(topics.up(NORTH, "pad-1", "telemetry"), b"after all that was retained", retain=False)
        await second.hears(b"after all that was retained")
    assert (hello, PHONE.encode()) not in second.heard
