"""What makes a board this device and no other: its name, its config.json, the network, the hall's authority."""

from __future__ import annotations

import json
import ssl
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from firmware.config import CONFIG_BYTES, ConfigError, parse
from hub.adapters.release_file import ReleaseError, board_key, read_key
from protocol.limits import ID_CHARS

CONFIG = "device/config.json"
AUTHORITY = "device/ca.der"
"""As the hub calls the file in the config.json that it hands out."""

RELEASE_KEY = "device/release.key"
JOURNAL = "device/journal"
PRESSES = "device/journal/presses"

KEPT = ("password", "keys", "verbs", "volume", "quiet", "layout", "paper", "baud")
"""What a board's config.json keeps unless there is something new: the hub does not know it, or tells it once."""

MAC_DIGITS = 6
"""Of the address, at the end of a name: the first six are the maker's."""

PEM = b"-----BEGIN CERTIFICATE-----"


class SettingsError(Exception):
    """What was given cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Wifi:
    ssid: str
    password: str


def name_of(role: str, place: str, mac: str, devices: list[dict[str, Any]], old: Mapping[str, Any]) -> str:
    """What a board is called. One that the hub knows, by its address or by the name that it has, keeps its name;
    otherwise it is made of role, window or zone, and address, and so the same each time."""
    let_in = [device for device in devices if not device["revoked"]]
    by_address = [device["id"] for device in let_in if device["board"] == mac]
    by_name = [device["id"] for device in let_in if not device["board"] and device["id"] == old.get("device")]
    for name in by_address + by_name:
        return name
    tail = "-" + mac.replace(":", "")[-MAC_DIGITS:]
    return f"{role.replace('_', '-')}-{place}"[: ID_CHARS - len(tail)] + tail


def read_old(data: bytes) -> dict[str, Any]:
    """The config.json that a board has; nothing of one that cannot be used."""
    try:
        parse(data)
        return json.loads(data)
    except (ConfigError, ValueError):
        return {}


def network_of(old: Mapping[str, Any], wifi: Wifi | None) -> dict[str, str]:
    """`wifi`, or the network that the board has in its `old` config.json. Raises SettingsError."""
    if wifi:
        return {"ssid": wifi.ssid, "password": wifi.password}
    if "wifi" not in old:
        raise SettingsError("which Wi-Fi? The board has none yet: give --wifi FILE, with ssid and password as TOML")
    return old["wifi"]


def config_file(config: Mapping[str, Any], old: Mapping[str, Any], network: Mapping[str, str]) -> bytes:
    """The config.json out of what the hub answered. A board that keeps its secret has it in its `old` one. Raises
    SettingsError."""
    made = {key: old[key] for key in KEPT if key in old} | dict(config) | {"wifi": dict(network)}
    data = json.dumps(made, ensure_ascii=False, sort_keys=True).encode()
    if len(data) > CONFIG_BYTES:
        raise SettingsError(f"config.json would have {len(data)} bytes, and a board takes {CONFIG_BYTES}")
    try:
        parse(data)
    except ConfigError as error:
        raise SettingsError(f"a board would not take what the hub says: {error}") from error
    return data


def read_wifi(file: Path) -> Wifi:
    """`ssid` and `password` of a TOML file. Raises SettingsError."""
    try:
        found = tomllib.loads(file.read_text("utf-8"))
        return Wifi(str(found["ssid"]), str(found["password"]))
    except (OSError, ValueError) as error:
        raise SettingsError(f"cannot read {file}: {error}") from error
    except KeyError as error:
        raise SettingsError(f'{file} must have ssid = "..." and password = "..."; {error} is missing') from error


def read_release_key(file: Path) -> bytes:
    """The public key in a .pub file of `jiaohao release init`, as boards have it. Raises SettingsError."""
    try:
        return board_key(read_key(file.read_bytes()))
    except (OSError, ReleaseError) as error:
        raise SettingsError(f"cannot use {file}: {error}; give the release.pub of jiaohao release init") from error


def read_authority(file: Path) -> bytes:
    """The certificate in a .pem or .der file, as DER. Raises SettingsError."""
    try:
        data = file.read_bytes()
        if PEM in data:
            data = ssl.PEM_cert_to_DER_cert(
                data[data.index(PEM) :].decode("ascii").partition("-----END")[0] + ssl.PEM_FOOTER
            )
        ssl.create_default_context(cadata=data)
    except (OSError, ValueError) as error:
        raise SettingsError(f"{file} is no certificate: {error}; give the hub's DATA/tls/ca.der") from error
    return data
