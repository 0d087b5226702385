"""Runs inside MicroPython with a board's heap, as one of its programs: a device of a role on wires that lead nowhere,
which hears states and is pressed, and tells in JSON what that cost. `firmware/hal/` is where the bundle puts it.

    python -m firmware.hal.on_board FOLDER STATES

Every state is a new call, or, for a kiosk, what is offered; at every tenth a key is pressed, and what is then sent is
answered, and printed. A pad gets the code for rating with each, and draws it.
"""

# MicroPython's modules; wires that are there for one role only:
# pyright: reportAttributeAccessIssue=false, reportOptionalMemberAccess=false

import gc
import json
import sys
from binascii import b2a_base64
from time import ticks_diff, ticks_ms, ticks_us

import micropython

from firmware import assemble
from firmware.glass import DISPLAY, PAD, Glass
from firmware.hal.drivers.keys import Keys
from firmware.hal.drivers.leds import Buzzer, Leds

EVERY = 10
STEP_MS = 4000
"""Between two states: a pad takes no second press within three seconds."""

WARM = 2000
"""States after which all that is made once was made."""


class Wires:
    """Every wire, pin and bus at once."""

    def __init__(self):
        self.handler = None

    def writeto(self, address, data):
        return len(data)

    def write(self, data):
        return len(data)

    def read(self) -> bytes | None:
        return None

    def value(self, level=None):
        return 1

    def irq(self, handler, trigger):
        self.handler = handler

    def duty_u16(self, value):
        pass


class PrinterWires(Wires):
    """A printer that is well and quick."""

    answer = None

    def write(self, data):
        self.answer = b"\x12" if data[:1] == b"\x10" else b"\0" if data[:2] == b"\x1dr" else self.answer
        return len(data)

    def read(self):
        answer, self.answer = self.answer, None
        return answer


class Hal:
    model = "esp32"
    reset_cause = "power-on"
    stopped = False
    listener = None

    def __init__(self, glyphs):
        self._glyphs = glyphs
        self.last = None
        self.now_ms = 0
        self.ticks = (lambda: self.now_ms, lambda later, earlier: later - earlier)

    def prepare(self, folder, config):
        pass

    def start(self, config):
        self.config = config
        width, height = DISPLAY if config.role == "window_display" else PAD
        self.glass = Glass(width, height, self._glyphs)
        self.font = self.glass.font
        wires = Wires()
        if config.role == "window_display":
            from firmware.hal.drivers.max7219 import Max7219

            self._display = Max7219(wires, wires, width, height)
        else:
            from firmware.hal.drivers.ssd1306 import Ssd1306

            self._display = Ssd1306(wires, width, height)
        self.keys = [Wires() for _ in range(5)]
        self._keys = Keys(self.keys, 0, ticks_ms, ticks_diff)
        self._leds = Leds(self.keys)
        self._buzzer = Buzzer(wires)
        if config.role == "announcer":
            from firmware.hal.drivers.dfplayer import DfPlayer
            from protocol.speech import length_ms

            self._player = DfPlayer(wires, 20, length_ms)
        if config.role == "kiosk":
            from firmware.hal.drivers.escpos import Printer

            self.printer = Printer(PrinterWires())

    def take_key(self):
        return self._keys.take()

    def show(self, effect):
        self.glass.paint(effect)
        self._display.show(self.glass.rows)

    def leds(self, values):
        self._leds.show(values)
        self.lit_us = ticks_us()

    def beep(self, ms):
        self._buzzer.beep(0, ms)

    def play(self, clips, done):
        self._player.play(clips, done)

    def promised(self, epoch, seq, level, visit):
        self.last = epoch, seq

    def called(self, epoch, seq, verb):
        self.last = epoch, seq

    def settled(self, epoch, seq, reason):
        pass

    def heap_free(self):
        return gc.mem_free()

    def log(self, text):
        pass

    def test(self):
        return ""

    def restart(self, error):
        raise error


