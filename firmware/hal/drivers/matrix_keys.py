"""Sixteen keys in four rows and four columns, for call pads with a verb on each key.

The rows are driven low one after the other, and a pressed key pulls its column low with them. An interrupt cannot tell
which row it was without scanning, so the main loop scans, every 20 ms; who has few keys takes `keys.py`.
"""

STEADY_SCANS = 2
"""A key counts when it was seen down so often in a row: contacts bounce for less than 20 ms."""


class MatrixKeys:
    """`rows` are open-drain pins that are high, `columns` inputs with a pull-up. Keys are numbered from the left, row
    by row. Two keys at a time are told apart; of three in a rectangle the fourth seems down, as on any matrix without
    diodes, so while more than two are down none counts."""

    def __init__(self, rows, columns):
        self._rows = rows
        self._columns = columns
        self._down = bytearray(len(rows) * len(columns))  # scans that each key was seen down, up to STEADY_SCANS

    def take(self) -> int:
        """Scan once; the number of the key that has just been pressed, or -1."""
        down, key, count, pressed = self._down, 0, 0, -1
        for row in self._rows:
            row.value(0)
            for column in self._columns:
                if column.value():
                    down[key] = 0
                else:
                    count += 1
                    if down[key] < STEADY_SCANS:
                        down[key] += 1
                        if down[key] == STEADY_SCANS:
                            pressed = key
                key += 1
            row.value(1)
        return pressed if count <= 2 else -1
