"""What a device says: its presence, itself, its presses, and what its glass shows.

A device makes a message with `encode`, the hub takes it with the message's `read_…`; a test holds the two together. The
records are bare, since a board pays for every class.
"""

from collections import namedtuple

from protocol import codec, freshness, ratings, topics
from protocol.errors import ProtocolError
from protocol.limits import (
    AGE_MAX_MS,
    ASCII,
    EPOCH_MAX,
    EVENTS_PER_BATCH,
    REVISION_MAX,
    TEXT_CHARS,
    UP_BYTES,
    VISIT_CHARS,
)
from protocol.verbs import VERBS


class Online(namedtuple("Online", ("on", "boot", "connection", "run"))):
    """The device is there (`on` 1) or its last will says that it is not (0).

    `boot` counts starts, `connection` counts connections of this start: a will of an older session that arrives late
    has a lower pair, and the hub ignores it. `run` is a random number of this start, by which two boards that pass for
    one are found, and one that counts its starts anew; 0: an earlier version of the firmware, which has none.
    """


def read_online(payload) -> Online:
    message = codec.decode(payload, UP_BYTES)
    return Online(
        codec.integer(message, "on", 0, 1),
        codec.integer(message, "boot", 0, EPOCH_MAX),
        codec.integer(message, "conn", 0, EPOCH_MAX),
        codec.checked_integer(message.get("run", 0), "run", 0, EPOCH_MAX),
    )


class Hello(namedtuple("Hello", ("role", "window", "model", "firmware", "core", "boot", "reset", "rev"))):
    """The device describes itself: its role and window, its model, versions of firmware and interpreter, its starts and
    why it started last, and the revision of its settings."""


def read_hello(payload) -> Hello:
    message = codec.decode(payload, UP_BYTES)
    return Hello(
        codec.text(message, "role", TEXT_CHARS),
        codec.text(message, "window", TEXT_CHARS),
        codec.text(message, "model", TEXT_CHARS),
        codec.text(message, "fw", TEXT_CHARS),
        codec.text(message, "core", TEXT_CHARS),
        codec.integer(message, "boot", 0, EPOCH_MAX),
        codec.text(message, "reset", TEXT_CHARS),
        codec.checked_integer(message.get("rev", 0), "rev", 0, REVISION_MAX),
    )


class Reported(namedtuple("Reported", ("shown", "error", "rejected"))):
    """What the glass shows: the version (hub epoch, revision), the last error, and how many messages it rejected."""


def read_reported(payload) -> Reported:
    message = codec.decode(payload, UP_BYTES)
    return Reported(
        freshness.checked_version(message.get("shown", list(freshness.NOTHING)), "shown"),
        codec.text(message, "error", TEXT_CHARS),
        codec.integer(message, "rejected", 0, EPOCH_MAX),
    )


class Telemetry(namedtuple("Telemetry", ("uptime_s", "heap_free", "pending", "flash_free", "flash_writes"))):
    """The heartbeat: seconds since start, free bytes of the Python heap, presses that wait in the journal; free bytes
    of the flash, and how often the journal wrote to it since the start: a sector wears out by 100,000 erasures."""


def read_telemetry(payload) -> Telemetry:
    message = codec.decode(payload, UP_BYTES)
    return Telemetry(
        codec.integer(message, "up_s", 0, EPOCH_MAX),
        codec.integer(message, "heap", 0, REVISION_MAX),
        codec.integer(message, "pending", 0, EPOCH_MAX),
        codec.checked_integer(message.get("vfs", 0), "vfs", 0, EPOCH_MAX),
        codec.checked_integer(message.get("write", 0), "write", 0, EPOCH_MAX),
    )


class Rating(namedtuple("Rating", ("seq", "age_ms", "window", "visit", "level"))):
    """One press on a rating pad, out of its journal.

    `age_ms` is the time since the press, -1 when the device was restarted in between and does not know. `visit` is the
    token that the pad had with the window's state, or empty: a press without a visit.
    """


class Call(namedtuple("Call", ("seq", "age_ms", "verb", "version"))):
    """One press on a call pad: what the clerk wants done, and the version of the window that the clerk saw."""


class Events(namedtuple("Events", ("epoch", "presses"))):
    """Up to 16 presses. (device, epoch, seq) names a press for ever; the epoch is drawn with the journal."""


def encode(message) -> bytes:
    """A record of this file as it is sent: its fields under the keys of the wire."""
    fields = dict(zip(KEYS[type(message)], message))
    if type(message) is Events:
        fields["events"] = [_item(press) for press in message.presses]
    return codec.encode(fields)


def _item(press) -> list:
    if type(press) is Rating:
        return [press.seq, press.age_ms, "rate", press.window, press.visit, press.level]
    return [press.seq, press.age_ms, "call", press.verb, press.version[0], press.version[1]]


KEYS = {
    Online: ("on", "boot", "conn", "run"),
    Hello: ("role", "window", "model", "fw", "core", "boot", "reset", "rev"),
    Reported: ("shown", "error", "rejected"),
    Telemetry: ("up_s", "heap", "pending", "vfs", "write"),
    Events: ("epoch", "events"),
}
"""What each field is called on the wire, in the order of the record."""


class Poison(namedtuple("Poison", ("seq", "where", "reason"))):
    """One item of a batch that cannot be read. It is acknowledged all the same, or it would block the journal."""


def read_events(payload) -> Events:
    """The batch in `payload`. An item that cannot be read becomes Poison as long as its sequence number can be."""
    message = codec.decode(payload, UP_BYTES)
    epoch = codec.integer(message, "epoch", 0, EPOCH_MAX)
    return Events(epoch, [_read_press(item) for item in codec.items(message, "events", EVENTS_PER_BATCH)])


def _read_press(item):
    if type(item) is not list or not item:
        raise ProtocolError("events", "each must be a list that starts with its sequence number")
    seq = codec.checked_integer(item[0], "events.seq", 0, EPOCH_MAX)
    try:
        return _read_item(seq, item)
    except ProtocolError as error:
        return Poison(seq, error.where, error.reason)


def _read_item(seq: int, item: list):
    if len(item) < 3:
        raise ProtocolError("events", "an event has at least 3 fields")
    age_ms = codec.checked_integer(item[1], "events.age", -1, AGE_MAX_MS)
    if item[2] in ("draw", "unprinted"):
        from protocol.kiosk import read_press  # the hub's half, which a board does not load

        return read_press(seq, age_ms, item)
    if len(item) < 6:
        raise ProtocolError("events", "a press has 6 fields")
    if item[2] == "rate":
        window = topics.checked_id(item[3], "events.window")
        visit = codec.checked_text(item[4], "events.visit", VISIT_CHARS, ASCII)
        level = codec.checked_integer(item[5], "events.level", ratings.LEVELS[-1], ratings.LEVELS[0])
        return Rating(seq, age_ms, window, visit, level)
    if item[2] == "call" and item[3] in VERBS:
        return Call(seq, age_ms, item[3], freshness.checked_version(item[4:6], "events.version"))
    raise ProtocolError("events.kind", "must be rate, or call with one of " + ", ".join(VERBS))
