"""What is wrong with a device, and what to do about it. Pure: what is known in, findings out, the likeliest first.

Known are what the hub's API says of the device and of itself, and, with the board on a cable, its last lines of log.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """A likely `cause`, and the `step` that comes next. `what` names the kind of fault, for programs."""

    what: str
    cause: str
    step: str


CONSOLE: tuple[tuple[str, str, str, str], ...] = (
    (
        "wrong-password",
        r"wifi: wrong password",
        "the Wi-Fi's password on the board is wrong",
        "flash it again with the right one: jiaohao flash --wifi",
    ),
    (
        "no-wifi",
        r"wifi: |Wifi Internal|\[Errno (113|118)\]|-202\b",
        "the board is in no Wi-Fi: {line}",
        "look whether the access point is on, in reach, and sends at 2.4 GHz, which is all that an ESP32 hears",
    ),
    (
        "clock",
        r"validity starts in the future|certificate.*(expired|not yet valid)",
        "the board's clock and the certificate's dates do not meet",
        "set the clock of the hub's machine, then let the board start anew; a firmware that is older than the "
        "certificate must be flashed again",
    ),
    (
        "wrong-ca",
        r"not correctly signed by the trusted CA|CERTIFICATE_VERIFY_FAILED|Common Name|unknown CA",
        "the board trusts another authority than that of the broker, or knows the broker by another name",
        "flash it again: that brings the hub's authority and name; too little free memory reads like this too, so "
        "look at the heap that it logs",
    ),
    (
        "login",
        r"broker: .*(bad user|not authori[sz]ed|refused with code [45])",
        "the broker does not know the board's secret: it was revoked, or registered anew for another board",
        "flash it again: that draws a new secret",
    ),
    (
        "broker-away",
        r"ECONNREFUSED|\[Errno (104|110|111|113)\]|the broker (fell silent|hung up|did not answer)|ETIMEDOUT",
        "nobody answers where the board looks for the broker: {line}",
        "look whether the hub runs and its address has not changed; jiaohao broker check tells how it looks from here",
    ),
    (
        "wiring",
        r"board\.json: |cannot read board",
        "the board's description does not fit: {line}",
        "flash it again with the right --board; docs/wiring.md has what it may say",
    ),
    (
        "config",
        r"config\.json: |cannot read .*config",
        "the board's config.json cannot be used: {line}",
        "flash it again",
    ),
)
"""(what, pattern of a line on the board's console, cause, step). The first that fits the newest lines counts."""


def newest(devices: Sequence[dict[str, Any]]) -> str:
    """The newest firmware that some board runs. `0.1.0+1795392000` says when it was made, in seconds since 1970."""
    found = {device["firmware"] for device in devices if device["firmware"] and not device["revoked"]}
    return max(found, key=lambda firmware: int("0" + re.sub(r"\D", "", firmware.partition("+")[2])), default="")


def diagnose(device: dict[str, Any], health: dict[str, Any], newest: str, console: Sequence[str] = ()) -> list[Finding]:
    """`device`, `health`: what the hub's API says. `newest`: the firmware that a board should have; empty: not known.
    `console`: the board's lines of log, the newest last."""
    return list(_all(device, health, newest, console))


def _all(device: dict[str, Any], health: dict[str, Any], newest: str, console: Sequence[str]) -> Iterator[Finding]:
    if device["revoked"]:
        yield Finding("revoked", "it was revoked: hub and broker do not let it in", "flash it to let it in again")
        return
    if device["locked_out"]:
        yield Finding(
            "locked-out", "the broker does not know its secret: one of its files was put back", "flash it again"
        )
    if device["clone"]:
        yield Finding(
            "clone", "two boards have its secret and push each other off", "flash the right one again; the other is out"
        )
    if not health["broker"]["connected"]:
        error = health["broker"].get("error") or "no reason is told to this key"
        yield Finding(
            "broker-away", f"the hub itself does not reach the broker: {error}", "look at the broker, not at the board"
        )
    if not device["online"]:
        yield from _of_console(console)
    yield from _at_work(device, newest)


def _of_console(console: Sequence[str]) -> Iterator[Finding]:
    if not console:
        yield Finding(
            "away",
            "it is not connected, and only the board itself can say why",
            "look whether it has power; then plug it in here and give --port, to hear what it says",
        )
        return
    for line in reversed(console):
        for what, pattern, cause, step in CONSOLE:
            if re.search(pattern, line):
                yield Finding(what, cause.format(line=line.strip()), step)
                return
    yield Finding("silent", "nothing that it says is known to be wrong", "let it start anew and listen once more")


def _at_work(device: dict[str, Any], newest: str) -> Iterator[Finding]:
    if "journal is full" in device["error"]:
        yield Finding(
            "journal-full",
            f"its journal is full: {device['pending']} presses wait for the hub, and it is out of service until then",
            "leave it on and connected: it delivers 16 presses at a time; if it does not, look at the hub's disk",
        )
    elif device["error"].startswith("settings taken back"):
        yield Finding(
            "settings-back",
            "with the settings that were pushed last it did not hear the hub, and went back to those before",
            "look at what was pushed, such as the network or the broker's address; jiaohao fleet set tries again",
        )
    elif device["error"].startswith("no glyph for"):
        yield Finding(
            "no-glyph",
            f"it has {device['error']}, and shows a box",
            "write the text of the hall file with other characters, or build the firmware with it: tools.fonts",
        )
    elif device["error"]:
        yield Finding("error", f"it says: {device['error']}", "jiaohao fleet logs shows what it does")
    if newest and device["firmware"] and device["firmware"] != newest:
        yield Finding(
            "old-firmware", f"its firmware is {device['firmware']}, and {newest} is here", "jiaohao release push"
        )
    if device["reset"] in ("watchdog", "unknown"):
        yield Finding(
            "reset", f"it started last because of: {device['reset']}", "jiaohao fleet logs shows what it fell over"
        )
    wanted = list(device["wanted"])
    if device["online"] and wanted != [0, 0] and list(device["shown"]) != wanted:
        yield Finding(
            "differs",
            f"its glass shows version {device['shown']}, and the hub means {wanted}",
            "the hub sends it again every two seconds; if it stays so, look at the error, and let it start anew",
        )
