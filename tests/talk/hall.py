"""Both sides in one process: the devices' own runner, link, journal and roles, and the hub's inbox and service.

Between them is `Wire`, which does what a network and a killed broker do: loses, doubles, delays and reorders messages,
hands out old retained states, and goes away. It knows nothing of presses or tickets.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from collections.abc import AsyncIterator
from pathlib import Path

from firmware import assemble
from hub.adapters.memory import MemoryStore, SetClock
from hub.core import commands
from hub.core.hall import Hall
from hub.devices.inbox import Inbox
from hub.devices.registry import Registry
from hub.ports import DeviceLogin
from hub.service import HallService
from protocol import topics
from protocol.downward import HubOnline, encode
from tests.hub.halls import small_hall

EPOCH = 7


class NoBroker:
    """Lets everybody in: who may speak is tried with real brokers."""

    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    async def grant(self, login: DeviceLogin) -> None: ...
    async def revoke(self, device: str) -> None: ...


class Wire:
    """Carries messages. `loss` and `double` are shares of messages, `delay_s` the longest delay. Seeded."""

    def __init__(self, seed: int):
        self._chance = random.Random(seed)
        self.loss = self.double = self.delay_s = 0.0
        self.cut = False
        self.retained: dict[str, bytes] = {}
        self.inbox = None
        self.readers: list[WireClient] = []
        self._tasks: set[asyncio.Task] = set()

    def publish(self, topic: str, payload: bytes, *, retain: bool) -> None:
        """The hub's side; it is a Publisher."""
        if retain:
            self.retained[topic] = payload
        for reader in self.readers:
            self._carry(lambda reader=reader: reader.receive(topic, payload))

    def send_up(self, topic: str, payload: bytes) -> None:
        """A device's side."""
        assert self.inbox is not None
        self._carry(lambda: self.inbox(topic, payload))

    def _carry(self, deliver) -> None:
        if self.cut:
            return
        copies = 0 if self._chance.random() < self.loss else 2 if self._chance.random() < self.double else 1
        for _ in range(copies):
            task = asyncio.create_task(self._later(deliver, self._chance.random() * self.delay_s))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _later(self, deliver, delay_s: float) -> None:
        await asyncio.sleep(delay_s)
        if not self.cut:
            answer = deliver()
            if answer is not None:
                await answer

    def break_broker(self, retained: dict[str, bytes]) -> None:
        """The broker is gone and comes back with `retained` of earlier: every device has a new connection."""
        self.retained = dict(retained)
        for reader in self.readers:
            reader.disconnect()

    async def settle(self) -> None:
        """Heals the wire and waits until nothing is under way."""
        self.loss = self.double = self.delay_s = 0.0
        self.cut = False
        while self._tasks:
            await asyncio.gather(*self._tasks)


class WireClient:
    """What the firmware's link uses of its MQTT client, on the wire."""

    def __init__(self, wire: Wire, link):
        self._wire = wire
        self._link = link
        self._topics = {*link._heard, link._hub_topic, link._down_topics + "ack"}
        self.powered = True
        self.connected = False
        self.moved_ms = 0
        self.connections = 0
        self.last_error = ""
        wire.readers.append(self)

    async def run(self) -> None:
        while self.powered:
            self.moved_ms = self._link._device.uptime_ms()
            if not self.connected:
                self._connect()
            await asyncio.sleep(0.02)

    def _connect(self) -> None:
        self.connected = True
        self.connections += 1
        self._link._on_link(True)
        for topic in sorted(self._topics & self._wire.retained.keys()):
            self.receive(topic, self._wire.retained[topic])

    def disconnect(self) -> None:
        if self.connected:
            self.connected = False
            self._link._on_link(False)

    def power_off(self) -> None:
        """Nothing reaches the device any more, also not what is under way: its flash is another start's now."""
        self.powered = self.connected = False
        self._wire.readers.remove(self)

    def receive(self, topic: str, payload: bytes) -> None:
        if self.connected and topic in self._topics:
            self._link._on_message(topic, payload)

    async def publish(self, topic: str, payload: bytes, qos=0, retain=False, ttl_ms=None) -> bool:
        if self.connected:
            self._wire.send_up(topic, payload)
        return self.connected


