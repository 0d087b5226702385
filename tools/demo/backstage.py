"""The processes behind the stage: the hub and the devices. Starts them, writes down which is which, ends them all."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from pathlib import Path

from hub.adapters.nats import stop_orphan
from tools.demo.children import Child, Program
from tools.demo.opening import write_private
from tools.demo.place import LOOPBACK, Place, StartFailed
from tools.demo.runtime import Runtime
from tools.demo.stage import Stage, VirtualDevice

HUB_READY_S = 30
"""How long the first start may take: about a second here; a slow disk and a busy machine take longer."""

DEVICE_END_S = 3
HUB_END_S = 15
"""How long children may take to end by themselves. A device takes 0.1 s, a hub with pages open 3 s."""

KEEP_S = 0.2
"""How often the broker's process id is looked at: the hub restarts it, not we."""

ROOT = Path(__file__).parent.parent.parent


class Backstage:
    """The children of one demo. `end` ends them all, whatever state they are in."""

    def __init__(self, place: Place, runtime: Runtime, stage: Stage):
        self._place = place
        self._runtime = runtime
        self._stage = stage
        self._hub: Child | None = None
        self._hub_ready = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None

    async def start_hub(self, hall_file: Path) -> None:
        """Starts the hub and waits until it is ready. Raises StartFailed with the hub's own words."""
        place = self._place
        command = (
            *(sys.executable, "-m", "tools.demo.hub_child", "--hall", str(hall_file.resolve())),
            *("--data", str(place.data), "--listen", f"{LOOPBACK}:{place.http}"),
            *("--mqtt", f"{LOOPBACK}:{place.mqtt}", "--open-board"),
        )
        said_before = place.hub_log.stat().st_size if place.hub_log.exists() else 0
        # It works where the packages are: `-m` looks there first, wherever the demo was started.
        program = Program(command, os.environ, ROOT, place.hub_log)
        self._hub = Child(program, self._hub_said, self._write_pids)
        self._hub.start()
        self._keeper = asyncio.create_task(self._keep_pids(), name="process ids")
        await self._wait_for_hub(self._hub, said_before)

    def _hub_said(self, line: bytes) -> None:
        if line.startswith(b"ready "):
            self._hub_ready.set()

    async def _wait_for_hub(self, hub: Child, said_before: int) -> None:
        deadline = time.monotonic() + HUB_READY_S
        while not self._hub_ready.is_set():
            ended = hub.starts > 0 and hub.pid is None
            if ended or time.monotonic() > deadline:
                words = self._place.hub_log.read_bytes()[said_before:].decode("utf-8", "replace").strip()
                raise StartFailed(words or f"the hub did not get ready within {HUB_READY_S} s")
            await asyncio.sleep(0.05)

    def start_device(self, device: VirtualDevice) -> None:
        """Starts a device whose config.json is in its flash."""
        stage = self._stage

        def changed() -> None:
            stage.changed(device)
            self._write_pids()

        device.child = Child(self._runtime.program(device.folder), lambda line: stage.hear(device, line), changed)
        device.child.start()

    def last_words(self) -> str:
        """The last line that some device wrote to its standard error; empty when all are silent."""
        for device in self._stage.devices.values():
            errors = device.folder / "errors.log"
            if errors.exists() and (text := errors.read_text("utf-8", "replace").strip()):
                return f"{device.id}: {text.splitlines()[-1]}"
        return ""

    async def end(self) -> None:
        """Ends devices, hub and broker, in this order, so that each can say goodbye to the next."""
        children = [device.child for device in self._stage.devices.values() if device.child]
        await asyncio.gather(*(child.end(DEVICE_END_S) for child in children))
        if self._hub:
            await self._hub.end(HUB_END_S, terminate=True)
            await asyncio.to_thread(stop_orphan, self._place.broker)
        if self._keeper:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        self._place.pids.unlink(missing_ok=True)

    # pids.json: which process is what, for whoever wants to look, or to kill one and see what happens

    async def _keep_pids(self) -> None:
        known = None
        while True:
            broker = self._broker_pid()
            if broker != known:
                known = broker
                self._write_pids()
            await asyncio.sleep(KEEP_S)

    def _broker_pid(self) -> int | None:
        try:
            return int((self._place.broker / "nats.pid").read_text())
        except (OSError, ValueError):  # not started yet, or just being written
            return None

    def _write_pids(self) -> None:
        devices = {device.id: device.child.pid for device in self._stage.devices.values() if device.child}
        hub = self._hub.pid if self._hub else None
        pids = {"supervisor": os.getpid(), "hub": hub, "broker": self._broker_pid(), "devices": devices}
        write_private(self._place.pids, json.dumps(pids))
