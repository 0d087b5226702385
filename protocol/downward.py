"""What the hub says: the whole state of a window, that it is there, and what it has safely stored.

A key that is not on the wire is empty, and a key that a reader does not know is ignored: so an older hub gets on with a
newer board, and the other way round.
"""

from collections import namedtuple

from protocol import codec, topics
from protocol.errors import ProtocolError
from protocol.freshness import checked_version
from protocol.limits import (
    ASCII,
    DOWN_BYTES,
    EPOCH_MAX,
    EVENTS_PER_BATCH,
    NUMBER_CHARS,
    TEXT_CHARS,
    VISIT_CHARS,
)

MODES = ("closed", "open", "called", "serving")
"""A window: nobody signed in; free; a number is called; somebody is served."""

LANGUAGES = ("zh-Hans", "zh-Hant", "en")
"""Languages of texts for people; the first is the default."""


class WindowState(
    namedtuple("WindowState", ("version", "window", "mode", "number", "calls", "texts", "rate", "rate_before", "about"))
):
    """The whole state of a window, never a change of it, so that a missed message does not matter.

    `version` is (hub epoch, revision). `calls` is how often `number` was called: a display flashes again when it grows.
    `texts` has a line for the glass per language. `rate` is the visit that a press on the pad belongs to, `rate_before`
    the one whose applicant may still stand there just after the next number was called; empty: none. `about` has what
    is served and by whom, per language; an earlier hub does not say it.
    """


def read_window_state(payload) -> WindowState:
    message = codec.decode(payload, DOWN_BYTES)
    return WindowState(
        checked_version(message.get("v"), "v"),
        topics.checked_id(message.get("w"), "w"),
        codec.choice(message, "mode", MODES),
        codec.text(message, "number", NUMBER_CHARS),
        codec.integer(message, "calls", 0, EPOCH_MAX),
        read_texts(message, "texts"),
        codec.checked_text(message.get("rate", ""), "rate", VISIT_CHARS, ASCII),
        codec.checked_text(message.get("before", ""), "before", VISIT_CHARS, ASCII),
        read_texts(message, "about"),
    )


class HubOnline(namedtuple("HubOnline", ("on", "epoch"))):
    """The hub is there (`on` 1), or its last will says that it is not (0)."""


def read_hub_online(payload) -> HubOnline:
    message = codec.decode(payload, DOWN_BYTES)
    return HubOnline(codec.integer(message, "on", 0, 1), codec.integer(message, "epoch", 0, EPOCH_MAX))


class Ack(namedtuple("Ack", ("epoch", "stored", "refused", "hub", "words"))):
    """Sequence numbers whose presses are on the hub's disk. A list, never 'all up to': that would lose presses.

    `epoch` is the journal's, `hub` the hub epoch whose disk it is; 0: a hub of an earlier version, which does not say.

    `refused` has (sequence number, reason) of presses on a call pad that the rules did not allow; they are settled too.
    `words` has the reason of the last one for people, per language; an earlier hub does not say it.
    """


def read_ack(payload) -> Ack:
    message = codec.decode(payload, DOWN_BYTES)
    stored = codec.items(message, "ok", EVENTS_PER_BATCH)
    return Ack(
        codec.integer(message, "epoch", 0, EPOCH_MAX),
        [codec.checked_integer(seq, "ok", 0, EPOCH_MAX) for seq in stored],
        [_refused(pair) for pair in codec.items(message, "no", EVENTS_PER_BATCH)],
        codec.checked_integer(message.get("hub", 0), "hub", 0, EPOCH_MAX),
        read_texts(message, "words"),
    )


def _refused(pair):
    if type(pair) is not list or len(pair) != 2:
        raise ProtocolError("no", "each must be [sequence number, reason]")
    return codec.checked_integer(pair[0], "no", 0, EPOCH_MAX), codec.checked_text(pair[1], "no", TEXT_CHARS)


def encode(message) -> bytes:
    """A record of this file as it is sent: its fields under the keys of the wire."""
    return codec.encode(dict(zip(KEYS[type(message)], message)))


KEYS = {
    WindowState: ("v", "w", "mode", "number", "calls", "texts", "rate", "before", "about"),
    HubOnline: ("on", "epoch"),
    Ack: ("epoch", "ok", "no", "hub", "words"),
}
"""What each field is called on the wire, in the order of the record."""


def read_texts(message: dict, key: str) -> dict:
    """`message[key]`: language -> text. Languages that this reader does not know are kept out."""
    value = message.get(key, {})
    if type(value) is not dict:
        raise ProtocolError(key, "must be an object of language: text")
    return {
        language: codec.checked_text(value[language], key, TEXT_CHARS) for language in LANGUAGES if language in value
    }
