"""What is wrong with a board, in words; and its glass as a picture."""

from __future__ import annotations

import struct
import zlib

import pytest

from tools.fleet.doctor import diagnose, newest
from tools.fleet.picture import Picture, as_png, in_terminal

WELL = {
    "id": "pad-1",
    "online": True,
    "revoked": False,
    "locked_out": False,
    "clone": False,
    "error": "",
    "pending": 0,
    "firmware": "2.0",
    "reset": "power-on",
    "settings": 0,
    "shown": [7, 12],
    "wanted": [7, 12],
}
UP = {"broker": {"connected": True, "error": ""}}
DOWN = {"broker": {"connected": False, "error": "[Errno 111] refused"}}

AWAY = {
    "no-wifi": ["I (700) wifi", "wifi: no such network"],
    "wrong-password": ["wifi: wrong password"],
    "wiring": ["board.json: buzzer: 12 is read at start: high, the flash gets too little voltage"],
    "broker-away": ["[Errno 111] ECONNREFUSED", "[Errno 104] ECONNRESET"],
    "wrong-ca": ["The certificate is not correctly signed by the trusted CA"],
    "clock": ["The certificate validity starts in the future"],
    "login": ["broker: not authorized"],
    "config": ["config.json: host: is missing"],
    "silent": ["MicroPython v1.26.1"],
}


def causes(changes: dict, health: dict = UP, console: list[str] | None = None) -> list[str]:
    return [finding.what for finding in diagnose({**WELL, **changes}, health, "2.0", console or [])]


def test_nothing_is_wrong_with_a_board_that_is_well():
    assert causes({}) == [] and causes({"wanted": [0, 0], "shown": [0, 0]}) == []


@pytest.mark.parametrize("what", AWAY)
def test_a_board_on_a_cable_says_why_it_is_away(what: str):
    assert causes({"online": False}, console=AWAY[what]) == [what]


def test_what_it_said_last_counts():
    said = [*AWAY["no-wifi"], *AWAY["broker-away"], *AWAY["wrong-ca"], "free heap 20000"]
    assert causes({"online": False}, console=said) == ["wrong-ca"]


def test_a_board_that_is_away_and_on_no_cable_cannot_say_why():
    (finding,) = diagnose({**WELL, "online": False}, UP, "2.0")
    assert finding.what == "away" and "--port" in finding.step


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"revoked": True, "online": False}, "revoked"),
        ({"error": "the journal is full", "pending": 2000}, "journal-full"),
        ({"error": "display: no cable"}, "error"),
        ({"error": "settings taken back: no hub heard"}, "settings-back"),
        ({"error": "no glyph for 龘"}, "no-glyph"),
        ({"firmware": "1.9"}, "old-firmware"),
        ({"shown": [7, 11]}, "differs"),
        ({"locked_out": True}, "locked-out"),
        ({"clone": True}, "clone"),
        ({"reset": "watchdog"}, "reset"),
    ],
)
def test_what_the_hub_knows_is_said(changes: dict, what: str):
    assert causes(changes) == [what]


def test_a_hub_without_its_broker_comes_first():
    assert causes({"online": False}, DOWN)[0] == "broker-away"


def test_the_newest_firmware_is_the_one_that_was_made_last():
    boards = [{**WELL, "firmware": firmware} for firmware in ("0.1.0+1795392000", "", "0.1.0+1795478400", "0.9.0")]
    assert newest(boards) == "0.1.0+1795478400" and newest([]) == ""


def test_every_finding_has_words_and_a_next_step():
    for changes in ({"revoked": True}, {"error": "the journal is full"}, {"clone": True}):
        for finding in diagnose({**WELL, **changes}, DOWN, "3.0"):
            assert len(finding.cause) > 15 and len(finding.step) > 10 and "{" not in finding.cause


PICTURE = Picture(8, 3, bytes((0b10000001, 0b11000000, 0b00000001)))


def test_a_picture_in_a_terminal_has_two_rows_in_each_line():
    assert in_terminal(PICTURE) == ["┌────────┐", "│█▄     ▀│", "│       ▀│", "└────────┘"]


def test_a_png_has_the_same_pixels():
    data = as_png(PICTURE, 2)
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, place = {}, 8
    while place < len(data):
        size, kind = struct.unpack(">I4s", data[place : place + 8])
        body = data[place + 8 : place + 8 + size]
        assert zlib.crc32(kind + body) == struct.unpack(">I", data[place + 8 + size : place + 12 + size])[0]
        chunks[kind], place = body, place + 12 + size
    assert struct.unpack(">IIBB", chunks[b"IHDR"][:10]) == (16, 6, 8, 0)
    rows = zlib.decompress(chunks[b"IDAT"])
    lit = [[rows[y * 17 + 1 + x] == 255 for x in range(16)] for y in range(6)]
    assert all(lit[y][x] == PICTURE.lit(x // 2, y // 2) for y in range(6) for x in range(16))
