"""What time it is at the hub. A file of its own: only boards that use TLS need the time, and only they load it."""

from collections import namedtuple

from protocol import codec
from protocol.limits import DOWN_BYTES, EPOCH_MAX, MAJOR


def hub_time(hall: str) -> str:
    """Where the hub says what time it is."""
    return f"{MAJOR}/{hall}/hub/time"


class HubTime(namedtuple("HubTime", ("s",))):
    """`s`: seconds since 1970, UTC."""


def read_hub_time(payload) -> HubTime:
    return HubTime(codec.integer(codec.decode(payload, DOWN_BYTES), "s", 0, EPOCH_MAX))


def encode(message: HubTime) -> bytes:
    return codec.encode({"s": message.s})
