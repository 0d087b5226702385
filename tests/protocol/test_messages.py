"""Each message: there and back, and everything that a reader must refuse."""

import json

from protocol import board, downward, hub_time, rating_code, upward, waiting
from protocol.board import BoardState
from protocol.downward import Ack, HubOnline, WindowState
from protocol.errors import ProtocolError
from protocol.hub_time import HubTime
from protocol.rating_code import RatingCode
from protocol.upward import Call, Events, Hello, Online, Poison, Rating, Reported, Telemetry
from protocol.waiting import Waiting

STATE = {
    "v": [5, 11],
    "w": "w3",
    "mode": "called",
    "number": "A012",
    "calls": 1,
    "texts": {"zh-Hans": "请A012号到3号窗口"},
    "rate": "v12",
    "before": "v11",
}


def refused(read, message):
    """The field that `read` complains about when it gets `message`, or None."""
    try:
        read(json.dumps(message).encode())
    except ProtocolError as error:
        return error.where
    return None


def changed(message, key, value):
    copy = dict(message)
    copy[key] = value
    return copy


def test_a_window_state_goes_there_and_back():
    state = WindowState(
        (5, 11), "w3", "called", "A012", 2, {"zh-Hans": "请A012", "en": "A012"}, "v12", "v11", {"en": "No. 8"}
    )
    assert downward.read_window_state(downward.encode(state)) == state


def test_a_window_state_is_checked_field_by_field():
    for key, value in (
        ("v", [5]),
        ("v", [True, 1]),
        ("w", "W3"),
        ("mode", "busy"),
        ("number", "A00000001"),
        ("calls", -1),
        ("calls", 1.0),
        ("texts", []),
        ("texts", {"en": 5}),
        ("texts", {"en": "x" * 65}),
        ("texts", {"en": "a\nb"}),
        ("rate", "v" * 33),
        ("before", 7),
        ("about", {"zh-Hans": 8}),
    ):
        assert refused(downward.read_window_state, changed(STATE, key, value)) == key, (key, value)


def test_an_unknown_key_or_language_is_ignored():
    message = changed(STATE, "shiny", [1, 2])
    message["texts"] = {"en": "A012", "tlh": "?" * 500}
    assert downward.read_window_state(json.dumps(message).encode()).texts == {"en": "A012"}


def test_a_state_that_does_not_fit_a_boards_buffer_is_refused():
    assert refused(downward.read_window_state, changed(STATE, "more", "x" * 2048)) == "payload"


def test_a_board_state_goes_there_and_back():
    state = BoardState((5, 3), "hall", [("A012", "w3", 1), ("B001", "w1", 2)])
    assert board.read_board_state(board.encode(state)) == state


def test_a_board_state_is_checked():
    good = {"v": [5, 3], "zone": "hall", "calls": [["A012", "w3", 1]]}
    assert refused(board.read_board_state, good) is None
    for calls in (
        [["A012", "w3"]],
        [["A012", "W3", 1]],
        [["A00000001", "w3", 1]],
        [["A012", "w3", 0.5]],
        [[]],
        [1],
        good["calls"] * 7,
    ):
        assert refused(board.read_board_state, changed(good, "calls", calls)) is not None, calls


def test_hub_online_goes_there_and_back():
    assert downward.read_hub_online(downward.encode(HubOnline(1, 5))) == HubOnline(1, 5)
    for message in ({}, {"on": 2, "epoch": 5}, {"on": True, "epoch": 5}, {"on": 1}, {"on": 1, "epoch": -1}):
        assert refused(downward.read_hub_online, message) is not None, message


def test_the_hubs_time_goes_there_and_back():
    assert hub_time.read_hub_time(hub_time.encode(HubTime(1_700_000_000, 75))) == HubTime(1_700_000_000, 75)
    assert refused(hub_time.read_hub_time, {"s": 5, "minute": 1440}) == "minute"
    for message in ({}, {"s": -1}, {"s": 1.5}, {"s": "now"}, {"s": 2**33}):
        assert refused(hub_time.read_hub_time, message) == "s", message


def test_how_many_wait_goes_there_and_back():
    assert waiting.read_waiting(waiting.encode(Waiting(17))) == Waiting(17)
    for message in ({}, {"n": -1}, {"n": 1.5}, {"n": "many"}):
        assert refused(waiting.read_waiting, message) == "n", message


def test_a_code_for_rating_goes_there_and_back():
    for code in (RatingCode((5, 11), "A" * rating_code.BASE64_CHARS), rating_code.NO_CODE):
        assert rating_code.read_rating_code(rating_code.encode(code)) == code
    assert rating_code.read_rating_code(b'{"v":[5,11],"new":[1]}') == RatingCode((5, 11), "")


