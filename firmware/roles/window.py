"""The window that a device belongs to, as far as the device knows: its newest state, and whether to trust it."""

from firmware.roles.presence import Presence
from firmware.roles.vocabulary import StateArrived
from protocol.downward import LANGUAGES
from protocol.freshness import NOTHING, is_newer


class Window:
    """Keeps the newest state. `state` is None until one arrived; `called_ms` is when its number was first seen called:
    calling it once more does not move that."""

    def __init__(self, language: str, prompts, now_ms: int):
        self._language = language
        self._prompts = prompts
        self.presence = Presence(now_ms)
        self.state = None
        self.called_ms = now_ms

    @property
    def version(self) -> tuple[int, int]:
        return self.state.version if self.state else NOTHING

    def follow(self, event, now_ms: int) -> bool:
        """Take note of the event. Whether it brought a newer state: an older one is not taken, nor a repeat."""
        self.presence.follow(event, now_ms)
        if type(event) is not StateArrived or not is_newer(event.state.version, self.version):
            return False
        before, self.state = self.state, event.state
        if not before or before.mode != "called" or before.number != event.state.number:
            self.called_ms = now_ms
        return True

    def mark(self, now_ms: int) -> str:
        """The text for the corner of the glass: offline, not confirmed by the present hub, or nothing."""
        if self.presence.offline(now_ms):
            return self._prompts("offline")
        if self.state and not self.presence.vouches_for(self.state.version):
            return self._prompts("unconfirmed")
        return ""

    def text(self) -> str:
        """The state's text in the device's language, else in the default one, else the bare number."""
        if not self.state:
            return self._prompts("starting")
        texts = self.state.texts
        return texts.get(self._language) or texts.get(LANGUAGES[0]) or self.state.number
