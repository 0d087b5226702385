"""SSD1306: a monochrome OLED of 128x64 (or x32) on I2C. Source: Solomon Systech's data sheet, revision 1.1.

The display's memory is pages of eight rows; a byte is a column of eight pixels, the lowest bit on top. The glass keeps
rows (MONO_HLSB), so eight rows at a time are turned.
"""

ADDRESS = 0x3C
"""SA0 low, as nearly all modules are wired."""

COMMANDS = b"\x00"  # control byte: only commands follow
DATA = b"\x40"  # control byte: only display data follow (8.1.5.2)


OFF = b"\xae"
CLOCK = b"\xd5\x80"  # the reset value
NO_OFFSET = b"\xd3\x00\x40"  # neither in the multiplex nor in the memory
CHARGE_PUMP = b"\x8d\x14"  # on: the module has no supply of 7 V
HORIZONTAL = b"\x20\x00"  # the pointer goes on to the next page by itself
UPSIDE_DOWN = b"\xa1\xc8"  # as modules are mounted: columns from the right, rows from below
BRIGHT = b"\x81\xcf"  # contrast, from 0 to 255
DIM = b"\x81\x10"
PRE_CHARGE = b"\xd9\xf1"  # for the charge pump
DESELECT_LEVEL = b"\xdb\x40"
ON = b"\xa4\xa6\xaf"  # show the memory, 1 is lit, display on


def _start_up(height: int) -> bytes:
    """The data sheet's software initialisation (4.4), with the charge pump of its application note."""
    size = bytes((0xA8, height - 1, 0xDA, 0x12 if height == 64 else 0x02))  # multiplex ratio, wiring of the rows
    fixed = CLOCK + NO_OFFSET + CHARGE_PUMP + HORIZONTAL + UPSIDE_DOWN + BRIGHT + PRE_CHARGE + DESELECT_LEVEL
    return OFF + size + fixed + ON


class Ssd1306:
    """A display of `width` x `height` on `i2c`. Raises OSError when it does not answer."""

    def __init__(self, i2c, width: int, height: int):
        self._i2c = i2c
        self._width = width
        self._height = height
        self._page = bytearray(DATA + bytes(width))
        self._command(_start_up(height))

    def show(self, rows, dim: bool = False) -> None:
        """Put a picture in MONO_HLSB rows on the glass, page by page."""
        pages = self._height // 8
        self._command(bytes((0x21, 0, self._width - 1, 0x22, 0, pages - 1)) + (DIM if dim else BRIGHT))
        for page in range(pages):
            self._turn(rows, page * self._width)
            self._i2c.writeto(ADDRESS, self._page)

    def _command(self, commands: bytes) -> None:
        self._i2c.writeto(ADDRESS, COMMANDS + commands)

    def _turn(self, rows, start: int) -> None:
        """Eight rows from byte `start` on, as columns, into the page's buffer behind its control byte."""
        stride = self._width // 8
        page = self._page
        for place in range(stride):
            for column in range(8):
                mask = 0x80 >> column
                value = 0
                for row in range(8):
                    if rows[start + row * stride + place] & mask:
                        value |= 1 << row
                page[1 + place * 8 + column] = value
