"""A rack: many virtual devices in one process, with the firmware that a board runs, on CPython, but without pixels.

    python -m tools.demo.rack_child LIST        LIST: a file with a device's folder in each line

What it says and hears are the lines of firmware/hal/pc.py with the device's name before each: `display-31 {...}`. Of a
frame only what it shows is told; its picture is empty. The end of standard input ends the process.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
from pathlib import Path

from firmware.assembly import build
from firmware.ticks import within

IDLE_S = 0.5
"""A key wakes a device at once; otherwise it looks this often, where a board looks ten times a second: hundreds share
a processor."""

KEYS_MAX = 16
"""As in firmware/hal/pc.py."""

TOGETHER_S = 3
"""Over this the devices come to the broker, not all in one instant."""


class Slot:
    """The hardware of one device in the rack; see firmware/hal/__init__.py."""

    model = "rack"
    reset_cause = "power-on"
    stopped = False
    glass = font = listener = None

    def __init__(self, name: str):
        self._name = name
        self._keys: list[int] = []
        self._wake = asyncio.Event()
        self._shown: tuple[object, ...] = ()

    def prepare(self, folder: str, config: object) -> None:
        """It has no pins."""

    def start(self, config: object) -> None:
        """There is no glass to open."""

    def take_key(self) -> int:
        return self._keys.pop(0) if self._keys else -1

    async def pause(self) -> None:
        if self._keys:
            await asyncio.sleep(0)
            return
        self._wake.clear()
        try:
            await within(self._wake.wait(), IDLE_S)
        except TimeoutError:
            return

    def press(self, key: int) -> None:
        if len(self._keys) < KEYS_MAX:
            self._keys.append(key)
        self._wake.set()

    def feed(self) -> None:
        """There is no watchdog."""

    def show(self, effect) -> None:
        shown = (effect.version, effect.mode, effect.number)
        if shown != self._shown:
            self._shown = shown
            about = {"version": list(effect.version), "mode": effect.mode, "number": effect.number}
            self._say({"frame": "", "w": 0, "h": 0, **about})

    def leds(self, values: tuple[int, ...]) -> None:
        self._say({"leds": list(values)})

    def beep(self, ms: int) -> None:
        self._say({"beep": ms})

    def promised(self, epoch: int, seq: int, level: int, visit: str) -> None:
        self._say({"promised": [epoch, seq, level, visit]})

    def called(self, epoch: int, seq: int, verb: str) -> None:
        self._say({"call": [epoch, seq, verb]})

    def settled(self, epoch: int, seq: int, reason: str) -> None:
        self._say({"settled": [epoch, seq, reason]})

    def log(self, text: str) -> None:
        self._say({"log": text})
        if self.listener:
            self.listener(text)

    def test(self) -> str:
        return ""

    def restart(self, error: Exception) -> None:
        """One that cannot go on takes all with it: the supervisor starts the rack again."""
        self.log(f"stopped: {error!r}")
        raise SystemExit(1)

    def heap_free(self) -> int:
        return 0

    def _say(self, message: dict[str, object]) -> None:
        sys.stdout.write(f"{self._name} {json.dumps(message)}\n")
        sys.stdout.flush()


async def main(list_file: Path) -> None:
    """Runs the devices until standard input ends."""
    folders = [Path(line) for line in list_file.read_text("utf-8").splitlines()]
    slots = {folder.name: Slot(folder.name) for folder in folders}
    devices = [build(str(folder), slots[folder.name]) for folder in folders]
    # Each device collects garbage before it connects, as a board must; what is here stays, and need not be looked at.
    gc.freeze()
    running = [asyncio.create_task(_run(device, TOGETHER_S * n / len(devices))) for n, device in enumerate(devices)]
    await _listen(slots)
    for task in running:
        task.cancel()


async def _run(device, after_s: float) -> None:
    await asyncio.sleep(after_s)
    await device.run()


async def _listen(slots: dict[str, Slot]) -> None:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        name, _, command = line.decode().partition(" ")
        slots[name].press(json.loads(command)["key"])


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
