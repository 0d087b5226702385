"""What every role must know before it trusts what it shows: is the broker there, is the hub, and is it the same hub."""

from firmware.roles.vocabulary import HubChanged, LinkChanged

HUB_GRACE_MS = 10_000
"""A hub that restarts is back within this; only then does a device say that it is offline."""


class Presence:
    """Follows LinkChanged and HubChanged."""

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
        elif type(event) is HubChanged:
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
