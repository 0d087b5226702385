"""Colour displays, read from the bytes on the wire of a shim: what the panel's memory has in the end."""

import sys

sys.path.insert(0, "tests/firmware/shim")
import machine

sys.path.pop(0)

from firmware.hal.drivers.tft import BLACK, GREY, STRIP_BYTES, WHITE, Tft

SELECT, DATA = 5, 4


class Panel:
    """What an ST7789 or ILI9341 makes of the bytes: commands while DATA is low, pixels into a window of its memory."""

    def __init__(self, width, height):
        self.width = width
        self.pixels = [None] * (width * height)
        self.settings = {}
        self.longest = 0

    def hear(self, wires):
        selected = is_data = command = False
        for what, where, data in wires:
            if what == "pin" and where == SELECT:
                selected = data == 0
            elif what == "pin":
                is_data = data == 1
            elif what == "spi":
                assert selected
                self.longest = max(self.longest, len(data))
                if not is_data:
                    command, self.place = data[0], 0
                    self.settings[command] = b""
                elif command == 0x2C:
                    self.draw(data)
                else:
                    self.settings[command] += data

    def draw(self, data):
        left, right = self.span(0x2A)
        top, bottom = self.span(0x2B)
        wide = right - left + 1
        for at in range(0, len(data), 2):
            y, x = top + self.place // wide, left + self.place % wide
            assert y <= bottom
            self.pixels[y * self.width + x] = data[at] << 8 | data[at + 1]
            self.place += 1

    def span(self, command):
        found = self.settings[command]
        return found[0] << 8 | found[1], found[2] << 8 | found[3]


def panel(model, width, height, rotation, rows, rows_px, **look):
    machine.wires.clear()
    display = Tft(machine.SPI(2), machine.Pin(SELECT), machine.Pin(DATA), model, (width, height), rotation, rows_px)
    display.show(rows, **look)
    found = Panel(width, height)
    found.hear(machine.wires)
    return found


def picture(width, height):
    """Rows that are not alike, in MONO_HLSB."""
    return bytearray((place * 37 + place // 7) & 0xFF for place in range(width * height // 8))


def bit(rows, width, x, y):
    return rows[(y * width + x) // 8] >> 7 - x % 8 & 1


def test_a_panel_shows_the_picture_in_its_middle_and_black_around_it():
    for width, height, rows_px in ((64, 48, 40), (240, 96, 91)):
        rows = picture(width, rows_px)
        found = panel("st7789", width, height, 0, rows, rows_px)
        top = (height - rows_px) // 2
        for y in range(height):
            for x in range(width):
                lit = top <= y < top + rows_px and bit(rows, width, x, y - top)
                assert found.pixels[y * width + x] == (WHITE if lit else BLACK), (x, y)


def test_no_write_is_longer_than_a_strip():
    found = panel("ili9341", 320, 48, 90, picture(320, 40), 40)
    assert STRIP_BYTES - 2 * 320 < found.longest <= STRIP_BYTES


def test_colours_go_the_higher_byte_first_and_what_may_not_be_true_is_grey():
    rows = bytearray(b"\x80" * 8)
    assert panel("st7789", 8, 8, 0, rows, 8, ink=0xF81F, paper=0x07E0).pixels[:2] == [0xF81F, 0x07E0]
    assert panel("st7789", 8, 8, 0, rows, 8, dim=True).pixels[:2] == [GREY, BLACK]


def test_each_model_is_turned_its_own_way_and_only_an_ips_panel_is_inverted():
    orders = []
    for model, inverted in (("st7789", True), ("ili9341", False)):
        for rotation in (0, 90, 180, 270):
            settings = panel(model, 8, 8, rotation, bytearray(8), 8).settings
            orders.append(settings[0x36][0])
            assert settings[0x3A] == b"\x55" and 0x11 in settings and 0x29 in settings
            assert (0x21 in settings) == inverted
    assert orders == [0x00, 0x60, 0xC0, 0xA0, 0x48, 0x28, 0x88, 0xE8]
