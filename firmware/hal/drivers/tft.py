"""Colour displays with an ST7789 or an ILI9341 on SPI. Sources: Sitronix's ST7789V data sheet 1.4 (2013), chapter 9;
Ilitek's ILI9341 data sheet 1.11, chapter 8. Both take the commands of MIPI's Display Command Set.

A whole picture in RGB565 is 150 KB and no board has that: the glass keeps one bit per pixel, and strips of it are
coloured in one small buffer and sent one by one. A strip is one write.
"""

from time import sleep

try:
    from framebuf import MONO_HLSB, RGB565, FrameBuffer
except ImportError:  # CPython
    from firmware.canvas import MONO_HLSB, RGB565, FrameBuffer  # pyright: ignore[reportGeneralTypeIssues] - Final on boards

STRIP_BYTES = 4096
"""Few writes, and still easily found in a heap of 56 KB."""

RESET = 0x01
AWAKE = 0x11
INVERTED = 0x21
ON = 0x29
COLUMNS, ROWS, PIXELS = 0x2A, 0x2B, 0x2C
ORDER = 0x36  # MADCTL: in which order the memory is read
FORMAT = 0x3A  # COLMOD
BITS_16 = b"\x55"

RESET_S = 0.12
"""Between a reset and the end of sleep (ST7789 9.1.2, ILI9341 8.2.2)."""

AWAKE_S = 0.005
"""After the end of sleep (ST7789 9.1.12, ILI9341 8.2.12)."""

ST7789_ORDERS = (0x00, 0x60, 0xC0, 0xA0)
"""MADCTL for 0, 90, 180 and 270 degrees: row order 80, column order 40, exchanged 20."""

ILI9341_ORDERS = (0x48, 0x28, 0x88, 0xE8)
"""As above; modules are mirrored, and their panels are BGR (08)."""

WHITE, GREY, BLACK = 0xFFFF, 0x4208, 0x0000
"""RGB565: five bits of red, six of green, five of blue."""


def colour_bytes(colour: int) -> bytes:
    """As it goes over the wire: the higher byte first."""
    return bytes((colour >> 8, colour & 0xFF))


class Tft:
    """A panel of `width` x `height` as it is seen after the `rotation`, on `spi` with the pins `select` and `data` (low
    for commands). `model` is "st7789" or "ili9341". The picture has `rows_px` rows, in the middle of the panel."""

    def __init__(self, spi, select, data, model: str, size: tuple, rotation: int, rows_px: int):
        self._spi = spi
        self._select = select
        self._data = data
        self._width, height = size
        self._top = (height - rows_px) // 2
        self._rows_px = rows_px
        self._strip_px = min(rows_px, STRIP_BYTES // (2 * self._width))
        self._strip = bytearray(2 * self._width * self._strip_px)
        self._canvas = FrameBuffer(self._strip, self._width, self._strip_px, RGB565)
        self._palette = bytearray(4)
        orders = ST7789_ORDERS if model == "st7789" else ILI9341_ORDERS
        self._send(RESET, b"")
        sleep(RESET_S)
        self._send(AWAKE, b"")
        sleep(AWAKE_S)
        self._send(FORMAT, BITS_16)
        self._send(ORDER, bytes((orders[rotation // 90],)))
        if model == "st7789":  # an IPS panel: else white is black
            self._send(INVERTED, b"")
        self._window(0, height)
        self._send(PIXELS, b"")
        for y in range(0, height, self._strip_px):  # the buffer is still black
            self._write(min(self._strip_px, height - y))
        self._send(ON, b"")

    def show(self, rows, dim: bool = False, ink: int = WHITE, paper: int = BLACK) -> None:
        """Put a picture in MONO_HLSB rows on the panel, strip by strip; dimmed, it is grey."""
        self._palette[:] = colour_bytes(paper) + colour_bytes(GREY if dim else ink)
        palette = FrameBuffer(self._palette, 2, 1, RGB565)
        picture = FrameBuffer(rows, self._width, self._rows_px, MONO_HLSB)
        self._window(self._top, self._rows_px)
        self._send(PIXELS, b"")
        for y in range(0, self._rows_px, self._strip_px):
            self._canvas.blit(picture, 0, -y, -1, palette)  # pyright: ignore[reportArgumentType] - of one kind with it
            self._write(min(self._strip_px, self._rows_px - y))

    def _window(self, top: int, count: int) -> None:
        """What is written next goes to `count` whole rows from `top` on."""
        for command, first, last in ((COLUMNS, 0, self._width - 1), (ROWS, top, top + count - 1)):
            self._send(command, first.to_bytes(2, "big") + last.to_bytes(2, "big"))

    def _send(self, command: int, arguments: bytes) -> None:
        self._select.value(0)
        self._data.value(0)
        self._spi.write(bytes((command,)))
        self._data.value(1)
        if arguments:
            self._spi.write(arguments)
        self._select.value(1)

    def _write(self, rows_px: int) -> None:
        """The first rows of the strip, behind what PIXELS was followed by: any command would end that."""
        self._select.value(0)
        self._spi.write(memoryview(self._strip)[: 2 * self._width * rows_px])
        self._select.value(1)
