"""Thermal printers that speak ESC/POS. Source: Epson's ESC/POS command reference, under the names of the commands.

Chinese is printed as pictures of our own glyphs: which code page a printer has, and whether it knows GB 18030, differs
from maker to maker, and a ticket must be readable on each.
"""

START = b"\x1b@"  # ESC @: everything as after power-on
CUT = b"\x1dVB\x00"  # GS V 66 0: feed to the cutter, then cut but for one point

ASK_OFFLINE = b"\x10\x04\x02"  # DLE EOT 2: why it is offline
ASK_PAPER = b"\x10\x04\x04"  # DLE EOT 4: the roll's sensor

FIXED, FIXED_VALUE = 0x93, 0x12
"""Bits that every answer to DLE EOT has: 0, 1, 4 and 7 are 0, 1, 1, 0."""

COVER_OPEN, STOPPED, FAILED = 0x04, 0x20, 0x40  # of the answer to DLE EOT 2
PAPER_NEAR_END, PAPER_OUT = 0x0C, 0x60  # of the answer to DLE EOT 4

DOTS = {58: 384, 80: 576}
"""Paper in mm -> dots of a line, at 8 dots a mm."""

QR_BYTES = 500
"""A link is shorter; in one command, and readable at 58 mm."""


def picture(rows, width: int) -> bytes:
    """GS v 0: MONO_HLSB `rows` of `width` dots, a multiple of 8; a lit pixel is black. Printers take pictures of any
    height, but hold only some of them: give a line of text at a time."""
    stride = width // 8
    return b"\x1dv0\x00" + stride.to_bytes(2, "little") + (len(rows) // stride).to_bytes(2, "little") + bytes(rows)


def qr_code(text: str, dots: int = 6) -> bytes:
    """GS ( k: a QR code, `dots` a module, error correction M. Raises ValueError when the text is too long."""
    data = text.encode()
    if len(data) > QR_BYTES:
        raise ValueError(f"a QR code of more than {QR_BYTES} bytes")
    made = b""
    for function in (b"A\x32\x00", b"C" + bytes((dots,)), b"E\x31", b"P0" + data, b"Q0"):
        body = b"1" + function  # 49: QR code
        made += b"\x1d(k" + len(body).to_bytes(2, "little") + body
    return made


def wrong(offline: int, paper: int) -> str:
    """What is wrong with the printer, from its answers to ASK_OFFLINE and ASK_PAPER, -1 for none; or empty."""
    for answer in (offline, paper):
        if answer < 0:
            return "no answer"
        if answer & FIXED != FIXED_VALUE:
            return "no printer"
    if offline & COVER_OPEN:
        return "cover open"
    if offline & STOPPED or paper & PAPER_OUT:
        return "paper out"
    if offline & FAILED:
        return "printer failed"
    return "paper near end" if paper & PAPER_NEAR_END else ""
