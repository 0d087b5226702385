"""The two kinds of broker: the embedded one, which the hub starts and starts again, and a mosquitto beside the hub."""

from __future__ import annotations

import asyncio
import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import psutil

from hub.adapters.mqtt_probe import may_log_in
from hub.adapters.nats import stop_orphan
from tools import mosquitto
from tools.demo.children import Child, Program
from tools.demo.opening import write_private
from tools.demo.place import LOOPBACK, StartFailed

READY_S = 20
END_S = 5
ADMIN = "chaos"


class Broker(Protocol):
    """A broker that listens on a port of loopback."""

    def process(self) -> psutil.Process | None:
        """Its process while it runs."""
        ...

    async def start(self) -> None:
        """Before the hub. Raises StartFailed."""
        ...

    async def end(self) -> None:
        """After the hub."""
        ...

    def hub_options(self, port: int) -> list[str]:
        """What the hub's command says about it; the hub finds it on `port`."""
        ...


class EmbeddedNats:
    """The hub's own nats-server in `folder`."""

    def __init__(self, folder: Path, port: int):
        self._folder = folder
        self._port = port

    def process(self) -> psutil.Process | None:
        try:
            return psutil.Process(int((self._folder / "nats.pid").read_text()))
        except (OSError, ValueError, psutil.Error):  # not started yet, just being written, or dead
            return None

    async def start(self) -> None:
        """The hub does it."""

    async def end(self) -> None:
        await asyncio.to_thread(stop_orphan, self._folder)

    def hub_options(self, port: int) -> list[str]:
        return ["--mqtt", f"{LOOPBACK}:{self._port}"]


class Mosquitto:
    """Debian's mosquitto in `folder`, with persistence and otherwise as it comes; started again when it dies."""

    def __init__(self, folder: Path, port: int, changed: Callable[[], None]):
        self._folder = folder
        self._port = port
        self._changed = changed
        self._password = secrets.token_urlsafe(24)
        self._child: Child | None = None

    def process(self) -> psutil.Process | None:
        pid = self._child.pid if self._child else None
        try:
            return psutil.Process(pid) if pid else None
        except psutil.NoSuchProcess:
            return None

    async def start(self) -> None:
        self._folder.mkdir(mode=0o700)
        more = ("persistence true", f"persistence_location {self._folder}/", "log_type error", "log_type warning")
        try:
            command = mosquitto.configure(self._folder, self._port, ADMIN, self._password, *more)
        except mosquitto.MosquittoMissing as missing:
            raise StartFailed(str(missing)) from missing
        write_private(self._folder / "password", self._password)
        program = Program(command, os.environ, self._folder, self._folder / "mosquitto.log")
        self._child = Child(program, lambda line: None, self._changed)
        self._child.start()
        deadline = time.monotonic() + READY_S
        while not await may_log_in(LOOPBACK, self._port, ADMIN, self._password):
            if time.monotonic() > deadline:
                raise StartFailed(f"mosquitto did not start within {READY_S} s, see {self._folder}/mosquitto.log")
            await asyncio.sleep(0.05)

    async def end(self) -> None:
        if self._child:
            await self._child.end(END_S, terminate=True)

    def hub_options(self, port: int) -> list[str]:
        return [
            *("--broker", f"mqtt://{LOOPBACK}:{port}", "--broker-user", ADMIN),
            *("--broker-password-file", str(self._folder / "password")),
        ]
