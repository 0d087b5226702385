"""What a virtual device says, one JSON line at a time. Pure: a line in, the device's face changed, what it means out.

The lines are described in firmware/hal/pc.py. A line that was torn by a kill, or that means nothing, is no event.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from tools.demo.accounting import Press, Promise
from tools.demo.robot import Glass

LOG_LINES = 20
"""What is kept of a device's log, for the twin."""


@dataclass(slots=True)
class Face:
    """What somebody before the device sees and hears. `frame` is base64 of MONO_HLSB rows; None: dark."""

    on: bool = False
    plugged: bool = True
    frame: str | None = None
    width: int = 0
    height: int = 0
    glass: Glass | None = None
    leds: list[int] = field(default_factory=list)
    beeps: int = 0
    reason: str = ""
    log: list[str] = field(default_factory=list)

    def go_dark(self) -> None:
        """Power is gone."""
        self.on = False
        self.frame = self.glass = None
        self.leds = []


@dataclass(frozen=True, slots=True)
class Drawn:
    """The glass shows something else."""

    glass: Glass


@dataclass(frozen=True, slots=True)
class Promised:
    """The thank-you is on the glass."""

    promise: Promise


@dataclass(frozen=True, slots=True)
class Called:
    """A press on a call pad is on its way to the hub; told again each time it is sent."""

    press: Press
    verb: str


@dataclass(frozen=True, slots=True)
class Settled:
    """The hub's answer to a press is there; `reason` is empty when it was done."""

    press: Press
    reason: str


Sign = Drawn | Promised | Called | Settled


def take(face: Face, device: str, line: bytes) -> Sign | None:
    """Changes `face` as the line of `device` says; the sign that others must know, if it is one."""
    try:
        said = json.loads(line)
        return _take(face, device, said) if isinstance(said, dict) else None
    except (ValueError, KeyError, TypeError, IndexError):  # torn, or not one of ours
        _keep_log(face, line.decode("utf-8", "replace").strip())
        return None


def _take(face: Face, device: str, said: dict[str, Any]) -> Sign | None:
    if "frame" in said:
        face.frame, face.width, face.height = str(said["frame"]), int(said["w"]), int(said["h"])
        face.glass = Glass(str(said["mode"]), str(said["number"]), _version(said["version"]))
        return Drawn(face.glass)
    if "promised" in said:
        epoch, seq, level, visit = said["promised"]
        return Promised(Promise((device, epoch, seq), level, visit))
    if "call" in said:
        epoch, seq, verb = said["call"]
        return Called((device, epoch, seq), verb)
    if "settled" in said:
        epoch, seq, face.reason = said["settled"]
        return Settled((device, epoch, seq), face.reason)
    _sense(face, said)
    return None


def _version(pair: list[int]) -> tuple[int, int]:
    epoch, revision = pair
    return int(epoch), int(revision)


def _sense(face: Face, said: dict[str, Any]) -> None:
    if "leds" in said:
        face.leds = [int(level) for level in said["leds"]]
    elif "beep" in said:
        face.beeps += 1
    elif "log" in said:
        _keep_log(face, str(said["log"]))


def _keep_log(face: Face, text: str) -> None:
    face.log.append(text)
    del face.log[:-LOG_LINES]
