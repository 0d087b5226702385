"""What a board's board.json may say; the boards of firmware/boards/ are those that are given."""

import json
import os

from firmware.wiring import WIRING_BYTES, read
from protocol.errors import ProtocolError

BOARDS = "firmware/boards"

PAD = {
    "module": "wroom",
    "display": {"kind": "ssd1306", "width": 128, "height": 64, "scl": 22, "sda": 21},
    "keys": [32, 33, 25, 26, 27],
    "leds": [13, 14],
    "buzzer": 19,
}
TFT = {"kind": "st7789", "width": 320, "height": 240, "rotation": 90, "sck": 18, "mosi": 23, "select": 5, "data": 21}


def changed(**parts):
    return {name: part for name, part in dict(PAD, **parts).items() if part is not None}


def accepted(wiring, role="rating_pad", keys=5):
    return read(json.dumps(wiring).encode(), role, keys)


def refused(wiring, where, *words, role="rating_pad", keys=5):
    try:
        accepted(wiring, role, keys)
    except ProtocolError as error:
        assert error.where == where, error
        for word in words:
            assert word in error.reason, error
    else:
        raise AssertionError("was accepted: " + where)


def test_the_boards_that_are_given_are_right_for_their_roles():
    roles = {
        "announcer": ("announcer",),
        "call": ("call_pad",),
        "hall": ("hall_board", "window_display"),
        "kiosk": ("kiosk", "rating_pad"),
        "pad": ("rating_pad", "call_pad"),
        "strip": ("window_display", "hall_board"),
        "window": ("window_display", "hall_board"),
    }
    assert sorted(os.listdir(BOARDS)) == [name + ".json" for name in sorted(roles)]
    for name, of_board in roles.items():
        with open(BOARDS + "/" + name + ".json", "rb") as file:
            data = file.read()
        assert len(data) < WIRING_BYTES
        for role in of_board:
            assert "module" not in read(data, role, 5)


def test_each_pin_that_a_board_needs_for_itself_is_refused_and_it_says_why():
    for pin, why in (
        (0, "the loader starts"),
        (1, "serial console"),
        (2, "cannot be flashed"),
        (3, "serial console"),
        (5, "only what rests high"),
        (6, "the flash's"),
        (11, "the flash's"),
        (12, "does not start"),
        (15, "says nothing"),
        (34, "input only"),
        (39, "input only"),
        (20, "no pin 20"),
        (40, "no pin 40"),
        (-1, "no pin -1"),
    ):
        refused(changed(buzzer=pin), "buzzer", why, "free: 4, 16")
    for pin in (None, True, "4", 4.0, [4], {}):
        refused(dict(PAD, buzzer=pin), "buzzer", "number of a GPIO")


def test_a_pin_is_used_once_and_the_first_use_is_named():
    refused(changed(buzzer=22), "buzzer", "22 is taken by display.scl")
    refused(changed(keys=[32, 33, 25, 26, 26]), "keys", "26 is taken by keys")
    refused(changed(keys=None, matrix={"rows": [32, 33], "columns": [25, 33]}), "matrix.columns", "33 is taken by")


def test_what_is_fit_for_one_use_only_is_taken_there():
    accepted(changed(display=TFT))
    accepted(changed(display=dict(TFT, kind="ili9341", height=320, width=240, rotation=0)))
    player = {"tx": 17, "rx": 34}
    accepted({"module": "wroom", "player": player}, "announcer", 0)
    refused({"module": "wroom", "player": {"tx": 34, "rx": 17}}, "player.tx", "fit for `rx`", role="announcer")
    refused({"module": "wrover", "player": player}, "player.tx", "memory's on a WROVER", role="announcer")


def test_a_display_has_the_size_and_the_pins_of_its_kind():
    oled = PAD["display"]
    refused(changed(display=dict(oled, kind="lcd")), "kind", "ili9341, max7219, ssd1306, st7789")
    refused(changed(display=dict(oled, width=130)), "display", "128x64, 128x32")
    refused(changed(display=dict(oled, rotation=90)), "display.rotation", "not turned")
    refused(changed(display=dict(oled, sck=4)), "display", "has no 'sck'")
    refused(changed(display={"kind": "ssd1306", "width": 128, "height": 64, "scl": 22}), "display.sda", "GPIO")
    refused(changed(display=dict(TFT, rotation=0)), "display.rotation", "90 or 270")
    chain = {"kind": "max7219", "width": 192, "height": 32, "sck": 18, "mosi": 23, "select": 5}
    accepted(changed(display=chain))
    refused(changed(display=dict(chain, height=40)), "display", "at most 96 matrices")
    refused(changed(display=dict(chain, width=190)), "display", "8x8")


def test_a_strip_screen_has_what_its_line_needs():
    strip = {"kind": "strip", "codec": "bx5", "units": 24, "address": 1, "baud": 9600, "tx": 17, "enable": 4}
    accepted({"module": "wroom", "display": strip}, "window_display", 0)
    for key, value, where in (
        ("codec", "x", "codec"),
        ("units", 2, "display.units"),
        ("address", 256, "display.address"),
        ("baud", 1, "display.baud"),
        ("enable", 34, "display.enable"),
        ("width", 5, "display"),
    ):
        refused({"module": "wroom", "display": dict(strip, **{key: value})}, where, role="window_display")


def test_a_role_has_what_it_needs():
    refused(changed(display=None), "display", "the role rating_pad needs one")
    refused(PAD, "player", "the role announcer needs one", role="announcer")
    refused(PAD, "printer", "is missing", role="kiosk")
    refused(changed(keys=[32, 33]), "keys", "with 5 keys", "has 2")
    refused(changed(keys=None), "keys", "has 0")
    accepted(changed(keys=[32, 33]), keys=2)
    accepted(changed(keys=None, matrix={"rows": [32, 33], "columns": [25, 26, 27]}), "call_pad", 6)


def test_what_is_unknown_or_there_in_two_ways_is_refused():
    refused(dict(PAD, buzer=4), "board.json", "has no 'buzer'", "buzzer")
    refused(dict(PAD, module="s3"), "module", "wroom, wrover")
    refused(dict(PAD, matrix={"rows": [4], "columns": [16]}), "matrix", "keys or matrix")
    refused(dict(PAD, pixels={"pin": 4, "count": 5}), "pixels", "leds or pixels")
    refused(dict(changed(leds=None), pixels={"pin": 4, "count": 17}), "pixels.count", "1 to 16")
    refused(changed(keys=[]), "keys", "1 to 8 pins")
    refused(changed(display=[]), "display", "must be an object")
    try:
        read(b"[1]", "rating_pad", 5)
    except ProtocolError as error:
        assert error.where == "payload"
