"""The window that a device belongs to, as far as the device knows: its newest state, and whether to trust it."""

from firmware.roles.vocabulary import LinkChanged
from protocol.downward import LANGUAGES, HubOnline, WindowState
from protocol.freshness import NOTHING, is_newer

HUB_GRACE_MS = 10_000
"""A hub that restarts is back within this; only then does a device say that it is offline."""


class Presence:
    """What every role must know before it trusts what it shows: is the broker there, is the hub, is it the same hub."""

    def __init__(self, now_ms: int):
        self._link_up = False
        self._hub_on = False
        self._hub_epoch = None
        self._hub_off_since_ms = now_ms

    def follow(self, event, now_ms: int) -> None:
        """Take note of the event if it is about link or hub. A lost link makes the hub unknown, which counts as off."""
        if type(event) is LinkChanged:
            self._link_up = event.up
            self._hub_epoch = None
            self._hub_on = False
            self._hub_off_since_ms = now_ms
        elif type(event) is HubOnline:
            if self._hub_on and not event.on:
                self._hub_off_since_ms = now_ms
            self._hub_on = bool(event.on)
            self._hub_epoch = event.epoch

    def offline(self, now_ms: int) -> bool:
        """Whether people should be told that what they see may be old."""
        if not self._link_up:
            return True
        return not self._hub_on and now_ms - self._hub_off_since_ms > HUB_GRACE_MS

    def vouches_for(self, version: tuple[int, int]) -> bool:
        """Whether the hub was seen to be of the epoch of `version`. A broker that was killed may hand out the retained
        state of a hub that has been replaced since."""
        return self._link_up and self._hub_epoch == version[0]


class Window:
    """Keeps the newest state. `state` is None until one arrived; `called_ms` is when its number was first seen called:
    calling it once more does not move that."""

    def __init__(self, language: str, texts, now_ms: int):
        self._language = language
        self._texts = texts
        self.presence = Presence(now_ms)
        self.state = None
        self.called_ms = now_ms

    @property
    def version(self) -> tuple[int, int]:
        return self.state.version if self.state else NOTHING

    def follow(self, event, now_ms: int) -> bool:
        """Take note of the event. Whether it brought a newer state: an older one is not taken, nor a repeat."""
        self.presence.follow(event, now_ms)
        if type(event) is not WindowState or not is_newer(event.version, self.version):
            return False
        before, self.state = self.state, event
        if not before or before.mode != "called" or before.number != event.number:
            self.called_ms = now_ms
        return True

    def shown(self) -> tuple:
        """Version, mode and number, as Show has them."""
        return (self.state.version, self.state.mode, self.state.number) if self.state else (NOTHING, "", "")

    def mark(self, now_ms: int) -> str:
        """The text for the corner of the glass: offline, not confirmed by the present hub, or nothing."""
        if self.presence.offline(now_ms):
            return self._texts["offline"]
        if self.state and not self.presence.vouches_for(self.state.version):
            return self._texts["unconfirmed"]
        return ""

    def text(self) -> str:
        """The state's text in the device's language, else in the default one, else the bare number."""
        if not self.state:
            return self._texts["starting"]
        texts = self.state.texts
        return texts.get(self._language) or texts.get(LANGUAGES[0]) or self.state.number
