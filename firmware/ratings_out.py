"""A rating pad's presses on their way to the hub: a sender, see `firmware/link.py`. Only a rating pad loads it.

A press goes to the journal first. From there presses are sent in batches, again and again until the hub acknowledged
them by its own message: the broker's acknowledgement is not durability. A hub of another epoch gets again what the
journal kept.
"""

from firmware.roles.rating_pad import JournalRoom, Promised, Recorded
from protocol.limits import EVENTS_PER_BATCH
from protocol.upward import Events, encode

RESEND_MIN_MS = 2_000
RESEND_MAX_MS = 30_000
"""A batch without the hub's acknowledgement is sent again after 2 s, then twice as long, up to 30 s."""


class RatingsOut:
    """The sender of the presses in `journal`. `deliver(event)` hands an event to the role."""

    def __init__(self, journal, hal, deliver):
        self._journal = journal
        self._hal = hal
        self._deliver = deliver
        self.error = ""
        self.hurry()

    @property
    def pending(self) -> int:
        return self._journal.pending

    @property
    def flash_writes(self) -> int:
        return self._journal.writes

    def begin(self) -> None:
        self._deliver(JournalRoom(not self._journal.full))

    def perform(self, effect, now_ms: int) -> None:
        """Record or Promised."""
        if type(effect) is Promised:
            self._hal.promised(self._journal.epoch, effect.seq, effect.level, effect.visit)
        else:
            self._record(effect, now_ms)

    def _record(self, press, now_ms: int) -> None:
        journal = self._journal
        seq = journal.append(press.window, press.visit, press.level, now_ms)
        if not seq:
            self._hal.log(journal.error)
        elif journal.pending == 1:  # otherwise others wait for their acknowledgement, and this one for the next batch
            self.hurry()
        self._deliver(Recorded(seq, press.visit, press.level))
        if journal.full:
            self._deliver(JournalRoom(False))

    def hurry(self) -> None:
        self._resend_ms = RESEND_MIN_MS
        self._due_ms = 0

    def due(self, now_ms: int) -> tuple[bytes, int] | None:
        if not self.pending or now_ms < self._due_ms:
            return None
        self._due_ms = now_ms + self._resend_ms
        try:
            presses = self._journal.oldest(EVENTS_PER_BATCH, now_ms)
        except OSError as error:
            self.error = f"journal: {error}"
            return None
        self._resend_ms = min(RESEND_MAX_MS, 2 * self._resend_ms)
        # The journal sends it again, so the outbox need not; and the ages in it are true now, not later.
        return encode(Events(self._journal.epoch, presses)), RESEND_MIN_MS

    def meet(self, hub) -> None:
        """A hub that was restored from a backup may not have what an earlier one acknowledged."""
        if hub.on:
            self._journal.meet(hub.epoch)

    def take_ack(self, ack) -> None:
        if ack.epoch != self._journal.epoch:
            return
        try:
            news = self._journal.settle(ack.stored + [seq for seq, _ in ack.refused], ack.hub)
        except OSError as error:  # they stay pending and are sent again: the hub knows a repeat
            self.error = f"journal: {error}"
            return
        if news:
            self.hurry()
            self._deliver(JournalRoom(not self._journal.full))
