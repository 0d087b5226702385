"""The place that a device belongs to, a window or a zone, as far as the device knows: its newest state, and whether to
trust it: is the broker there, is the hub, is it the hub of that state."""

from firmware.roles.vocabulary import LinkChanged, Show
from protocol.downward import LANGUAGES, HubOnline
from protocol.freshness import NOTHING, is_newer

HUB_GRACE_MS = 10_000
"""A hub that restarts is back within this; only then does a device say that it is offline."""


class Place:
    """Keeps the newest state of `id`, a record of `kind` whose first fields are its version and its id. `state` is None
    and `version` NOTHING until one arrived."""

    def __init__(self, kind, id: str, config, texts, now_ms: int):
        self._kind = kind
        self._id = id
        self._language = config.language
        self._texts = texts
        self._link_up = False
        self._hub_on = False
        self._hub_epoch = None
        self._hub_off_since_ms = now_ms
        self.state = None
        self.version = NOTHING

    def follow(self, event, now_ms: int) -> bool:
        """Take note of the event. Whether it brought a newer state: an older one is not taken, nor a repeat, nor one of
        another place. A lost link makes the hub unknown, which counts as off."""
        kind = type(event)
        if kind is LinkChanged:
            self._link_up = event.up
            self._hub_epoch = None
            self._hub_on = False
            self._hub_off_since_ms = now_ms
        elif kind is HubOnline:
            if self._hub_on and not event.on:
                self._hub_off_since_ms = now_ms
            self._hub_on = bool(event.on)
            self._hub_epoch = event.epoch
        elif kind is self._kind and event[1] == self._id and is_newer(event[0], self.version):
            self.state, self.version = event, event[0]
            return True
        return False

    def offline(self, now_ms: int) -> bool:
        """Whether people should be told that what they see may be old."""
        if not self._link_up:
            return True
        return not self._hub_on and now_ms - self._hub_off_since_ms > HUB_GRACE_MS

    @property
    def vouched(self) -> bool:
        """Whether the hub was seen to be of the state's epoch. A broker that was killed may hand out the retained state
        of a hub that has been replaced since."""
        return self._link_up and self._hub_epoch == self.version[0]

    def pick(self, texts: dict) -> str:
        """The hub's text in the device's language, else in the default one, else empty."""
        return texts.get(self._language) or texts.get(LANGUAGES[0]) or ""

    def show(self, texts: tuple, inverted: bool, now_ms: int, code=None) -> Show:
        """The effect Show of the state, with a mark if need be: offline, or not confirmed by the present hub. Then it
        is without the code: there may be nobody to take a rating."""
        mark = ""
        if self.offline(now_ms):
            mark = self._texts["offline"]
        elif self.state and not self.vouched:
            mark = self._texts["unconfirmed"]
        mode, number = getattr(self.state, "mode", ""), getattr(self.state, "number", "")  # a zone's state has neither
        return Show(
            texts or (self._texts["starting"],), mark, inverted, self.version, mode, number, None if mark else code
        )
