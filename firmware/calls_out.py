"""A call pad's presses on their way to the hub: a sender, see `firmware/link.py`. Only a call pad loads it.

A press is sent at most as long as it is valid, and never kept for later.
"""

from firmware.roles.call_pad import CallSettled, SendCall
from protocol.limits import CALL_VALID_MS
from protocol.upward import Call, Events, encode


class CallsOut:
    """The sender of this start's call presses, which `epoch` names. `deliver(event)` hands an event to the role."""

    pending = flash_writes = 0
    error = ""

    def __init__(self, epoch: int, hal, deliver):
        self._epoch = epoch
        self._hal = hal
        self._deliver = deliver
        self._call = None

    def begin(self) -> None:
        """The role needs no word at start."""

    def perform(self, effect, now_ms: int) -> None:
        """SendCall or CallEnded."""
        if type(effect) is SendCall:
            self._call = effect
            self._hal.called(self._epoch, effect.seq, effect.verb)
        else:
            self._call = None
            self._hal.settled(self._epoch, effect.seq, effect.reason)

    def hurry(self) -> None:
        """The role itself says when to send again."""

    def due(self, now_ms: int) -> tuple[bytes, int] | None:
        call, self._call = self._call, None
        if not call:
            return None
        age_ms = now_ms - call.pressed_ms
        if age_ms >= CALL_VALID_MS:
            return None
        press = Call(call.seq, age_ms, call.verb, call.version)
        return encode(Events(self._epoch, [press])), CALL_VALID_MS - age_ms

    def meet(self, hub) -> None:
        """Which hub it is does not matter: a press is never kept."""

    def take_ack(self, ack) -> None:
        if ack.epoch != self._epoch:
            return
        for seq, reason in [(seq, "") for seq in ack.stored] + ack.refused:
            self._deliver(CallSettled(seq, reason, ack.words))
