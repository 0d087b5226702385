"""Settings of a device that the hub may push, and how: loaded by a board only when that happens.

down/settings   the hub: {"id", "rev", "set": {setting: value, or null for what it is without}}. Never kept by a broker:
                it may have the password of a network. A device that is away is never told later
up/answer       the device: taken, it starts again now; or why not (upkeep.py)

`rev` counts the settings of a device. It must be one more than what its hello says; if not, somebody else was quicker,
and the device refuses. After the start it must hear the hub within five minutes, or it takes them back by itself.
"""

from protocol import codec
from protocol.errors import ProtocolError
from protocol.limits import DOWN_BYTES, ID_CHARS, REVISION_MAX

OF_ROLE = {
    "window_display": (),
    "rating_pad": ("keys",),
    "call_pad": ("verbs",),
    "hall_board": ("arrows",),
    "announcer": ("volume", "quiet"),
    "kiosk": ("layout", "paper", "baud"),
}
OF_ALL = ("language", "host", "port", "wifi")
"""What a device of a role has for settings; the form of each is that in config.json (firmware/config.py)."""

PLACES = ("window", "zone")
"""By these a device moves to another place, which the hub alone decides: it gives the rights for it."""


def known(role: str) -> tuple:
    """The settings that an admin may push to a device of the role."""
    return OF_ROLE[role] + OF_ALL


def encode_push(id: str, rev: int, changes: dict) -> bytes:
    return codec.encode({"id": id, "rev": rev, "set": changes})


def read_push(payload) -> tuple:
    """(id, revision, changes), of which only the form is checked."""
    message = codec.decode(payload, DOWN_BYTES)
    changes = message.get("set")
    if type(changes) is not dict or not changes:
        raise ProtocolError("set", "must be an object of setting: value")
    return codec.text(message, "id", ID_CHARS), codec.integer(message, "rev", 1, REVISION_MAX), changes
