"""All processes of one run: hub, broker, and three devices at each window. What dies is started again."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import sys
import time
from pathlib import Path

import psutil

from hub.config import read_hall
from tools.bench.hall import write_hall
from tools.chaos import brokers, clock, disk
from tools.chaos.netns import NetnsWire
from tools.chaos.onlooker import WatchedStage
from tools.chaos.options import NATS, NETNS, Options
from tools.chaos.proxy import ProxyWire
from tools.chaos.wire import Wire
from tools.demo import crowd, opening
from tools.demo.children import Child, Program
from tools.demo.hub_api import HubApi
from tools.demo.place import LOOPBACK, Place, StartFailed
from tools.demo.plan import Seat
from tools.demo.robot import Robot
from tools.demo.runtime import Runtime
from tools.demo.stage import ROLES, Desk, VirtualDevice

ROOT = Path(__file__).parent.parent.parent
SPEED = 3.0
"""People are this much quicker than in the demo: a visit takes about three seconds, as long as a pad's thank-you."""

READY_S = 60
DEVICE_END_S = 3
HUB_END_S = 15
KINDS = {"window_display": "display", "call_pad": "call", "rating_pad": "rate"}


def windows_of(devices: int) -> list[str]:
    """The windows at which so many devices stand."""
    return [str(number + 1) for number in range(devices // len(ROLES))]


def device_ids(devices: int) -> list[str]:
    return [f"{KINDS[role]}-{window}" for window in windows_of(devices) for role in ROLES]


class Rig:
    """One broker's run. `folder` exists and is this run's own. `told` hears lines of text for people."""

    def __init__(self, options: Options, broker: str, folder: Path, runtime: Runtime):
        self._options = options
        self._runtime = runtime
        self._folder = folder
        self._errors = folder / "hub.log"
        self._hall_file = folder / "hall.toml"
        self.small_disk = options.network == NETNS
        self.place = Place(folder / "data")
        self.wire: Wire = (
            NetnsWire(self.place.mqtt) if options.network == NETNS else ProxyWire(self.place.mqtt, options.seed)
        )
        self.broker: brokers.Broker = (
            brokers.EmbeddedNats(self.place.broker, self.place.mqtt)
            if broker == NATS
            else brokers.Mosquitto(folder / "mosquitto", self.place.mqtt, lambda: None)
        )
        self.clock = clock.WallClock(folder / "clock")
        self.api = HubApi(self.place.hub_url)
        self.hub: Child | None = None
        self.hub_ready = False
        self.ended_by_itself: list[str] = []
        self._killed: set[int] = set()
        self._pids: dict[str, int] = {}
        self._make_stage(windows_of(options.devices))

    def _make_stage(self, windows: list[str]) -> None:
        write_hall(self._hall_file, len(windows))
        self._people = opening.draw_people({window: Seat("", ("a", "b")) for window in windows})
        desks = {window: self._desk(window) for window in windows}
        self.stage = WatchedStage(read_hall(self._hall_file.read_text("utf-8")), desks)

    def _desk(self, window: str) -> Desk:
        devices = {}
        for role in ROLES:
            name = f"{KINDS[role]}-{window}"
            devices[role] = VirtualDevice(name, role, window, self._folder / "devices" / name)
        robot = Robot(crowd.visits(self._options.seed, window), SPEED)
        return Desk(window, self._people.clerks[window], robot, devices)

    # Start

    async def start(self) -> None:
        """Everything up, until every display shows its window. Raises StartFailed, HubSaysNo, HubIsGone."""
        self.place.data.mkdir(mode=0o700)
        if self.small_disk:
            disk.make_small_disk(self.place.data)
        await self.wire.open()
        await self.broker.start()
        self._start_hub()
        await self._until(lambda: self.hub_ready, "the hub is not ready", self._errors)
        await opening.enter(self.api, self.place.data, self._people)
        await opening.hire(self.api, list(self.stage.desks.values()))
        await opening.register(self.api, list(self.stage.devices.values()), self._start_device)
        for desk in self.stage.desks.values():
            await opening.sign_in(self.api, desk)
        displays = [desk.devices["window_display"].face for desk in self.stage.desks.values()]
        await self._until(
            lambda: all(face.glass and face.glass.mode == "open" for face in displays), "a display shows nothing"
        )

    def _start_hub(self) -> None:
        place = self.place
        command = (
            *(sys.executable, "-m", "tools.chaos.hub_child", "--hall", str(self._hall_file)),
            *("--data", str(place.data), "--listen", f"{LOOPBACK}:{place.http}"),
            *self.broker.hub_options(self.wire.device_port),
        )
        environment = {**os.environ, clock.VARIABLE: str(self.clock.file)}
        self.hub = Child(Program(command, environment, ROOT, self._errors), self._hub_said, self._hub_changed)
        self.hub.start()

    def _hub_said(self, line: bytes) -> None:
        self.hub_ready = self.hub_ready or line.startswith(b"ready ")

    def _hub_changed(self) -> None:
        assert self.hub is not None
        if self.hub.pid is None and self.hub_ready:  # one that cannot start, say for want of room, was never there
            self._note_end("hub")
        self.hub_ready = False
        self._pids["hub"] = self.hub.pid or 0

    def _start_device(self, device: VirtualDevice) -> None:
        file = device.folder / "config.json"
        config = json.loads(file.read_text("utf-8"))
        opening.write_private(file, json.dumps({**config, "host": LOOPBACK, "port": self.wire.device_port}))

        def changed() -> None:
            self.stage.changed(device)
            if child.pid is None:
                self._note_end(device.id)
            self._pids[device.id] = child.pid or 0

        child = Child(self._runtime.program(device.folder), lambda line: self.stage.hear(device, line), changed)
        device.child = child
        child.start()

    async def _until(self, condition, what: str, log: Path | None = None) -> None:
        deadline = time.monotonic() + READY_S
        while not condition():
            if time.monotonic() > deadline:
                words = log.read_text("utf-8", "replace").strip() if log and log.exists() else ""
                raise StartFailed(f"{what} after {READY_S} s; {words or 'it said nothing'}")
            await asyncio.sleep(0.05)

    # Looking

    def process(self, victim: str) -> psutil.Process | None:
        """The process of hub, broker or a device, while it runs."""
        if victim == "broker":
            return self.broker.process()
        child = self.hub if victim == "hub" else self.stage.devices[victim].child
        try:
            return psutil.Process(child.pid) if child and child.pid else None
        except psutil.NoSuchProcess:
            return None

    def hub_log(self) -> str:
        """What the hub has logged so far."""
        return self._errors.read_text("utf-8", "replace") if self._errors.exists() else ""

    def will_kill(self, pid: int) -> None:
        """It is us who kill this process, so its end is no surprise."""
        self._killed.add(pid)

    def _note_end(self, name: str) -> None:
        pid = self._pids.get(name, 0)
        if pid not in self._killed and not self._ending:
            self.ended_by_itself.append(f"{name} ended, and nobody had killed it")

    _ending = False

    # End

    async def end(self) -> None:
        """Ends everything, whatever state it is in."""
        self._ending = True
        self._wake_all()
        children = [device.child for device in self.stage.devices.values() if isinstance(device.child, Child)]
        await asyncio.gather(*(child.end(DEVICE_END_S) for child in children))
        if self.hub:
            await self.hub.end(HUB_END_S, terminate=True)
        await self.broker.end()
        await self.wire.close()
        await self.api.close()
        if self.small_disk and self._options.keep:
            shutil.copytree(self.place.data, self._folder / "data-kept")

    def _wake_all(self) -> None:
        for name in ("hub", "broker", *self.stage.devices):
            with contextlib.suppress(psutil.Error):
                process = self.process(name)
                if process:
                    process.resume()
        if self.small_disk:
            disk.free(self.place.data)