def test_a_code_for_rating_is_checked():
    for value in (7, "A" * 185, "Ä" * 76, "A\n"):
        assert refused(rating_code.read_rating_code, {"v": [5, 11], "qr": value}) == "qr", value
    assert refused(rating_code.read_rating_code, {"qr": ""}) == "v"


def test_an_ack_goes_there_and_back():
    ack = Ack(77, [1, 2], [(3, "stale")], 5, {"en": "Look again"})
    assert downward.read_ack(downward.encode(ack)) == ack


def test_an_ack_of_an_earlier_hub_does_not_say_which_hub_it_is():
    assert downward.read_ack(b'{"epoch":77,"ok":[1]}') == Ack(77, [1], [], 0, {})


def test_an_ack_is_checked():
    for message in (
        {"ok": [1]},
        {"epoch": 1, "ok": [-1]},
        {"epoch": 1, "ok": list(range(17))},
        {"epoch": 1, "no": [[1]]},
        {"epoch": 1, "no": [[1, 2]]},
        {"epoch": 1, "no": [1]},
        {"epoch": 1, "hub": "5"},
        {"epoch": 1, "hub": -1},
        {"epoch": 1, "no": [[1, "x" * 65]]},
        {"epoch": 1, "words": {"en": "x" * 65}},
    ):
        assert refused(downward.read_ack, message) is not None, message


def test_what_a_device_says_of_itself_goes_there_and_back():
    for message, read in (
        (Online(1, 3, 4, 5), upward.read_online),
        (Hello("rating_pad", "w3", "virtual", "0.1", "micropython 1.29", 3, "power-on", 4), upward.read_hello),
        (Reported((5, 11), "", 2), upward.read_reported),
        (Telemetry(100, 20_000, 3, 900_000, 12), upward.read_telemetry),
    ):
        assert read(upward.encode(message)) == message


def test_what_a_device_says_of_itself_is_checked():
    assert refused(upward.read_online, {"on": 1, "boot": 1}) == "conn"
    assert refused(upward.read_hello, {"boot": "1"}) == "boot"
    assert refused(upward.read_hello, {"boot": 1, "model": "x" * 65}) == "model"
    assert refused(upward.read_reported, {"shown": [1], "rejected": 0}) == "shown"
    assert refused(upward.read_telemetry, {"up_s": 1, "heap": 1}) == "pending"


def test_presses_go_there_and_back():
    events = Events(9, [Rating(1, 250, "w3", "v12", 5), Rating(2, -1, "w3", "", 1), Call(3, 0, "next", (5, 11))])
    assert upward.read_events(upward.encode(events)) == events


def test_a_full_batch_fits_the_hubs_limit():
    presses = [Rating(2**32 - seq, 400 * 86_400_000, "w" * 32, "v" * 32, 5) for seq in range(16)]
    assert upward.read_events(upward.encode(Events(2**32, presses))).presses == presses


def test_one_item_too_many_refuses_the_batch():
    assert (
        refused(upward.read_events, {"epoch": 1, "events": [[n, 0, "rate", "w3", "", 5] for n in range(17)]})
        == "events"
    )


def test_an_item_that_cannot_be_read_is_poison_and_the_others_are_read():
    message = {"epoch": 1, "events": [[1, 0, "rate", "w3", "", 6], [2, 0, "rate", "w3", "", 5]]}
    poison, rating = upward.read_events(json.dumps(message).encode()).presses
    assert (type(poison), poison.seq, poison.where) == (Poison, 1, "events.level")
    assert rating == Rating(2, 0, "w3", "", 5)


def test_every_kind_of_poison():
    for item in (
        [1],
        [1, -2, "rate", "w3", "", 5],
        [1, 0.5, "rate", "w3", "", 5],
        [1, 400 * 86_400_000 + 1, "rate", "w3", "", 5],
        [1, 0, "rate", "W3", "", 5],
        [1, 0, "rate", "w3", "\n", 5],
        [1, 0, "rate", "w3", "", True],
        [1, 0, "rate", "w3", "", 0],
        [1, 0, "call", "shout", 5, 11],
        [1, 0, "call", "next", 5, -1],
        [1, 0, "call", ["next"], 5, 11],
        [1, 0, "vote", "w3", "", 5],
        [1, 0, None, "w3", "", 5],
    ):
        (press,) = upward.read_events(json.dumps({"epoch": 1, "events": [item]}).encode()).presses
        assert type(press) is Poison and press.seq == 1, item


def test_an_item_without_a_sequence_number_cannot_be_acknowledged_so_the_batch_is_refused():
    for item in ([], ["1"], [True], [-1], [1.0], 5, None):
        assert refused(upward.read_events, {"epoch": 1, "events": [item]}) is not None, item