def state(number, config):
    """What the hub would publish: (topic, payload)."""
    place = "/board/" + config.zone if config.zone else "/w/" + config.window
    called = "A" + str(100 + number % 900)
    if config.role == "kiosk":
        place = "/kiosk/" + config.zone + "/offers"
        entry = "|企业登记 13:00|企業登記 13:00|Companies 13:00"
        services = ["service-" + str(each) + "|" + entry for each in range(9)]
        said = {"v": [5, number], "zone": config.zone, "classes": ["walk-in||普通||Ordinary"], "services": services}
        return "q1/" + config.hall + place, json.dumps(said).encode()
    if config.zone:
        said = {"v": [5, number], "zone": config.zone, "calls": [[called, "3", 1], ["B017", "12", 2]]}
    else:
        text = "请" + called + "号到3号窗口"
        said = {"v": [5, number], "w": config.window, "mode": "called", "number": called, "calls": 1, "rate": "r" * 22}
        said["texts"] = {"zh-Hans": text, "zh-Hant": text, "en": called + ", window 3"}
    return "q1/" + config.hall + place + "/state", json.dumps(said).encode()


def code(number, config):
    """The code for rating that the hub publishes for a pad: (topic, payload)."""
    bits = b2a_base64(bytes([number & 0xFF] * 79)).decode().strip()
    return "q1/" + config.hall + "/w/" + config.window + "/rating", json.dumps({"v": [5, number], "qr": bits}).encode()


def draw(device, hal, config):
    """What the hub answers to a kiosk, and the printer to that."""
    due = device.sender.due(device.uptime_ms())
    if not due:  # the keys' own clock took the press for a contact that bounces
        return
    asked = json.loads(due[0])
    ticket = json.dumps({"id": [asked["epoch"], asked["events"][0][0]], "number": "A012", "lines": ["企业登记"]})
    topic = "q1/" + config.hall + "/d/" + config.device + "/down/ticket"
    device._link._on_message(topic, ticket.encode() + b"\n" + bytes(900))
    for _ in range(300):  # six seconds
        hal.now_ms += 20
        hal.printer.tick(hal.now_ms)
    if device._role._step != "said":
        raise AssertionError("it was not printed")


def press(device, hal, config):
    """A key, and what the hub answers to what is then sent. Microseconds from the key to the lights."""
    hal.last = None
    if config.role == "kiosk":
        device._turn(device.uptime_ms())  # the next applicant
    begun_us = ticks_us()
    hal.lit_us = begun_us
    hal.keys[1].handler(None)
    device._turn(device.uptime_ms())
    took_us = ticks_diff(hal.lit_us, begun_us)
    if config.role == "kiosk":
        draw(device, hal, config)
    if hal.last and device.sender:
        device.sender.hurry()
        device.sender.due(device.uptime_ms() + 1)
        ack = json.dumps({"epoch": hal.last[0], "ok": [hal.last[1]], "no": [], "hub": 5}).encode()
        device._link._on_message("q1/" + config.hall + "/d/" + config.device + "/down/ack", ack)
    return took_us


def used():
    gc.collect()
    gc.collect()
    return gc.mem_alloc()


def main(folder, states, glyphs):
    hal = Hal(glyphs)
    device = assemble(folder, hal)
    config = hal.config
    if device.sender:
        device.sender.begin()
    device._link._on_link(True)
    device._link._on_message("q1/" + config.hall + "/hub/online", b'{"on":1,"epoch":5}')
    frames_us = lights_us = 0
    warm = 0
    for number in range(1, states + 1):
        topic, payload = state(number, config)
        begun_us = ticks_us()
        device._link._on_message(topic, payload)
        frames_us += ticks_diff(ticks_us(), begun_us)
        if config.role == "rating_pad":
            device._link._on_message(*code(number, config))
        payload = None  # is the hub's, not the board's
        hal.now_ms += STEP_MS
        device._link.moved_ms = device._link.client.moved_ms = device.uptime_ms()
        if number % EVERY == 0:
            lights_us += press(device, hal, config)
        if number == WARM:
            warm = used()
    for name in ("state", "code", "press", "draw"):  # these are the hub and a finger, and not on a board
        del globals()[name]
    told = {"warm": warm, "end": used(), "free": gc.mem_free(), "frame_us": frames_us // states}
    told["light_us"] = lights_us // max(1, states // EVERY)
    micropython.mem_info()
    print(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), __file__.rsplit("/", 2)[0] + "/glyphs")
