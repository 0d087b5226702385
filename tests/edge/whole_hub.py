"""`jiaohao hub` in a process of its own, with its output in files, and boards that speak to its broker."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiomqtt
import httpx
from edge_brokers import until

from protocol import topics
from protocol.downward import read_ack, read_hub_online
from protocol.upward import Events, Rating, encode
from tools.bench.hall import write_hall
from tools.ports import free_port

HALL = "bench"
PASSWORD = "correct horse battery"
READY_S = 40
END_S = 30
COMMAND = (sys.executable, "-m", "tools.cli", "hub")


@dataclass
class WholeHub:
    """A running hub. `admin` is a machine key of that role; `secrets` has everything secret that was used."""

    folder: Path
    port: int
    mqtt: int
    process: subprocess.Popen
    admin: str = ""
    secrets: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def data(self) -> Path:
        """Its data folder as the process sees it, while it runs: it may have a disk of its own."""
        return Path(f"/proc/{self.process.pid}/root{self.folder}/data")

    @property
    def said(self) -> str:
        """What it printed."""
        return (self.folder / "stdout").read_text()

    @property
    def logged(self) -> str:
        return (self.folder / "stderr").read_text()

    @contextlib.contextmanager
    def client(self, token: str = "") -> Iterator[httpx.Client]:
        headers = {"Authorization": f"Bearer {token}"} if token else {"Origin": self.url}
        with httpx.Client(base_url=self.url, headers=headers) as client:
            yield client

    def metrics(self) -> dict[str, float]:
        """Series as they are written, such as `jiaohao_displays_stale{role="window_display"}`, and their values."""
        lines = httpx.get(f"{self.url}/metrics").raise_for_status().text.splitlines()
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")}

    def register(self, device: str, role: str, window: str = "1") -> dict[str, Any]:
        """The config.json of a board."""
        body = {"id": device, "role": role, "window": window}
        with self.client(self.admin) as admin:
            config = admin.post("/api/v1/devices", json=body).raise_for_status().json()
        self.secrets |= {f"password of {device}": config["password"], f"client id of {device}": config["client_id"]}
        return config

    def ask_to_end(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    async def ended(self) -> int:
        """The exit status."""
        return await asyncio.to_thread(self.process.wait, END_S)


@contextlib.asynccontextmanager
async def whole_hub(
    folder: Path, *more: str, windows: int = 1, command: tuple[str, ...] = COMMAND, **environment: str
) -> AsyncIterator[WholeHub]:
    """Starts the hub with an admin's key; at the end it is stopped if it still runs. Its data stays in `folder`."""
    hub = start(folder, *more, windows=windows, command=command, **environment)
    try:
        await until(lambda: "\nready " in f"\n{hub.said}" or hub.process.poll() is not None, READY_S)
        assert hub.process.poll() is None, hub.logged
        _make_admin(hub)
        yield hub
    finally:
        if hub.process.poll() is None:
            hub.ask_to_end()
            await hub.ended()


def start(folder: Path, *more: str, windows: int, command: tuple[str, ...], **environment: str) -> WholeHub:
    folder.mkdir(exist_ok=True)
    write_hall(folder / "hall.toml", windows)
    port, mqtt = free_port(), free_port()
    where = ["--hall", str(folder / "hall.toml"), "--data", str(folder / "data")]
    where += ["--listen", f"127.0.0.1:{port}", "--mqtt", f"127.0.0.1:{mqtt}"]
    with (folder / "stdout").open("wb") as stdout, (folder / "stderr").open("wb") as stderr:
        process = subprocess.Popen(
            [*command, *where, *more], stdout=stdout, stderr=stderr, env={**os.environ, **environment}
        )
    return WholeHub(folder, port, mqtt, process)


def _make_admin(hub: WholeHub) -> None:
    token = (hub.data / "setup-link").read_text().strip().partition("token=")[2]
    with hub.client() as client:
        client.post("/api/v1/setup", json={"token": token, "name": "chief", "password": PASSWORD}).raise_for_status()
        login = client.post("/api/v1/login", json={"name": "chief", "password": PASSWORD}).raise_for_status()
        key = client.post("/api/v1/keys", json={"label": "chief-key", "role": "admin"}).raise_for_status()
    hub.admin = key.json()["token"]
    hub.secrets |= {"setup token": token, "password": PASSWORD, "key": hub.admin}
    hub.secrets |= {f"cookie {name}": value for name, value in login.cookies.items()}


@dataclass
class Board:
    """A connected device: what it sent that was acknowledged, and what the hub last said of itself."""

    config: dict[str, Any]
    client: aiomqtt.Client
    acked: set[int] = field(default_factory=set)
    hub_on: int = -1

    async def say(self, name: str, payload: bytes) -> None:
        await self.client.publish(topics.up(HALL, self.config["device"], name), payload, qos=1)

    async def rate(self, first: int, count: int = 16) -> None:
        """Sends presses without a visit, numbered from `first`."""
        presses = [Rating(seq, 0, self.config["window"], "", 4) for seq in range(first, first + count)]
        await self.say("events", encode(Events(7, presses)))

    async def listen(self) -> None:
        with contextlib.suppress(aiomqtt.MqttError):  # the broker has gone
            async for message in self.client.messages:
                assert isinstance(message.payload, bytes)
                if str(message.topic) == topics.hub_online(HALL):
                    self.hub_on = read_hub_online(message.payload).on
                else:
                    self.acked.update(read_ack(message.payload).stored)


@contextlib.asynccontextmanager
async def board(config: dict[str, Any]) -> AsyncIterator[Board]:
    """The device of a config.json, connected and listening until the end, or until the broker goes."""
    client = aiomqtt.Client(
        config["host"],
        config["port"],
        username=config["user"],
        password=config["password"],
        identifier=config["client_id"],
        max_inflight_messages=100,
    )
    with contextlib.suppress(aiomqtt.MqttError):  # saying goodbye to a broker that has gone
        async with client:
            made = Board(config, client)
            await client.subscribe(topics.down(HALL, config["device"], "ack"))
            await client.subscribe(topics.hub_online(HALL))
            listening = asyncio.create_task(made.listen())
            yield made
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
