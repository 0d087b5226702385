"""A frame buffer with its painter: what a role wants shown, as bits for a driver.

`rows` has the picture as MONO_HLSB: rows of bytes from the top, the highest bit left, 1 is lit.
"""

from firmware.paint import paint
from firmware.text import MONO_HLSB, Font, FrameBuffer

DISPLAY = (192, 32)
"""Window displays: `请A012号到3号窗口` at 16 px is 136 px wide, and a mark fits below."""

PAD = (128, 64)
"""Pads: the usual small OLED."""


class Glass:
    """`width` x `height` pixels, a multiple of 8 wide. Raises FontError when the glyph file cannot be used."""

    def __init__(self, width: int, height: int, glyphs: str):
        self.width = width
        self.height = height
        self.rows = bytearray(width * height // 8)
        self.font = Font(glyphs)
        self._canvas = FrameBuffer(self.rows, width, height, MONO_HLSB)

    def paint(self, screen) -> None:
        paint(self._canvas, self.width, self.height, self.font, screen)
        if screen.inverted:
            self._invert()

    def _invert(self) -> None:
        for index in range(len(self.rows)):
            self.rows[index] ^= 0xFF
