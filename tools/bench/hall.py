"""A hub in a process of its own, with a hall of any size, for benchmarks."""

from __future__ import annotations

import asyncio
import contextlib
import re
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from tools.bench.http_client import Connection
from tools.ports import free_port

READY_S = 30
"""How long the hub may take to start: generous, because shared machines stall."""


@dataclass(slots=True)
class BenchHub:
    """A running hub. `admin` is the bearer token of an admin."""

    port: int
    mqtt_port: int
    admin: str
    process: psutil.Process

    def cpu_s(self) -> float:
        """CPU seconds that the hub has used so far."""
        times = self.process.cpu_times()
        return times.user + times.system


def write_hall(file: Path, windows: int) -> None:
    """A hall with two services and `windows` windows that take both; no guard against slips."""
    lines = ["[hall]", 'id = "bench"', _name("name", "Bench"), 'timezone = "Asia/Shanghai"', "slip_guard_ms = 0"]
    for key, prefix in (("a", "A"), ("b", "B")):
        lines += [f"[services.{key}]", _name("name", key), f'prefix = "{prefix}"', "end = 9999999", "width = 7"]
    for number in range(1, windows + 1):
        lines += [f"[windows.{number}]", _name("name", f"{number}"), 'services = ["*"]']
    file.write_text("\n".join(lines) + "\n")


def _name(key: str, text: str) -> str:
    return f'{key} = {{ zh-Hans = "{text}", zh-Hant = "{text}", en = "{text}" }}'


@contextlib.asynccontextmanager
async def bench_hub(folder: Path, windows: int, *more: str) -> AsyncIterator[BenchHub]:
    """Starts `jiaohao hub` in `folder` with `windows` windows, an admin, and a clerk at every window.

    `more` are further arguments of the command.
    """
    write_hall(folder / "bench.toml", windows)
    port, mqtt_port = free_port(), free_port()
    addresses = ("--listen", f"127.0.0.1:{port}", "--mqtt", f"127.0.0.1:{mqtt_port}")
    where = ("--hall", str(folder / "bench.toml"), "--data", str(folder / "data"))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tools.cli", "hub", *where, *addresses, *more, stdout=asyncio.subprocess.PIPE
    )
    try:
        token = await asyncio.wait_for(_setup_token(process), READY_S)
        admin = await _make_admin(port, token)
        await _sign_in_clerks(port, admin, windows)
        yield BenchHub(port, mqtt_port, admin, psutil.Process(process.pid))
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()


async def _setup_token(process: asyncio.subprocess.Process) -> str:
    """The one-time token, out of what the hub prints before it is ready."""
    assert process.stdout is not None
    token = ""
    while line := (await process.stdout.readline()).decode():
        if found := re.search(r"token=(\S+)", line):
            token = found[1]
        if line.startswith("ready"):
            return token
    raise RuntimeError("the hub did not start; its message is above")


async def _make_admin(port: int, token: str) -> str:
    """A machine key with the role admin, so that no cookie has to be carried."""
    import httpx

    origin = f"http://127.0.0.1:{port}"
    async with httpx.AsyncClient(base_url=f"{origin}/api/v1", headers={"Origin": origin}) as client:
        body = {"token": token, "name": "bench", "password": token}
        (await client.post("/setup", json=body)).raise_for_status()
        (await client.post("/login", json={"name": "bench", "password": token})).raise_for_status()
        answer = await client.post("/keys", json={"label": "bench-key", "role": "admin"})
        return answer.raise_for_status().json()["token"]


async def _sign_in_clerks(port: int, admin: str, windows: int) -> None:
    connection = await Connection.open("127.0.0.1", port, admin)
    for number in range(1, windows + 1):
        path = f"/api/v1/windows/{number}/sign-in"
        status, answer = await connection.post(path, {"clerk": f"clerk-{number}"}, f"sign-in-{number}")
        if status != 200:
            raise RuntimeError(f"signing in at window {number} was refused: {answer}")
    await connection.close()
