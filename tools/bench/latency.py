"""`bench latency`: from the press of *next* to the state at the window, with a whole hall connected.

Every window has a connection of its own, a call pad that also reads its window's state as a display does. Presses go
one after the other in random windows, and between them, in the same run, the same message makes the raw way: through
the broker and back, plus one fsync. What the press takes longer than that is ours.
"""

from __future__ import annotations

import asyncio
import os
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from secrets import token_hex

import aiomqtt

from hub.adapters.nats import EmbeddedBroker
from hub.ports import DeviceLogin
from protocol import topics
from protocol.downward import read_window_state
from protocol.upward import Call, Events, encode
from tools.bench.figures import percentile
from tools.bench.hall import BenchHub, bench_hub
from tools.bench.http_client import Connection
from tools.ports import free_port

ANSWER_S = 10
"""Longer than this a state never takes; then the run has failed."""

SEED = 1
PAYLOAD_BYTES = 200


class Pad:
    """The connection of one window: sends presses, hears states and its own raw messages."""

    def __init__(self, config: dict):
        self.config = config
        self.version = (0, 0)
        self.seq = 0
        self._heard: asyncio.Queue[float] = asyncio.Queue()
        self.client = aiomqtt.Client(
            config["host"],
            config["port"],
            identifier=config["client_id"],
            username=config["user"],
            password=config["password"],
        )

    async def open(self) -> None:
        await self.client.__aenter__()
        await self.client.subscribe(topics.window_state(self.config["hall"], self.config["window"]), qos=0)
        self._listener = asyncio.create_task(self._listen())

    async def close(self) -> None:
        self._listener.cancel()
        await asyncio.gather(self._listener, return_exceptions=True)
        await self.client.__aexit__(None, None, None)

    async def _listen(self) -> None:
        async for message in self.client.messages:
            state = read_window_state(message.payload)
            if state.version > self.version:
                self.version = state.version
                self._heard.put_nowait(time.perf_counter())

    async def press_next(self) -> float:
        """Presses *next*; seconds until the new state was here."""
        while not self._heard.empty():
            self._heard.get_nowait()
        self.seq += 1
        topic = topics.up(self.config["hall"], self.config["device"], "events")
        start = time.perf_counter()
        await self.client.publish(topic, encode(Events(1, [Call(self.seq, 0, "next", self.version)])), qos=1)
        return await asyncio.wait_for(self._heard.get(), ANSWER_S) - start


class Raw:
    """The raw way: a message of the same size from hub to device through a broker of the same kind, and one fsync on
    the same disk. The broker is one of its own, because nobody but the hub writes on the hub's."""

    def __init__(self, folder: Path):
        self._broker = EmbeddedBroker(folder / "raw", "raw", port=free_port())
        self._file = os.open(folder / "raw.bin", os.O_WRONLY | os.O_CREAT)
        self._topic = topics.window_state("raw", "1")

    async def __aenter__(self) -> Raw:
        await self._broker.start()
        device = DeviceLogin("pad", "1", "raw-pad", token_hex())
        await self._broker.grant(device)
        login = self._broker.hub_login
        self._from = aiomqtt.Client(login.host, login.port, username=login.user, password=login.password)
        self._to = aiomqtt.Client(
            login.host, login.port, identifier=device.client_id, username=device.device, password=device.password
        )
        for client in (self._from, self._to):
            await client.__aenter__()
        await self._to.subscribe(self._topic, qos=0)
        return self

    async def __aexit__(self, *_error: object) -> None:
        for client in (self._from, self._to):
            await client.__aexit__(None, None, None)
        await self._broker.stop()
        os.close(self._file)

    async def round_trip(self) -> float:
        """Seconds of one message there and back, and one fsync."""
        start = time.perf_counter()
        await self._from.publish(self._topic, b"x" * PAYLOAD_BYTES, qos=1)
        await asyncio.wait_for(anext(self._to.messages), ANSWER_S)
        os.write(self._file, b"x" * PAYLOAD_BYTES)
        await asyncio.to_thread(os.fsync, self._file)
        return time.perf_counter() - start


async def run(windows: int, presses: int, progress: Callable[[str], None]) -> list[dict]:
    """Two rows: the press, and the raw way."""
    with tempfile.TemporaryDirectory(prefix="jiaohao-bench-") as folder:
        async with bench_hub(Path(folder), windows) as hub:
            progress(f"registering {windows} devices ...")
            pads = await _register(hub, windows)
            progress("drawing tickets ...")
            await _draw(hub, presses)
            for pad in pads:
                await pad.open()
            await _until(lambda: all(pad.version > (0, 0) for pad in pads))
            progress("pressing ...")
            pressed_s, raw_s = await _press(pads, presses, Path(folder))
            for pad in pads:
                await pad.close()
    return [_row("press to state", windows, pressed_s), _row("broker round trip + fsync", windows, raw_s)]


async def _register(hub: BenchHub, windows: int) -> list[Pad]:
    connection = await Connection.open("127.0.0.1", hub.port, hub.admin)
    pads = []
    for number in range(1, windows + 1):
        body = {"id": f"pad-{number}", "role": "call_pad", "window": str(number)}
        status, config = await connection.post("/api/v1/devices", body)
        if status != 201:
            raise RuntimeError(f"registering a device was refused: {config}")
        pads.append(Pad(config))
    await connection.close()
    return pads


async def _draw(hub: BenchHub, count: int) -> None:
    async def some(count: int) -> None:
        connection = await Connection.open("127.0.0.1", hub.port, hub.admin)
        for _ in range(count):
            await connection.post("/api/v1/tickets", {"service": "a"})
        await connection.close()

    await asyncio.gather(*(some(count // 8 + 1) for _ in range(8)))


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(ANSWER_S):
        while not condition():
            await asyncio.sleep(0.01)


async def _press(pads: list[Pad], presses: int, folder: Path) -> tuple[list[float], list[float]]:
    """Seconds of each press and of each raw way, in turns."""
    chance = random.Random(SEED)
    pressed_s, raw_s = [], []
    async with Raw(folder) as raw:
        for _ in range(presses):
            pressed_s.append(await chance.choice(pads).press_next())
            raw_s.append(await raw.round_trip())
    return pressed_s, raw_s


def _row(name: str, windows: int, times_s: list[float]) -> dict:
    times_s.sort()
    return {
        "way": name,
        "windows": windows,
        "presses": len(times_s),
        "p50_ms": round(percentile(times_s, 0.50) * 1000, 2),
        "p99_ms": round(percentile(times_s, 0.99) * 1000, 2),
    }
