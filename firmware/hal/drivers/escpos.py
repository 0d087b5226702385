"""Thermal printers that speak ESC/POS, on a serial line. Source: Epson's ESC/POS command reference, under the names of
the commands.

The slip is the hub's matter; this sends it, and tells whether it came out. A slip is shorter than the buffer of every
printer (4 KB), so no line for flow control is needed; the line on which the printer answers is.
"""

ASK_OFFLINE = b"\x10\x04\x02"  # DLE EOT 2: why it is offline
ASK_PAPER = b"\x10\x04\x04"  # DLE EOT 4: the roll's sensor
ASK_AT_END = b"\x1dr\x01"  # GS r 1: the roll's sensor, answered when all before it is printed
CLEAR = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"  # DLE DC4 8: forget what is not printed yet

FIXED, FIXED_VALUE = 0x93, 0x12
"""Bits that every answer to DLE EOT has: 0, 1, 4 and 7 are 0, 1, 1, 0."""

REAL_TIME = 0x90
"""Of these bits an answer to GS r has none."""

COVER_OPEN, STOPPED, FAILED = 0x04, 0x20, 0x40  # of the answer to DLE EOT 2
PAPER_NEAR_END, PAPER_OUT = 0x0C, 0x60  # of the answer to DLE EOT 4

LOW = "paper near end"
"""What is no reason not to print."""

ASK_EVERY_MS = 2000
LOOK_EVERY_MS = 500
"""So often the printer is asked how it is: when nothing is printed, and when something is."""

ANSWER_MS = 1000
"""A printer answers such a question at once, whatever it does; at 9600 baud that is a millisecond."""

END_MS = 15_000
"""A slip takes two to five seconds. A printer that does not know GS r is asked no longer."""

CHUNK_BYTES = 32
"""Sent in each turn of the main loop, of 20 ms: at 9600 baud they take 33 ms."""


class Printer:
    """A printer on `uart`. `tick(now_ms)` from the main loop moves it on. `listener(wrong)` is called when `wrong`
    changes, which has what is wrong with the printer; empty: nothing."""

    def __init__(self, uart):
        self._uart = uart
        self._slip = self._done = None
        self._sent = -1  # bytes of the slip; -1: the printer is first asked how it is
        self._answers = b""
        self._asked_ms = None  # None: no question is open
        self._is_first = False  # the one of the two
        self._due_ms = 0
        self._end_ms = 0
        self._is_through = False
        self.wrong = ""
        self.listener = None

    def print(self, slip: bytes, done) -> None:
        """Print, then call done(wrong) from `tick`: why the slip did not come out, or empty. One at a time."""
        self._slip, self._done, self._sent = slip, done, -1
        self._asked_ms = None
        self._due_ms = 0

    def tick(self, now_ms: int) -> None:
        for byte in self._uart.read() or b"":
            if byte & REAL_TIME:
                self._answers += bytes((byte,))
            else:
                self._is_through = True
        slip = self._slip
        if slip and 0 <= self._sent < len(slip):
            self._uart.write(slip[self._sent : self._sent + CHUNK_BYTES])
            self._sent += CHUNK_BYTES
            if self._sent >= len(slip):
                self._uart.write(ASK_AT_END)
                self._is_through, self._end_ms, self._due_ms = False, now_ms + END_MS, now_ms + LOOK_EVERY_MS
        elif self._asked_ms is None:
            if now_ms >= self._due_ms:
                self._answers = b""
                self._asked_ms, self._is_first = now_ms, True
                self._uart.write(ASK_OFFLINE)
        elif len(self._answers) > 1 or now_ms - self._asked_ms > ANSWER_MS:
            self._asked_ms = None
            self._due_ms = now_ms + (LOOK_EVERY_MS if slip else ASK_EVERY_MS)
            offline, paper = (list(self._answers) + [-1, -1])[:2]
            self._found(wrong(offline, paper), now_ms)
        elif len(self._answers) == 1 and self._is_first:
            self._asked_ms, self._is_first = now_ms, False
            self._uart.write(ASK_PAPER)

    def _found(self, found: str, now_ms: int) -> None:
        if found != self.wrong:
            self.wrong = found
            if self.listener:
                self.listener(found)
        if not self._done:
            return
        fails = found not in ("", LOW)
        if self._sent < 0 and not fails:
            self._sent = 0
        elif fails or self._is_through or now_ms >= self._end_ms:
            if fails and self._sent > 0:
                self._uart.write(CLEAR)  # or it would come out with the next roll, when it counts no more
            done, self._slip, self._done = self._done, None, None
            done(found if fails else "")


def wrong(offline: int, paper: int) -> str:
    """What is wrong with the printer, from its answers to ASK_OFFLINE and ASK_PAPER, -1 for none; or empty."""
    if offline & FIXED != FIXED_VALUE or paper & FIXED != FIXED_VALUE:
        return "no answer"
    if offline & COVER_OPEN:
        return "cover open"
    if offline & STOPPED or paper & PAPER_OUT:
        return "paper out"
    if offline & FAILED:
        return "printer failed"
    return LOW if paper & PAPER_NEAR_END else ""