class Board:
    """A hal that keeps what it was told: `promised` and `glass`. See firmware/hal."""

    model = "talk"
    reset_cause = "power-on"

    def __init__(self) -> None:
        self.stopped = False
        self.keys: list[int] = []
        self.promised_presses: list[tuple[int, int, int, str]] = []
        self.settled_calls: list[tuple[int, str]] = []
        self.version = (0, 0)
        self.number = ""
        self.lit: tuple[int, ...] = ()

    font = None

    def prepare(self, folder: str, config) -> None: ...

    def start(self, config) -> None: ...
    def feed(self) -> None: ...
    def beep(self, ms: int) -> None: ...
    def called(self, epoch: int, seq: int, verb: str) -> None: ...
    def log(self, text: str) -> None: ...

    def take_key(self) -> int:
        return self.keys.pop(0) if self.keys else -1

    async def pause(self) -> None:
        await asyncio.sleep(0.005)

    def show(self, effect) -> None:
        assert effect.version >= self.version, "the glass went back to an older state"
        self.version, self.number = tuple(effect.version), effect.number

    def leds(self, values) -> None:
        self.lit = tuple(values)

    def promised(self, epoch: int, seq: int, level: int, visit: str) -> None:
        self.promised_presses.append((epoch, seq, level, visit))

    def settled(self, epoch: int, seq: int, reason: str) -> None:
        self.settled_calls.append((seq, reason))

    def heap_free(self) -> int:
        return 0

    def restart(self, error) -> None:
        raise AssertionError("a device's task ended") from error


class TalkingHall:
    """A hall with a display, a rating pad and a call pad at each of two windows."""

    def __init__(self, folder: Path, seed: int, hall: Hall | None = None):
        self.hall = hall or small_hall()
        self.wire = Wire(seed)
        self.store = MemoryStore()
        self.clock = SetClock()
        self.folder = folder
        self.boards: dict[str, Board] = {}
        self.clients: dict[str, WireClient] = {}
        self.tasks: dict[str, asyncio.Task] = {}
        self.registry = Registry(self.store, NoBroker(), lambda: self.clock.now().ms)
        self._start_hub()

    def _start_hub(self) -> None:
        self.service = HallService(self.store, self.wire, self.clock, EPOCH)
        self.wire.inbox = Inbox(self.service, self.registry, self.wire, self.store, self.clock, self.hall.id)
        self.tasks["hub"] = asyncio.create_task(self.service.run())

    async def open(self) -> None:
        await self.service.handle(commands.ConfigureHall("", self.hall))
        for window, clerk in (("1", "li"), ("2", "wang")):
            await self.service.handle(commands.SignIn(f"in-{window}", clerk, window, "hub"))
            for role in ("window_display", "rating_pad", "call_pad"):
                await self.add_device(role, window)
        self.greet()

    def greet(self) -> None:
        """What the hub does at each connect."""
        self.wire.publish(topics.hub_online(self.hall.id), encode(HubOnline(1, EPOCH)), retain=True)
        self.service.publish_all()

    async def add_device(self, role: str, window: str) -> None:
        name = f"{role.replace('_', '-')}-{window}"
        login = await self.registry.register(name, role, window)
        folder = self.folder / name
        folder.mkdir()
        about = {"hall": self.hall.id, "device": name, "role": role, "window": window}
        where = {"host": "127.0.0.1", "port": 1, "user": name, "password": "x", "client_id": login.client_id}
        (folder / "config.json").write_text(json.dumps({**about, **where}))
        self.start_device(name)

    def start_device(self, name: str) -> None:
        """Powers the device on, with the flash it has."""
        board = Board()
        if name in self.boards:
            board.promised_presses = self.boards[name].promised_presses
        device = assemble(str(self.folder / name), board)
        device._link.client = self.clients[name] = WireClient(self.wire, device._link)
        self.boards[name] = board
        self.tasks[name] = asyncio.create_task(device.run())

    async def kill_device(self, name: str) -> None:
        self.boards[name].stopped = True
        await asyncio.gather(self.tasks[name], return_exceptions=True)
        self.clients[name].power_off()

    async def kill_hub(self) -> None:
        """The hub dies and starts again with the log it has."""
        self.tasks["hub"].cancel()
        await asyncio.gather(self.tasks["hub"], return_exceptions=True)
        self._start_hub()
        self.greet()

    async def close(self) -> None:
        for board in self.boards.values():
            board.stopped = True
        self.tasks["hub"].cancel()
        everybody = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in everybody:
            task.cancel()
        await asyncio.gather(*everybody, return_exceptions=True)


@contextlib.asynccontextmanager
async def talking_hall(folder: Path, seed: int = 1, hall: Hall | None = None) -> AsyncIterator[TalkingHall]:
    talk = TalkingHall(folder, seed, hall)
    try:
        await talk.open()
        yield talk
    finally:
        await talk.close()


async def until(condition, within_s: float = 5.0) -> None:
    """Waits for `condition()`; says which one when it does not come."""
    loop = asyncio.get_running_loop()
    end = loop.time() + within_s
    while not condition():
        assert loop.time() < end, f"did not happen within {within_s} s"
        await asyncio.sleep(0.01)
