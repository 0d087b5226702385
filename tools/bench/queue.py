"""`bench queue`: tickets drawn and called over HTTP, beside a bare endpoint with the same commit.

Each client is one kept connection that sends its next request when it has the answer. The bare endpoint
(`tools.bench.bare`) commits one row through the same service and store and does nothing else: what a press costs
above that is ours. All operations run in turns within one run, since machines are shared and their speed drifts.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import psutil

from tools.bench.disk import real_disk
from tools.bench.figures import percentile
from tools.bench.hall import BenchHub, bench_hub
from tools.bench.http_client import Connection
from tools.ports import free_port

ROUNDS = 3
"""Turns of each operation: the median one is shown."""

Operation = Callable[[Connection, int, int], Awaitable[str]]
"""(connection, client, request) -> what must not come twice: a number, a visit."""


async def run(clients: list[int], seconds: float) -> list[dict]:
    """One row per operation and number of clients."""
    with tempfile.TemporaryDirectory(prefix="jiaohao-bench-", dir=real_disk()) as folder:
        async with bench_hub(Path(folder), max(clients)) as hub, _bare(Path(folder)) as bare:
            return [row for count in clients for row in await _compare(hub, bare, count, seconds)]


async def _compare(hub: BenchHub, bare: BenchHub, clients: int, seconds: float) -> list[dict]:
    """Three rows, each the median of ROUNDS turns; enough people wait before each turn of *next*."""
    turns: dict[str, list[dict]] = {"draw": [], "next": [], "bare": []}
    for turn in range(ROUNDS):
        turns["bare"].append(await _measure(bare, "bare", _bare_commit(clients, turn), clients, seconds))
        turns["draw"].append(await _measure(hub, "draw", _draw(clients, turn), clients, seconds))
        await _fill(hub, clients, seconds, turn)
        turns["next"].append(await _measure(hub, "next", await _next(hub, clients, turn), clients, seconds))
    return [_median(rows) for rows in turns.values()]


def _median(rows: list[dict]) -> dict:
    middle = sorted(rows, key=lambda row: row["per_s"])[len(rows) // 2]
    return {**middle, "doubles": sum(row["doubles"] for row in rows)}


def _bare_commit(clients: int, turn: int) -> Operation:
    async def commit(connection: Connection, client: int, request: int) -> str:
        key = f"bare-{clients}-{turn}-{client}-{request}"
        _expect(200, await connection.post("/bare", {"service": "a"}, key))
        return key

    return commit


def _draw(clients: int, turn: int) -> Operation:
    async def draw(connection: Connection, client: int, request: int) -> str:
        key = f"draw-{clients}-{turn}-{client}-{request}"
        return _expect(201, await connection.post("/api/v1/tickets", {"service": "a"}, key))["number"]

    return draw


async def _fill(hub: BenchHub, clients: int, seconds: float, turn: int) -> None:
    """Lets people wait, more than can be called in `seconds`: what was drawn before, and half as much again."""
    await _measure(hub, "fill", _draw(clients + 1000, turn), 16, seconds)


async def _next(hub: BenchHub, clients: int, turn: int) -> Operation:
    """Each client calls at a window of its own, with the version from the answer before."""
    connection = await Connection.open("127.0.0.1", hub.port, hub.admin)
    windows = _expect(200, await connection.get("/api/v1/hall"))["windows"]
    seen = {window["id"]: window["state"]["version"] for window in windows}
    await connection.close()

    async def call(connection: Connection, client: int, request: int) -> str:
        window = str(client + 1)
        key = f"next-{clients}-{turn}-{client}-{request}"
        answer = await connection.post(f"/api/v1/windows/{window}/next", {"seen": seen[window]}, key)
        state = _expect(200, answer)["window"]["state"]
        seen[window] = state["version"]
        return state["number"]

    return call


def _expect(status: int, answer: tuple[int, dict]) -> dict:
    if answer[0] != status:
        raise RuntimeError(f"expected {status}, got {answer[0]}: {answer[1]}")
    return answer[1]


async def _measure(hub: BenchHub, name: str, operation: Operation, clients: int, seconds: float) -> dict:
    """One turn: `clients` connections for `seconds`; rates, times, CPU per operation, and what came twice."""
    connections = [await Connection.open("127.0.0.1", hub.port, hub.admin) for _ in range(clients)]
    times_s: list[float] = []
    results: list[str] = []
    began, cpu_s = time.perf_counter(), hub.cpu_s()

    async def client(number: int, connection: Connection) -> None:
        request = 0
        while (start := time.perf_counter()) - began < seconds:
            results.append(await operation(connection, number, request))
            times_s.append(time.perf_counter() - start)
            request += 1

    await asyncio.gather(*(client(number, connection) for number, connection in enumerate(connections)))
    took_s, cpu_s = time.perf_counter() - began, hub.cpu_s() - cpu_s
    await asyncio.gather(*(connection.close() for connection in connections))
    times_s.sort()
    return {
        "operation": name,
        "clients": clients,
        "per_s": round(len(results) / took_s),
        "p50_ms": round(percentile(times_s, 0.50) * 1000, 2),
        "p99_ms": round(percentile(times_s, 0.99) * 1000, 2),
        "cpu_ms": round(cpu_s * 1000 / max(1, len(results)), 3),
        "doubles": sum(count - 1 for count in Counter(results).values()),
    }


@contextlib.asynccontextmanager
async def _bare(folder: Path) -> AsyncIterator[BenchHub]:
    """The bare endpoint in a process of its own, on the same disk."""
    port = free_port()
    arguments = ("-m", "tools.bench.bare", str(folder / "bare.db"), str(port))
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        await asyncio.wait_for(process.stdout.readline(), 30)
        yield BenchHub(port, 0, "", psutil.Process(process.pid))
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
