"""What a device is told about its presses, and above all what it is not told."""

from __future__ import annotations

from hub.adapters.memory import MemoryPublisher, MemoryStore, SetClock
from hub.core import commands
from hub.devices.inbox import Inbox
from hub.devices.registry import Registry
from hub.ports import Device
from hub.service import QUEUE, HallService
from protocol.downward import read_ack
from protocol.upward import Call, Events, Rating, encode
from tests.talk.hall import NoBroker

ACK = "q1/small/d/{}/down/ack"


async def test_a_rating_is_not_settled_while_the_hub_is_too_busy_to_take_it():
    """The pad keeps it and sends it again. A call press is told: it is worth nothing later."""
    store, publisher, clock = MemoryStore(), MemoryPublisher(), SetClock()
    for name, role in (("pad", "rating_pad"), ("call", "call_pad")):
        store.keep_device(Device(name, role, "1", "c", 1))
    service = HallService(store, publisher, clock, 7)
    registry = Registry(store, NoBroker(), lambda: 1)
    inbox = Inbox(service, registry, publisher, store, clock, "small")
    for number in range(QUEUE):
        service._jobs.put_nowait((commands.SignOut(f"{number}", "1", "hub"), None))  # pyright: ignore[reportArgumentType]

    await inbox("q1/small/d/pad/up/events", encode(Events(5, [Rating(1, 0, "1", "v", 5)])))
    await inbox("q1/small/d/call/up/events", encode(Events(5, [Call(1, 0, "next", (7, 1))])))
    acks = {topic: read_ack(payload) for topic, payload in publisher.sent}
    assert ACK.format("pad") not in acks
    assert acks[ACK.format("call")].refused == [(1, "busy")]
