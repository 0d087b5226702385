"""`jiaohao flash`: boards from a box become devices of the hall."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from itertools import cycle
from pathlib import Path
from typing import Any

import click

from hub.ports import DEVICE_ROLES, OF_ZONE
from protocol.downward import LANGUAGES
from tools import bundle
from tools.flash import label, settings, wiring
from tools.flash.board import BoardError, ports
from tools.flash.devices import DeviceApi
from tools.flash.progress import Progress
from tools.flash.settings import SettingsError
from tools.flash.wish import Result, Wish
from tools.flash.work import Work
from tools.hub_client import HubError, fail, hub_options, print_json

FAILED = 1
"""Exit status when a board could not be flashed; those that could are."""


def board_options(command: Callable[..., None]) -> Callable[..., None]:
    """Options of commands that flash."""
    for option in reversed(
        (
            click.option(
                "--ca", type=click.Path(path_type=Path), help="The hall's authority: the hub's DATA/tls/ca.der."
            ),
            click.option(
                "--board", help="One of firmware/boards, or a file: what is connected. Without it: by the role."
            ),
            click.option("--wifi", type=click.Path(path_type=Path), help="TOML with ssid and password of the Wi-Fi."),
            click.option(
                "--release-pub", type=click.Path(path_type=Path), help="Public key of updates that boards take."
            ),
            click.option("--image", type=click.Path(path_type=Path), help="MicroPython for boards that have none."),
            click.option(
                "--labels", type=click.Path(path_type=Path), help="Write labels as PNG and SVG into this folder."
            ),
            click.option(
                "--wait", "wait_s", default=60.0, show_default=True, help="Seconds until the hub must see it."
            ),
            click.option(
                "--force", is_flag=True, help="Even if ratings on the board are not delivered; says what is lost."
            ),
            click.option("--dry-run", "dry", is_flag=True, help="Only say what would be done."),
        )
    ):
        command = option(command)
    return command


@click.command()
@click.option(
    "--port", "chosen", multiple=True, help="Serial port of a board, may be repeated; without it: all there are."
)
@click.option("--role", required=True, type=click.Choice(DEVICE_ROLES), help="What the boards will be.")
@click.option("--window", "windows", multiple=True, help="Of all the boards, or once for each in order.")
@click.option("--zone", "zones", multiple=True, help="The same, for hall boards and announcers.")
@click.option("--name", default="", help="Of one board; a hall board's is in the hall file. Otherwise it is made up.")
@click.option("--language", type=click.Choice(LANGUAGES), default=LANGUAGES[0], show_default=True)
@board_options
@hub_options
def flash(
    chosen: tuple[str, ...],
    role: str,
    windows: tuple[str, ...],
    zones: tuple[str, ...],
    name: str,
    language: str,
    url: str,
    key_file: Path | None,
    as_json: bool,
    labels: Path | None,
    **given: Any,
) -> None:
    """Flash boards, register them at the hub, and wait until it sees them.

    A board that is flashed again keeps its name, and only what differs is copied.
    """
    given_places = _check_kind(role, windows, zones)
    places = _places(chosen, given_places, name)
    hub = open_hub(url, key_file, given["ca"])
    hub.devices()
    wish = make_wish(**given)
    results = [
        Result(port, role, place if windows else "", place if zones else "", language, name) for port, place in places
    ]
    do_all(results, wish, hub, Progress(quiet=as_json))
    tell(results, wish, labels, as_json)


def open_hub(url: str, key_file: Path | None, ca: Path | None) -> DeviceApi:
    """The hub, which is known by its authority, if that is given. Raises HubError."""
    return DeviceApi(url, key_file, _authority(ca))


def make_wish(ca: Path | None, board: str | None, wifi: Path | None, release_pub: Path | None, **given: Any) -> Wish:
    """What boards are to become, with all that can be checked before one is touched. Ends the command when it cannot
    be done."""
    try:
        network = settings.read_wifi(wifi) if wifi else _asked_wifi()
        release_key = settings.read_release_key(release_pub) if release_pub else b""
        described = wiring.find(board) if board else b""
        return Wish(_programs(), network, _authority(ca), release_key, described, **given)
    except (SettingsError, RuntimeError, OSError) as error:
        fail(str(error))


def _authority(ca: Path | None) -> bytes:
    try:
        return settings.read_authority(ca) if ca else b""
    except SettingsError as error:
        fail(str(error))


def _programs() -> dict[str, bytes]:
    """Path on a board -> content of what it runs. Raises RuntimeError, OSError."""
    with tempfile.TemporaryDirectory(prefix="jiaohao-flash-") as name:
        folder = Path(name)
        bundle.build(folder)
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def _asked_wifi() -> settings.Wifi | None:
    """By whoever sits at a terminal; None: boards keep the network that they have."""
    if not sys.stdin.isatty():
        return None
    ssid = click.prompt("Wi-Fi network (empty: the one that the board has)", default="", show_default=False, err=True)
    if not ssid:
        return None
    return settings.Wifi(ssid, click.prompt(f"password of {ssid}", hide_input=True, err=True))


def _check_kind(role: str, windows: tuple[str, ...], zones: tuple[str, ...]) -> tuple[str, ...]:
    """Where the boards belong."""
    kind, wanted, other = ("zone", zones, windows) if role in OF_ZONE else ("window", windows, zones)
    if not wanted or other:
        fail(f"a {role} belongs to a {kind}: give --{kind}, and that alone")
    return wanted


def _places(chosen: Sequence[str], places: Sequence[str], name: str) -> list[tuple[str, str]]:
    """Each board's port, and its window or zone."""
    found = list(chosen) or ports()
    if not found:
        fail("no board is plugged in: no USB serial port is there; if there is one of another kind, give it by --port")
    if len(set(found)) < len(found):
        fail("a port is given twice")
    if name and len(found) > 1:
        fail(f"one name for {len(found)} boards ({', '.join(found)}): flash them one by one")
    if len(places) not in (1, len(found)):
        fail(f"{len(places)} places for {len(found)} boards ({', '.join(found)}): give one for all, or one for each")
    return list(zip(found, places if len(places) > 1 else cycle(places), strict=False))


