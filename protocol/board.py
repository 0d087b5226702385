"""The last calls of a zone, for its boards and announcers; no other role loads this."""

from collections import namedtuple

from protocol import codec, topics
from protocol.errors import ProtocolError
from protocol.freshness import checked_version
from protocol.limits import BOARD_CALLS, DOWN_BYTES, EPOCH_MAX, MAJOR, NUMBER_CHARS


def board_state(hall: str, zone: str) -> str:
    """Where the hub keeps the last calls of a zone."""
    return f"{MAJOR}/{hall}/board/{zone}/state"


class BoardState(namedtuple("BoardState", ("version", "zone", "calls"))):
    """The last calls of a zone, newest first: (number, window, how often called)."""


def read_board_state(payload) -> BoardState:
    message = codec.decode(payload, DOWN_BYTES)
    calls = [_board_call(call) for call in codec.items(message, "calls", BOARD_CALLS)]
    return BoardState(checked_version(message.get("v"), "v"), topics.checked_id(message.get("zone"), "zone"), calls)


def _board_call(value):
    if type(value) is not list or len(value) != 3:
        raise ProtocolError("calls", "each must be [number, window, times called]")
    number = codec.checked_text(value[0], "calls.number", NUMBER_CHARS)
    window = topics.checked_id(value[1], "calls.window")
    return number, window, codec.checked_integer(value[2], "calls.times", 0, EPOCH_MAX)


def encode(state: BoardState) -> bytes:
    return codec.encode({"v": state.version, "zone": state.zone, "calls": state.calls})
