"""What is stuck on a board: its number, its window, and a QR code that says which device of which hall it is."""

from __future__ import annotations

import io
from pathlib import Path

import segno

SCALE = 6
"""Pixels of a module: 33 modules with their border are 2 cm at 254 dpi."""

FORMATS = (".png", ".svg")


def code(hall: str, device: str) -> segno.QRCode:
    """Nothing secret, and no address: a label outlives both."""
    return segno.make_qr(f"jiaohao:{hall}/{device}", error="m")


def place(window: str, zone: str) -> str:
    """Where a device belongs."""
    return f"window {window}" if window else f"zone {zone}"


def as_text(hall: str, device: str, role: str, where: str) -> str:
    """The label for a terminal."""
    drawn = io.StringIO()
    code(hall, device).terminal(drawn, compact=True, border=2)
    return f"{drawn.getvalue()}{device}\n{where} - {role.replace('_', ' ')} - {hall}\n"


def write(folder: Path, hall: str, device: str) -> list[Path]:
    """DEVICE.png and DEVICE.svg in `folder`, which is made. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{device}{ending}" for ending in FORMATS]
    for file in files:
        code(hall, device).save(str(file), scale=SCALE)
    return files
