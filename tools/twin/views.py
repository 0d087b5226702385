"""What the twin's page is told. Pure: the stage in, JSON values out."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from hub.core.hall import Hall
from protocol.verbs import KEYPAD
from tools.demo.opening import People
from tools.demo.stage import Desk, Stage, VirtualDevice

Json = dict[str, Any]


@cache
def texts() -> Json:
    """Key -> language -> text, out of texts.toml. Read once."""
    return tomllib.loads(files("tools.twin").joinpath("texts.toml").read_text("utf-8"))


def scene(stage: Stage, people: People, links: Json, speed: float, runtime: str) -> Json:
    """What stays as it is for the whole demo: names, devices, who may log in where."""
    return {
        "texts": texts(),
        "hall": stage.hall.names,
        "speed": speed,
        "runtime": runtime,
        "links": links,
        "admin": people.admin._asdict(),
        "verbs": KEYPAD,
        "services": _services(stage.hall, {s for w in stage.desks for s in stage.hall.windows[w].services}),
        "windows": [_window(stage.hall, desk) for desk in stage.desks.values()],
    }


def _services(hall: Hall, served: set[str]) -> list[Json]:
    """The services that an open window serves; for others one would wait for ever."""
    return [{"id": s.id, "names": s.names, "prefix": s.prefix} for s in hall.services.values() if s.id in served]


def _window(hall: Hall, desk: Desk) -> Json:
    window = hall.windows[desk.window]
    devices = {role: device.id for role, device in desk.devices.items()}
    services = [hall.services[service].prefix for service in window.services]
    return {
        "id": window.id,
        "names": window.names,
        "prefixes": services,
        "clerk": desk.clerk._asdict(),
        "devices": devices,
        "racked": desk.racked,
    }


def hall_now(stage: Stage) -> Json:
    """How far the demo is, who waits, what has happened."""
    figures = stage.figures()
    return {
        "phase": stage.phase,
        "ready": stage.ready_devices,
        "devices": len(stage.devices),
        "waiting": stage.waiting,
        "figures": {"drawn": figures.drawn, "called": figures.called, "rated": figures.rated},
    }


def window_now(desk: Desk) -> Json:
    return {"id": desk.window, "robot": desk.robot_on}


def device_now(device: VirtualDevice) -> Json:
    """What somebody before the device sees. `frame` is base64 of MONO_HLSB rows, null while it is dark."""
    face = device.face
    glass = face.glass
    return {
        "id": device.id,
        "on": face.on,
        "plugged": face.plugged,
        "frame": face.frame,
        "w": face.width,
        "h": face.height,
        "mode": glass.mode if glass else "",
        "number": glass.number if glass else "",
        "version": glass.version if glass else None,
        "leds": face.leds,
        "beeps": face.beeps,
        "log": face.log,
    }
