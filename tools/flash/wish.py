"""What boards are to become, and what became of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tools.flash.settings import Wifi


@dataclass(frozen=True, slots=True)
class Wish:
    """What boards are to become. `programs`: path on the board -> content; `authority`: the hall's certificate (DER),
    if it speaks TLS; `release_key`: by which boards know updates, empty: the one that they have; `wiring`: what is
    connected to them, empty: see `wiring.choose`; `image`: MicroPython for chips that have none; `wait_s`: how long the
    hub may take to see one."""

    programs: Mapping[str, bytes]
    wifi: Wifi | None = None
    authority: bytes = b""
    release_key: bytes = b""
    wiring: bytes = b""
    image: Path | None = None
    force: bool = False
    dry: bool = False
    wait_s: float = 60.0


@dataclass(slots=True)
class Result:
    """What the board at `port` is to be, and what became of it. `window` or `zone` is empty, by its role; `device` is
    made up if it is empty. `copied` and `removed` are paths; `replaced`: the device in whose place it is; `error` is
    empty when all went well."""

    port: str
    role: str
    window: str
    zone: str
    language: str
    device: str = ""
    mac: str = ""
    chip: str = ""
    micropython: str = ""
    hall: str = ""
    copied: list[str] = field(default_factory=list)
    copied_bytes: int = 0
    removed: list[str] = field(default_factory=list)
    online: bool = False
    replaced: str = ""
    error: str = ""
