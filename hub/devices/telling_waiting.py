"""Tells call pads how many people wait for their window."""

from __future__ import annotations

import asyncio

from hub.devices.registry import Registry
from hub.ports import Publisher
from hub.service import HallService
from hub.views import waiting_at
from protocol.waiting import Waiting, encode, waiting_topic

EVERY_S = 2
"""A clerk looks up between two people; each draw at once would be a message to every window of the hall."""

AGAIN = 30
"""After so many rounds all is said again: what was said while the broker was away is lost."""


async def tell_waiting(publisher: Publisher, service: HallService, registry: Registry) -> None:
    """Runs until cancelled."""
    while True:
        told: dict[str, bytes] = {}
        for _ in range(AGAIN):
            for topic, payload in _counts(service, registry).items():
                if told.get(topic) != payload:
                    publisher.publish(topic, payload, retain=True)
                    told[topic] = payload
            await asyncio.sleep(EVERY_S)


def _counts(service: HallService, registry: Registry) -> dict[str, bytes]:
    """Topic -> what is to be said there, of every window that has a call pad."""
    state = service.state
    if state.hall is None:
        return {}
    pads = [it for it in registry.devices.values() if it.role == "call_pad" and not it.revoked_ms]
    windows = {pad.window for pad in pads} & state.windows.keys()
    return {
        waiting_topic(state.hall.id, window): encode(Waiting(waiting_at(state, window))) for window in sorted(windows)
    }
