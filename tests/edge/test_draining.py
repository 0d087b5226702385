"""The hub is told to end in the middle of the work: nothing that was answered is lost, and it ends as it should.

One hub, asked once for all of it: under load from pages and from a pad, watched by a live page, hardened and watched as
by docs/jiaohao.service.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sqlite3
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest
from edge_brokers import until
from whole_hub import WholeHub, board, whole_hub

from tests.promql import holds, rules
from tools.bench.http_client import Connection

REFUSE_NEW_CODE, ASKED = 65, 66
"""prctl: no memory may become executable, which is what systemd's MemoryDenyWriteExecute asks for; and whether so."""

HARDENED = f"""
import ctypes, runpy, sys
prctl = ctypes.CDLL(None).prctl
prctl({REFUSE_NEW_CODE}, 1, 0, 0, 0)
print("hardened", prctl({ASKED}, 0, 0, 0, 0), flush=True)
sys.argv[0] = "jiaohao"
runpy.run_module("tools.cli", run_name="__main__")
"""


@dataclass
class Ended:
    """What was seen of the hub's end."""

    hub: WholeHub
    status: int
    took_s: float
    numbers: list[str]
    acked: set[int]
    hub_on: int
    told: list[str]
    children: list[int]


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    return asyncio.run(run_and_end(tmp_path_factory.mktemp("draining")))


async def run_and_end(folder: Path) -> Ended:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(folder / "notify"))
        manager.setblocking(False)
        command = (sys.executable, "-c", HARDENED, "hub")
        backup = ("--backup", str(folder / "backup"))
        async with whole_hub(folder, *backup, command=command, NOTIFY_SOCKET=str(folder / "notify")) as hub:
            return await end_under_load(hub, manager)


async def end_under_load(hub: WholeHub, manager: socket.socket) -> Ended:
    # Where backups are made, nobody is told that there are none.
    too_old = rules()["JiaohaoBackupOld"]["expr"]
    await until(lambda: not holds(too_old, hub.metrics(), {"jiaohao_backup_last_good_timestamp_seconds": 0}), 60)
    children = [child.pid for child in psutil.Process(hub.process.pid).children()]
    numbers: list[str] = []
    live = asyncio.create_task(watch(hub))
    drawing = [asyncio.create_task(draw(hub, numbers, turn)) for turn in range(8)]
    async with board(hub.register("pad1", "rating_pad")) as pad:
        pressing = asyncio.create_task(press(pad))
        await until(lambda: len(numbers) > 50 and len(pad.acked) > 50 and pad.hub_on == 1, 60)
        began_s = time.monotonic()
        hub.ask_to_end()
        hub.ask_to_end()  # again, as by somebody who is impatient
        with contextlib.suppress(AssertionError):
            await until(lambda: pad.hub_on == 0, 20)
        hub.ask_to_end()
        status = await hub.ended()
        took_s = time.monotonic() - began_s
        pressing.cancel()
        await asyncio.gather(pressing, live, *drawing, return_exceptions=True)
    return Ended(hub, status, took_s, numbers, pad.acked, pad.hub_on, list(heard(manager)), children)


async def draw(hub: WholeHub, numbers: list[str], turn: int) -> None:
    """Draws until the hub is gone; keeps what was answered."""
    connection = await Connection.open("127.0.0.1", hub.port, hub.admin)
    for number in range(100_000):
        status, answer = await connection.post("/api/v1/tickets", {"service": "a"}, f"{turn}-{number}")
        if status == 201:
            numbers.append(answer["number"])


async def press(pad) -> None:
    first = 1
    while True:
        await pad.rate(first)
        first += 16
        await asyncio.sleep(0.005)


async def watch(hub: WholeHub) -> None:
    """A live page: it never ends by itself."""
    headers = {"Authorization": f"Bearer {hub.admin}"}
    async with (
        httpx.AsyncClient(timeout=60) as client,
        client.stream("GET", f"{hub.url}/api/v1/live", headers=headers) as stream,
    ):
        async for _ in stream.aiter_bytes():
            pass


def heard(manager: socket.socket):
    with contextlib.suppress(BlockingIOError):
        while True:
            yield manager.recv(4096).decode()


def rows(ended: Ended, question: str) -> list[tuple]:
    with contextlib.closing(sqlite3.connect(ended.hub.folder / "data" / "hall.db")) as database:
        return database.execute(question).fetchall()


def test_it_ends_well_and_soon(ended: Ended):
    assert ended.status == 0, ended.hub.logged
    assert ended.took_s < 30  # TimeoutStopSec of docs/jiaohao.service
    assert "Traceback" not in ended.hub.logged


def test_every_ticket_that_was_answered_is_there_once(ended: Ended):
    stored = [number for (number,) in rows(ended, "select number from tickets")]
    assert set(ended.numbers) <= set(stored)
    assert len(set(stored)) == len(stored) and len(set(ended.numbers)) == len(ended.numbers)


def test_every_press_that_was_acknowledged_is_there_once(ended: Ended):
    stored = [seq for (seq,) in rows(ended, "select seq from ratings where device = 'pad1'")]
    assert ended.acked <= set(stored) and len(set(stored)) == len(stored)


def test_devices_are_told_that_the_hub_is_gone(ended: Ended):
    assert ended.hub_on == 0


def test_the_broker_ends_with_the_hub(ended: Ended):
    assert ended.children
    assert not [pid for pid in ended.children if psutil.pid_exists(pid)]


def test_the_next_start_needs_no_log(ended: Ended):
    ((snapshot,),) = rows(ended, "select max(seq) from snapshots")
    ((last,),) = rows(ended, "select max(seq) from log")
    assert snapshot == last > 50


def test_systemd_is_told_when_it_is_ready_alive_and_stopping(ended: Ended):
    assert ended.told[0] == "WATCHDOG=1" or ended.told[0] == "READY=1"
    assert {"READY=1", "WATCHDOG=1"} <= set(ended.told) and ended.told[-1] == "STOPPING=1"
    assert ended.told.count("STOPPING=1") == ended.told.count("READY=1") == 1


def test_it_works_where_no_memory_may_become_code(ended: Ended):
    assert "hardened 1" in ended.hub.said, "this kernel cannot refuse it: Linux 6.3 and newer can"
