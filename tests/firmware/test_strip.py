"""LED strip screens, read from the bytes on the wires of a shim."""

import struct
import sys

sys.path.insert(0, "tests/firmware/shim")
import machine

sys.path.pop(0)

from firmware.hal.drivers.strip import Strip, bx5, crc16, cut, plain
from firmware.roles.vocabulary import Show

TABLE = "firmware/glyphs/gbk.table"
CALL = "请A012号到3号窗口"
IN_GBK = bytes.fromhex("c7eb 41303132 bac5 b5bd 33 bac5 b4b0 bfda".replace(" ", ""))


def show(*texts, mark="", inverted=False):
    return Show(texts, mark, inverted, (5, 1), "called", "A012", None)


class Screen:
    """A strip and its wires. `sent` has what went out, and whether the line was ours meanwhile."""

    def __init__(self, codec=plain, units=24):
        machine.wires.clear()
        self.strip = Strip(machine.UART(1), machine.Pin(4), codec, units, 1, TABLE)

    def wires(self):
        found = list(machine.wires)
        machine.wires.clear()
        return found


def unescaped(frame):
    """The bytes between A5 x 8 and 5A, as a controller takes them."""
    assert frame[:8] == b"\xa5" * 8 and frame[-1] == 0x5A
    found, inner = bytearray(), frame[8:-1]
    place = 0
    while place < len(inner):
        byte = inner[place]
        assert byte not in (0xA5, 0x5A), "these are only at the ends"
        if byte in (0xA6, 0x5B):
            found.append({0xA601: 0xA6, 0xA602: 0xA5, 0x5B01: 0x5B, 0x5B02: 0x5A}[byte << 8 | inner[place + 1]])
            place += 1
        else:
            found.append(byte)
        place += 1
    return bytes(found)


def test_a_plain_frame_is_as_it_is_described():
    assert plain(b"A1", 24, 7) == bytes((0x02, 7, 0, 2, 0x41, 0x31, (2 + 7 + 2 + 0x41 + 0x31) & 0xFF, 0x03))


def test_a_text_is_cut_at_a_whole_character():
    assert cut(IN_GBK, 24) == IN_GBK
    assert cut(IN_GBK, 7) == IN_GBK[:6] and cut(IN_GBK, 8) == IN_GBK[:8] and cut(b"\xc7\xeb", 1) == b""
    assert plain(IN_GBK, 8, 1)[4:-2] == IN_GBK[:8]


def test_the_checksum_is_the_one_that_its_name_says():
    assert crc16(b"123456789") == 0xBB3D  # the check value of CRC-16/ARC


def test_a_bx5_frame_has_header_area_text_and_checksum():
    body = unescaped(bx5(IN_GBK, 24, 1))
    assert struct.unpack("<H", body[-2:])[0] == crc16(body[:-2])
    to, host = struct.unpack("<HH", body[:4])
    assert (to, host, body[10], body[11]) == (1, 0x8000, 0xFE, 0x02)
    order = body[14:-2]
    assert struct.unpack("<H", body[12:14])[0] == len(order) and order[:2] == b"\xa3\x06"
    area = order[9:]
    assert struct.unpack("<H", order[7:9])[0] == len(area)
    kind, x, y, width, height = struct.unpack("<BHHHH", area[:9])
    assert (kind, x, y, width, height) == (0, 0, 0, 24, 16)
    text = area[-len(IN_GBK) :]
    assert text == IN_GBK and struct.unpack("<I", area[-len(IN_GBK) - 4 : -len(IN_GBK)])[0] == len(text)
    assert area[-len(IN_GBK) - 8] == 1, "it stands"
    assert unescaped(bx5(IN_GBK, 8, 1))[-2 - len(IN_GBK) - 8] == 3, "it runs: there is no room for it"
    assert struct.unpack("<H", unescaped(bx5(b"A", 8, 0))[:2])[0] == 0xFFFE


def test_bytes_of_the_frame_in_the_text_are_escaped():
    text = bytes((0xA5, 0xA6, 0x5A, 0x5B))
    assert unescaped(bx5(text, 8, 1))[-6:-2] == text
    assert b"\xa6\x02\xa6\x01\x5b\x02\x5b\x01" in bx5(text, 8, 1)


def test_a_call_goes_out_in_gbk_while_the_line_is_ours():
    screen = Screen()
    screen.strip.write(show(CALL))
    assert screen.wires()[1:] == [
        ("pin", 4, 0),
        ("pin", 4, 1),
        ("uart", 1, plain(IN_GBK, 24, 1)),
        ("flush", 1, None),
        ("pin", 4, 0),
    ]


def test_texts_and_mark_are_one_line_which_is_sent_when_it_is_new():
    screen = Screen(units=64)
    screen.strip.write(show(CALL, "A", mark="?"))
    assert [data for what, _, data in screen.wires() if what == "uart"] == [plain(IN_GBK + b" A ?", 64, 1)]
    screen.strip.write(show(CALL, "A", mark="?", inverted=True))
    assert screen.wires() == []
    screen.strip.write(show("A"))
    assert len(screen.wires()) == 4


def test_a_character_that_gbk_has_not_is_a_question_mark_and_is_named():
    screen = Screen()
    screen.strip.write(show("号\U0001f600号"))
    assert [data for what, _, data in screen.wires() if what == "uart"] == [plain(b"\xba\xc5?\xba\xc5", 24, 1)]
    assert screen.strip.missing == {"\U0001f600"}
