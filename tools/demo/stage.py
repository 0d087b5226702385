"""Everything that lives in the demo, in one place: windows with their people, devices with their faces.

Devices, robots and the twin's visitors all press keys here; what devices say arrives here, goes to the witness, and is
told to whoever watches. Nothing here waits: it is all called from one asyncio loop.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

from hub.core.hall import Hall
from protocol.verbs import KEYPAD
from tools.demo import seen
from tools.demo.accounting import Press, Shown, Version, Witness
from tools.demo.robot import Robot

ROLES = ("window_display", "call_pad", "rating_pad")
"""What stands at every window."""

KEYS = {"window_display": 0, "call_pad": len(KEYPAD), "rating_pad": 5}
"""How many keys a device has."""

PRESS_SEEN_S = 30.0
"""A press that the glass has not answered by then is not measured: it was refused, or its pad was killed."""

Watcher = Callable[[str, str], None]
"""Is told (kind, id) of what changed: device, window, or hall (id empty)."""


class Login(NamedTuple):
    """Who may log in at the hub's pages. `display` is the name that people read."""

    name: str
    password: str
    display: str


class Powered(Protocol):
    """A device's process: one of its own, or its share of one."""

    @property
    def pid(self) -> int | None: ...
    def write(self, line: str) -> bool: ...
    def pull(self) -> None: ...
    def plug(self) -> None: ...


@dataclass(slots=True)
class VirtualDevice:
    """A device: its process and what can be seen of it. `folder` is its flash and survives its restarts. `racked`: it
    shares a process with others, and has neither pixels nor a plug."""

    id: str
    role: str
    window: str
    folder: Path
    face: seen.Face = field(default_factory=seen.Face)
    child: Powered | None = None
    racked: bool = False


@dataclass(slots=True)
class Pressed:
    """*next* was pressed and the glass has not changed yet. `press` is its name, once the pad told it."""

    at_s: float
    version: Version
    press: Press | None = None


@dataclass(slots=True)
class Desk:
    """A window with its clerk and its devices (role -> device). `robot_on`: a robot works there, not a visitor."""

    window: str
    clerk: Login
    robot: Robot
    devices: dict[str, VirtualDevice]
    robot_on: bool = True
    pressed: Pressed | None = None
    called: set[str] = field(default_factory=set)
    rated: int = 0

    @property
    def racked(self) -> bool:
        return any(device.racked for device in self.devices.values())


@dataclass(slots=True)
class Figures:
    """What has happened so far, for the twin."""

    drawn: int = 0
    called: int = 0
    rated: int = 0


