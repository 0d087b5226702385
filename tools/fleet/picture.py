"""The bits of a device's glass as a picture: in a terminal, and as a PNG file. Pure."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

HALVES = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}
"""Two rows of pixels in one row of characters: (upper, lower) is lit."""

PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class Picture:
    """`rows`: width / 8 bytes for each row, a bit per pixel, the highest on the left; 1 is lit."""

    width: int
    height: int
    rows: bytes

    def lit(self, x: int, y: int) -> bool:
        """A pixel outside of the picture is dark."""
        place = y * (self.width // 8) + x // 8
        return y < self.height and bool(self.rows[place] & 0x80 >> x % 8)


def in_terminal(picture: Picture) -> list[str]:
    """A line for each two rows, in a frame."""
    edge = "─" * picture.width
    lines = [
        "".join(HALVES[picture.lit(x, y), picture.lit(x, y + 1)] for x in range(picture.width))
        for y in range(0, picture.height, 2)
    ]
    return [f"┌{edge}┐", *(f"│{line}│" for line in lines), f"└{edge}┘"]


def as_png(picture: Picture, scale: int) -> bytes:
    """White on black, a pixel as a square of `scale`. W3C, Portable Network Graphics, third edition."""
    rows = bytearray()
    for y in range(picture.height):
        row = b"".join(b"\xff" * scale if picture.lit(x, y) else bytes(scale) for x in range(picture.width))
        rows += (b"\0" + row) * scale  # filter 0 before each row
    head = struct.pack(">IIBBBBB", picture.width * scale, picture.height * scale, 8, 0, 0, 0, 0)  # 8 bits of grey
    return PNG + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(bytes(rows), 9)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
