"""The glass: a frame buffer, and how what a role shows is put on it.

Texts in lines, centred, and the mark in the lower right corner. `rows` has the picture as MONO_HLSB: rows of bytes from
the top, the highest bit left, 1 is lit. A driver turns that into what its display wants.
"""

from firmware.text import LINE_PX, MONO_HLSB, Font, FrameBuffer

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

    def paint(self, show) -> None:
        """Draw all of the effect `show`. Lines that do not fit the height are left out, from the end."""
        self._canvas.fill(0)
        lines = []
        for text in show.texts:
            lines += self.font.wrap(text, self.width)
        self._lines(lines[: self.height // LINE_PX], bool(show.mark))
        if show.mark:
            self._mark(show.mark)
        if show.inverted:
            self._invert()

    def _lines(self, lines: list[str], has_mark: bool) -> None:
        """In the middle of the height, but above the mark if there is room."""
        free = self.height - len(lines) * LINE_PX
        y = max(0, free - LINE_PX) // 2 if has_mark else free // 2
        for line in lines:
            self.font.draw(self._canvas, line, (self.width - self.font.width(line)) // 2, y)
            y += LINE_PX

    def _mark(self, mark: str) -> None:
        width = self.font.width(mark)
        self._canvas.fill_rect(self.width - width - 2, self.height - LINE_PX, width + 2, LINE_PX, 0)
        self.font.draw(self._canvas, mark, self.width - width, self.height - LINE_PX)

    def _invert(self) -> None:
        for index in range(len(self.rows)):
            self.rows[index] ^= 0xFF
