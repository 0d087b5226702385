"""Real brokers on free loopback ports, and devices to try them with. Every process is ended by its own id."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import socket
import subprocess
import time
from pathlib import Path

import aiomqtt

from hub.adapters.mosquitto import OutsideBroker
from hub.adapters.mqtt import BrokerLogin, MqttLink, open_client
from hub.adapters.mqtt_probe import may_log_in
from hub.adapters.nats import EmbeddedBroker
from hub.ports import DeviceLogin
from tools import mosquitto
from tools.ports import free_port

HALL = "north"
EPOCH = 1_700_000_000
PATIENCE_S = 5
"""How long a test waits for what must happen. It stops waiting at once when it does."""


async def until(condition, within_s: float = PATIENCE_S) -> None:
    """Waits until condition() is true, and fails loudly when it does not become so."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {within_s} s"
        await asyncio.sleep(0.01)


class Nats:
    """The embedded broker, as the hub runs it."""

    name = "nats"

    def __init__(self, folder: Path):
        self.port = free_port()
        self.adapter = EmbeddedBroker(folder / "broker", HALL, port=self.port)

    async def start(self) -> None:
        await self.adapter.start()

    async def stop(self) -> None:
        await self.adapter.stop()

    async def crash(self) -> None:
        """kill -9; the adapter itself has to notice."""
        os.kill(self.adapter.pid, signal.SIGKILL)


class Mosquitto:
    """Debian's mosquitto with its dynamic security plugin, as an administrator would set it up."""

    name = "mosquitto"
    admin = "admin"

    def __init__(self, folder: Path):
        self.port = free_port()
        self.password = secrets.token_hex(12)
        self.folder = folder / "mosquitto"
        self.process: subprocess.Popen | None = None
        self.adapter = OutsideBroker(f"mqtt://127.0.0.1:{self.port}", self.admin, self.password, HALL)

    async def start(self) -> None:
        self.folder.mkdir()
        self._command = mosquitto.configure(self.folder, self.port, self.admin, self.password)
        await self.run()
        await self.adapter.start()

    async def run(self) -> None:
        self.process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + PATIENCE_S
        while not await may_log_in("127.0.0.1", self.port, self.admin, self.password):
            assert time.monotonic() < deadline, "mosquitto did not start"
            await asyncio.sleep(0.02)

    async def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(PATIENCE_S)

    async def crash(self) -> None:
        """kill -9; mosquitto is somebody else's to start again, here the test's."""
        self.process.kill()
        self.process.wait(PATIENCE_S)
        await asyncio.sleep(0.3)
        await self.run()


class Hub:
    """A hub's link, and what it heard: `heard` is a list of (topic, payload)."""

    def __init__(self, login: BrokerLogin):
        self.heard: list[tuple[str, bytes]] = []
        self.greetings = 0
        self.link = MqttLink(login, HALL, EPOCH, self._inbox, self._greet)

    async def _inbox(self, topic: str, payload: bytes) -> None:
        self.heard.append((topic, payload))

    def _greet(self) -> None:
        self.greetings += 1

    async def hears(self, payload: bytes) -> None:
        await until(lambda: payload in [heard for _topic, heard in self.heard])


def device_login(device: str, window: str = "w1", zone: str = "") -> DeviceLogin:
    return DeviceLogin(device, window, f"{device}-{secrets.token_hex(8)}", secrets.token_urlsafe(24), zone)


class Device:
    """A connected device, honest or not. `got` is what it was sent: topic -> payloads."""

    def __init__(
        self,
        port: int,
        login: DeviceLogin | BrokerLogin,
        client_id: str | None = None,
        will: aiomqtt.Will | None = None,
    ):
        user = login.device if isinstance(login, DeviceLogin) else login.user
        broker_login = BrokerLogin("127.0.0.1", port, user, login.password, client_id or login.client_id)
        self.client = open_client(broker_login, will)
        self.got: dict[str, list[bytes]] = {}
        self.cut = asyncio.Event()
        self._reading: asyncio.Task | None = None

    async def __aenter__(self) -> Device:
        await self.client.__aenter__()
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_error) -> None:
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        with contextlib.suppress(aiomqtt.MqttError):
            await self.client.__aexit__(None, None, None)

    async def _read(self) -> None:
        try:
            async for message in self.client.messages:
                self.got.setdefault(str(message.topic), []).append(message.payload)
        except aiomqtt.MqttError:
            self.cut.set()

    async def subscribe(self, topic: str, qos: int = 0) -> bool:
        """Whether the broker says yes, which need not mean that it delivers."""
        try:
            codes = await self.client.subscribe(topic, qos=qos)
        except aiomqtt.MqttError:
            return False
        return all((code if isinstance(code, int) else code.value) < 0x80 for code in codes)

    async def try_publish(self, topic: str, payload: bytes, retain: bool = False) -> None:
        """Publishes; brokers cut, refuse silently, or acknowledge and drop what is forbidden."""
        with contextlib.suppress(aiomqtt.MqttError):
            await self.client.publish(topic, payload, qos=1, retain=retain, timeout=1)

    def vanish(self) -> None:
        """The network goes, without a word to the broker."""
        self.client._client.socket().shutdown(socket.SHUT_RDWR)

    async def gets(self, topic: str, payload: bytes) -> None:
        await until(lambda: payload in self.got.get(topic, ()))


async def lets_in(port: int, login: DeviceLogin) -> bool:
    """Whether the broker accepts the login, with the client id that goes with it."""
    try:
        async with Device(port, login):
            return True
    except aiomqtt.MqttError:
        return False
