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
from tools.demo.rack import Rack, Racked
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
        self._rack: Rack | None = None
        self._children: list[Child] = []
        self._hub_ready = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None

    async def start_hub(self, hall_file: str, shift_ms: int) -> None:
        """Starts the hub with the text of a hall file and its clock `shift_ms` ahead, and waits until it is ready.
        Raises StartFailed with the hub's own words."""
        place = self._place
        write_private(place.hall_file, hall_file)
        command = (
            *(sys.executable, "-m", "tools.demo.hub_child", "--hall", str(place.hall_file)),
            *("--data", str(place.data), "--listen", f"{LOOPBACK}:{place.http}"),
            *("--mqtt", f"{LOOPBACK}:{place.mqtt}", "--open-board", "--clock-shift-ms", str(shift_ms)),
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

        child = Child(self._runtime.program(device.folder), lambda line: stage.hear(device, line), changed)
        self._children.append(child)
        device.child = child
        child.start()

    def start_rack(self, devices: list[VirtualDevice]) -> None:
        """Starts the process that `devices` share; none without them."""
        if not devices:
            return
        by_id = {device.id: device for device in devices}

        def heard(device: str, line: bytes) -> None:
            if device in by_id:
                self._stage.hear(by_id[device], line)

        def changed() -> None:
            for device in devices:
                self._stage.changed(device)
            self._write_pids()

        self._rack = Rack(self._place.data, ROOT, heard, changed)
        self._children.append(self._rack.child)
        for device in devices:
            device.child = Racked(self._rack.child, device.id)
        self._rack.start([device.folder for device in devices])

    def last_words(self) -> str:
        """The last line that some device wrote to its standard error; empty when all are silent."""
        logs = [device.folder / "errors.log" for device in self._stage.devices.values()]
        for errors in [*logs, self._place.data / "rack.log"]:
            if errors.exists() and (text := errors.read_text("utf-8", "replace").strip()):
                return f"{errors.parent.name}: {text.splitlines()[-1]}"
        return ""

    async def end(self) -> None:
        """Ends devices, hub and broker, in this order, so that each can say goodbye to the next."""
        await asyncio.gather(*(child.end(DEVICE_END_S) for child in self._children))
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
        own = [device for device in self._stage.devices.values() if device.child and not device.racked]
        pids = {
            "supervisor": os.getpid(),
            "hub": self._hub.pid if self._hub else None,
            "broker": self._broker_pid(),
            "rack": self._rack.child.pid if self._rack else None,
            "devices": {device.id: device.child.pid for device in own if device.child},
        }
        write_private(self._place.pids, json.dumps(pids))
