"""The disk is full: the hub says so, goes on living, keeps what it accepted, and works again when there is room."""

from __future__ import annotations

import resource
from pathlib import Path

from tools.bench.hall import BenchHub, bench_hub
from tools.bench.http_client import Connection


def allow_file_bytes(hub: BenchHub, most: int) -> None:
    """The kernel refuses the hub's writes beyond `most`, as a full disk does; the broker has no such limit."""
    _, hard = resource.prlimit(hub.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(hub.process.pid, resource.RLIMIT_FSIZE, (most, hard))


async def test_a_full_disk_loses_nothing_that_was_accepted(tmp_path: Path):
    async with bench_hub(tmp_path, 1) as hub:
        connection = await Connection.open("127.0.0.1", hub.port, hub.admin)
        numbers = []
        used = max(file.stat().st_size for file in (tmp_path / "data").glob("hall.db*"))
        allow_file_bytes(hub, used + 100_000)
        for turn in range(500):
            status, answer = await connection.post("/api/v1/tickets", {"service": "a"}, f"draw-{turn}")
            if status != 201:
                break
            numbers.append(answer["number"])
        assert status == 503, "the disk was never full"
        assert answer["code"] == "store"
        assert "Nothing can be saved" in answer["message"]["en"]
        assert numbers

        allow_file_bytes(hub, resource.RLIM_INFINITY)
        status, answer = await connection.post("/api/v1/tickets", {"service": "a"}, f"draw-{turn}")
        assert status == 201
        numbers.append(answer["number"])
        _, listed = await connection.get("/api/v1/tickets")
        assert [ticket["number"] for ticket in listed] == numbers == sorted(set(numbers))
        await connection.close()
