"""The QR code with which a window's last visit is rated by phone. A message of its own, since a rating, which ends it,
must not change the version of the window that a clerk's press is about; of a board's roles only window displays and
rating pads load this.
"""

from collections import namedtuple

from protocol import codec
from protocol.freshness import NOTHING, checked_version
from protocol.limits import ASCII, DOWN_BYTES, MAJOR

BASE64_CHARS = 184
"""Of the modules of the largest code, of version 4 of ISO/IEC 18004: 33 x 33."""


def rating_code_topic(hall: str, window: str) -> str:
    """Where the hub says it, retained."""
    return f"{MAJOR}/{hall}/w/{window}/rating"


RatingCode = namedtuple("RatingCode", ("seen", "code"))
"""`code`: the modules in rows from the top, the highest bit left, without gaps between the rows, 1 is dark; in base64,
which the one that draws it looks at. `seen`: the version of the window's state that it belongs to; beside any other it
is not shown, so a code of somebody else is never there, in whichever order messages come."""

NO_CODE = RatingCode(NOTHING, "")
"""There is nothing to rate."""


def read_rating_code(payload) -> RatingCode:
    message = codec.decode(payload, DOWN_BYTES)
    code = codec.checked_text(message.get("qr", ""), "qr", BASE64_CHARS, ASCII)
    return RatingCode(checked_version(message.get("v"), "v"), code)


def encode(code: RatingCode) -> bytes:
    """The hub's half."""
    return codec.encode({"v": code.seen, "qr": code.code})
