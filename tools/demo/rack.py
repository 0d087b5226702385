"""Devices that share one process: the supervisor's side of `rack_child`.

A window's devices are processes of their own, three for each, up to FULL_WINDOWS windows. In a larger hall those of all
other windows are in the rack: the same firmware, but all together on CPython and without pixels.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from tools.demo.children import Child, Program
from tools.demo.opening import write_private

FULL_WINDOWS = 30
"""Ninety MicroPython processes start in some seconds and leave room for the hub on two processors."""


class Rack:
    """The process. `heard` gets (device, line); `changed` is called when it starts and when it ends."""

    def __init__(self, folder: Path, root: Path, heard: Callable[[str, bytes], None], changed: Callable[[], None]):
        self._list = folder / "rack.txt"
        command = (sys.executable, "-m", "tools.demo.rack_child", str(self._list))
        self._heard = heard
        self.child = Child(Program(command, os.environ, root, folder / "rack.log"), self._hear, changed)

    def start(self, folders: list[Path]) -> None:
        """Starts the devices whose flashes are `folders`."""
        write_private(self._list, "".join(f"{folder}\n" for folder in folders))
        self.child.start()

    def _hear(self, line: bytes) -> None:
        device, _, said = line.partition(b" ")
        self._heard(device.decode("utf-8", "replace"), said)


class Racked:
    """One device of the rack, as far as it can be dealt with alone: it has keys, but no plug of its own."""

    def __init__(self, rack: Child, device: str):
        self._rack = rack
        self._device = device

    @property
    def pid(self) -> int | None:
        return self._rack.pid

    def write(self, line: str) -> bool:
        return self._rack.write(f"{self._device} {line}")

    def pull(self) -> None:
        """Nothing: the others would go dark too."""

    def plug(self) -> None:
        """It always has power."""
