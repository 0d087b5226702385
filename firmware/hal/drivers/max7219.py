"""MAX7219: a chain of 8x8 LED matrices on SPI. Source: Maxim's data sheet 19-4452.

A transfer is two bytes for each matrix of the chain, register and value; the first pair goes to the far end. All take
their pair when chip select rises. A picture wider than the chain is folded: the chain runs along the top eight rows
from the right to the left, then along the next eight.
"""

NO_OP = 0x00
FIRST_ROW = 0x01  # registers 1 to 8 are the rows
INTENSITY = 0x0A
BRIGHT = 4  # 9/32: readable indoors, within a USB supply for 48 matrices
DIM = 0  # 1/32
START_UP = (
    (0x0F, 0),  # display test off
    (0x09, 0),  # no decoding: a bit is an LED
    (0x0B, 7),  # all eight rows
    (0x0C, 1),  # leave shutdown
)


class Max7219:
    """A display of `width` x `height` LEDs, multiples of 8, on `spi` with the chip-select pin `select`."""

    def __init__(self, spi, select, width: int, height: int):
        self._spi = spi
        self._select = select
        self._stride = width // 8
        self._bands = height // 8
        self._buffer = bytearray(2 * self._stride * self._bands)
        select.value(1)
        for register, value in START_UP:
            self._fill(register, value)

    def show(self, rows, dim: bool = False) -> None:
        """Put a picture in MONO_HLSB rows on the LEDs, one row of every matrix at a time."""
        self._fill(INTENSITY, DIM if dim else BRIGHT)
        buffer, stride = self._buffer, self._stride
        for row in range(8):
            place = 0
            for band in range(self._bands - 1, -1, -1):  # the far end first
                start = (band * 8 + row) * stride
                for column in range(stride):
                    buffer[place] = FIRST_ROW + row
                    buffer[place + 1] = rows[start + column]
                    place += 2
            self._send()

    def _fill(self, register: int, value: int) -> None:
        """The same to every matrix."""
        for place in range(0, len(self._buffer), 2):
            self._buffer[place] = register
            self._buffer[place + 1] = value
        self._send()

    def _send(self) -> None:
        self._select.value(0)
        self._spi.write(self._buffer)
        self._select.value(1)
