"""What comes over MQTT changes neither code nor configuration of a board, unless it is a release with a good signature:
what else a release must be is tried in tests/firmware/test_update.py."""

from __future__ import annotations

import asyncio
import hashlib
import json
from pathlib import Path

import pytest

from protocol.downward import HubOnline, encode
from protocol.update import SIGNATURE_BYTES, Manifest, encode_manifest, piece_head
from tests.firmware.rubbish import Rubbish, samples
from tests.virtual import MICROPYTHON, STATE, SocketBroker, start, write_config
from tools import bundle

MESSAGES = 1_000
DOWN = ("ack", "command", "update", "piece", "config", "exec", "file", "slots", "manifest", "reboot")
SUBSCRIBED = {"q1/h1/hub/online", "q1/h1/w/w3/state", "q1/h1/d/d1/down/+"}
OF_ROLE = {
    "call_pad": {"q1/h1/w/w3/waiting"},
    "rating_pad": {"q1/h1/w/w3/rating"},
    "window_display": {"q1/h1/w/w3/rating"},
}
KEY = b"\xff" * SIGNATURE_BYTES
MADE = 1_900_000_000
RELEASE = encode_manifest(Manifest(MADE, 0, "9.9", ["esp32", "virtual", "pc"], 0, 1, 1, 74, "0" * 64))
FORGED = tuple(
    signature + RELEASE
    for signature in (
        b"",
        bytes(SIGNATURE_BYTES),
        b"\x00\x01" + b"\xff" * 382,
        b"\xff" * SIGNATURE_BYTES,
        b"\x01" * 384,
    )
)
"""A release for this very board, newer than what it has: signed by nobody."""
PIECES = (piece_head(MADE, 0, 0) + b"1 " + b"0" * 64 + b" firmware/main.mpy\n", piece_head(MADE, 1, 0) + b"x")
COMMANDS = (
    b'{"on":1,"epoch":5,"update":"http://127.0.0.1/x.mpy","config":{"host":"evil"},"exec":"import os"}',
    b'{"manifest":{"firmware/main.mpy":[1,"00"]},"slot":"a","tries":3,"trying":"b","confirmed":"a"}',
    b'{"write":"/config.json","data":"{}","path":"../config.json","rename":"starts"}',
    b'__import__("os").remove("config.json")',
)
NEWEST = 2**40


@pytest.mark.parametrize("role", ["rating_pad", "window_display", "call_pad"])
async def test_05_unsigned_update(tmp_path: Path, role: str):
    """Rubbish, orders that there are not, and releases that nobody signed: no file of the device is another afterwards
    but its journal and its count of starts, and it works."""
    if not MICROPYTHON.exists():
        pytest.skip("NO MICROPYTHON HERE: its package has no wheel for this machine")
    flash, code = tmp_path / "flash", tmp_path / "bundle"
    bundle.build(code)
    broker = SocketBroker()
    write_config(flash, role, await broker.listen())
    (flash / "release.key").write_bytes(KEY)
    device = await start(flash, code)
    try:
        await device.until(lambda: any(frame["version"] == STATE["v"] for frame in device.said("frame")))
        before = files(flash) | files(code)
        assert len(before) > 20
        assert subscriptions(broker) == SUBSCRIBED | OF_ROLE[role]
        rubbish = Rubbish(5, samples(("window_state", "hub_online", "ack")))
        topics = ("q1/h1/hub/online", "q1/h1/w/w3/state", *OF_ROLE[role], *(f"q1/h1/d/d1/down/{name}" for name in DOWN))
        for number in range(MESSAGES):
            payload = COMMANDS[number % 4] if rubbish.chance(8) == 0 else rubbish.payload()
            broker.publish(topics[rubbish.chance(len(topics))], payload)
            if number % 20 == 0:
                broker.publish("q1/h1/d/d1/down/update", FORGED[number // 20 % len(FORGED)])
                broker.publish("q1/h1/d/d1/down/piece", PIECES[number // 20 % 2])
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
