"""CPython's stand-in for the few parts of MicroPython's `framebuf` that the firmware uses. Never copied to a board."""

MONO_VLSB = 0  # the numbers that MicroPython gives them
RGB565 = 1
MONO_HLSB = 3


class FrameBuffer:
    """Pixels over a caller's buffer. Of one bit each: HLSB, rows of bytes, the highest bit left; VLSB, columns of eight
    pixels, the lowest bit on top. RGB565: of two bytes each, the lower one first. Pixels outside are ignored."""

    def __init__(self, buffer, width: int, height: int, layout: int):
        if layout not in (MONO_HLSB, MONO_VLSB, RGB565):
            raise ValueError("only MONO_HLSB, MONO_VLSB and RGB565")
        self._buffer = buffer
        self._width = width
        self._height = height
        self._rows_first = layout == MONO_HLSB
        self._colours = layout == RGB565

    def _place(self, x: int, y: int) -> tuple[int, int]:
        if self._rows_first:
            return y * ((self._width + 7) // 8) + x // 8, 0x80 >> x % 8
        return y // 8 * self._width + x, 1 << y % 8

    def pixel(self, x: int, y: int, color: int | None = None):
        """Read the pixel, or set it when a color is given."""
        if not (0 <= x < self._width and 0 <= y < self._height):
            return None
        if self._colours:
            return self._colour(2 * (y * self._width + x), color)
        index, bit = self._place(x, y)
        if color is None:
            return 1 if self._buffer[index] & bit else 0
        if color:
            self._buffer[index] |= bit
        else:
            self._buffer[index] &= ~bit & 0xFF
        return None

    def _colour(self, index: int, color: int | None):
        if color is None:
            return int.from_bytes(self._buffer[index : index + 2], "little")
        self._buffer[index : index + 2] = color.to_bytes(2, "little")
        return None

    def fill_rect(self, x: int, y: int, width: int, height: int, color: int) -> None:
        for row in range(y, y + height):
            for column in range(x, x + width):
                self.pixel(column, row, color)

    def fill(self, color: int) -> None:
        for index in range(len(self._buffer)):
            self._buffer[index] = 0xFF if color else 0

    def rect(self, x: int, y: int, width: int, height: int, color: int) -> None:
        self.fill_rect(x, y, width, 1, color)
        self.fill_rect(x, y + height - 1, width, 1, color)
        self.fill_rect(x, y, 1, height, color)
        self.fill_rect(x + width - 1, y, 1, height, color)

    def blit(self, source, x: int, y: int, key: int = -1, palette=None) -> None:
        """Copy `source`; its pixels of the value `key` are left out, the others may choose a colour of the palette."""
        for row in range(max(0, -y), min(source._height, self._height - y)):
            for column in range(max(0, -x), min(source._width, self._width - x)):
                value = source.pixel(column, row)
                if palette:
                    value = palette.pixel(value, 0)
                if value != key:
                    self.pixel(x + column, y + row, value)
