"""WS2812 LEDs: a chain on one pin. Source: Worldsemi's data sheet WS2812B, "data transfer time" and "composition of 24
bit data": green, red, blue, the highest bit first; the first three bytes stay in the first LED."""

TIMING_NS = (400, 850, 800, 450)
"""High and low of a 0, high and low of a 1."""

LEVEL = 64
"""Of 255: seen in a bright hall, and five LEDs take a tenth of what a USB port gives."""


class Pixels:
    """`count` white LEDs on `pin`; `bitstream` is machine's. In place of `Leds`."""

    def __init__(self, pin, count: int, bitstream):
        self._pin = pin
        self._bitstream = bitstream
        self._colours = bytearray(3 * count)

    def show(self, values) -> None:
        """Lit where the value is 1. What there is no LED for is left out."""
        colours = self._colours
        for place, value in enumerate(values):
            for part in range(3 * place, min(3 * place + 3, len(colours))):
                colours[part] = LEVEL if value else 0
        self._bitstream(self._pin, 0, TIMING_NS, colours)
