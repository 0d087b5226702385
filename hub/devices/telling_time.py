"""Tells boards what time it is: they have no clock that survives a power cut, and TLS and quiet hours need one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from hub.ports import Publisher
from protocol.hub_time import HubTime, encode, hub_time

EVERY_S = 60


async def tell_time(publisher: Publisher, hall: str, now_s: Callable[[], float], minute: Callable[[], int]) -> None:
    """`now_s`: seconds since 1970 by the machine's clock, which certificates go by; `minute`: of the hall's day. Runs
    until cancelled."""
    while True:
        publisher.publish(hub_time(hall), encode(HubTime(int(now_s()), minute())), retain=False)
        await asyncio.sleep(EVERY_S)
