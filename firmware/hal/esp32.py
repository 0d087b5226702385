"""An ESP32 board; the only file that imports machine and network.

Wiring (ESP32-WROOM-32; pins that no boot strap or flash uses): I2C display on 22 (SCL) and 21 (SDA); SPI LED matrices
on 18 (SCK), 23 (MOSI) and 5 (CS); keys to ground on 32, 33, 25, 26, 27; their LEDs on 13, 14, 16, 17, 4; buzzer on 19.
An announcer has its player on 17 (to the player) and 16 (from it), in place of LEDs.
"""

import asyncio
import gc
from time import gmtime, ticks_diff, ticks_ms

import machine
import network

from firmware import assemble
from firmware.glass import DISPLAY, PAD, Glass
from firmware.hal.drivers.keys import Keys
from firmware.hal.drivers.leds import BEEP_HZ, Buzzer, Leds
from firmware.hal.wifi import Wifi
from firmware.ticks import Uptime

GLYPHS = __file__.rsplit("/", 2)[0] + "/glyphs/unifont16.qf"
"""Those of this version, which may be in a slot."""

SCL, SDA = 22, 21
SCK, MOSI, SELECT = 18, 23, 5
KEYS = (32, 33, 25, 26, 27)
LEDS = (13, 14, 16, 17, 4)
BUZZER = 19
TO_PLAYER, FROM_PLAYER = 17, 16

I2C_HZ = 400_000
SPI_HZ = 1_000_000
"""The MAX7219 takes 10 MHz; a metre of ribbon cable does not."""

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
        self._missing = 0
        self.listener = None

    def start(self, config) -> None:
        """Open what the role needs; the watchdog last, since nothing feeds it before the main loop runs."""
        width, height = DISPLAY if config.role == "window_display" else PAD
        self.glass = Glass(width, height, self._glyphs)
        self._display = open_display(config.role, width, height)
        keys = [machine.Pin(number, machine.Pin.IN, machine.Pin.PULL_UP) for number in KEYS]
        self._keys = Keys(keys, machine.Pin.IRQ_FALLING, ticks_ms, ticks_diff)
        self._player = open_player(config) if config.role == "announcer" else None
        self._leds = Leds([machine.Pin(number, machine.Pin.OUT, value=0) for number in LEDS if not self._player])
        self._buzzer = Buzzer(machine.PWM(machine.Pin(BUZZER), freq=BEEP_HZ, duty_u16=0))
        self._wifi = open_wifi(config)
        self._watchdog = machine.WDT(timeout=WATCHDOG_MS)

    def take_key(self) -> int:
        return self._keys.take()

    async def pause(self) -> None:
        await asyncio.sleep(PAUSE_MS / 1000)

    def feed(self) -> None:
        now_ms = self._uptime_ms()
        self._watchdog.feed()
        self._buzzer.tick(now_ms)
        if self._player:
            self._player.tick(now_ms)
        wrong = self._wifi.tick(now_ms) if self._wifi else ""
        if wrong:
            self.log(wrong)

    def show(self, effect) -> None:
        self.glass.paint(effect)
        try:
            self._display.show(self.glass.rows, bool(effect.mark))  # what may not be true is dimmed
        except OSError as error:  # a loose cable: the device goes on, and the next picture tries again
            self.log(f"display: {error}")
        if len(self.glass.font.missing) > self._missing:
            self._missing = len(self.glass.font.missing)
            self.log("no glyph for " + " ".join(self.glass.font.missing))

    def leds(self, values) -> None:
        self._leds.show(values)

    def beep(self, ms: int) -> None:
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
            self._display.show(self.glass.rows)
        except OSError as error:
            return f"display: {error}"
        return ""

    def restart(self, error) -> None:
        machine.reset()


def open_display(role: str, width: int, height: int):
    """LED matrices over a window, a small OLED on a pad. Only the driver that is needed is loaded."""
    if role == "window_display":
        from firmware.hal.drivers.max7219 import Max7219

        spi = machine.SPI(2, baudrate=SPI_HZ, sck=machine.Pin(SCK), mosi=machine.Pin(MOSI))
        return Max7219(spi, machine.Pin(SELECT, machine.Pin.OUT, value=1), width, height)
    from firmware.hal.drivers.ssd1306 import Ssd1306

    return Ssd1306(machine.I2C(0, scl=machine.Pin(SCL), sda=machine.Pin(SDA), freq=I2C_HZ), width, height)


def open_player(config):
    """The player of an announcer."""
    from firmware.hal.drivers.dfplayer import DfPlayer
    from protocol.speech import length_ms

    uart = machine.UART(2, baudrate=9600, tx=machine.Pin(TO_PLAYER), rx=machine.Pin(FROM_PLAYER))
    return DfPlayer(uart, config.volume, length_ms)


def open_wifi(config):
    """The network of the configuration, or None for a board on a cable."""
    if not config.wifi:
        return None
    return Wifi(network.WLAN(network.STA_IF), config.wifi.ssid, config.wifi.password)


def run(folder: str) -> None:
    """Run the device in `folder` for ever. A configuration that cannot be used is said on the console; the board then
    stays at its REPL, where it can be put right."""
    hal = Esp32()
    try:
        device = assemble(folder, hal)
    except (OSError, ValueError) as error:
        hal.log(str(error))
        return
    asyncio.run(device.run())
