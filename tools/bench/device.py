"""`bench device`: what each role costs on MicroPython: heap, size of its `.mpy` files, time to start, from a state to
its frame on the wires (`frame_us`), and from a key to its light (`light_us`).

Each device is at work when it is measured: connected to a real hub, it has shown a call and its keys were pressed.
The heap is that of `-X heapsize=56wK`, which stands for the first 56 KB of a real ESP32: on a 64-bit machine words are
twice as wide, so the heap is too, and bytes are shown halved. Buffers and compiled code are less than twice as wide, so
a board uses more of its 56 KB than `heap_share` says; the goal is that 20 % of it stay free here.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from firmware.hal import drivers
from hub.ports import OF_ZONE
from tools.bench.figures import percentile
from tools.bench.hall import BenchHub, bench_hub
from tools.bench.http_client import Connection
from tools.bench.soak import build, soak
from tools.demo import runtime

ROLES = ("window_display", "rating_pad", "call_pad", "hall_board", "announcer", "kiosk")
STARTS = 5
"""Starts of each role; the median is shown."""

STATES = 2000
"""Of which the mean time to a frame is taken."""

ANSWER_S = 10
"""Longer than this nothing takes that a device is asked for."""

ONLY = {
    "window_display": {"window_display.mpy", "rating_code.mpy", "qr_code.mpy"},
    "rating_pad": {"pad.mpy", "journal_upkeep.mpy", "rating_code.mpy", "qr_code.mpy"},
    "call_pad": {"call.mpy"},
    "hall_board": {"hall_board.mpy", "board.mpy"},
    "announcer": {"board.mpy", "announcer.mpy", "speaker.mpy", "speech.mpy", "hub_time.mpy"},
    "kiosk": {"kiosk.mpy", "pc_printer.mpy"},
}
"""Files that not every role loads."""

DRIVERS = {path.with_suffix(".mpy").name for path in Path(drivers.__file__).parent.glob("*.py")} - {"__init__.mpy"}
BOARD_ONLY = DRIVERS | {"esp32.mpy", "wifi.mpy", "parts.mpy", "wiring.mpy"}


async def run() -> list[dict]:
    """One row per role."""
    interpreter = runtime.find()
    with tempfile.TemporaryDirectory(prefix="jiaohao-bench-") as folder:
        built = Path(folder) / "soak"
        build(built)
        async with bench_hub(Path(folder), 1) as hub:
            return [await _measure(hub, role, interpreter, Path(folder) / role, built) for role in ROLES]


async def _measure(hub: BenchHub, role: str, interpreter: runtime.Runtime, folder: Path, built: Path) -> dict:
    config = await _register(hub, role)
    starts_ms: list[float] = []
    used = free = 0
    for _ in range(STARTS):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        (folder / "config.json").write_text(json.dumps(config))
        start_ms, used, free = await _work(hub, interpreter, folder, role)
        starts_ms.append(start_ms)
    return {
        "role": role,
        "runtime": interpreter.name,
        "heap_bytes": used // 2,
        "heap_share": round(used / (used + free), 3) if used else 0.0,
        "mpy_bytes": _mpy_bytes(interpreter, role),
        "start_ms": round(percentile(sorted(starts_ms), 0.5)),
        **await asyncio.to_thread(_on_wires, built, interpreter, folder.with_suffix(".soak"), role),
    }


def _on_wires(built: Path, interpreter: runtime.Runtime, folder: Path, role: str) -> dict:
    """What a board's drivers cost of time on this machine; a board takes about 150 times as long."""
    if interpreter.name != "micropython":
        return {"frame_us": 0, "light_us": 0}
    folder.mkdir()
    found = soak(built, Path(interpreter.command[0]), folder, role, STATES)
    return {"frame_us": found.frame_us, "light_us": found.light_us}


async def _register(hub: BenchHub, role: str) -> dict:
    """The device's config.json, from the hub."""
    connection = await Connection.open("127.0.0.1", hub.port, hub.admin)
    place = {"zone": "main"} if role in OF_ZONE else {"window": "1"}
    body = {"id": role.replace("_", "-"), "role": role, **place}
    status, config = await connection.post("/api/v1/devices", body)
    await connection.close()
    if status != 201:
        raise RuntimeError(f"registering a device was refused: {config}")
    return config


async def _call_somebody(hub: BenchHub) -> None:
    connection = await Connection.open("127.0.0.1", hub.port, hub.admin)
    await connection.post("/api/v1/tickets", {"service": "a"})
    _, hall = await connection.get("/api/v1/hall")
    seen = hall["windows"][0]["state"]["version"]
    await connection.post("/api/v1/windows/1/next", {"seen": seen})
    await connection.close()


async def _work(hub: BenchHub, interpreter: runtime.Runtime, folder: Path, role: str) -> tuple[float, int, int]:
    """(ms until the first picture, heap bytes used, heap bytes free) of a device that starts, shows and is pressed."""
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        *interpreter.command,
        str(folder),
        env=interpreter.environment,
        cwd=folder,  # MicroPython looks for modules here first, and must find the compiled ones
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin and process.stdout
    await _until(process.stdout, lambda said: "frame" in said)
    took_ms = (time.perf_counter() - began) * 1000
    if role == "kiosk":
        await _until(process.stdout, lambda said: said.get("mode") == "choose")
        process.stdin.write(b'{"key":0}\n')
        await _until(process.stdout, lambda said: "printed" in said)
    else:
        before = (await _until(process.stdout, lambda said: said.get("version", [0])[0] > 0))["version"]
        await _call_somebody(hub)
        await _until(process.stdout, lambda said: said.get("version", before) > before)
        process.stdin.write(b'{"key":2}\n')
    await asyncio.sleep(0.5)  # what the press sets off: a record in the journal, messages, a thank-you
    process.stdin.write(b'{"heap":1}\n')
    used, free = (await _until(process.stdout, lambda said: "heap" in said))["heap"]
    process.stdin.close()
    await process.wait()
    return took_ms, used, free


async def _until(stream: asyncio.StreamReader, wanted: Callable[[dict], bool]) -> dict:
    """The device's next line that is `wanted`."""
    async with asyncio.timeout(ANSWER_S):
        while line := await stream.readline():
            said = json.loads(line)
            if wanted(said):
                return said
    raise RuntimeError("the virtual device ended; its message is above")


def _mpy_bytes(interpreter: runtime.Runtime, role: str) -> int:
    """Bytes of compiled files of a virtual device with this role: all but the other roles and the drivers of boards."""
    files = Path(interpreter.environment.get("MICROPYPATH", "").partition(":")[0])
    left_out = BOARD_ONLY.union(*ONLY.values()) - ONLY[role]
    return sum(file.stat().st_size for file in files.rglob("*.mpy") if file.name not in left_out)
