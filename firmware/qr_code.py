"""A QR code on the glass, in the middle of its right edge, dark on light. Only a glass that shows one loads this."""

from binascii import a2b_base64

from firmware.text import LINE_PX, code_points, wrap

SIDES = {56: 21, 79: 25, 106: 29, 137: 33}
"""Bytes of a code -> modules of a side: versions 1 to 4 of ISO/IEC 18004. A larger one fits on no glass."""

MODULE_PX = 2
"""A module at least: phones do not find single dots of a small glass."""

QUIET = 4
"""Modules of light around the code, by ISO/IEC 18004."""

QUIET_LEAST = 2
"""The same on a small glass: on a pad of 64 rows, a code of 25 modules has 3 above and below. Readers find a code with
two; with four none would fit there at all."""


def draw(canvas, width: int, height: int, code: tuple, texts: list, is_fit) -> tuple:
    """(what is left of the width, the texts to show there). The light square with the code is at most half as wide as
    the glass. It is left out rather than cut, and where the first text, or what is said about the code, would be cut
    beside it; the other texts make room. `code`: (base64, what is said about it); `is_fit`: see Glass."""
    encoded, about = code
    try:
        modules = a2b_base64(encoded)
        side = SIDES[len(modules)]
    except (ValueError, KeyError):  # of a later hub
        return width, texts
    most = min(width // 2, height)
    px = max(MODULE_PX, most // (side + 2 * QUIET))
    field = min(most, (side + 2 * QUIET) * px)
    if field < (side + 2 * QUIET_LEAST) * px:
        return width, texts
    limit = (width - field) * 2 // LINE_PX
    said = [code_points(about)] if about else []
    for shown in (texts + said, texts[:1] + said):
        lines = sum([len(wrap(text, limit)) for text in shown])
        if lines * LINE_PX <= height and is_fit(LINE_PX, (), shown, limit):
            _put(canvas, modules, side, px, field, (width - field, (height - field) // 2))
            return width - field, shown
    return width, texts


def _put(canvas, modules: bytes, side: int, px: int, field: int, at: tuple) -> None:
    canvas.fill_rect(at[0], at[1], field, field, 1)
    quiet = (field - side * px) // 2
    for index in range(side * side):
        if modules[index // 8] & 0x80 >> index % 8:
            canvas.fill_rect(at[0] + quiet + index % side * px, at[1] + quiet + index // side * px, px, px, 0)
