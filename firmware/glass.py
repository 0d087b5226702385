"""The glass: a frame buffer, and how what a role shows is put on it.

Texts in lines, centred, as large as they fit, the mark in the lower right corner, a QR code at the right edge. `rows`
has the picture as MONO_HLSB: rows of bytes from the top, the highest bit left, 1 is lit. A driver turns that into what
its display wants.
"""

from firmware.text import FULL_FROM, LINE_PX, MONO_HLSB, SPACE, Font, FrameBuffer, code_points, units, wrap

DISPLAY = (192, 32)
"""Window displays: `请A012号到3号窗口` at 16 px is 136 px wide, and a mark fits below."""

PAD = (128, 64)
"""Pads: the usual small OLED."""

SIZES = (48, 32, 24, LINE_PX)
"""Heights of text in px."""

ELLIPSIS = 0x2026

CALLS_PX = 48
"""This size is for colour displays: a small glass has room for two characters of it."""

CALLS_FROM_PX = 128
"""Height of a glass from which on it is used."""


class Glass:
    """`width` x `height` pixels, a multiple of 8 wide; `glyphs`: the folder of the glyphs. Raises FontError when a file
    of it cannot be used."""

    def __init__(self, width: int, height: int, glyphs: str):
        self.width = width
        self.height = height
        self.rows = bytearray(width * height // 8)
        self.font = Font(glyphs)
        self._canvas = FrameBuffer(self.rows, width, height, MONO_HLSB)
        self._room = width

    def paint(self, show) -> None:
        """Draw all of the effect `show`. What does not fit even in the smallest size is left out from the end; a text
        that is there in part ends with `…`."""
        self._canvas.fill(0)
        free = self.height - LINE_PX if show.mark else self.height
        px, lines = self._fit(self._beside_code(show), free)
        y = max(0, free - len(lines) * px) // 2
        mark = code_points(show.mark)
        mark_px = units(mark) * LINE_PX // 2
        for line in lines:
            room = self._room
            if y + px > free:  # beside the mark
                room -= mark_px + LINE_PX // 2
                line = self._shortened(line, room * 2 // px)
            self.font.use(px)
            self.font.draw(self._canvas, line, (room - units(line) * px // 2) // 2, y)
            y += px
        if mark:
            self.font.use(LINE_PX)
            self.font.draw(self._canvas, mark, self.width - mark_px, self.height - LINE_PX)
        if show.inverted:
            for index in range(len(self.rows)):
                self.rows[index] ^= 0xFF

    def _beside_code(self, show) -> list:
        """The texts that are shown, as code points, after the code was drawn if there is room for it."""
        texts = [code_points(text) for text in show.texts]
        self._room = self.width
        if show.code:
            from firmware.qr_code import draw

            self._room, texts = draw(self._canvas, self.width, self.height, show.code, texts, self._is_fit)
        return texts

    def _fit(self, texts, free: int) -> tuple:
        """(size, lines) of the largest size at which all fits into `free` rows. A break inside a text is worth it only
        if the text gets twice as large, and one inside a word never."""
        broken = None
        px, limit, lines = LINE_PX, 0, []
        for px in SIZES:
            limit = self._room * 2 // px
            lines = []
            for text in texts:
                lines += wrap(text, limit)
            if px > LINE_PX and (len(lines) * px > free or not self._is_fit(px, lines, texts, limit)):
                continue
            if len(lines) == len(texts) or px == LINE_PX:
                break
            broken = broken or (px, lines)
        if broken and (broken[0] >= 2 * px or len(lines) > len(texts)):
            return broken
        return px, lines[: self.height // px] if len(lines) == len(texts) else self._cut(texts, limit)

    def _cut(self, texts, limit: int) -> list:
        """The lines in the smallest size that there is room for."""
        lines = []
        for text in texts:
            more = wrap(text, limit)
            room = self.height // LINE_PX - len(lines)
            if 0 < room < len(more):
                more = more[: room - 1] + [self._shortened(more[room - 1] + [ELLIPSIS], limit)]
            lines += more[: max(0, room)]
        return lines

    def _shortened(self, line: list, limit: int) -> list:
        if units(line) <= limit:
            return line
        while line and units(line) >= limit:
            line = line[:-1]
        return line + [ELLIPSIS]

    def _is_fit(self, px: int, lines, texts, limit: int) -> bool:
        """Whether no word is longer than a line, and the largest size, which has few characters, has these."""
        for text in texts:
            run = 0
            for code in text:
                run = run + 1 if SPACE < code < FULL_FROM else 0
                if run > limit:
                    return False
        if px != CALLS_PX:
            return True
        if self.height < CALLS_FROM_PX:
            return False
        self.font.use(px)
        return all(map(self.font.has, lines))
