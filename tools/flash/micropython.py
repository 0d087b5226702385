"""Puts MicroPython on a chip that has none, by esptool: a program of its own, whose licence asks for that.

The image comes from the admin; none is shipped. Beside it lies SHA256SUMS, which was written when it was fetched: what
was swapped or spoiled since is not put on a board.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tools.flash.board import About, BoardError

ESPTOOL = (sys.executable, "-m", "esptool")

CHIP = "ESP32"
"""As MicroPython and esptool call the chip that the firmware's pins are those of."""

OLDEST = (1, 21, 0)
"""The first MicroPython whose asyncio is called so."""

OFFSET = "0x1000"
"""Where the boot loader of an ESP32 begins; MicroPython's images for it are made for there."""

BAUD = "460800"
SUMS = "SHA256SUMS"
PAGE = "https://micropython.org/download/ESP32_GENERIC/"

STUCK_S = 300
"""1.7 MB at 460,800 baud take 40 s."""

HOW = f"fetch one from {PAGE}, run `sha256sum *.bin > {SUMS}` beside it, and give it by --image"


def loads(about: About, programs: Mapping[str, bytes]) -> bool:
    """Whether the board's MicroPython can load the programs: the second byte of a .mpy file is its version."""
    wanted = {data[1] for path, data in programs.items() if path.endswith(".mpy")}
    return wanted == {about.mpy} and about.version >= OLDEST


def checked_image(place: Path) -> Path:
    """The image at `place`, a file or a folder with one, if SHA256SUMS beside it says so. Raises BoardError."""
    images = [place] if place.is_file() else sorted(place.glob("*.bin"))
    if len(images) != 1:
        raise BoardError(
            f"{place} has {len(images) or 'no'} images (*.bin) of MicroPython, one is needed; fetch it from {PAGE}"
        )
    image = images[0]
    try:
        sums = (image.parent / SUMS).read_text("utf-8")
        data = image.read_bytes()
    except (OSError, UnicodeDecodeError) as error:
        raise BoardError(f"cannot read what is needed to check {image}: {error}; {HOW}") from error
    listed = {name.lstrip("*"): digest.lower() for digest, name in re.findall(r"^(\w{64}) +(\S+)$", sums, re.M)}
    if image.name not in listed:
        raise BoardError(f"{image.parent / SUMS} does not name {image.name}; {HOW}")
    if listed[image.name] != hashlib.sha256(data).hexdigest():
        raise BoardError(f"{image} is not the file that {SUMS} names: it was changed; {HOW}")
    return image


def read_mac(port: str) -> str:
    """The address of the chip at `port`, such as 24:0a:c4:00:00:01. Raises BoardError if there is no ESP32."""
    found = re.search(r"MAC:\s+((?:[0-9a-f]{2}:){5}[0-9a-f]{2})", _esptool(port, "read-mac"))
    if not found:
        raise BoardError(f"esptool does not tell the address of the chip at {port}")
    return found[1]


def put(port: str, image: Path) -> None:
    """Erase the chip at `port`, and write the image. Raises BoardError."""
    _esptool(port, "--baud", BAUD, "write-flash", "--erase-all", OFFSET, str(image))


def _esptool(port: str, *words: str) -> str:
    """What esptool says."""
    command = [*ESPTOOL, "--chip", CHIP.lower(), "--port", port, *words]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=STUCK_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BoardError(f"esptool at {port}: {error}") from error
    if done.returncode:
        last = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()][-1:]
        raise BoardError(
            f"esptool at {port}: {' '.join(last)}; hold the board's BOOT key while it is plugged in, and try again"
        )
    return done.stdout
