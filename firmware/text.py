"""Text on the glass: glyphs of several sizes out of files that `tools/fonts.py` makes.

A character below FULL_FROM, and so all of Latin, is half as wide as it is high; the others are square. So how a text
breaks into lines is counted in half widths, called units, and is the same for every size.

Of the size in use every STEPth code point is in memory, 270 bytes; the others, and the bitmap, are read from the file
when a character is drawn.
"""

import struct
from array import array

try:
    from framebuf import MONO_HLSB, FrameBuffer
except ImportError:  # CPython
    from firmware.canvas import MONO_HLSB, FrameBuffer  # pyright: ignore[reportGeneralTypeIssues] - Final on boards

MAGIC = b"QF2\0"
HEAD_BYTES = 10
STEP = 32

LINE_PX = 16
"""The size that has every character; nothing is smaller, or old eyes could not read it."""

FULL_FROM = 0x3000
"""The first character that is as wide as high: CJK punctuation."""

SPACE = 32

WORD_CHARS_MAX = 24
"""A run without a space that is longer is broken anywhere: it is no word."""

LOST_CHARS = 2
"""So few characters look lost in a last line: the last two lines are then about equal."""


class FontError(Exception):
    """A glyph file is missing or is none."""


class Font:
    """The glyphs in the files of `folder`. Raises FontError. `missing` has each character that could not be drawn."""

    def __init__(self, folder: str):
        self._folder = folder
        self._file = None
        self._px = 0
        self.missing = set()
        self.use(LINE_PX)

    def use(self, px: int) -> None:
        """Draw in this size from now on."""
        if px == self._px:
            return
        path = f"{self._folder}/{px}.qf"
        if self._file:
            self._file.close()
        try:
            self._file = open(path, "rb")  # noqa: SIM115 - open as long as it is drawn from: not looked up each time
        except OSError as error:
            raise FontError(f"cannot open {path}: {error}")
        head = self._file.read(HEAD_BYTES)
        if len(head) < HEAD_BYTES or head[:4] != MAGIC or head[4] != px:
            raise FontError(f"{path} is not a glyph file")
        self._half_count, count = struct.unpack("<HH", head[6:])
        self._firsts = array("H", bytes(2 * ((count + STEP - 1) // STEP)))
        self._file.readinto(self._firsts)  # little-endian, as both interpreters and the boards are
        self._start = HEAD_BYTES + 2 * len(self._firsts)
        self._bitmaps = self._start + 2 * count
        self._px = px

    def has(self, line: list) -> bool:
        """Whether each code point of it has a glyph in this size."""
        return all(self._find(code) >= 0 for code in line)

    def draw(self, canvas, line: list, x: int, y: int) -> int:
        """Draw one line of code points; where the next would begin. One that is not there in this size is small; one
        without any glyph is a box."""
        px = self._px
        for code in line:
            place = self._find(code)
            width = px if code >= FULL_FROM else px // 2
            if place < 0 and px > LINE_PX:
                self.use(LINE_PX)
                self.draw(canvas, [code], x + (width - width * LINE_PX // px) // 2, y + (px - LINE_PX) // 2)
                self.use(px)
            elif place < 0:
                self.missing.add(chr(code))
                canvas.rect(x + 1, y + 1, width - 2, px - 2, 1)
            else:
                half, half_bytes = min(place, self._half_count), (px // 2 + 7) // 8 * px
                start = self._bitmaps + half * half_bytes + (place - half) * px * px // 8
                bitmap = bytearray(self._read(start, (width + 7) // 8 * px))
                canvas.blit(FrameBuffer(bitmap, width, px, MONO_HLSB), x, y)
            x += width
        return x

    def _find(self, code: int) -> int:
        """The code point's place in the file, or -1."""
        step = 0
        while step < len(self._firsts) and self._firsts[step] <= code:
            step += 1
        if not step:
            return -1
        place = (step - 1) * STEP
        codes = self._read(self._start + 2 * place, min(2 * STEP, self._bitmaps - self._start - 2 * place))
        for index in range(0, len(codes), 2):
            if codes[index] | codes[index + 1] << 8 == code:
                return place + index // 2
        return -1

    def _read(self, start: int, count: int) -> bytes:
        self._file.seek(start)  # pyright: ignore[reportOptionalMemberAccess] - `use` has opened one
        return self._file.read(count)  # pyright: ignore[reportOptionalMemberAccess]


def code_points(text: str) -> list:
    """Of a text. By its bytes, since MicroPython keeps each character that it was asked for by itself for ever."""
    found = []
    for byte in text.encode():
        if byte < 0x80:
            found.append(byte)
        elif byte < 0xC0:
            found[-1] = found[-1] << 6 | byte & 0x3F
        else:
            found.append(byte & (0x1F if byte < 0xE0 else 0x0F if byte < 0xF0 else 0x07))
    return found


def units(line: list) -> int:
    """Half widths that code points take in one line."""
    return sum(2 if code >= FULL_FROM else 1 for code in line)


def wrap(text: list, limit: int) -> list:
    """The code points of a text in lines of at most `limit` units. A word or a number is broken only if it does not fit
    by itself, or is none; Chinese anywhere, but at a space if there is one in the line's second half."""
    lines = []
    while units(text) > limit:
        most = taken = 0
        while taken <= limit:
            taken += 2 if text[most] >= FULL_FROM else 1
            most += 1
        most = max(1, most - 1)
        end = most
        while end > most // 2 and text[end] != SPACE:
            end -= 1
        if text[end] != SPACE or not end or len(text) - end - 1 <= LOST_CHARS:
            end = 0
        ends = (most, (len(text) + 1) // 2) if len(text) - most <= LOST_CHARS else (most,)
        for last in () if end else ends:
            start = last
            while start and SPACE < text[start] < FULL_FROM and SPACE < text[start - 1] < FULL_FROM:
                start -= 1
            if start and last - start < WORD_CHARS_MAX:
                end = start
        end = end or most
        line, text = text[:end], text[end:]
        while line and line[-1] == SPACE:
            line.pop()
        while text and text[0] == SPACE:
            text.pop(0)
        lines.append(line)
    return lines + [text] if text else lines
