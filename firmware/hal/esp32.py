"""An ESP32 board. What is connected to its pins says `board.json` in its folder, see `firmware/wiring.py`; it is opened
by `firmware/parts.py`."""

import asyncio
import gc
import sys
from time import gmtime

import machine
import network

from firmware import assemble
from firmware.hal.wifi import Wifi
from firmware.ticks import Uptime
from protocol.errors import ProtocolError

GLYPHS = __file__.rsplit("/", 2)[0] + "/glyphs"
"""Those of this version, which may be in a slot."""

WATCHDOG_MS = 8000
"""Longer than a TLS handshake (2 s) and a journal's compaction; shorter than a clerk's patience."""

PAUSE_MS = 20
"""The main loop's pause: keys are taken from their ring this often."""

EPOCH_S = 946_684_800 if gmtime(0)[0] == 2000 else 0
"""From 1970 to the moment at which this interpreter begins to count: 2000 on a board."""

RESETS = {
    machine.PWRON_RESET: "power-on",
    machine.HARD_RESET: "hard",
    machine.WDT_RESET: "watchdog",
    machine.DEEPSLEEP_RESET: "deep sleep",
    machine.SOFT_RESET: "soft",
}


class Esp32:
    """The hardware of a board; see `firmware/hal/__init__.py`."""

    model = "esp32"
    stopped = False

    def __init__(self, glyphs: str = GLYPHS):
        self._glyphs = glyphs
        self.reset_cause = RESETS.get(machine.reset_cause(), "unknown")
        self._uptime_ms = Uptime()
        self._parts = {}
        self._display = self.glass = self.font = None
        self._player = self.printer = None
        self.listener = None

    def prepare(self, folder: str, config) -> None:
        """Read what is connected, as long as there is memory to check it."""
        import firmware
        from firmware.wiring import WIRING_BYTES, keys_of, read

        try:
            with open(folder + "/board.json", "rb") as file:
                length = min(file.seek(0, 2), WIRING_BYTES + 1)  # a piece of 1 KB is not always free
                file.seek(0)
                self._parts = read(file.read(length), config.role, keys_of(config))
        except OSError as error:
            raise ValueError("cannot read board.json: " + str(error))
        except ProtocolError as error:
            raise ValueError("board.json: " + str(error))
        del firmware.wiring, sys.modules["firmware.wiring"]  # pyright: ignore[reportAttributeAccessIssue]

    def start(self, config) -> None:
        """Open the parts; the watchdog last, since nothing feeds it before the main loop runs."""
        from firmware.parts import open_buzzer, open_glass, open_keys, open_lights, open_player, open_printer

        found = self._parts
        if "display" in found:
            self._display, self.glass = open_glass(found["display"], self._glyphs)
            self.font = self.glass.font if self.glass else self._display
        self._keys = open_keys(found)
        self._lights = open_lights(found)
        self._buzzer = open_buzzer(found)
        if config.role == "announcer":
            self._player = open_player(found["player"], config.volume)
        if config.role == "kiosk":
            self.printer = open_printer(found["printer"], config.baud)
        self._parts = {}
        self._wifi = Wifi(network.WLAN(network.STA_IF), config.wifi.ssid, config.wifi.password) if config.wifi else None
        self._watchdog = machine.WDT(timeout=WATCHDOG_MS)

    def take_key(self) -> int:
        return self._keys.take() if self._keys else -1

    async def pause(self) -> None:
        await asyncio.sleep(PAUSE_MS / 1000)

    def feed(self) -> None:
        now_ms = self._uptime_ms()
        self._watchdog.feed()
        if self._buzzer:
            self._buzzer.tick(now_ms)
        if self._player:
            self._player.tick(now_ms)
        if self.printer:
            self.printer.tick(now_ms)
        wrong = self._wifi.tick(now_ms) if self._wifi else ""
        if wrong:
            self.log(wrong)

    def show(self, effect) -> None:
        glass, display = self.glass, self._display
        try:
            if glass and display:
                glass.paint(effect)
                display.show(glass.rows, bool(effect.mark))  # what may not be true is dimmed
            elif display:
                display.write(effect)
        except OSError as error:  # a loose cable: the device goes on, and the next picture tries again
            self.log(f"display: {error}")

    def leds(self, values) -> None:
        if self._lights:
            self._lights.show(values)

    def beep(self, ms: int) -> None:
        if self._buzzer:
            self._buzzer.beep(self._uptime_ms(), ms)

    def play(self, clips: tuple, done) -> None:
        self._player.play(clips, done)  # pyright: ignore[reportOptionalMemberAccess] - only an announcer asks for this

    def promised(self, epoch: int, seq: int, level: int, visit: str) -> None:
        """Only the tests of virtual devices want to know. On a board nobody may see a level."""

    def called(self, epoch: int, seq: int, verb: str) -> None:
        """As `promised`."""

    def settled(self, epoch: int, seq: int, reason: str) -> None:
        """As `promised`."""

    def heap_free(self) -> int:
        return gc.mem_free()

    def set_clock(self, s: int) -> None:
        year, month, day, hour, minute, second, weekday = gmtime(s - EPOCH_S)[:7]
        machine.RTC().datetime((year, month, day, weekday, hour, minute, second, 0))

    def log(self, text: str) -> None:
        print(text)  # noqa: T201 - the serial console is a board's log
        if self.listener:
            self.listener(text)

    def test(self) -> str:
        try:
            if self.glass and self._display:
                self._display.show(self.glass.rows)
        except OSError as error:
            return f"display: {error}"
        return ""

    def restart(self, error) -> None:
        machine.reset()


def run(folder: str) -> None:
    """Run the device in `folder` for ever. A configuration that cannot be used is said on the console; the board then
    stays at its REPL, where it can be put right."""
    hal = Esp32()
    try:
        device = assemble(folder, hal)
    except (OSError, ValueError) as error:
        hal.log(str(error))
        from firmware.settings_trial import rescue

        if rescue(folder):
            machine.reset()
        return
    asyncio.run(device.run())
