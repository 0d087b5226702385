"""Messages as they were on the wire of earlier versions must be read as they were then, on both interpreters.

A change that fails here breaks boards in the field: it needs a new major version of the protocol.
"""

import json

from protocol import board, downward, hub_time, kiosk, rating_code, upward, waiting

READERS = {
    "window_state": downward.read_window_state,
    "board_state": board.read_board_state,
    "hub_online": downward.read_hub_online,
    "ack": downward.read_ack,
    "waiting": waiting.read_waiting,
    "rating_code": rating_code.read_rating_code,
    "hub_time": hub_time.read_hub_time,
    "offers": kiosk.read_offers,
    "online": upward.read_online,
    "hello": upward.read_hello,
    "reported": upward.read_reported,
    "telemetry": upward.read_telemetry,
    "events": upward.read_events,
}


def vectors():
    with open(__file__.rsplit("/", 1)[0] + "/golden.json") as file:
        return json.load(file)


def as_lists(value):
    """Records and tuples as JSON shows them."""
    if isinstance(value, (list, tuple)):
        return [as_lists(item) for item in value]
    return value


def encoder(message):
    for half in (upward, downward):
        if type(message) in half.KEYS:
            return half.encode
    others = {
        board.BoardState: board.encode,
        waiting.Waiting: waiting.encode,
        rating_code.RatingCode: rating_code.encode,
        kiosk.Offers: kiosk.encode_offers,
    }
    return others.get(type(message), hub_time.encode)


def test_every_reader_has_a_vector():
    assert {vector["read"] for vector in vectors()} == set(READERS)


def test_old_payloads_are_read_as_ever():
    for vector in vectors():
        message = READERS[vector["read"]](vector["payload"].encode())
        assert as_lists(message) == vector["value"], vector["payload"]


def test_what_is_said_today_is_read_the_same():
    for vector in vectors():
        message = READERS[vector["read"]](vector["payload"].encode())
        assert READERS[vector["read"]](encoder(message)(message)) == message, vector["payload"]
