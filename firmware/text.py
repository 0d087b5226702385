"""Text on the glass: 16 px glyphs out of a file that `tools/fonts.py` makes, ASCII at half width.

Only the index is in memory (2 bytes a glyph); a bitmap is read from the file when it is drawn.
"""

import struct
from array import array

try:
    from framebuf import MONO_HLSB, FrameBuffer
except ImportError:  # CPython
    from firmware.canvas import MONO_HLSB, FrameBuffer  # pyright: ignore[reportGeneralTypeIssues] - Final on boards

MAGIC = b"QF1\0"
LINE_PX = 16
"""Height of a line and of every glyph."""

HALF_PX = 8
FULL_PX = 16

WORD_CHARS_MAX = 24
"""A run without a space that is longer is broken anywhere: it is no word."""

LOST_CHARS = 2
"""So few characters look lost in a last line: the last two lines are then about equal."""


class FontError(Exception):
    """The glyph file is missing or is none."""


class Font:
    """The glyphs in the file at `path`. Raises FontError. `missing` has each character that could not be drawn."""

    def __init__(self, path: str):
        try:
            self._file = open(path, "rb")  # noqa: SIM115 - open as long as the device runs: drawing must not look it up
        except OSError as error:
            raise FontError(f"cannot open {path}: {error}")
        head = self._file.read(8)
        if len(head) < 8 or head[:4] != MAGIC:
            raise FontError(f"{path} is not a glyph file")
        self._half_count, full_count = struct.unpack("<HH", head[4:])
        self._codes = _read_codes(self._file, self._half_count + full_count)
        self._bitmaps = 8 + 2 * len(self._codes)
        self.missing = set()

    def width(self, text: str) -> int:
        """Pixels that `text` takes in one line."""
        return sum(HALF_PX if self._is_half(self._find(character)) else FULL_PX for character in text)

    def draw(self, canvas, text: str, x: int, y: int) -> int:
        """Draw one line; where the next character would begin. A character without a glyph is a box."""
        for character in text:
            place = self._find(character)
            if place < 0:
                self.missing.add(character)
                canvas.rect(x + 1, y + 1, FULL_PX - 2, LINE_PX - 2, 1)
                x += FULL_PX
            else:
                width = HALF_PX if self._is_half(place) else FULL_PX
                canvas.blit(FrameBuffer(self._bitmap(place, width), width, LINE_PX, MONO_HLSB), x, y)
                x += width
        return x

    def wrap(self, text: str, width: int) -> list[str]:
        """`text` in lines of at most `width` pixels: broken at spaces where there are some, else anywhere."""
        lines = []
        while text and self.width(text) > width:
            end = self._fitting(text, width)
            if len(text) - end <= LOST_CHARS:
                end = (len(text) + 1) // 2
            space = text.rfind(" ", 0, end + 1)
            if space > 0 and end - space < WORD_CHARS_MAX and text[end] < "\x7f":
                end = space
            lines.append(text[:end].rstrip())
            text = text[end:].lstrip()
        return lines + [text] if text else lines

    def _fitting(self, text: str, width: int) -> int:
        """How many characters of `text` fit into `width`, at least one."""
        end = 1
        while end < len(text) and self.width(text[: end + 1]) <= width:
            end += 1
        return end

    def _is_half(self, place: int) -> bool:
        return 0 <= place < self._half_count

    def _find(self, character: str) -> int:
        """The character's place in the index, or -1."""
        code = ord(character)
        for low, high in ((0, self._half_count), (self._half_count, len(self._codes))):
            end = high
            while low < high:
                middle = (low + high) // 2
                if self._codes[middle] < code:
                    low = middle + 1
                else:
                    high = middle
            if low < end and self._codes[low] == code:
                return low
        return -1

    def _bitmap(self, place: int, width: int) -> bytearray:
        half = min(place, self._half_count)
        self._file.seek(self._bitmaps + half * 16 + (place - half) * 32)
        return bytearray(self._file.read(width * LINE_PX // 8))


def _read_codes(file, count: int):
    """The code points, in an array of u16: both interpreters and the boards are little-endian, as the file is."""
    codes = array("H", bytes(2 * count))
    file.readinto(codes)
    return codes
