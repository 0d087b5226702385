"""What kiosks and the hub say to each other; of a board's roles only a kiosk loads this.

    up/events     [seq, age, "draw", service, class, language, code, paper]   somebody wants a ticket
                  [seq, age, "unprinted"]   whoever wanted it does not have it: the ticket of this draw is void
    down/ticket   the answer to a draw; one that is sent again gets the same ticket. "unprinted" is answered by down/ack
    q1/{hall}/kiosk/{zone}/offers   the hub writes, retained: what one can come for

(device, epoch, seq) names a draw for ever; the epoch is drawn with the file in which a kiosk keeps its draws.
"""

import json
from collections import namedtuple

from protocol import codec, topics
from protocol.downward import LANGUAGES, read_texts
from protocol.errors import ProtocolError
from protocol.freshness import checked_version
from protocol.limits import ASCII, DOWN_BYTES, ID_CHARS, MAJOR, NUMBER_CHARS, TEXT_CHARS

PAPERS = (58, 80)
"""Widths of paper in mm."""

CODE_CHARS = 32
"""The hub's own codes have eight digits; other systems have theirs."""

LINES = 3
"""Of what the glass says beside the number."""

OFFERS = 24
"""Services that a kiosk offers, and classes; of short names so many fit into one message."""

ENTRY_CHARS = ID_CHARS + 64
"""An entry of Offers: an id and three names of NAME_HALVES."""

CODE_NEEDED = "?"
"""The mark of a service that is only for who has the code of a passed pre-check."""

NAME_HALVES = 14
"""What the glass of a kiosk, 128 px wide, has room for after the digit of a line; a Chinese character is two."""

WALK_IN = "walk-in"
"""The class of who has no other."""


def offers_topic(hall: str, zone: str) -> str:
    """Where the hub says what the kiosks of a zone offer."""
    return f"{MAJOR}/{hall}/kiosk/{zone}/offers"


Draw = namedtuple("Draw", ("seq", "age_ms", "service", "klass", "language", "code", "paper"))
"""Somebody wants a ticket for the service, or, without one, for the appointment of the code. `paper`: mm."""


Unprinted = namedtuple("Unprinted", ("seq", "age_ms"))
"""Nobody has the ticket of that draw."""


def encode_events(epoch: int, items: list) -> bytes:
    """Items as they stand above, of one kind."""
    return codec.encode({"epoch": epoch, "events": items})


def read_press(seq: int, age_ms: int, item: list):
    """The Draw or Unprinted in an item of a batch. The hub's half. Raises ProtocolError."""
    if item[2] == "unprinted":
        return Unprinted(seq, age_ms)
    if len(item) < 8:
        raise ProtocolError("events", "a draw has 8 fields")
    service = topics.checked_id(item[3], "events.service") if item[3] else ""
    if item[5] not in LANGUAGES:
        raise ProtocolError("events.language", "must be one of " + ", ".join(LANGUAGES))
    if item[7] not in PAPERS:
        raise ProtocolError("events.paper", "must be 58 or 80")
    klass = topics.checked_id(item[4], "events.class")
    code = codec.checked_text(item[6], "events.code", CODE_CHARS, ASCII)
    return Draw(seq, age_ms, service, klass, item[5], code, item[7])


Ticket = namedtuple("Ticket", ("id", "number", "lines", "slip"))
"""`id`: (epoch, seq) of the draw. `lines`: for the glass, in the language that was asked for; without a number they
say why there is none. `slip`: what the printer is sent; on the wire it comes after the JSON and a line's end, as it
is, for base64 would cost a board three copies of it."""


def read_ticket(payload) -> Ticket:
    data = bytes(payload)
    end = data.find(b"\n")
    if len(data) > DOWN_BYTES or end < 0:
        raise ProtocolError("ticket", "must have a line's end")
    message = codec.decode(data[:end], DOWN_BYTES)
    return Ticket(
        checked_version(message.get("id"), "id"),
        codec.text(message, "number", NUMBER_CHARS),
        [codec.checked_text(line, "lines", TEXT_CHARS) for line in codec.items(message, "lines", LINES)],
        data[end + 1 :],
    )


def encode_ticket(ticket: Ticket) -> bytes:
    """The hub's half."""
    return _utf8({"id": ticket.id, "number": ticket.number, "lines": ticket.lines}) + b"\n" + ticket.slip


Offers = namedtuple("Offers", ("version", "zone", "closed", "classes", "services"))
"""What one can come for. `version`: (hub epoch, seconds since 1970). `closed`: why nobody gets a ticket now,
language -> text; empty: one does. `classes` and `services` are entries, texts of one piece, since a board has no
room for more: "id|mark|zh-Hans|zh-Hant|en". The mark is CODE_NEEDED or empty; the names are lines of the glass,
with the time from when on the service is offered. A name that is empty is the one in zh-Hans."""


def read_offers(payload) -> Offers:
    message = codec.decode(payload, DOWN_BYTES)
    found = []
    for key in ("classes", "services"):
        found.append(codec.items(message, key, OFFERS))
        for text in found[-1]:
            if codec.checked_text(text, key, ENTRY_CHARS).count("|") != 1 + len(LANGUAGES):
                raise ProtocolError(key, "must be id|mark|names")
    zone = topics.checked_id(message.get("zone"), "zone")
    return Offers(checked_version(message.get("v"), "v"), zone, read_texts(message, "closed"), found[0], found[1])


def encode_offers(offers: Offers) -> bytes:
    """The hub's half."""
    keys = ("v", "zone", "closed", "classes", "services")
    return _utf8(dict(zip(keys, offers)))


def entry(id: str, mark: str, names: dict, when: str = "") -> str:
    """An entry of Offers; `when` follows each name, which is cut to the line. The hub's half."""
    said = [_line(names[language].replace("|", "/"), " " + when if when else "") for language in LANGUAGES]
    return "|".join([id, mark, said[0]] + ["" if line == said[0] else line for line in said[1:]])


def _line(name: str, when: str) -> str:
    room, cut = NAME_HALVES - len(when), ""
    for character in name:
        room -= 2 if character > "\u2e7f" else 1
        if room < 0:
            break
        cut += character
    return cut.rstrip() + when


def _utf8(value: dict) -> bytes:
    """As codec.encode, but three bytes a Chinese character, not six. The hub's half."""
    unescaped: dict = {"ensure_ascii": False}
    try:
        return json.dumps(value, separators=(",", ":"), **unescaped).encode()
    except TypeError:  # MicroPython never escapes, and does not take the word
        return codec.encode(value)
