"""kill -9 of hub, broker or display: within 15 seconds the glass shows what the hub says, on real MicroPython."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx

from hub.adapters.nats import stop_orphan
from tools.bench.hall import write_hall
from tools.demo import runtime
from tools.ports import free_port

RIGHT_AGAIN_S = 15
"""What is promised, from the kill until the glass is right."""

WINDOW = "1"


class Display:
    """A window display in a process of its own; `shown` is the version on its glass."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.shown = (0, 0)
        self.process: asyncio.subprocess.Process | None = None
        self._runtime = runtime.find()

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            *self._runtime.command,
            str(self.folder),
            env=self._runtime.environment,
            cwd=self.folder,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self.process.stdout
        while line := await self.process.stdout.readline():
            said = json.loads(line)
            if "frame" in said:
                self.shown = tuple(said["version"])

    async def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()
        await self._reading
        self.shown = (0, 0)


class Hall:
    """A hub that can be killed and started again on the same ports, a display, and somebody who calls."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.port, self.mqtt = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.client = httpx.AsyncClient(base_url=f"{self.url}/api/v1", headers={"Origin": self.url})
        self.display = Display(folder / "display")
        self.hub: asyncio.subprocess.Process | None = None
        write_hall(folder / "hall.toml", 1)

    async def start_hub(self) -> None:
        where = ["--hall", str(self.folder / "hall.toml"), "--data", str(self.folder / "data")]
        addresses = ["--listen", f"127.0.0.1:{self.port}", "--mqtt", f"127.0.0.1:{self.mqtt}"]
        command = [sys.executable, "-m", "tools.cli", "hub", *where, *addresses]
        self.hub = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        assert self.hub.stdout
        while not (await self.hub.stdout.readline()).startswith(b"ready"):
            assert self.hub.returncode is None

    async def kill_hub(self) -> None:
        self.hub.kill()
        await self.hub.wait()

    def kill_broker(self) -> None:
        os.kill(int((self.folder / "data" / "broker" / "nats.pid").read_text()), signal.SIGKILL)

    async def open(self) -> None:
        await self.start_hub()
        token = (self.folder / "data" / "setup-link").read_text().strip().partition("token=")[2]
        await self.post("/setup", token=token, name="admin", password=token)
        await self.post("/login", name="admin", password=token)
        await self.post(f"/windows/{WINDOW}/sign-in", clerk="li")
        config = await self.post("/devices", id="display", role="window_display", window=WINDOW)
        self.display.folder.mkdir()
        (self.display.folder / "config.json").write_text(json.dumps(config))
        await self.display.start()

    async def post(self, path: str, **body) -> dict:
        answer = await self.client.post(path, json=body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else {}

    async def call_somebody(self) -> tuple[int, int]:
        """Calls the next one; the version that the glass must show."""
        await self.post("/tickets", service="a")
        state = (await self.client.get("/hall")).json()["windows"][0]["state"]
        answer = await self.post(f"/windows/{WINDOW}/next", seen=state["version"])
        return tuple(answer["window"]["state"]["version"])

    async def close(self) -> None:
        for process in (self.display.process, self.hub):
            if process and process.returncode is None:
                process.terminate()
                await process.wait()
        await self.client.aclose()
        stop_orphan(self.folder / "data" / "broker")


@contextlib.asynccontextmanager
async def running_hall(folder: Path) -> AsyncIterator[Hall]:
    hall = Hall(folder)
    try:
        await hall.open()
        await shows(hall, await hall.call_somebody())
        yield hall
    finally:
        await hall.close()


async def shows(hall: Hall, version: tuple[int, int]) -> None:
    async with asyncio.timeout(RIGHT_AGAIN_S):
        while hall.display.shown != version:
            await asyncio.sleep(0.02)


async def test_after_the_hub_was_killed(tmp_path: Path):
    async with running_hall(tmp_path) as hall:
        async with asyncio.timeout(RIGHT_AGAIN_S):
            await hall.kill_hub()
            await hall.start_hub()
            await shows(hall, await hall.call_somebody())


async def test_after_the_broker_was_killed_and_somebody_called_meanwhile(tmp_path: Path):
    async with running_hall(tmp_path) as hall:
        async with asyncio.timeout(RIGHT_AGAIN_S):
            hall.kill_broker()
            await shows(hall, await hall.call_somebody())


async def test_after_the_display_was_killed_and_somebody_called_meanwhile(tmp_path: Path):
    async with running_hall(tmp_path) as hall:
        async with asyncio.timeout(RIGHT_AGAIN_S):
            await hall.display.kill()
            version = await hall.call_somebody()
            await hall.display.start()
            await shows(hall, version)


async def test_after_all_three_were_killed_at_once(tmp_path: Path):
    async with running_hall(tmp_path) as hall:
        async with asyncio.timeout(RIGHT_AGAIN_S):
            await hall.kill_hub()
            hall.kill_broker()
            await hall.display.kill()
            await hall.start_hub()
            await hall.display.start()
            await shows(hall, await hall.call_somebody())
