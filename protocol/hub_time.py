"""What time it is at the hub. A file of its own: only boards that use TLS, and announcers, load it."""

from collections import namedtuple

from protocol import codec
from protocol.limits import DOWN_BYTES, EPOCH_MAX, MAJOR


def hub_time(hall: str) -> str:
    """Where the hub says what time it is."""
    return f"{MAJOR}/{hall}/hub/time"


class HubTime(namedtuple("HubTime", ("s", "minute"))):
    """`s`: seconds since 1970, UTC. `minute`: minutes since midnight where the hall is, -1: nobody knows."""


def read_hub_time(payload) -> HubTime:
    message = codec.decode(payload, DOWN_BYTES)
    return HubTime(
        codec.integer(message, "s", 0, EPOCH_MAX), codec.checked_integer(message.get("minute", -1), "minute", -1, 1439)
    )


def encode(message: HubTime) -> bytes:
    return codec.encode({"s": message.s, "minute": message.minute})
