"""How many wait, for those windows that have a call pad."""

from __future__ import annotations

import asyncio

from hub.adapters.memory import MemoryPublisher, MemoryStore, SetClock
from hub.core import commands
from hub.devices import telling_waiting
from hub.devices.registry import Registry
from hub.devices.telling_waiting import tell_waiting
from hub.ports import Device
from hub.service import HallService
from protocol.waiting import read_waiting
from tests.hub.halls import small_hall
from tests.talk.hall import NoBroker


async def test_it_is_said_where_a_call_pad_is_when_it_changes_and_now_and_then_again(monkeypatch):
    monkeypatch.setattr(telling_waiting, "EVERY_S", 0)
    monkeypatch.setattr(telling_waiting, "AGAIN", 20)
    store, publisher, clock = MemoryStore(), MemoryPublisher(), SetClock()
    for device in (
        Device("call", "call_pad", "1", "c", 1),
        Device("gone", "call_pad", "2", "c", 1, revoked_ms=2),
        Device("display", "window_display", "3", "c", 1),
    ):
        store.keep_device(device)
    service = HallService(store, publisher, clock, 7)
    running = asyncio.create_task(service.run())
    registry = Registry(store, NoBroker(), lambda: 1)
    telling = asyncio.create_task(tell_waiting(publisher, service, registry))
    await service.handle(commands.ConfigureHall("", small_hall()))

    def said() -> list[int]:
        return [read_waiting(payload).count for topic, payload in publisher.sent if topic == "q1/small/w/1/waiting"]

    while said() != [0]:
        await asyncio.sleep(0)
    await service.handle(commands.DrawTicket("", "v", "a", "kiosk:k"))
    while said()[-1:] != [1]:
        await asyncio.sleep(0)
    while said()[-2:] != [1, 1]:  # again, though nothing changed
        await asyncio.sleep(0)
    assert {topic for topic, _ in publisher.sent if topic.endswith("/waiting")} == {"q1/small/w/1/waiting"}
    for task in (telling, running):
        task.cancel()