def do_all(results: Sequence[Result], wish: Wish, hub: DeviceApi, progress: Progress) -> None:
    """Every board at the same time; what fails is in its result."""

    def do(result: Result) -> None:
        try:
            Work(result, wish, hub, progress).run()
        except (BoardError, SettingsError, HubError) as error:
            result.error = str(error)

    with ThreadPoolExecutor(len(results)) as pool:
        list(pool.map(do, results))


def tell(results: Sequence[Result], wish: Wish, labels: Path | None, as_json: bool) -> None:
    """The labels, and what went wrong; ends the command."""
    for result in results:
        if not result.error and not wish.dry:
            _label(result, labels, as_json)
        elif not as_json and not result.error:
            _say_plan(result)
    if as_json:
        print_json([asdict(result) for result in results])
    for result in results:
        if result.error and not as_json:
            click.echo(f"error: {result.error}", err=True)
    raise SystemExit(FAILED if any(result.error for result in results) else 0)


def _label(result: Result, labels: Path | None, as_json: bool) -> None:
    if not as_json:
        click.echo(label.as_text(result.hall, result.device, result.role, place_of(result)))
    if labels:
        try:
            label.write(labels, result.hall, result.device)
        except OSError as error:
            result.error = f"cannot write the label of {result.device} to {labels}: {error.strerror}"


def _say_plan(result: Result) -> None:
    click.echo(f"{result.port} would become {result.device}, {place_of(result)}")
    for path in result.removed:
        click.echo(f"  remove {path}")
    for path in result.copied:
        click.echo(f"  copy {path}")


def place_of(result: Result) -> str:
    return label.place(result.window, result.zone)
