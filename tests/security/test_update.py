"""What comes over MQTT changes neither code nor configuration of a board."""

from __future__ import annotations

import asyncio
import hashlib
import json
from pathlib import Path

import pytest

from protocol.downward import HubOnline, encode
from tests.firmware.rubbish import Rubbish, samples
from tests.virtual import MICROPYTHON, STATE, SocketBroker, start, write_config
from tools import bundle

MESSAGES = 1_000
NEVER_SUBSCRIBED = ("update", "config", "exec", "file", "slots", "manifest", "reboot")
SUBSCRIBED = {"q1/h1/hub/online", "q1/h1/w/w3/state", "q1/h1/d/d1/down/ack"}
COMMANDS = (
    b'{"on":1,"epoch":5,"update":"http://127.0.0.1/x.mpy","config":{"host":"evil"},"exec":"import os"}',
    b'{"manifest":{"firmware/main.mpy":[1,"00"]},"slot":"a","tries":3,"trying":"b","confirmed":"a"}',
    b'{"write":"/config.json","data":"{}","path":"../config.json","rename":"starts"}',
    b'__import__("os").remove("config.json")',
)
NEWEST = 2**40


@pytest.mark.parametrize("role", ["rating_pad", "window_display", "call_pad"])
async def test_05_unsigned_update(tmp_path: Path, role: str):
    """There is no update over the air, so nothing that comes over MQTT may change a file of the device but its journal
    and its count of starts. TO BE REPLACED when updates arrive: then only a signed, newer version for this board may;
    unsigned, older, foreign and cut ones have to be refused."""
    if not MICROPYTHON.exists():
        pytest.skip("NO MICROPYTHON HERE: its package has no wheel for this machine")
    flash, code = tmp_path / "flash", tmp_path / "bundle"
    bundle.build(code)
    broker = SocketBroker()
    write_config(flash, role, await broker.listen())
    device = await start(flash, code)
    try:
        await device.until(lambda: any(frame["version"] == STATE["v"] for frame in device.said("frame")))
        before = files(flash) | files(code)
        assert len(before) > 20
        assert subscriptions(broker) == SUBSCRIBED
        rubbish = Rubbish(5, samples(("window_state", "hub_online", "ack")))
        topics = (*sorted(SUBSCRIBED), *(f"q1/h1/d/d1/down/{name}" for name in NEVER_SUBSCRIBED))
        for number in range(MESSAGES):
            payload = COMMANDS[number % 4] if rubbish.chance(8) == 0 else rubbish.payload()
            broker.publish(topics[rubbish.chance(len(topics))], payload)
            if number % 50 == 0:
                device.tell({"key": rubbish.chance(5)})
                await asyncio.sleep(0.01)
            if number % 250 == 0:  # what is too large for its memory ends a connection, and what follows goes nowhere
                await still_works(device, broker, number + 1)
        await still_works(device, broker, MESSAGES)
        assert device.process.returncode is None
        assert files(flash) | files(code) == before
    finally:
        if device.process.returncode is None:
            device.process.kill()
        await device.process.wait()
        broker.close()


async def still_works(device, broker: SocketBroker, revision: int) -> None:
    """An honest state gets through, perhaps over a new connection: what came before it was read or refused."""
    state = STATE | {"v": [2**32, NEWEST + revision]}
    for _ in range(600):
        broker.publish("q1/h1/hub/online", encode(HubOnline(1, 5)))
        broker.publish("q1/h1/w/w3/state", json.dumps(state).encode())
        await asyncio.sleep(0.05)
        if any(frame["version"] == state["v"] for frame in device.said("frame")):
            return
    raise AssertionError(f"it shows nothing new: {device.lines[-3:]}")


def files(folder: Path) -> dict[str, str]:
    """Path -> hash of every file but the journal's and the count of starts."""
    own = (folder / "journal", folder / "starts")
    return {
        str(file): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and not any(file == place or place in file.parents for place in own)
    }


def subscriptions(broker: SocketBroker) -> set[str]:
    found = set()
    for packet in broker.of_kind(0x82):
        rest = packet[4:]
        while rest:
            size = int.from_bytes(rest[:2], "big")
            found.add(rest[2 : 2 + size].decode())
            rest = rest[3 + size :]
    return found
