"""Looking after a device: what an admin asks of it, and what it answers. Only loaded when somebody asks.

down/command   the hub: do this now. A device that is away is never told later
up/answer      the device: done, or why not, with what was asked for
up/log         the device: lines of its log while somebody reads along, and once what it fell over
up/frame       the device: its glass, in strips, before the answer
"""

from binascii import a2b_base64, b2a_base64
from collections import namedtuple

from protocol import codec
from protocol.errors import ProtocolError
from protocol.limits import DOWN_BYTES, ID_CHARS, REVISION_MAX, TEXT_CHARS, UP_BYTES

VERBS = ("identify", "reboot", "logs", "frame", "self-test")
"""Show who it is; start again; tell its log; tell its glass; look whether its parts work."""

SECONDS_MAX = 600
"""Longest time of a command: somebody who reads along asks again."""

STRIP_BYTES = 1024
"""Of a glass in one message; a window's display of 192x32 pixels is 768 bytes."""

SIDE_MAX = 1024
FACTS = 16
LINES = 8


class Command(namedtuple("Command", ("id", "verb", "s"))):
    """`id` is the hub's, by which it knows the answer and the device a repeat. `s`: for how many seconds, if it takes
    any."""


class Answer(namedtuple("Answer", ("id", "error", "facts"))):
    """The command was done, unless `error` says why not. `facts`: word -> whole number or text."""


class Log(namedtuple("Log", ("lines", "crash"))):
    """Lines of the log, and the traceback of what made the device start again, once; either may be empty."""


class Frame(namedtuple("Frame", ("id", "width", "height", "at", "rows"))):
    """A strip of the glass: `rows` are bytes from byte `at` on, MONO_HLSB: a bit per pixel, the highest on the left."""


def read_command(payload) -> Command:
    message = codec.decode(payload, DOWN_BYTES)
    return Command(
        codec.text(message, "id", ID_CHARS),
        codec.choice(message, "verb", VERBS),
        codec.checked_integer(message.get("s", 0), "s", 0, SECONDS_MAX),
    )


def encode_command(command: Command) -> bytes:
    return codec.encode({"id": command.id, "verb": command.verb, "s": command.s})


def read_answer(payload) -> Answer:
    message = codec.decode(payload, UP_BYTES)
    found = message.get("facts", {})
    if type(found) is not dict or len(found) > FACTS:
        raise ProtocolError("facts", f"must be an object of at most {FACTS}")
    facts = {codec.checked_text(word, "facts", TEXT_CHARS): _fact(value) for word, value in found.items()}
    return Answer(codec.text(message, "id", ID_CHARS), codec.text(message, "error", TEXT_CHARS), facts)


def _fact(value):
    if type(value) is str:
        return codec.checked_text(value, "facts", TEXT_CHARS)
    return codec.checked_integer(value, "facts", -REVISION_MAX, REVISION_MAX)


def encode_answer(answer: Answer) -> bytes:
    return codec.encode({"id": answer.id, "error": answer.error, "facts": answer.facts})


def read_log(payload) -> Log:
    message = codec.decode(payload, UP_BYTES)
    lines = [codec.checked_text(line, "lines", 4 * TEXT_CHARS) for line in codec.items(message, "lines", LINES)]
    crash = [codec.checked_text(line, "crash", 4 * TEXT_CHARS) for line in codec.items(message, "crash", 2 * LINES)]
    return Log(lines, crash)


def encode_log(log: Log) -> bytes:
    return codec.encode({"lines": log.lines, "crash": log.crash})


def read_frame(payload) -> Frame:
    message = codec.decode(payload, UP_BYTES)
    try:
        rows = a2b_base64(codec.checked_text(message.get("rows", ""), "rows", 2 * STRIP_BYTES, 126))
    except ValueError:
        raise ProtocolError("rows", "must be base64")
    return Frame(
        codec.text(message, "id", ID_CHARS),
        codec.integer(message, "w", 8, SIDE_MAX),
        codec.integer(message, "h", 1, SIDE_MAX),
        codec.integer(message, "at", 0, SIDE_MAX * SIDE_MAX // 8),
        rows,
    )


def encode_frame(frame: Frame) -> bytes:
    rows = b2a_base64(frame.rows).decode().rstrip()
    return codec.encode({"id": frame.id, "w": frame.width, "h": frame.height, "at": frame.at, "rows": rows})
