"""A receipt printer at the end of a serial line, for tests on both interpreters: it takes what a UART writes, and
answers as Epson's reference says, at once what is asked in real time, and in its turn what is not."""

LENGTHS = {b"\x10\x04": 3, b"\x10\x14": 10, b"\x1dr": 3}
"""Bytes of the commands that are not for the paper: DLE EOT n, DLE DC4 8, GS r n."""


class ReceiptPrinter:
    """A UART. `paper` has the bytes that were printed. `near_end`, `out`, `open`, `failed`: how the printer is; `on`:
    whether it has power. `sees_end`: whether it knows GS r."""

    def __init__(self):
        self.on = self.sees_end = True
        self.near_end = self.out = self.open = self.failed = False
        self.paper = b""
        self.cleared = 0
        self.runs_out_after = None  # bytes
        self.asked = []
        self._answers = b""
        self._waiting = b""

    # The board's side

    def write(self, data):
        if self.on:
            self._take(self._waiting + data)
        return len(data)

    def read(self):
        answers, self._answers = self._answers, b""
        return answers or None

    # The printer's side

    def _take(self, data):
        self._waiting = b""
        while data:
            size = LENGTHS.get(data[:2], 1)
            if len(data) < size or data in (b"\x10", b"\x1d"):
                self._waiting = data
                return
            self._do(data[:size]) if size > 1 else self._print(data[:1])
            data = data[size:]

    def _do(self, command):
        if command[0] == 0x1D:
            if self.sees_end and not self.stopped:
                self._answers += b"\x03" if self.near_end else b"\x00"
        elif command[1] == 0x14:
            self.cleared += 1
        else:
            self.asked.append(command[2])
            self._answers += bytes((self._offline() if command[2] == 2 else self._sensor(),))

    @property
    def stopped(self):
        return self.out or self.open or self.failed

    def _offline(self):
        return 0x12 | (0x04 if self.open else 0) | (0x20 if self.out else 0) | (0x40 if self.failed else 0)

    def _sensor(self):
        return 0x12 | (0x0C if self.near_end else 0) | (0x60 if self.out else 0)

    def _print(self, data):
        if self.runs_out_after is not None and len(self.paper) >= self.runs_out_after:
            self.out = True
        if not self.stopped:
            self.paper += data
