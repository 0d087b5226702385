"""A rack: several devices in one process, each for itself, and ended with its supervisor's voice."""

import asyncio
import contextlib
import json
import sys
from pathlib import Path

import pytest

from protocol.upward import read_events
from tests.virtual import ROOT, STATE, SocketBroker, write_config

pytestmark = pytest.mark.edge

ROLES = {"display-3": "window_display", "call-3": "call_pad", "rate-3": "rating_pad"}


class RackProcess:
    """The process; `lines` has (device, what it said)."""

    def __init__(self, process):
        self.process = process
        self.lines = []
        self._reading = asyncio.create_task(self._read())

    async def _read(self):
        while line := await self.process.stdout.readline():
            device, _, said = line.decode().partition(" ")
            self.lines.append((device, json.loads(said)))

    def press(self, device, key):
        self.process.stdin.write(f'{device} {{"key": {key}}}\n'.encode())

    def said(self, device, key):
        return [said[key] for who, said in self.lines if who == device and key in said]

    async def until(self, condition):
        async with asyncio.timeout(20):
            while not condition():
                await asyncio.sleep(0.02)


@contextlib.asynccontextmanager
async def rack(folder: Path):
    """A rack with the three devices of a window, connected and showing its state."""
    broker = SocketBroker()
    port = await broker.listen()
    for device, role in ROLES.items():
        write_config(folder / device, role, port, device=device, client_id=device)
    (folder / "rack.txt").write_text("".join(f"{folder / device}\n" for device in ROLES))
    command = (sys.executable, "-m", "tools.demo.rack_child", str(folder / "rack.txt"))
    pipe = asyncio.subprocess.PIPE
    process = RackProcess(await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=pipe, stdout=pipe))
    try:
        await process.until(lambda: all(STATE["v"] in process.said(device, "version") for device in ROLES))
        yield process, broker
    finally:
        process.process.stdin.close()
        await asyncio.wait_for(process.process.wait(), 10)
        broker.close()


async def test_each_device_shows_the_state_of_its_window_without_a_picture(tmp_path):
    async with rack(tmp_path) as (process, _):
        assert {device for device, _ in process.lines} == set(ROLES)
        shown = [said for device, said in process.lines if device == "display-3" and said.get("mode") == "called"]
        assert shown[-1] == {"frame": "", "w": 0, "h": 0, "version": STATE["v"], "mode": "called", "number": "A012"}


async def test_a_press_is_felt_by_its_own_device_and_sent(tmp_path):
    async with rack(tmp_path) as (process, broker):
        process.press("rate-3", 0)
        await process.until(lambda: process.said("rate-3", "promised"))
        process.press("call-3", 2)
        await process.until(lambda: process.said("call-3", "call"))
        assert process.said("call-3", "promised") == process.said("rate-3", "call") == []
        topics = {topic for topic, _, _ in broker.published() if topic.endswith("/up/events")}
        assert topics == {"q1/h1/d/rate-3/up/events", "q1/h1/d/call-3/up/events"}


async def test_a_rating_is_in_the_devices_own_journal(tmp_path):
    async with rack(tmp_path) as (process, broker):
        process.press("rate-3", 4)
        await process.until(lambda: process.said("rate-3", "promised"))
        epoch, seq, level, visit = process.said("rate-3", "promised")[0]
        await process.until(lambda: any(topic.endswith("rate-3/up/events") for topic, _, _ in broker.published()))
        (payload, *_) = [payload for topic, payload, _ in broker.published() if topic.endswith("rate-3/up/events")]
        (press,) = read_events(payload).presses
        assert (press.seq, press.level, press.visit) == (seq, level, visit) and read_events(payload).epoch == epoch
        assert list((tmp_path / "rate-3" / "journal").iterdir())


async def test_the_rack_ends_with_its_standard_input(tmp_path):
    async with rack(tmp_path) as (process, _):
        process.process.stdin.close()
        assert await asyncio.wait_for(process.process.wait(), 10) == 0
