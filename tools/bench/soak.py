"""Runs a role's programs on MicroPython with a board's heap and wires that lead nowhere, for thousands of states."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tools import bundle

PROGRAM = Path(__file__).parent / "on_board.py"
MODULE = "firmware.hal.on_board"

BLOCK_BYTES = 32
"""The allocator's unit on a 64-bit machine; a board's is half."""

SOAK_S = 120

ZONED = ("hall_board", "announcer", "kiosk")


@dataclass(frozen=True, slots=True)
class Soaked:
    """Bytes of heap in use after the first states and at the end, and free then; halved, as in `bench device`. The
    largest piece in use, not halved. Microseconds from a state to its frame, and from a key to its light."""

    warm: int
    end: int
    free: int
    largest: int
    frame_us: int
    light_us: int


def build(target: Path) -> None:
    """The bundle with one more program."""
    text = PROGRAM.read_text("utf-8")
    bundle.build(target, lambda texts: {**texts, MODULE.replace(".", "/") + ".py": text}, (MODULE,))


def soak(built: Path, micropython: Path, folder: Path, role: str, states: int) -> Soaked:
    """`built`: what `build` made; `folder`: an empty one for the device. Raises RuntimeError with what went wrong."""
    place = {"zone": "z1"} if role in ZONED else {"window": "w3"}
    about = {"hall": "h1", "device": "d1", "role": role, "host": "127.0.0.1", "port": 1883, "client_id": "d1"}
    (folder / "config.json").write_text(json.dumps({**about, **place}))
    done = subprocess.run(
        [str(micropython), "-X", "heapsize=56wK", "-m", MODULE, ".", str(states)],
        cwd=folder,
        env={"MICROPYPATH": f"{built}:.frozen"},
        capture_output=True,
        text=True,
        timeout=SOAK_S,
        check=False,
    )
    found = re.search(r"max blk sz: (\d+)", done.stdout)
    if done.returncode or not found:
        raise RuntimeError(f"{role}: {done.stdout[-500:]}{done.stderr[-500:]}")
    told = json.loads(done.stdout.strip().splitlines()[-1])
    halved = {name: told[name] // 2 for name in ("warm", "end", "free")}
    return Soaked(**halved, largest=int(found[1]) * BLOCK_BYTES, frame_us=told["frame_us"], light_us=told["light_us"])
