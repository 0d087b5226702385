"""A board's `machine` that records what goes over its wires. Put this folder first on the path, then read `wires`."""

PWRON_RESET = 1
HARD_RESET = 2
WDT_RESET = 3
DEEPSLEEP_RESET = 4
SOFT_RESET = 5

wires = []
"""(what, pin or address, data) of everything that was sent, in order."""

pins = {}
"""Number -> Pin, the newest."""

cause = WDT_RESET
present = True
"""Whether something answers on I2C."""


def reset_cause():
    return cause


def reset():
    wires.append(("reset", None, None))


class Pin:
    IN = 0
    OUT = 1
    PULL_UP = 2
    OPEN_DRAIN = 3
    IRQ_FALLING = 4

    def __init__(self, number, mode=None, pull=None, value=None):
        self.number = number
        self.level = value
        self.handler = None
        pins[number] = self

    def value(self, level=None):
        if level is None:
            return self.level
        self.level = level
        wires.append(("pin", self.number, level))
        return None

    def irq(self, handler, trigger):
        self.handler = handler


class RTC:
    def datetime(self, when):
        wires.append(("rtc", None, when))


class I2C:
    def __init__(self, bus, scl=None, sda=None, freq=None):
        pass

    def writeto(self, address, data):
        if not present:
            raise OSError(19)
        wires.append(("i2c", address, bytes(data)))
        return len(data)


class SPI:
    def __init__(self, bus, baudrate=None, sck=None, mosi=None):
        pass

    def write(self, data):
        wires.append(("spi", None, bytes(data)))


class UART:
    """`heard` is what comes in; a test puts it there."""

    def __init__(self, number, baudrate=None, tx=None, rx=None):
        self.number = number
        self.heard = b""
        wires.append(("uart_open", number, baudrate))

    def write(self, data):
        wires.append(("uart", self.number, bytes(data)))
        return len(data)

    def flush(self):
        wires.append(("flush", self.number, None))

    def read(self):
        data, self.heard = self.heard, b""
        return data or None


class PWM:
    def __init__(self, pin, freq=None, duty_u16=None):
        self.pin = pin

    def duty_u16(self, value):
        wires.append(("pwm", self.pin.number, value))


def bitstream(pin, encoding, timing, data):
    wires.append(("bitstream", pin.number, bytes(data)))


class WDT:
    def __init__(self, timeout=None):
        wires.append(("watchdog", None, timeout))

    def feed(self):
        wires.append(("fed", None, None))
