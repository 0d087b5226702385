"""A kiosk's draws on their way to the hub, and its slips to the printer: a sender, see `firmware/link.py`. Only a kiosk
loads it.

A draw is on flash before the hub hears of it, and is *open* there until somebody may have its number: before the first
byte goes to the printer, or when the applicant keeps the number without paper. What is open and not at work, after a
power cut too, the hub is told as unprinted, again and again until it acknowledged that.
"""

import os
import sys

from firmware.roles.kiosk import Ask, Done
from protocol.kiosk import Ticket, encode_events, read_ticket
from protocol.limits import EVENTS_PER_BATCH

RESEND_MS = 1000
"""A draw without an answer is sent again: longer than the hub needs, and short for who stands there."""

RESEND_MAX_MS = 30_000
"""What is unprinted is sent again after 1 s, then twice as long, up to this."""

PAPER_LOW = "paper near end"


class KioskOut:
    """`path`: the file of the draws, "epoch last open open ..."; `random32` gives the epoch of a new one. `deliver`
    hands an event to the role. Few functions: each costs a board a hundred bytes."""

    flash_writes = 0  # a dozen an hour are not counted

    def __init__(self, path: str, config, hal, deliver, random32):
        self._path = path
        self._paper = config.paper
        self._hal = hal
        self._deliver = deliver
        self._ask = None  # the Ask that has no answer yet
        self._at_work = 0  # the draw that the role is at, which is not unprinted yet
        self._asked_ms = 0
        self._flash_error = self.error = ""
        try:
            with open(path) as file:
                self._epoch, self._last, *self._open = [int(word) for word in file.read().split()]
        except (OSError, ValueError):  # a new kiosk, or a file that nobody can read: other draws, under another epoch
            self._epoch, self._last, self._open = random32(), 0, []
        self.pending = len(self._open)
        self.hurry()

    def begin(self, *_) -> None:
        self._hal.printer.listener = self._printer_is

    meet = begin  # which hub it is does not matter: one that does not know a draw forbids it

    def perform(self, effect, now_ms: int) -> None:
        """Ask or Do."""
        if type(effect) is Ask:
            self._last += 1
            self._at_work = self._last
            if len(self._open) < EVENTS_PER_BATCH and self._keep(True):
                self._ask, self._asked_ms, self._draw_due_ms = effect, now_ms, 0
            else:
                self._deliver(Ticket((self._epoch, self._last), "", [], b""))
        elif effect.verb == "print":
            if self._keep(False):
                self._hal.printer.print(effect.value, self._printed)
            else:
                self._printed(self._flash_error)
        elif effect.verb == "language":
            name = "firmware.prompts.kiosk_" + effect.value.lower().replace("-", "_")
            self._deliver(Done("language", __import__(name, None, None, ["TEXTS"]).TEXTS))
            for loaded in (name, "firmware.prompts"):
                sys.modules.pop(loaded, None)
        else:
            self._ask = None
            self._keep(effect.verb == "void")
            self._at_work = 0
            self.hurry()

    def read(self, payload) -> Ticket | None:
        """What came on down/ticket: the answer that is waited for, or nothing for the role."""
        ticket = read_ticket(payload)
        if not self._ask or ticket.id != (self._epoch, self._last):
            return None
        self._ask = None
        return ticket

    def _keep(self, is_open: bool) -> bool:
        """Write down whether the draw at work is open: nobody has its number. Whether that is on flash."""
        if self._at_work in self._open:
            self._open.remove(self._at_work)
        if is_open and self._at_work:
            self._open.append(self._at_work)
        self.pending = len(self._open)
        self._flash_error = ""
        try:
            with open(self._path + ".new", "w") as file:
                file.write(" ".join(map(str, [self._epoch, self._last] + self._open)))
            os.rename(self._path + ".new", self._path)
        except OSError as error:
            self.error = self._flash_error = str(error)
        return not self._flash_error

    def _printed(self, wrong: str) -> None:
        if wrong:
            self._keep(True)
        self._deliver(Done("print", wrong))

    def _printer_is(self, wrong: str) -> None:
        self.error = wrong
        self._deliver(Done("printer", "" if wrong == PAPER_LOW else wrong))

    def hurry(self) -> None:
        self._resend_ms = RESEND_MS
        self._due_ms = self._draw_due_ms = 0

    def due(self, now_ms: int) -> tuple[bytes, int] | None:
        if self._ask and now_ms >= self._draw_due_ms:
            self._draw_due_ms = now_ms + RESEND_MS
            age_ms = max(0, now_ms - self._asked_ms)  # the link looked at the clock before the key was pressed
            item = [self._last, age_ms, "draw"] + list(self._ask) + [self._paper]
            return encode_events(self._epoch, [item]), RESEND_MS
        if now_ms < self._due_ms:
            return None
        items = [[seq, -1, "unprinted"] for seq in self._open if seq != self._at_work]
        if not items:
            return None
        self._due_ms = now_ms + self._resend_ms
        self._resend_ms = min(RESEND_MAX_MS, 2 * self._resend_ms)
        return encode_events(self._epoch, items[:EVENTS_PER_BATCH]), RESEND_MS

    def take_ack(self, ack) -> None:
        if ack.epoch == self._epoch:
            self._open = [seq for seq in self._open if seq not in ack.stored or seq == self._at_work]
            self._keep(self._at_work in self._open)
