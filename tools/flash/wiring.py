"""What is connected to a board: which board.json it gets."""

from __future__ import annotations

from pathlib import Path

from firmware import wiring
from firmware.config import parse
from protocol.errors import ProtocolError
from tools.flash.settings import SettingsError

FILE = "device/board.json"
GIVEN = Path(wiring.__file__).parent / "boards"

OF_ROLE = {
    "window_display": "window",
    "rating_pad": "pad",
    "call_pad": "pad",
    "hall_board": "hall",
    "announcer": "announcer",
    "kiosk": "kiosk",
}
"""What a board of a role is when nobody says otherwise."""


def find(name: str) -> bytes:
    """The description of one of the given boards by its name, or of an admin's own by its path. Raises
    SettingsError."""
    file = GIVEN / f"{name}.json"
    try:
        return file.read_bytes() if file.exists() else Path(name).read_bytes()
    except OSError as error:
        names = ", ".join(sorted(path.stem for path in GIVEN.glob("*.json")))
        raise SettingsError(f"there is no board {name!r}: give {names}, or a file of your own") from error


def choose(role: str, wanted: bytes, on_board: bytes) -> bytes:
    """What is `wanted`, or what an admin has put `on_board`, or that of the role.

    Raises SettingsError when it is wrong, or lacks a part that the role needs.
    """
    given = {path.read_bytes() for path in GIVEN.glob("*.json")}
    kept = on_board if on_board not in given else b""
    chosen = wanted or kept or find(OF_ROLE[role])
    _read(chosen, role, 0)
    return chosen


def check_keys(data: bytes, config: bytes) -> None:
    """Raises SettingsError unless the board has as many keys as its config.json asks for."""
    asked = parse(config)
    _read(data, asked.role, wiring.keys_of(asked))


def _read(data: bytes, role: str, keys: int) -> None:
    try:
        wiring.read(data, role, keys)
    except ProtocolError as error:
        raise SettingsError(f"{error}; docs/wiring.md says what a board may have, and --board takes a file") from error
