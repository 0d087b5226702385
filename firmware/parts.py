"""Opens what is connected to an ESP32's pins, as its board.json says. Loads only the drivers that are needed, and is
forgotten itself when all is open. Only this file and `hal/esp32.py` import machine."""

from time import ticks_diff, ticks_ms

import machine

from firmware.glass import Glass

I2C_HZ = 400_000
SPI_HZ = 1_000_000
"""The MAX7219 takes 10 MHz; a metre of ribbon cable does not."""

TFT_HZ = 20_000_000
"""A write cycle of the ILI9341 is 100 ns by its data sheet; modules on wires of a hand's width take half of that."""

GLASS_BYTES = 7680
"""A colour display's picture would have 9,600 bytes at one bit per pixel, and no board has that in one piece for long:
the rows above and below stay black."""


def open_glass(display: dict, glyphs: str) -> tuple:
    """(driver, Glass) of a display; a strip has no Glass."""
    kind = display["kind"]
    if kind == "strip":
        return open_strip(display, glyphs + "/gbk.table"), None
    width, height = display["width"], display["height"]
    if kind == "ssd1306":
        from firmware.hal.drivers.ssd1306 import Ssd1306

        i2c = machine.I2C(0, scl=machine.Pin(display["scl"]), sda=machine.Pin(display["sda"]), freq=I2C_HZ)
        return Ssd1306(i2c, width, height), Glass(width, height, glyphs)
    hz = SPI_HZ if kind == "max7219" else TFT_HZ
    spi = machine.SPI(2, baudrate=hz, sck=machine.Pin(display["sck"]), mosi=machine.Pin(display["mosi"]))
    select = machine.Pin(display["select"], machine.Pin.OUT, value=1)
    if kind == "max7219":
        from firmware.hal.drivers.max7219 import Max7219

        return Max7219(spi, select, width, height), Glass(width, height, glyphs)
    from firmware.hal.drivers.tft import Tft

    rows_px = GLASS_BYTES * 8 // width
    data = machine.Pin(display["data"], machine.Pin.OUT, value=1)
    driver = Tft(spi, select, data, kind, (width, height), display.get("rotation", 0), rows_px)
    return driver, Glass(width, rows_px, glyphs)


def open_strip(display: dict, table: str):
    from firmware.hal.drivers.strip import Strip, bx5, plain

    uart = machine.UART(1, baudrate=display["baud"], tx=machine.Pin(display["tx"]))
    enable = machine.Pin(display["enable"], machine.Pin.OUT, value=0)
    code = bx5 if display["codec"] == "bx5" else plain
    return Strip(uart, enable, code, display["units"], display["address"], table)


def open_keys(parts: dict):
    """The keys, or None."""
    if "matrix" in parts:
        from firmware.hal.drivers.matrix_keys import MatrixKeys

        rows = [machine.Pin(number, machine.Pin.OPEN_DRAIN, value=1) for number in parts["matrix"]["rows"]]
        return MatrixKeys(rows, [_input(number) for number in parts["matrix"]["columns"]])
    if "keys" in parts:
        from firmware.hal.drivers.keys import Keys

        return Keys([_input(number) for number in parts["keys"]], machine.Pin.IRQ_FALLING, ticks_ms, ticks_diff)
    return None


def _input(number: int):
    return machine.Pin(number, machine.Pin.IN, machine.Pin.PULL_UP)


def open_lights(parts: dict):
    """The lights of the keys, or None."""
    if "pixels" in parts:
        from firmware.hal.drivers.pixels import Pixels

        pin = machine.Pin(parts["pixels"]["pin"], machine.Pin.OUT, value=0)
        return Pixels(pin, parts["pixels"]["count"], machine.bitstream)
    if "leds" in parts:
        from firmware.hal.drivers.leds import Leds

        return Leds([machine.Pin(number, machine.Pin.OUT, value=0) for number in parts["leds"]])
    return None


def open_buzzer(parts: dict):
    """The buzzer, or None."""
    if "buzzer" not in parts:
        return None
    from firmware.hal.drivers.leds import BEEP_HZ, Buzzer

    return Buzzer(machine.PWM(machine.Pin(parts["buzzer"]), freq=BEEP_HZ, duty_u16=0))


def open_player(player: dict, volume: int):
    """The player of an announcer."""
    from firmware.hal.drivers.dfplayer import DfPlayer
    from protocol.speech import length_ms

    return DfPlayer(_uart(2, 9600, player), volume, length_ms)


def open_printer(printer: dict, baud: int):
    """The printer of a kiosk."""
    from firmware.hal.drivers.escpos import Printer

    return Printer(_uart(1, baud, printer))


def _uart(number: int, baud: int, part: dict):
    return machine.UART(number, baudrate=baud, tx=machine.Pin(part["tx"]), rx=machine.Pin(part["rx"]))
