"""Keys by interrupt into a ring: a TLS handshake or a flash write blocks the main loop for seconds, and a key that is
polled would be missed.

The interrupt allocates nothing and takes no lock: it writes one byte into the ring and moves `_end`; only the main loop
moves `_start`. A key is accepted again after DEBOUNCE_MS.
"""

RING_KEYS = 16
"""Presses that may wait for the main loop; a further one is dropped, since nobody waits for the sixteenth answer."""

DEBOUNCE_MS = 30
"""Contacts of a push button bounce 5 to 20 ms."""


class Keys:
    """Keys that pull their pin low. `pins` from left to right; `ticks_ms` and `ticks_diff` as in MicroPython's time."""

    def __init__(self, pins, falling: int, ticks_ms, ticks_diff):
        self._ring = bytearray(RING_KEYS)
        self._start = 0
        self._end = 0
        self._ticks_ms = ticks_ms
        self._ticks_diff = ticks_diff
        self._pressed_ms = [ticks_ms() - DEBOUNCE_MS for _ in pins]
        self._pins = pins
        for key, pin in enumerate(pins):
            pin.irq(self._handler(key), falling)

    def take(self) -> int:
        """The number of the oldest press that was not yet taken, or -1."""
        if self._start == self._end:
            return -1
        key = self._ring[self._start]
        self._start = (self._start + 1) % RING_KEYS
        return key

    def _handler(self, key: int):
        """The interrupt of one key; made before the interrupt is, since making it allocates."""

        def pressed(pin) -> None:
            now_ms = self._ticks_ms()
            if self._ticks_diff(now_ms, self._pressed_ms[key]) < DEBOUNCE_MS:
                return
            self._pressed_ms[key] = now_ms
            after = (self._end + 1) % RING_KEYS
            if after != self._start:
                self._ring[self._end] = key
                self._end = after

        return pressed
