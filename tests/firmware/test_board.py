"""The board: drivers and wiring, read from the bytes on the wires of a shim."""

import sys

sys.path.insert(0, "tests/firmware/shim")
import machine
import network

sys.path.pop(0)

from firmware.glass import Glass
from firmware.hal.drivers.keys import DEBOUNCE_MS, RING_KEYS, Keys
from firmware.hal.drivers.leds import HALF_DUTY, Buzzer, Leds
from firmware.hal.drivers.max7219 import Max7219
from firmware.hal.drivers.ssd1306 import ADDRESS, Ssd1306
from firmware.hal.wifi import RETRY_MAX_MS, RETRY_MIN_MS, Wifi
from firmware.roles.vocabulary import Show
from tests.firmware.fakes import Clock, Folder

GLYPHS = "firmware/glyphs"


def sent(kind):
    return [(where, data) for what, where, data in machine.wires if what == kind]


def painted(width, height):
    glass = Glass(width, height, GLYPHS)
    glass.paint(Show(("请A012号到3号窗口",), "离线", False, (5, 1), "called", "A012", None))
    return glass


class OledMemory:
    """What an SSD1306 makes of the bytes: the data sheet's horizontal addressing, columns and pages."""

    LENGTHS = {0xD5: 1, 0xA8: 1, 0xD3: 1, 0x8D: 1, 0x20: 1, 0xDA: 1, 0x81: 1, 0xD9: 1, 0xDB: 1, 0x21: 2, 0x22: 2}

    def __init__(self):
        self.settings = {}
        self.pages = [bytearray(128) for _ in range(8)]
        self.column = self.page = 0

    def hear(self, data):
        if data[0] == 0x40:
            self._data(data[1:])
        else:
            assert data[0] == 0x00
            self._commands(list(data[1:]))

    def _commands(self, commands):
        while commands:
            command = commands.pop(0)
            arguments = [commands.pop(0) for _ in range(self.LENGTHS.get(command, 0))]
            self.settings[command] = arguments
        if 0x21 in self.settings:
            self.column, self.page = self.settings[0x21][0], self.settings[0x22][0]

    def _data(self, data):
        for byte in data:
            self.pages[self.page][self.column] = byte
            self.column += 1
            if self.column > self.settings[0x21][1]:
                self.column = self.settings[0x21][0]
                self.page = self.page + 1 if self.page < self.settings[0x22][1] else self.settings[0x22][0]

    def rows(self, width, height):
        found = bytearray(width * height // 8)
        for y in range(height):
            for x in range(width):
                if self.pages[y // 8][x] & 1 << y % 8:
                    found[y * width // 8 + x // 8] |= 0x80 >> x % 8
        return found


def test_the_oled_shows_the_glass():
    for height in (64, 32):
        machine.wires.clear()
        glass = painted(128, height)
        display = Ssd1306(machine.I2C(0), 128, height)
        display.show(glass.rows)
        memory = OledMemory()
        for address, data in sent("i2c"):
            assert address == ADDRESS
            memory.hear(data)
        assert memory.rows(128, height) == glass.rows
        assert any(glass.rows)
        assert memory.settings[0x20] == [0] and memory.settings[0x8D] == [0x14]
        assert memory.settings[0xA8] == [height - 1]
        assert 0xAF in memory.settings


def test_a_second_picture_begins_where_the_first_did():
    machine.wires.clear()
    glass = painted(128, 64)
    display = Ssd1306(machine.I2C(0), 128, 64)
    display.show(bytearray(1024))
    display.show(glass.rows)
    memory = OledMemory()
    for _, data in sent("i2c"):
        memory.hear(data)
    assert memory.rows(128, 64) == glass.rows


class LedChain:
    """What a chain of MAX7219 makes of the bytes: of each transfer the last pair stays in the nearest chip."""

    def __init__(self, matrices):
        self.registers = [{} for _ in range(matrices)]  # the far end first, as the pairs come

    def hear(self, data):
        assert len(data) == 2 * len(self.registers)
        for place, registers in enumerate(self.registers):
            register, value = data[2 * place], data[2 * place + 1]
            if register:
                registers[register] = value

    def rows(self, width, height):
        """The far end is the lower left corner; each band of eight rows runs from the left to the right."""
        found = bytearray(width * height // 8)
        stride, bands = width // 8, height // 8
        for place, registers in enumerate(self.registers):
            band = bands - 1 - place // stride
            for row in range(8):
                found[(band * 8 + row) * stride + place % stride] = registers[1 + row]
        return found


def test_the_led_matrices_show_the_glass():
    machine.wires.clear()
    glass = painted(192, 32)
    display = Max7219(machine.SPI(2), machine.Pin(5), 192, 32)
    display.show(glass.rows)
    chain = LedChain(96)
    for _, data in sent("spi"):
        chain.hear(data)
    assert chain.rows(192, 32) == glass.rows
    assert chain.registers[0][0x0C] == 1 and chain.registers[0][0x0F] == 0 and chain.registers[95][0x09] == 0


def test_what_may_not_be_true_is_dimmed_on_either_display_and_bright_again_when_it_is():
    machine.wires.clear()
    matrices, chain = Max7219(machine.SPI(2), machine.Pin(5), 64, 8), LedChain(8)
    oled, memory = Ssd1306(machine.I2C(0), 128, 64), OledMemory()
    levels = []
    for dim in (False, True, False):
        matrices.show(bytearray(64), dim)
        oled.show(bytearray(1024), dim)
        for _, data in sent("spi"):
            chain.hear(data)
        for _, data in sent("i2c"):
            memory.hear(data)
        machine.wires.clear()
        levels.append((chain.registers[7][0x0A], memory.settings[0x81][0]))
    assert levels == [(4, 0xCF), (0, 0x10), (4, 0xCF)]


def test_every_transfer_to_the_matrices_is_within_chip_select():
    machine.wires.clear()
    display = Max7219(machine.SPI(2), machine.Pin(5), 64, 8)
    display.show(bytearray(64))
    events = [("select", data) if what == "pin" else (what,) for what, _, data in machine.wires]
    assert events[0] == ("select", 1)
    assert events[1:] == [("select", 0), ("spi",), ("select", 1)] * ((len(events) - 1) // 3)


def keys(clock):
    pins = [machine.Pin(number) for number in (32, 33, 25)]
    return pins, Keys(pins, machine.Pin.IRQ_FALLING, clock, lambda later, earlier: later - earlier)


def test_presses_are_kept_in_order_while_the_loop_is_busy():
    clock = Clock()
    pins, ring = keys(clock)
    for number in (2, 0, 1):
        clock.now_ms += 100
        pins[number].handler(pins[number])
    assert [ring.take() for _ in range(4)] == [2, 0, 1, -1]


def test_a_bouncing_contact_is_one_press():
    clock = Clock()
    pins, ring = keys(clock)
    for _ in range(5):
        pins[0].handler(pins[0])
        clock.now_ms += 3
    clock.now_ms += DEBOUNCE_MS
    pins[0].handler(pins[0])
    assert [ring.take() for _ in range(3)] == [0, 0, -1]


def test_a_full_ring_drops_the_newest_and_goes_on():
    clock = Clock()
    pins, ring = keys(clock)
    for _ in range(RING_KEYS + 5):
        clock.now_ms += 100
        pins[1].handler(pins[1])
    taken = 0
    while ring.take() >= 0:
        taken += 1
    assert taken == RING_KEYS - 1
    clock.now_ms += 100
    pins[2].handler(pins[2])
    assert ring.take() == 2


def test_leds_and_buzzer():
    machine.wires.clear()
    Leds([machine.Pin(13), machine.Pin(14)]).show((1, 0))
    assert sent("pin") == [(13, 1), (14, 0)]
    buzzer = Buzzer(machine.PWM(machine.Pin(19)))
    buzzer.beep(1000, 100)
    buzzer.tick(1099)
    assert sent("pwm") == [(19, HALF_DUTY)]
    buzzer.tick(1100)
    buzzer.tick(1200)
    assert sent("pwm") == [(19, HALF_DUTY), (19, 0)]


def test_wifi_is_asked_for_again_and_again_but_ever_less_often():
    wlan = network.WLAN()
    wifi = Wifi(wlan, "hall", "secret")
    assert wlan.calls[0] == ("active", True)
    begun = []
    for now_ms in range(0, 200_000, 100):
        before = len(wlan.calls)
        wifi.tick(now_ms)
        if ("connect", "hall", "secret") in wlan.calls[before:]:
            begun.append(now_ms)
    pauses = [begun[place + 1] - begun[place] for place in range(5)]
    assert begun[0] == 0
    assert pauses == [RETRY_MIN_MS, 2 * RETRY_MIN_MS, 4 * RETRY_MIN_MS, 8 * RETRY_MIN_MS, RETRY_MAX_MS]


def test_wifi_says_why_it_was_in_vain():
    wlan = network.WLAN()
    wifi = Wifi(wlan, "hall", "secret")
    assert wifi.tick(0) == ""
    for now_ms, state, words in (
        (10_000, 201, "no such network"),
        (30_000, 202, "wrong password"),
        (80_000, 7, "no conn"),
    ):
        wlan.state = state
        assert words in wifi.tick(now_ms) and wifi.tick(now_ms + 1) == ""


def test_wifi_that_is_up_is_left_alone():
    wlan = network.WLAN()
    wifi = Wifi(wlan, "hall", "secret")
    wlan.up = True
    calls = len(wlan.calls)
    for now_ms in range(0, 100_000, 100):
        wifi.tick(now_ms)
    assert len(wlan.calls) == calls


GIVEN = {"window_display": "window", "rating_pad": "pad", "hall_board": "hall", "announcer": "announcer"}


def board(role, wiring="", **changes):
    """The whole board at work, on MicroPython only: it has its time's ticks and the collector's figures. `wiring` is
    that of the role, if it is not given."""
    from firmware.hal.esp32 import Esp32

    hal = Esp32(GLYPHS)
    of_role = config(role, **changes)
    if not wiring:
        with open("firmware/boards/" + GIVEN[role] + ".json") as file:
            wiring = file.read()
    with Folder("board") as folder:
        with open(folder + "/board.json", "w") as file:
            file.write(wiring)
        hal.prepare(folder, of_role)
    machine.wires.clear()
    hal.start(of_role)
    return hal


ON_MICROPYTHON = sys.implementation.name == "micropython"

if ON_MICROPYTHON:
    from firmware.roles.vocabulary import Show
    from tests.firmware.conversation import config

    SHOW = Show(("请",), "", False, (5, 1), "open", "", None)

    def test_a_board_opens_what_its_description_says_and_the_watchdog_last():
        for role, wire in (("window_display", "spi"), ("rating_pad", "i2c"), ("hall_board", "spi")):
            hal = board(role)
            assert hal.reset_cause == "watchdog"
            assert sent(wire)
            assert machine.wires[-1] == ("watchdog", None, 8000)
            hal.show(SHOW)
            assert any(hal.glass.rows)

    def test_a_board_that_is_described_wrongly_says_where_and_opens_nothing():
        machine.wires.clear()
        for wiring, words in (
            ('{"module": "wroom"}', "board.json: display: is missing"),
            ('{"module": "wroom", "buzzer": 12}', "board.json: buzzer: 12 is read at start"),
            ("{", "board.json: payload: not JSON"),
        ):
            try:
                board("rating_pad", wiring)
            except ValueError as error:
                assert words in str(error), error
            else:
                raise AssertionError(wiring)
        assert machine.wires == []

    def test_keys_in_a_matrix_and_lights_in_a_chain():
        with open("firmware/boards/call.json") as file:
            hal = board("call_pad", file.read())
        columns, rows = (27, 14, 13, 4), (32, 33, 25, 26)
        for number in columns:
            machine.pins[number].level = 1
        assert [machine.pins[number].level for number in rows] == [1] * 4
        machine.wires.clear()
        assert hal.take_key() == -1
        assert sent("pin") == [(number, level) for number in rows for level in (0, 1)]
        hal.leds((0, 1))
        assert sent("bitstream")[-1] == (18, bytes(3) + bytes((64,)) * 3 + bytes(42))

    def test_a_strip_screen_is_sent_the_text():
        with open("firmware/boards/strip.json") as file:
            hal = board("window_display", file.read())
        machine.wires.clear()
        hal.show(Show(("请A012号",), "", False, (5, 1), "called", "A012", None))
        (frame,) = [data for _, data in sent("uart")]
        assert b"\xc7\xebA012\xba\xc5" in frame and (hal.glass, hal.font.missing, hal.test()) == (None, set(), "")

    def test_a_board_without_glass_keys_and_buzzer_is_one_too():
        hal = board("announcer", '{"module": "wroom", "player": {"tx": 17, "rx": 34}}')
        hal.show(SHOW)
        hal.leds((1,))
        hal.beep(50)
        hal.feed()
        assert (hal.take_key(), hal.glass, hal.test()) == (-1, None, "")
        assert not sent("i2c") and not sent("pwm")

    def test_an_announcer_plays_clips_on_its_player_and_says_when_it_is_done():
        hal = board("announcer")
        done = []
        hal.play((5,), lambda: done.append(1))
        hal.feed()
        said = [data for _, data in sent("uart")]
        assert said[0][3] == 6 and (said[1][3], said[1][5], said[1][6]) == (0x12, 0, 5)
        assert not [where for where, _ in sent("pin") if where in (16, 17)]

    def test_the_clock_is_set_to_the_day_and_the_second():
        board("rating_pad").set_clock(1_795_397_608)
        assert sent("rtc") == [(None, (2026, 11, 23, 0, 1, 33, 28, 0))]

    def test_a_board_shows_feeds_and_survives_a_loose_cable():
        hal = board("rating_pad")
        machine.wires.clear()
        hal.show(Show(("请",), "", False, (5, 1), "open", "", None))
        assert len(sent("i2c")) == 9
        hal.feed()
        assert sent("fed")
        machine.present = False
        try:
            hal.show(Show(("请",), "", False, (5, 1), "open", "", None))
        finally:
            machine.present = True
