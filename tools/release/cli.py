"""`jiaohao release`: init, build, show; push, status, pause, resume, rollback at a running hub."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import click

from hub.adapters.release_file import Release, open_release, read_key
from hub.ports import ReleaseError
from tools.hub_client import HubClient, hub_options, print_json
from tools.hub_client import fail as _fail
from tools.release import keys
from tools.release.build import build as build_release
from tools.release.build import now_s

DAY_S = 86_400

EXPIRES_DAYS = 365
"""A hub that was left alone, or is somebody else's, must not hand out for ever what is known to be bad."""

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)
_PASSPHRASE = click.option(
    "--passphrase-file", type=_FILE, help="File with the key's passphrase; without it you are asked."
)


@click.group()
def release() -> None:
    """Build signed releases of the firmware, and roll them out."""


@release.command()
@click.option("--to", "folder", type=_FOLDER, required=True, help="Folder for release.key and release.pub.")
@_PASSPHRASE
@click.option("--no-passphrase", is_flag=True, help="The file alone is enough to sign: for a machine that builds.")
def init(folder: Path, passphrase_file: Path | None, no_passphrase: bool) -> None:
    """Make the key that releases are signed with. The private part never belongs on the hub's machine."""
    try:
        passphrase = b"" if no_passphrase else _passphrase(passphrase_file, confirm=True)
        keys.make_keys(folder, passphrase)
    except (OSError, ReleaseError) as error:
        _fail(str(error))
    click.echo(f"{folder / keys.PRIVATE} signs releases: keep it, and a copy, where the hub is not")
    click.echo(f"{folder / keys.PUBLIC} is for the hub's data folder and for boards when they are flashed")


@release.command()
@click.option("--key", type=_FILE, required=True, help="release.key, which init made.")
@click.option("--to", "folder", type=_FOLDER, required=True, help="Folder for the release.")
@_PASSPHRASE
@click.option("--back-to", type=_FILE, help="An earlier release that boards may go back to from this one.")
@click.option("--expires-days", type=click.IntRange(1), default=EXPIRES_DAYS, show_default=True)
def build(key: Path, folder: Path, passphrase_file: Path | None, back_to: Path | None, expires_days: int) -> None:
    """Build and sign a release of this checkout. SOURCE_DATE_EPOCH makes it reproducible."""
    made = now_s()
    try:
        passphrase = _passphrase(passphrase_file) if keys.is_encrypted(key) else b""
        private = keys.load_private(key, passphrase)
        oldest = open_release(back_to, private.public_key()).manifest.made if back_to else made
        packed = build_release(partial(keys.sign, private), made, oldest, made + expires_days * DAY_S)
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{made}.release"
        file.write_bytes(packed)
    except (OSError, RuntimeError, ReleaseError) as error:
        _fail(str(error))
    click.echo(f"{file}: {len(packed):,} bytes")


@release.command()
@click.argument("file", type=_FILE)
@click.option("--key", type=_FILE, required=True, help="release.pub, which init made.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON value, and nothing else.")
def show(file: Path, key: Path, as_json: bool) -> None:
    """Check a release as a board does, and say what is in it."""
    try:
        found = open_release(file, read_key(key.read_bytes()))
    except (OSError, ReleaseError) as error:
        _fail(f"{file}: {error}")
    if as_json:
        click.echo(json.dumps({**found.manifest._asdict(), "contents": [line._asdict() for line in found.lines]}))
        return
    _say(found)


@release.command()
@click.argument("file", type=_FILE)
@hub_options
def push(url: str, key_file: Path | None, as_json: bool, file: Path) -> None:
    """Give a release to the hub, which rolls it out: one board, two of each kind, 5 %, 25 %, all."""
    hub = HubClient(url, key_file)
    try:
        content = b64encode(file.read_bytes()).decode()
    except OSError as error:
        _fail(f"cannot read {file}: {error.strerror}")
    made = hub.ask("POST", "/releases", {"content": content})["made"]
    _say_rollout(hub.ask("POST", "/rollout", {"release": made}), as_json)


@release.command()
@hub_options
def status(url: str, key_file: Path | None, as_json: bool) -> None:
    """Say how far the roll-out is; exit status 1 when it stopped."""
    found = HubClient(url, key_file).ask("GET", "/rollout")
    _say_rollout(found, as_json)
    raise SystemExit(1 if found["state"] == "stopped" else 0)


@release.command()
@hub_options
def pause(url: str, key_file: Path | None, as_json: bool) -> None:
    """No further board starts the release; those that have it keep it."""
    _say_rollout(HubClient(url, key_file).ask("POST", "/rollout/pause", {}), as_json)


@release.command()
@hub_options
def resume(url: str, key_file: Path | None, as_json: bool) -> None:
    """Go on, in spite of the boards that failed."""
    _say_rollout(HubClient(url, key_file).ask("POST", "/rollout/resume", {}), as_json)


@release.command()
@hub_options
def rollback(url: str, key_file: Path | None, as_json: bool) -> None:
    """Roll out the release before: boards go back to it if the one that they have allows that (build --back-to)."""
    hub = HubClient(url, key_file)
    now = hub.ask("GET", "/rollout")["release"]
    earlier = [found["made"] for found in hub.ask("GET", "/releases") if found["made"] < now]
    if not earlier:
        _fail("the hub has no earlier release")
    _say_rollout(hub.ask("POST", "/rollout", {"release": max(earlier)}), as_json)


def _say_rollout(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    if found["state"] == "none":
        click.echo("nothing was ever rolled out")
        return
    wave = f"wave {found['wave']} of {len(found['waves'])} ({', '.join(map(str, found['waves']))} boards)"
    click.echo(f"release {found['release']}, made {_when(found['release'])}: {found['state']}, {wave}")
    click.echo(", ".join(f"{name} {count}" for name, count in found["boards"].items()))
    if found["why"]:
        click.echo(f"stopped: {found['why']}")
    for device, why in found["failed"].items():
        click.echo(f"  {device}: {why}")


def _say(found: Release) -> None:
    manifest = found.manifest
    click.echo(f"release {manifest.made}, version {manifest.version}, made {_when(manifest.made)}")
    click.echo(
        f"for {', '.join(manifest.hardware)}; expires {_when(manifest.expires) if manifest.expires else 'never'}"
    )
    if manifest.oldest < manifest.made:
        click.echo(f"boards may go back from it to {manifest.oldest}, made {_when(manifest.oldest)}")
    click.echo(f"{manifest.files} files, {manifest.bytes:,} bytes")
    for line in found.lines:
        click.echo(f"  {line.size:>7}  {line.digest[:16]}  {line.path}")


def _when(s: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=s)).isoformat(" ", "minutes")


def _passphrase(file: Path | None, *, confirm: bool = False) -> bytes:
    if file:
        return file.read_bytes().strip()
    return click.prompt("passphrase", hide_input=True, confirmation_prompt=confirm, err=True).encode()
