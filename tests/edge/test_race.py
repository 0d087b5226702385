"""Everybody presses *next* at once: every ticket is called exactly once, on a real hub, broker and disk."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest
from edge_brokers import Mosquitto, Nats

from hub.adapters.mqtt import BrokerLogin, open_client
from protocol import topics
from protocol.downward import read_ack, read_window_state
from protocol.upward import Call, Events, encode
from tools.bench.hall import BenchHub, bench_hub
from tools.bench.http_client import Connection

WINDOWS = 8
TICKETS = 500
TURNS = {Nats: 20, Mosquitto: 3}
"""Twenty times over on the broker that comes along; mosquitto shows that nothing depends on which one it is."""


class Pad:
    """A call pad with a quick finger: it presses again as soon as it has the answer."""

    def __init__(self, config: dict):
        self.config = config
        self.version = (0, 0)
        self.seq = 0
        self.answers: asyncio.Queue[str] = asyncio.Queue()
        where = (config["host"], config["port"], config["user"], config["password"], config["client_id"])
        self.client = open_client(BrokerLogin(*where))

    async def __aenter__(self) -> Pad:
        await self.client.__aenter__()
        hall, device = self.config["hall"], self.config["device"]
        self.state_topic = topics.window_state(hall, self.config["window"])
        self.ack_topic = topics.down(hall, device, "ack")
        self.events_topic = topics.up(hall, device, "events")
        await self.client.subscribe([(self.state_topic, 0), (self.ack_topic, 0)])
        self.listening = asyncio.create_task(self._listen())
        return self

    async def __aexit__(self, *_error) -> None:
        self.listening.cancel()
        await asyncio.gather(self.listening, return_exceptions=True)
        await self.client.__aexit__(None, None, None)

    async def _listen(self) -> None:
        async for message in self.client.messages:
            if str(message.topic) == self.state_topic:
                self.version = max(self.version, read_window_state(message.payload).version)
            else:
                ack = read_ack(message.payload)
                for _seq in ack.stored:
                    self.answers.put_nowait("")
                for _seq, reason in ack.refused:
                    self.answers.put_nowait(reason)

    async def press_until_nobody_waits(self, called_one: asyncio.Event) -> int:
        """How many it called; sets `called_one` with the first."""
        called = 0
        while True:
            self.seq += 1
            payload = encode(Events(1, [Call(self.seq, 0, "next", self.version)]))
            await self.client.publish(self.events_topic, payload, qos=1)
            reason = await asyncio.wait_for(self.answers.get(), 10)
            if reason == "nobody-waiting":
                return called
            if not reason:
                called += 1
                called_one.set()


async def press_over_http(hub: BenchHub, window: str, begin: asyncio.Event) -> int:
    """A clerk's page that presses again as soon as it has the answer; how many it called."""
    connection = await Connection.open("127.0.0.1", hub.port, hub.admin)
    _, hall = await connection.get("/api/v1/hall")
    seen = next(entry for entry in hall["windows"] if entry["id"] == window)["state"]["version"]
    called = 0
    await begin.wait()
    while True:
        status, answer = await connection.post(f"/api/v1/windows/{window}/next", {"seen": seen})
        if status == 409 and answer["code"] == "nobody-waiting":
            await connection.close()
            return called
        assert status == 200 or answer["code"] == "stale", answer
        seen = answer["window"]["state"]["version"]
        called += status == 200


async def draw(hub: BenchHub, count: int) -> None:
    connection = await Connection.open("127.0.0.1", hub.port, hub.admin)
    for _ in range(count):
        status, answer = await connection.post("/api/v1/tickets", {"service": "a"})
        assert status == 201, answer
    await connection.close()


async def register_pads(hub: BenchHub) -> list[Pad]:
    connection = await Connection.open("127.0.0.1", hub.port, hub.admin)
    pads = []
    for window in range(1, WINDOWS + 1):
        body = {"id": f"pad-{window}", "role": "call_pad", "window": str(window)}
        status, config = await connection.post("/api/v1/devices", body)
        assert status == 201, config
        pads.append(Pad(config))
    await connection.close()
    return pads


@pytest.mark.parametrize("kind", [Nats, Mosquitto], ids=lambda kind: kind.name)
async def test_sixteen_press_at_once_and_every_ticket_is_called_once(kind, tmp_path: Path):
    arguments: tuple[str, ...] = ()
    outside = None
    if kind is Mosquitto:
        outside = Mosquitto(tmp_path)
        await outside.start()
        secret = tmp_path / "secret"
        secret.write_text(outside.password)
        url = f"mqtt://127.0.0.1:{outside.port}"
        arguments = ("--broker", url, "--broker-user", outside.admin, "--broker-password-file", str(secret))
    try:
        async with bench_hub(tmp_path, WINDOWS, *arguments) as hub:
            await race(hub, TURNS[kind])
    finally:
        if outside:
            await outside.stop()


async def race(hub: BenchHub, turns: int) -> None:
    pads = await register_pads(hub)
    async with asyncio.TaskGroup() as opening:
        for pad in pads:
            opening.create_task(pad.__aenter__())
    by_pad = by_page = 0
    for _ in range(turns):
        async with asyncio.TaskGroup() as drawing:
            for _part in range(4):
                drawing.create_task(draw(hub, TICKETS // 4))
        # Pages are quicker: on a busy machine pads would see nothing but windows that have changed.
        pad_called = asyncio.Event()
        pressing = [pad.press_until_nobody_waits(pad_called) for pad in pads]
        pressing += [press_over_http(hub, str(window), pad_called) for window in range(1, WINDOWS + 1)]
        called = await asyncio.gather(*pressing)
        by_pad, by_page = by_pad + sum(called[:WINDOWS]), by_page + sum(called[WINDOWS:])
        assert sum(called) == TICKETS
    for pad in pads:
        await pad.__aexit__()
    await check_log(hub, turns, by_pad, by_page)


async def check_log(hub: BenchHub, turns: int, by_pad: int, by_page: int) -> None:
    """What the hub has on disk agrees with what every pad and page was told, and both kinds had their share."""
    connection = await Connection.open("127.0.0.1", hub.port, hub.admin)
    _, calls = await connection.get("/api/v1/calls")
    _, tickets = await connection.get("/api/v1/tickets")
    await connection.close()
    visits = Counter(call["visit"] for call in calls)
    assert len(visits) == len(calls) == turns * TICKETS == by_pad + by_page
    assert max(Counter(ticket["number"] for ticket in tickets).values()) == 1
    assert by_pad and by_page