class Stage:
    """The hall on one machine. `now_s` is a monotonic clock."""

    def __init__(self, hall: Hall, desks: Mapping[str, Desk], now_s: Callable[[], float] = time.monotonic):
        self.hall = hall
        self.desks = dict(desks)
        self.devices = {device.id: device for desk in desks.values() for device in desk.devices.values()}
        self.witness = Witness()
        self.waiting: dict[str, int] = {}
        self.phase = "starting"
        self.ready_devices = 0
        self._now_s = now_s
        self._verbs: dict[Press, str] = {}
        self.watchers: list[Watcher] = []

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Calls `watcher` for every change; returns how to stop that."""
        self.watchers.append(watcher)
        return lambda: self.watchers.remove(watcher)

    def tell(self, kind: str, name: str = "") -> None:
        """Tells the watchers what changed."""
        for watcher in tuple(self.watchers):
            watcher(kind, name)

    def set_phase(self, phase: str) -> None:
        """`phase` is starting, open, draining or over."""
        self.phase = phase
        self.tell("hall")

    def figures(self) -> Figures:
        desks = self.desks.values()
        called, rated = sum(len(desk.called) for desk in desks), sum(desk.rated for desk in desks)
        return Figures(len(self.witness.tickets), called, rated)

    # What people do

    def press(self, device: VirtualDevice, key: int) -> bool:
        """Presses a key (0 is at the left); whether the device was there to feel it."""
        if device.child is None or not 0 <= key < KEYS[device.role] or not device.face.on:
            return False
        if device.role == "call_pad" and KEYPAD[key] == "next":
            self._expect_call(self.desks[device.window])
        return device.child.write(f'{{"key": {key}}}')

    def _expect_call(self, desk: Desk) -> None:
        """Starts the stop-watch from press to glass, unless it runs already: some press twice."""
        glass = desk.devices["window_display"].face.glass
        if glass and (desk.pressed is None or self._now_s() - desk.pressed.at_s > PRESS_SEEN_S):
            desk.pressed = Pressed(self._now_s(), glass.version)

    def pull(self, device: VirtualDevice) -> None:
        """Pulls the device's plug, if it has one."""
        if device.racked:
            return
        device.face.plugged = False
        if device.child:
            device.child.pull()
        self.tell("device", device.id)

    def plug(self, device: VirtualDevice) -> None:
        """Puts the plug in again."""
        device.face.plugged = True
        if device.child:
            device.child.plug()
        self.tell("device", device.id)

    def set_robot(self, desk: Desk, on: bool) -> None:
        """Lets the robot clerk work at the window, or sends it away."""
        desk.robot_on = on
        self.tell("window", desk.window)

    def work(self) -> None:
        """Every robot looks at its glass and presses what is due. To be called every few ten milliseconds."""
        for desk in self.desks.values():
            display = desk.devices["window_display"].face
            if not desk.robot_on or not display.on or display.glass is None:
                continue
            for press in desk.robot.step(self._now_s(), display.glass):
                self.press(desk.devices[press.role], press.key)

    # What devices say

    def changed(self, device: VirtualDevice) -> None:
        """The device's process started or ended."""
        device.face.on = device.child is not None and device.child.pid is not None
        if not device.face.on:
            device.face.go_dark()
            self._forget_calls(device)
        self.tell("device", device.id)

    def _forget_calls(self, device: VirtualDevice) -> None:
        """A call pad without power has forgotten what it sent, so nobody waits for the answers."""
        self._verbs = {press: verb for press, verb in self._verbs.items() if press[0] != device.id}
        if device.role == "call_pad":
            self.desks[device.window].pressed = None

    def hear(self, device: VirtualDevice, line: bytes) -> None:
        """A line of the device's output."""
        desk = self.desks[device.window]
        match seen.take(device.face, device.id, line):
            case seen.Drawn(glass) if device.role == "window_display":
                self._saw(desk, Shown(glass.number, glass.version), glass.mode)
            case seen.Promised(promise):
                self.witness.promises[promise.press] = promise
                desk.rated += 1
                desk.robot.thanked()
                self.tell("hall")
            case seen.Called(press, verb):
                self._verbs[press] = verb
                if verb == "next" and desk.pressed and desk.pressed.press is None:
                    desk.pressed.press = press
            case seen.Settled(press, reason):
                self._settled(desk, press, reason)
        self.tell("device", device.id)

    def _saw(self, desk: Desk, shown: Shown, mode: str) -> None:
        if mode != "called":
            return
        desk.called.add(shown.number)
        if desk.pressed and shown.version > desk.pressed.version:
            took_ms = (self._now_s() - desk.pressed.at_s) * 1000
            self.witness.press_to_display_ms.setdefault(desk.window, []).append(took_ms)
            desk.pressed = None
        self.tell("hall")

    def _settled(self, desk: Desk, press: Press, reason: str) -> None:
        verb = self._verbs.pop(press, "")
        if reason:
            desk.robot.refused(self._now_s())
            if desk.pressed and desk.pressed.press == press:
                desk.pressed = None
        elif verb == "next":
            self.witness.calls.setdefault(desk.window, set()).add(press)

    @property
    def calls_under_way(self) -> int:
        """Presses on call pads that have no answer yet."""
        return len(self._verbs)

    def look(self) -> None:
        """Writes down what is on the glass over each window now."""
        for window, desk in self.desks.items():
            glass = desk.devices["window_display"].face.glass
            self.witness.glass[window] = Shown(glass.number, glass.version) if glass else None
