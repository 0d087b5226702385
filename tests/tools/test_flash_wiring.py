"""Which board.json a board gets from `jiaohao flash`, and that no wrong pin gets through."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.wiring import ANY_USE, DISPLAYS
from firmware.wiring import read as read_wiring
from hub.ports import DEVICE_ROLES
from protocol.errors import ProtocolError
from tools.flash import wiring
from tools.flash.settings import SettingsError


def test_a_board_is_that_of_its_role_until_an_admin_has_his_own(tmp_path):
    own = tmp_path / "own.json"
    own.write_text('{"module": "wroom", "player": {"tx": 17, "rx": 34}}')
    given = wiring.find("announcer")
    assert wiring.choose("announcer", b"", b"") == given
    assert wiring.choose("announcer", wiring.find(str(own)), given) == own.read_bytes()
    assert wiring.choose("announcer", b"", own.read_bytes()) == own.read_bytes(), "flashed again, it stays"
    assert wiring.choose("rating_pad", b"", given) == wiring.find("pad"), "one of ours goes with the role"
    with pytest.raises(SettingsError, match=r"display: is missing.*--board takes a file"):
        wiring.choose("rating_pad", b"", own.read_bytes())
    with pytest.raises(SettingsError, match=r"no board 'pda': give announcer, call, hall"):
        wiring.find("pda")


def test_each_role_has_a_board():
    assert set(wiring.OF_ROLE) == set(DEVICE_ROLES)


def test_a_board_has_the_keys_that_its_configuration_asks_for():
    config = {
        "hall": "h1",
        "device": "p",
        "role": "rating_pad",
        "window": "1",
        "host": "a",
        "port": 1,
        "client_id": "p",
    }
    pad = json.loads(wiring.find("pad"))
    two = json.dumps({**pad, "keys": [32, 33]}).encode()
    with pytest.raises(SettingsError, match="a rating_pad with 5 keys cannot use a board that has 2"):
        wiring.check_keys(two, json.dumps(config).encode())
    wiring.check_keys(two, json.dumps({**config, "keys": 2}).encode())


PINS = st.permutations(ANY_USE)


@st.composite
def boards(draw) -> dict[str, Any]:
    """One that is right for a rating pad, with any parts on any pins."""
    pins = list(draw(PINS))
    kind = draw(st.sampled_from(("ssd1306", "st7789", "max7219")))
    display: dict[str, Any] = {name: pins.pop() for name in DISPLAYS[kind]}
    sizes = {"ssd1306": (128, 64), "st7789": (240, 320), "max7219": (64, 16)}
    display |= {"kind": kind, "width": sizes[kind][0], "height": sizes[kind][1]}
    keys = [pins.pop() for _ in range(draw(st.integers(2, 5)))]
    board: dict[str, Any] = {"module": "wroom", "display": display, "keys": keys}
    if draw(st.booleans()):
        board["buzzer"] = pins.pop()
    if draw(st.booleans()):
        board["pixels"] = {"pin": pins.pop(), "count": len(keys)}
    return board


@given(boards(), st.data())
def test_a_board_with_any_one_pin_wrong_is_refused_where_it_is(board: dict[str, Any], data):
    keys = len(board["keys"])
    read_wiring(json.dumps(board).encode(), "rating_pad", keys)
    places = [("keys", index) for index in range(keys)] + [
        ("display", pin) for pin in DISPLAYS[board["display"]["kind"]]
    ]
    part, place = data.draw(st.sampled_from(places))
    others = [board[name][each] for name, each in places if (name, each) != (part, place)]
    outside = [pin for pin in range(-1, 41) if pin not in (*ANY_USE, *((5,) if place == "select" else ()))]
    board[part][place] = data.draw(st.sampled_from(others + outside))
    with pytest.raises(ProtocolError) as caught:
        read_wiring(json.dumps(board).encode(), "rating_pad", keys)
    # Of two parts on one pin the later one is named, with the earlier one beside it.
    assert str(caught.value).startswith((f"{part}", "keys: ")) and "free:" in str(caught.value)
