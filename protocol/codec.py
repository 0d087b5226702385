"""JSON on the wire: capped before parsing, checked after it.

MicroPython's parser is lax (`[1,]`, duplicate keys) and can run out of memory on deep nesting, so a reader never
trusts the parser: the bytes are capped first, and each field's type and range is checked afterwards. Floats are
never sent: a board has 32-bit ones. Dict order is lost on MicroPython, so compare decoded values, never bytes.
"""

import json

from protocol.errors import ProtocolError


def encode(value) -> bytes:
    """`value` as compact UTF-8 JSON."""
    return json.dumps(value, separators=(",", ":")).encode()


def decode(payload, max_bytes: int) -> dict:
    """The object in `payload` (bytes). Raises ProtocolError when it is too long, or not one JSON object."""
    if len(payload) > max_bytes:
        raise ProtocolError("payload", f"at most {max_bytes} bytes, got {len(payload)}")
    try:
        value = json.loads(bytes(payload).decode())
    except (ValueError, MemoryError, RuntimeError) as error:  # RuntimeError: nested deeper than the stack
        raise ProtocolError("payload", f"not JSON: {error}")
    if type(value) is not dict:
        raise ProtocolError("payload", "must be a JSON object")
    return value


def integer(message: dict, key: str, low: int, high: int) -> int:
    """The whole number `message[key]` within low..high, both included."""
    return checked_integer(message.get(key), key, low, high)


def checked_integer(value, where: str, low: int, high: int) -> int:
    """`value` if it is a whole number within low..high. A bool is not a number, a float neither."""
    if type(value) is not int or not low <= value <= high:
        raise ProtocolError(where, f"must be a whole number from {low} to {high}")
    return value


def text(message: dict, key: str, max_chars: int) -> str:
    """The text `message[key]`, without control characters; missing means empty."""
    return checked_text(message.get(key, ""), key, max_chars)


def checked_text(value, where: str, max_chars: int, last: int = 0x10FFFF) -> str:
    """`value` if it is a text of at most max_chars characters, none of them a control character or above `last`. JSON
    can say half a character (0xD800 to 0xDFFF, in bytes ED A0 80 to ED BF BF); UTF-8, and so a disk, cannot."""
    if type(value) is not str or len(value) > max_chars:
        raise ProtocolError(where, f"must be text of at most {max_chars} characters")
    before = 0
    for byte in value.encode("utf-8", "surrogatepass"):  # MicroPython keeps each character that was looked at, for good
        if byte < 32 or byte == 127 or byte > last or (before == 0xED and byte > 0x9F):
            raise ProtocolError(where, f"must not have the byte {byte}")
        before = byte
    return value


def choice(message: dict, key: str, allowed) -> str:
    """The text `message[key]`, one of `allowed`."""
    value = message.get(key)
    if type(value) is not str or value not in allowed:
        raise ProtocolError(key, "must be one of " + ", ".join(allowed))
    return value


def items(message: dict, key: str, max_items: int) -> list:
    """The list `message[key]`; missing means empty."""
    value = message.get(key, [])
    if type(value) is not list or len(value) > max_items:
        raise ProtocolError(key, f"must be a list of at most {max_items}")
    return value
