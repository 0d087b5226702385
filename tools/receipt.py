"""What a thermal printer makes of ESC/POS bytes, for tests and for the eye: `python -m tools.receipt` draws
docs/images/slips.png. It knows the commands that hub.devices.slip uses; another one is an error. Source: Epson's
ESC/POS command reference."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import segno
from PIL import Image, ImageDraw, ImageFont

from hub.devices.slip import DOTS, Slip, escpos
from hub.texts import say

ROOT = Path(__file__).parent.parent
SHEET = ROOT / "docs/images/slips.png"

NOTO = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"
MONO_SC = 7
"""The face in that collection whose Latin letters are half as wide as high. A printer's own characters are drawn
otherwise, and are as large."""

LINE = 24
"""Dots of a character's height: Font A is 12 x 24, Chinese 24 x 24."""

GAP = 6
"""Dots between two lines: printers advance 30 by themselves."""

MARGIN = 24


@dataclass(frozen=True, slots=True)
class Text:
    """A line, so many times as wide and high as usual."""

    text: str
    times: int = 1


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code of `dots` a module."""

    text: str
    dots: int


@dataclass(frozen=True, slots=True)
class Cut:
    """The end of a slip, after so many empty lines."""

    lines: int


Printed = Text | Code | Cut


class _Paper:
    """Takes the commands, one after the other."""

    def __init__(self, data: bytes):
        self._data = data
        self._line = b""
        self._times = self._times_chinese = 1
        self._module = 0
        self._text = ""
        self._fed = 0
        self.printed: list[Printed] = []
        self._commands = {
            b"\x1b@": (0, lambda _: None),
            b"\x1c&": (0, lambda _: None),
            b"\x1ba": (1, lambda _: None),
            b"\x1d!": (1, self._size),
            b"\x1cW": (1, self._size_chinese),
            b"\x1bd": (1, self._feed),
            b"\x1dV": (2, lambda _: self.printed.append(Cut(self._fed))),
        }

    def read(self) -> list[Printed]:
        while self._data:
            head = self._data[:2]
            if head in self._commands:
                size, act = self._commands[head]
                act(self._data[2 : 2 + size])
                self._data = self._data[2 + size :]
            elif self._data[:3] == b"\x1d(k":
                size = int.from_bytes(self._data[3:5], "little")
                self._code(self._data[5 : 5 + size])
                self._data = self._data[5 + size :]
            else:
                self._character()
        return self.printed

    def _character(self) -> None:
        first = self._data[0]
        if first == 0x0A:
            text = self._line.decode("gbk")
            if self._times_chinese != self._times and not text.isascii():
                raise ValueError(f"characters of two sizes in {text!r}")
            self.printed.append(Text(text, self._times))
            self._line = b""
        elif first < 0x20:
            raise ValueError(f"an unknown command: {self._data[:3].hex(' ')}")
        size = 2 if first > 0x7F else 1
        self._line += self._data[:size] if first != 0x0A else b""
        self._data = self._data[size:]

    def _size(self, argument: bytes) -> None:
        self._times = 1 + (argument[0] & 7)

    def _size_chinese(self, argument: bytes) -> None:
        self._times_chinese = 1 + argument[0]

    def _feed(self, argument: bytes) -> None:
        self._fed = argument[0]

    def _code(self, body: bytes) -> None:
        function, rest = body[1:2], body[2:]
        if function == b"C":
            self._module = rest[0]
        elif function == b"P":
            self._text = rest[1:].decode()
        elif function == b"Q":
            self.printed.append(Code(self._text, self._module))


def read(data: bytes) -> list[Printed]:
    """What is on the paper, from the top. Raises ValueError for what is no command that is known here."""
    return _Paper(data).read()


def picture(data: bytes, paper: int) -> Image.Image:
    """The slip in black on white, a dot a pixel. Raises ValueError for a line that is wider than the paper."""
    width, rows = DOTS[paper], [_row(printed) for printed in read(data)]
    for row in rows:
        if row.width > width:
            raise ValueError(f"a line of {row.width} dots on paper of {width}")
    sheet = Image.new("L", (width, sum(row.height for row in rows) + MARGIN), 255)
    y = MARGIN
    for row in rows:
        sheet.paste(row, ((width - row.width) // 2, y))
        y += row.height
    return sheet


def _row(printed: Printed) -> Image.Image:
    if isinstance(printed, Text):
        return _text(printed)
    if isinstance(printed, Cut):
        return Image.new("L", (1, printed.lines * (LINE + GAP)), 255)
    modules = list(segno.make(printed.text, error="m", micro=False, boost_error=False).matrix_iter(border=2))
    row = Image.new("L", (len(modules), len(modules)), 255)
    for y, line in enumerate(modules):
        for x, dark in enumerate(line):
            row.putpixel((x, y), 0 if dark else 255)
    side = printed.dots * len(modules)
    return row.resize((side, side), Image.Resampling.NEAREST)


def _text(printed: Text) -> Image.Image:
    """Each character in its own cell, as a printer has them."""
    cells = [(character, LINE // 2 * len(character.encode("gbk"))) for character in printed.text]
    times = printed.times
    row = Image.new("L", (max(1, times * sum(width for _, width in cells)), times * LINE + GAP), 255)
    font = ImageFont.truetype(NOTO, 20 * times, index=MONO_SC)
    draw, x = ImageDraw.Draw(row), 0
    for character, width in cells:
        draw.text((x + width * times // 2, times * LINE // 2), character, 0, font, anchor="mm")
        x += width * times
    return row.point([255 if grey > 128 else 0 for grey in range(256)])


def samples() -> list[tuple[int, Slip]]:
    """(paper, slip) of the sheet."""
    names = {
        "zh-Hans": ("松山湖政务服务中心", "企业登记", "A区大厅"),
        "zh-Hant": ("松山湖政務服務中心", "企業登記", "A區大廳"),
        "en": ("Songshan Lake Government Service Centre", "Company registration", "Hall A"),
    }
    found = []
    for paper in (58, 80):
        for language, (hall, service, zone) in names.items():
            before = say("page.ticket.before", language, count="3")
            waiting = say("page.common.range", language, low="10", high="25")
            drawn = say("slip.drawn", language, day="2026-03-04", time="09:41")
            link = "https://hall.example/t/3q2-7w_bQxV0hZr1mK9fTA"
            scan = say("slip.scan", language)
            found.append((paper, Slip(hall, "A012", service, [before, waiting], link, scan, [zone, drawn])))
    return found


def main() -> None:
    slips = [picture(escpos(slip, paper), paper) for paper, slip in samples()]
    width = sum(slip.width + MARGIN for slip in slips) + MARGIN
    sheet = Image.new("L", (width, max(slip.height for slip in slips) + 2 * MARGIN), 192)
    x = MARGIN
    for slip in slips:
        sheet.paste(slip, (x, MARGIN))
        x += slip.width + MARGIN
    sheet.save(SHEET, optimize=True)
    print(f"wrote {SHEET.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
