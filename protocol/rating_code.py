"""The QR code with which a window's last visit is rated by phone. A message of its own, since a rating, which ends it,
must not change the version of the window that a clerk's press is about; of a board's roles only window displays and
rating pads load this.
"""

from binascii import a2b_base64, b2a_base64
from collections import namedtuple

from protocol import codec
from protocol.errors import ProtocolError
from protocol.freshness import checked_version
from protocol.limits import ASCII, DOWN_BYTES, MAJOR

SIDES = {56: 21, 79: 25, 106: 29, 137: 33}
"""Bytes of a code -> modules of a side: versions 1 to 4 of ISO/IEC 18004. Larger ones would fit on no glass."""

BASE64_CHARS = 184
"""Of 137 bytes."""


def rating_code_topic(hall: str, window: str) -> str:
    """Where the hub says it, retained."""
    return f"{MAJOR}/{hall}/w/{window}/rating"


RatingCode = namedtuple("RatingCode", ("seen", "code"))
"""`code`: the modules in rows from the top, the highest bit left, without gaps between the rows, 1 is dark; empty:
there is nothing to rate. `seen`: the version of the window's state that it belongs to; beside any other it is not
shown, so a code of somebody else is never there, in whichever order messages come."""


def read_rating_code(payload) -> RatingCode:
    message = codec.decode(payload, DOWN_BYTES)
    seen = checked_version(message.get("v"), "v")
    text = codec.checked_text(message.get("qr", ""), "qr", BASE64_CHARS, ASCII)
    try:
        code = a2b_base64(text)
    except ValueError:
        raise ProtocolError("qr", "must be base64")
    if code and len(code) not in SIDES:
        raise ProtocolError("qr", "must be a code of version 1 to 4")
    return RatingCode(seen, code)


def encode(code: RatingCode) -> bytes:
    """The hub's half."""
    return codec.encode({"v": code.seen, "qr": b2a_base64(code.code).decode().strip()})
