"""`jiaohao fleet`: what is asked of one board at work, and what may be wrong with it."""

from __future__ import annotations

import time
from base64 import b64decode
from pathlib import Path

import click

from tools.flash.devices import DeviceApi
from tools.fleet import doctor as doctors
from tools.fleet.options import at_hub
from tools.fleet.picture import Picture, as_png, in_terminal
from tools.hub_client import fail, print_json

LEASE_S = 60
"""A board tells its log for so long; it is asked again in time."""

POLL_S = 1

WATCH_S = 2

PNG_SCALE = 4


@click.command()
@click.argument("device")
@click.option("--seconds", default=10, show_default=True, type=click.IntRange(1, 600))
@at_hub
def identify(hub: DeviceApi, device: str, seconds: int, as_json: bool) -> None:
    """Have a board show its name, blink and beep."""
    hub.command(device, "identify", seconds)
    print_json({"device": device}) if as_json else click.echo(f"{device} shows who it is for {seconds} s")


@click.command()
@click.argument("device")
@at_hub
def reboot(hub: DeviceApi, device: str, as_json: bool) -> None:
    """Have a board start anew; what waits in its journal stays."""
    hub.command(device, "reboot")
    print_json({"device": device}) if as_json else click.echo(f"{device} starts anew")


@click.command()
@click.argument("device")
@click.option("--png", type=click.Path(dir_okay=False, path_type=Path), help="Write it into this file too.")
@at_hub
def frame(hub: DeviceApi, device: str, png: Path | None, as_json: bool) -> None:
    """Show what is on a board's glass."""
    glass = hub.command(device, "frame")["glass"]
    picture = Picture(glass["width"], glass["height"], b64decode(glass["rows"]))
    if len(picture.rows) != picture.width // 8 * picture.height:
        fail(f"{device} has sent only {len(picture.rows)} bytes of its glass; ask once more")
    if png:
        png.write_bytes(as_png(picture, PNG_SCALE))
    if as_json:
        print_json(glass)
        return
    for line in in_terminal(picture):
        click.echo(line)


@click.command()
@click.argument("device")
@click.option("--seconds", type=click.IntRange(1), help="Stop after this; without it, at Ctrl-C.")
@at_hub
def logs(hub: DeviceApi, device: str, seconds: int | None, as_json: bool) -> None:
    """Read along what a board logs, and what it fell over last."""
    told = hub.log(device, 0)
    for line in told["crash"]:
        click.echo(f"crash: {line}")
    until = time.monotonic() + seconds if seconds else float("inf")
    asked = -float(LEASE_S)
    last = told["lines"][-1]["number"] if told["lines"] else 0
    while time.monotonic() < until:
        if time.monotonic() - asked > LEASE_S - 10:
            hub.command(device, "logs", LEASE_S)
            asked = time.monotonic()
        for line in hub.log(device, last)["lines"]:
            last = line["number"]
            print_json(line) if as_json else click.echo(line["text"])
        time.sleep(POLL_S)


@click.command()
@click.option("--seconds", type=click.IntRange(1), help="Stop after this; without it, at Ctrl-C.")
@at_hub
def watch(hub: DeviceApi, seconds: int | None, as_json: bool) -> None:
    """Print a line whenever a board comes, goes, or has something wrong."""
    until = time.monotonic() + seconds if seconds else float("inf")
    before: dict[str, str] = {}
    while True:
        for device in hub.devices():
            now = _in_short(device)
            if now != before.get(device["id"], ""):
                before[device["id"]] = now
                at = time.strftime("%H:%M:%S")
                print_json({"at": at, "device": device["id"], "state": now}) if as_json else click.echo(
                    f"{at}  {device['id']:<20} {now}"
                )
        if time.monotonic() >= until:
            return
        time.sleep(WATCH_S)


def _in_short(device: dict) -> str:
    if device["revoked"]:
        return "revoked"
    found = doctors.diagnose(device, {"broker": {"connected": True}}, "")
    words = "; ".join(finding.cause for finding in found if finding.what != "away")
    return ("online" if device["online"] else "away") + (f": {words}" if words else "")


@click.command()
@click.argument("device")
@click.option("--port", help="Serial port that the board is plugged into, to hear what it says itself.")
@at_hub
def doctor(hub: DeviceApi, device: str, port: str | None, as_json: bool) -> None:
    """Say what is likely wrong with a board, and what to do. Exit code 1: something is."""
    found = hub.device(device)
    console = listen(port) if port else []
    findings = doctors.diagnose(found, hub.health(), doctors.newest(hub.devices()), console)
    facts = hub.command(device, "self-test")["facts"] if found["online"] else {}
    if str(facts.get("glass", "answers")) != "answers":
        findings.append(doctors.Finding("glass", f"its glass: {facts['glass']}", "look at the cable of the display"))
    if as_json:
        print_json({"device": device, "facts": facts, "findings": [[it.what, it.cause, it.step] for it in findings]})
    else:
        for finding in findings:
            click.echo(f"likely: {finding.cause}\n  next: {finding.step}")
        if facts:
            click.echo("self-test: " + ", ".join(f"{word} {fact}" for word, fact in sorted(facts.items())))
        if not findings:
            click.echo(f"nothing is wrong with {device} that can be seen from here")
    if findings:
        raise SystemExit(1)


def listen(port: str, seconds: float = 8) -> list[str]:
    """What a board says on its console for a while; it goes on as it is."""
    from serial import Serial, SerialException  # the machine that boards are plugged into has it

    try:
        with Serial(port, 115_200, timeout=0.5) as line:
            until, said = time.monotonic() + seconds, b""
            while time.monotonic() < until:
                said += line.read(4096)
    except SerialException as error:
        fail(f"cannot listen at {port}: {error}")
    return [text for text in said.decode("utf-8", "replace").splitlines() if text.strip()]


COMMANDS = (identify, reboot, frame, logs, watch, doctor)
