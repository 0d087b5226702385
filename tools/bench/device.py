"""`bench device`: what each role costs on MicroPython: heap, size of its `.mpy` files, start-up time.

The heap is that of `-X heapsize=56wK`: 56,000 bytes of a 32-bit board, the first area of a real ESP32. The goal is that
20 % of it stay free. Bytes are what the interpreter says on this 64-bit machine, halved, since its words are twice as
wide; buffers are not, so a board needs a little more than that.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
import time
from pathlib import Path

from tools.bench.figures import percentile
from tools.demo import runtime

ROLES = ("window_display", "rating_pad", "call_pad")
STARTS = 5
"""Starts of each role; the median is shown."""


async def run() -> list[dict]:
    """One row per role."""
    interpreter = runtime.find()
    with tempfile.TemporaryDirectory(prefix="jiaohao-bench-") as folder:
        return [await _measure(role, interpreter, Path(folder) / role) for role in ROLES]


async def _measure(role: str, interpreter: runtime.Runtime, device: Path) -> dict:
    starts_ms = []
    used = free = 0
    for _ in range(STARTS):
        shutil.rmtree(device, ignore_errors=True)
        device.mkdir()
        (device / "config.json").write_text(json.dumps(_config(role)))
        start_ms, used, free = await _start(interpreter, device)
        starts_ms.append(start_ms)
    share = used / (used + free)
    return {
        "role": role,
        "runtime": interpreter.name,
        "heap_bytes": used // 2,
        "heap_share": round(share, 3),
        "mpy_bytes": _mpy_bytes(interpreter, role),
        "start_ms": round(percentile(sorted(starts_ms), 0.5)),
    }


def _config(role: str) -> dict:
    """A device whose broker is away: it draws its first picture and waits."""
    connection = {"host": "127.0.0.1", "port": 9, "user": "u", "password": "p", "client_id": "c"}
    return {"hall": "bench", "device": "bench-1", "role": role, "window": "1", "language": "zh-Hans", **connection}


def _mpy_bytes(interpreter: runtime.Runtime, role: str) -> int:
    """Bytes of compiled files on a board with this role: all but the other roles and the virtual board."""
    files = Path(interpreter.environment.get("MICROPYPATH", "").partition(":")[0])
    left_out = {f"{other}.mpy" for other in ROLES if other != role} | {"pc.mpy"}
    return sum(file.stat().st_size for file in files.rglob("*.mpy") if file.name not in left_out)


async def _start(interpreter: runtime.Runtime, device: Path) -> tuple[float, int, int]:
    """(ms until the first picture, heap bytes used, heap bytes free)."""
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        *interpreter.command,
        str(device),
        env=interpreter.environment,
        cwd=device,  # MicroPython looks for modules here first, and must find the compiled ones
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin and process.stdout
    await _until(process.stdout, "frame")
    took_ms = (time.perf_counter() - began) * 1000
    process.stdin.write(b'{"heap":1}\n')
    used, free = (await _until(process.stdout, "heap"))["heap"]
    process.stdin.close()
    await process.wait()
    return took_ms, used, free


async def _until(stream: asyncio.StreamReader, key: str) -> dict:
    """The next line of the device that has `key`."""
    while line := await asyncio.wait_for(stream.readline(), 10):
        message = json.loads(line)
        if key in message:
            return message
    raise RuntimeError("the virtual device ended; its message is above")
