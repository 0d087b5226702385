"""The slip of a ticket, as a thermal printer is sent it. Source: Epson's ESC/POS command reference, under the names of
the commands.

Chinese is in the printer's own characters, which printers sold in China have in GBK: crisp, a tenth of the bytes of a
picture, and the board needs no table, since the hub encodes. GBK has the Traditional characters too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

START = b"\x1b@"  # ESC @: everything as after power-on
CHINESE = b"\x1c&"  # FS &: bytes above 7F are pairs, of GBK
CENTRE = b"\x1ba\x01"  # ESC a 1
SIZE = b"\x1d!"  # GS !: width and height of ASCII, 0x11 twice as large
SIZE_CHINESE = b"\x1cW"  # FS W: of Chinese characters, 1 twice as large
FEED = b"\x1bd"  # ESC d: print, and feed lines
CUT = b"\x1dVB\x00"  # GS V 66 0: feed to the cutter, then cut but for one point
QR = b"\x1d(k"  # GS ( k: two-dimensional codes

DOTS = {58: 384, 80: 576}
"""Paper in mm -> dots of a line, at 8 dots a mm."""

HALF_DOTS = 12
"""Width of an ASCII character in Font A; a Chinese one is twice as wide."""

LARGE = 4
"""The number is so many times as large, on narrow paper too: 8 characters are the most, and are 384 dots wide."""

QR_BYTES = 300
"""A link is shorter, and the whole slip must fit into one message."""

QR_DOTS = {58: 5, 80: 6}
"""Dots of a module: a code of a link of 60 bytes has 33 modules, 21 mm on narrow paper, which a phone reads at once."""


@dataclass(frozen=True, slots=True)
class Slip:
    """Texts in the applicant's language. `link` is printed as a code, with `invitation` below it, unless it is
    empty."""

    title: str
    number: str
    service: str
    lines: Sequence[str]
    link: str
    invitation: str
    ending: Sequence[str]


def escpos(slip: Slip, paper: int) -> bytes:
    """What the printer is sent for paper of so many mm."""
    halves = DOTS[paper] // HALF_DOTS
    made = START + CHINESE + CENTRE
    made += _lines(slip.title, halves)
    made += SIZE + bytes((0x11 * (LARGE - 1),)) + slip.number.encode("ascii", "replace") + b"\n" + SIZE + b"\0"
    made += (
        SIZE + b"\x11" + SIZE_CHINESE + b"\1" + _lines(slip.service, halves // 2) + SIZE_CHINESE + b"\0" + SIZE + b"\0"
    )
    made += b"".join(_lines(line, halves) for line in slip.lines)
    if slip.link and len(slip.link) <= QR_BYTES:
        made += qr_code(slip.link, QR_DOTS[paper]) + _lines(slip.invitation, halves)
    made += b"".join(_lines(line, halves) for line in slip.ending)
    return made + FEED + b"\3" + CUT


def qr_code(text: str, dots: int) -> bytes:
    """A QR code of model 2, `dots` a module, error correction M."""
    made = b""
    for function in (b"A\x32\x00", b"C" + bytes((dots,)), b"E\x31", b"P0" + text.encode(), b"Q0"):
        body = b"1" + function  # 49: QR code
        made += QR + len(body).to_bytes(2, "little") + body
    return made


def _lines(text: str, halves: int) -> bytes:
    """`text` in lines of at most so many half characters, broken at spaces where there are some: printers break words
    anywhere."""
    lines, line = [], ""
    for piece in _pieces(text, halves):
        if line and _halves(line + piece.rstrip()) > halves:
            lines.append(line.rstrip())
            line = ""
        line += piece
    return b"".join(each.encode("gbk", "replace") + b"\n" for each in (*lines, line.rstrip()) if each)


def _pieces(text: str, halves: int) -> list[str]:
    """Words with the spaces after them, none longer than a line, and wide characters."""
    pieces = [""]
    for character in text:
        last = pieces[-1]
        stands_alone = max(_halves(character), _halves(last[-1:])) > 1
        begins_word = last.endswith(" ") and character != " "
        if last and (stands_alone or begins_word or len(last) == halves):
            pieces.append(character)
        else:
            pieces[-1] += character
    return pieces


def _halves(text: str) -> int:
    """What is two bytes in GBK is printed as wide as two ASCII characters."""
    return len(text.encode("gbk", "replace"))
