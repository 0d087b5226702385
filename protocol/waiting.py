"""How many people wait for a window. A message of its own, since it changes far more often than the window's state; of
a board's roles only a call pad loads this."""

from collections import namedtuple

from protocol import codec
from protocol.limits import DOWN_BYTES, EPOCH_MAX, MAJOR


def waiting_topic(hall: str, window: str) -> str:
    """Where the hub says it, retained."""
    return f"{MAJOR}/{hall}/w/{window}/waiting"


class Waiting(namedtuple("Waiting", ("count",))):
    """People whom this window could call."""


def read_waiting(payload) -> Waiting:
    return Waiting(codec.integer(codec.decode(payload, DOWN_BYTES), "n", 0, EPOCH_MAX))


def encode(waiting: Waiting) -> bytes:
    return codec.encode({"n": waiting.count})
