"""What an announcer asks for beside its glass: a sender, see `firmware/link.py`, that sends nothing. Only an announcer
loads it."""

from firmware.roles.announcer import Play, Silent


class Speaker:
    """Plays on `hal`. `deliver(event)` hands an event to the role. `error`: who was not called aloud last."""

    pending = flash_writes = 0
    error = ""

    def __init__(self, hal, deliver):
        self._hal = hal
        self._silent = lambda: deliver(Silent())

    def perform(self, effect, now_ms: int) -> None:
        """Play or LeftOut."""
        if type(effect) is Play:
            self._hal.play(effect.clips, self._silent)
        else:
            self.error = "not called aloud: " + effect.number
            self._hal.log(self.error)

    def begin(self, *_) -> None:
        """Nothing is sent, so the hub's presence and its answers do not matter."""

    hurry = meet = take_ack = due = begin
