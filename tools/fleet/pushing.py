"""`jiaohao fleet set` and `bind`: settings of boards at work, over the air."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from firmware.config import OF_ZONE, ConfigError, parse
from protocol import settings
from tools.flash.devices import DeviceApi
from tools.flash.settings import SettingsError, read_wifi
from tools.fleet.options import at_hub
from tools.hub_client import HubError, fail, print_json

FAILED = 1
"""Exit status when a device did not take them; those that could did."""

POLL_S = 0.5

_WAIT = click.option("--wait", "wait_s", default=60.0, show_default=True, help="Seconds until a board must be back.")
_FORCE = click.option("--force", is_flag=True, help="Even while somebody is called to its window or served there.")


@dataclass(slots=True)
class Result:
    """What became of one device: the revision of its settings that it has started with, or why not."""

    device: str
    rev: int = 0
    error: str = ""


@click.command("set")
@click.argument("words", nargs=-1, required=True, metavar="[DEVICE ...] SETTING=VALUE ...")
@click.option("--role", help="All devices of the role, such as rating_pad.")
@click.option("--zone", help="All devices of the zone.")
@_FORCE
@_WAIT
@at_hub
def set_(
    hub: DeviceApi,
    words: tuple[str, ...],
    role: str | None,
    zone: str | None,
    force: bool,
    wait_s: float,
    as_json: bool,
) -> None:
    """Change settings of boards at work; SETTING= goes back to what a board is without it.

    \b
    language=en             zh-Hans, zh-Hant or en
    keys=4                  of a rating pad: 2 to 5
    verbs=next,recall       of a call pad: from the left
    volume=15               of an announcer: 0 to 30
    quiet=20:00-08:30       of an announcer: when it is silent
    arrows='{"←": "1 2"}'   of a hall board: windows as seen from it
    layout=1,2,3,more,back  of a kiosk: its keys; paper=58, baud=9600: its printer
    wifi=FILE               TOML with ssid and password; host=192.0.2.7 port=8883: the broker

    A board checks them, starts again with them, and takes back what cuts it off from the hub for five minutes.
    """
    names = {word for word in words if "=" not in word}
    changes = dict(_read(word) for word in words if "=" in word)
    if not changes:
        fail("which setting? Give at least one SETTING=VALUE; jiaohao fleet set --help lists them")
    chosen = [it for it in hub.devices() if not it["revoked"] and _is_chosen(it, names, role, zone)]
    if lacking := names - {it["id"] for it in chosen}:
        fail(f"the hub has no device {', '.join(sorted(lacking))}; jiaohao fleet list shows those it has")
    if not chosen:
        fail("no device is chosen: name one, or give --role or --zone")
    for device in chosen:
        _check(device, changes)
    _push(hub, chosen, lambda _: changes, force, wait_s, as_json)


@click.command()
@click.argument("device")
@click.argument("place")
@_FORCE
@_WAIT
@at_hub
def bind(hub: DeviceApi, device: str, place: str, force: bool, wait_s: float, as_json: bool) -> None:
    """Move a board at work to another window, or a board of a zone to another zone.

    Ratings in its journal stay those of the window where they were pressed.
    """
    _push(hub, [hub.device(device)], lambda it: {_kind(it): place}, force, wait_s, as_json)


def _kind(device: dict[str, Any]) -> str:
    return "zone" if device["role"] in OF_ZONE else "window"


def _is_chosen(device: dict[str, Any], names: set[str], role: str | None, zone: str | None) -> bool:
    if device["id"] in names:
        return True
    by_role, by_zone = role in (None, device["role"]), zone in (None, device["zone"])
    return not names and bool(role or zone) and by_role and by_zone


def _read(word: str) -> tuple[str, Any]:
    """A setting and its value in the form of config.json; None for an empty one. Ends the command for one that is
    none."""
    key, _, value = word.partition("=")
    try:
        return key, _value(key, value) if value else None
    except (ValueError, SettingsError) as error:
        fail(f"{word}: {error}")


def _value(key: str, value: str) -> Any:
    """Raises ValueError, SettingsError."""
    if key == "wifi":
        wifi = read_wifi(Path(value))
        return {"ssid": wifi.ssid, "password": wifi.password}
    if value[0] in "[{":
        return json.loads(value)
    if key in ("verbs", "layout"):
        return value.split(",")
    if key == "quiet":
        return value.split("-")
    return int(value) if value.isdecimal() else value


def _check(device: dict[str, Any], changes: dict[str, Any]) -> None:
    """Ends the command before anything is sent when a device would refuse the changes."""
    known = settings.known(device["role"])
    for key in changes:
        if key not in known:
            fail(f"{device['id']} is a {device['role']}, which has no {key}; it has {', '.join(known)}")
    place = {_kind(device): device[_kind(device)]}
    basis = {"hall": "h", "device": device["id"], "role": device["role"], **place}
    basis |= {"host": "h", "port": 1, "client_id": "c"}
    try:
        parse(json.dumps(basis | {key: value for key, value in changes.items() if value is not None}).encode())
    except ConfigError as error:
        fail(f"{device['id']}: {str(error).removeprefix('config.json: ')}")


def _push(
    hub: DeviceApi,
    devices: list[dict[str, Any]],
    changes_of: Callable[[dict[str, Any]], dict[str, Any]],
    force: bool,
    wait_s: float,
    as_json: bool,
) -> None:
    """Tells each device, waits until all are back, says what became of them, and ends the command."""
    results = [Result(device["id"]) for device in devices]
    for device, result in zip(devices, results, strict=True):
        try:
            result.rev = hub.push(device["id"], changes_of(device), force)
        except HubError as error:
            result.error = str(error)
    _wait(hub, {it.device: it for it in results if not it.error}, wait_s)
    if as_json:
        print_json([asdict(result) for result in results])
    else:
        for result in results:
            click.echo(f"{result.device}: {result.error or f'has settings {result.rev}'}", err=bool(result.error))
    raise SystemExit(FAILED if any(result.error for result in results) else 0)


def _wait(hub: DeviceApi, waiting: dict[str, Result], wait_s: float) -> None:
    """Until each device has started with its settings."""
    deadline = time.monotonic() + wait_s
    while waiting:
        time.sleep(POLL_S)
        for device in hub.devices():
            result = waiting.get(device["id"])
            if result and device["online"] and device["settings"] == result.rev:
                del waiting[device["id"]]
        if time.monotonic() > deadline:
            break
    for result in waiting.values():
        result.error = (
            f"has not come back for {wait_s:.0f} s; when it does not hear the hub for five minutes it takes settings "
            f"{result.rev} back by itself: look then with jiaohao fleet doctor"
        )


COMMANDS = [set_, bind]
