"""`jiaohao fleet`: list, show, revoke, replace, label; what is asked of a board at work is in asking.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from protocol.downward import LANGUAGES
from tools.flash import label as labels_of_boards
from tools.flash.cli import board_options, do_all, make_wish, open_hub, tell
from tools.flash.devices import DeviceApi
from tools.flash.progress import Progress
from tools.flash.wish import Result
from tools.fleet import asking, pushing, shown
from tools.fleet.options import at_hub
from tools.hub_client import HubError, fail, hub_options, print_json


@click.group(commands=[*asking.COMMANDS, *pushing.COMMANDS])
def fleet() -> None:
    """Look after the devices of a running hub: list, show, revoke, replace, label.

    The others ask boards that are at work.
    """


_FORCE = click.option("--force", is_flag=True, help="Even if ratings in its journal are lost.")


@fleet.command("list")
@at_hub
def list_(hub: DeviceApi, as_json: bool) -> None:
    """Every device: what it is, how it is, and how many presses wait in its journal."""
    devices = hub.devices()
    if as_json:
        print_json(devices)
        return
    for line in shown.table(devices):
        click.echo(line)


@fleet.command()
@click.argument("device")
@at_hub
def show(hub: DeviceApi, device: str, as_json: bool) -> None:
    """All that the hub knows of one device."""
    found = hub.device(device)
    if as_json:
        print_json(found)
        return
    for line in shown.details(found):
        click.echo(line)


@fleet.command()
@click.argument("device")
@_FORCE
@at_hub
def revoke(hub: DeviceApi, device: str, force: bool, as_json: bool) -> None:
    """Throw a device out at once; what it did stays."""
    _check_delivered(hub.device(device), force)
    hub.revoke(device)
    print_json({"revoked": device}) if as_json else click.echo(f"{device} is out")


@fleet.command()
@click.argument("device")
@click.option("--labels", type=click.Path(path_type=Path), help="Write it as PNG and SVG into this folder too.")
@at_hub
def label(hub: DeviceApi, device: str, labels: Path | None, as_json: bool) -> None:
    """Print the label of a device once more."""
    found, hall = hub.device(device), hub.hall()
    try:
        files = labels_of_boards.write(labels, hall, device) if labels else []
    except OSError as error:
        fail(f"cannot write the label of {device} to {labels}: {error.strerror}")
    where = labels_of_boards.place(found["window"], found["zone"])
    if as_json:
        print_json({"device": device, "place": where, "hall": hall, "files": [str(file) for file in files]})
    else:
        click.echo(labels_of_boards.as_text(hall, device, found["role"], where))


@fleet.command()
@click.argument("old")
@click.option("--port", required=True, help="Serial port of the board that takes its place.")
@board_options
@hub_options
def replace(
    old: str, port: str, url: str, key_file: Path | None, as_json: bool, labels: Path | None, **given: Any
) -> None:
    """Flash a board in place of the device OLD, which is revoked as soon as the hub sees the new one.

    It gets window, role and language of OLD; a board of a zone gets its name too, which the hall file may know. Ratings
    and calls stay with the window.
    """
    hub = open_hub(url, key_file, given["ca"])
    found = hub.device(old)
    if found["revoked"]:
        fail(f"{old} is revoked already; jiaohao flash puts a board at its window")
    _check_delivered(found, given["force"])
    wish = make_wish(**given)
    name = old if found["zone"] else ""
    language = found["language"] or LANGUAGES[0]
    result = Result(port, found["role"], found["window"], found["zone"], language, name)
    do_all([result], wish, hub, Progress(quiet=as_json))
    if not result.error and not wish.dry:
        _retire(hub, found, result)
    tell([result], wish, labels, as_json)


def _retire(hub: DeviceApi, old: dict[str, Any], result: Result) -> None:
    """Throw out the device in whose place the flashed one is; one whose name it has lost its secret already."""
    name = old["id"]
    if old["board"] == result.mac:
        result.error = f"the board at {result.port} is {name} itself: it was flashed again, and replaces nothing"
        return
    try:
        if result.device != name:
            hub.revoke(name)
        result.replaced = name
    except HubError as error:
        result.error = f"{result.device} is in place, but {name} is not revoked: {error}; jiaohao fleet revoke {name}"


def _check_delivered(device: dict[str, Any], force: bool) -> None:
    """Refuse to give up a device with presses that were thanked for and not delivered."""
    if device["pending"] and not force:
        fail(
            f"{device['id']} had {device['pending']} ratings in its journal when the hub last heard it; let it run "
            "where it reaches the hub until they are delivered, or give --force: then they are lost"
        )
