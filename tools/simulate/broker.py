"""A model of the broker: it takes the firmware's packets as they are, forgets when it is killed, and comes back with
what it had saved a while ago. Of MQTT 3.1.1 it knows what the firmware and the hub use of it.
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable
from typing import NamedTuple

from aiomqtt import MqttError

from firmware import packets
from tools.simulate.loop import VirtualLoop
from tools.simulate.network import HUB, KEEP, LOSE, Network

SILENCE_S = 15
"""One and a half times the keepalive of device and hub: then a connection is dead."""

ANSWER_S = 5
"""How long the hub waits for the broker's acknowledgement."""

SAVE_S = 7
"""How often the broker saves what it retains: what it comes back with after a kill can be as old."""

PINGREQ = 0xC0


class Wire:
    """One connection of a board: the reader and the writer of the firmware's client. What is written is one packet."""

    def __init__(self, broker: Broker, end: str):
        self._broker = broker
        self._end = end
        self._data = bytearray()
        self._waiting: asyncio.Future | None = None
        self.hung_up = False
        self.topics: frozenset[str] = frozenset()
        self.will: tuple[str, bytes] | None = None
        self.heard_s = broker.loop.now

    # The client's side

    async def readexactly(self, size: int) -> bytes:
        while len(self._data) < size:
            if self.hung_up:
                raise EOFError
            self._waiting = self._broker.loop.create_future()
            await self._waiting
        data = bytes(self._data[:size])
        del self._data[:size]
        return data

    def write(self, packet: bytes) -> None:
        if self.hung_up:
            raise OSError(errno.ECONNRESET, "the connection is gone")
        self._broker.network.carry(self._end, _fate_up(packet), self._broker.receive, self, packet)

    async def drain(self) -> None:
        """The network takes everything at once."""

    def close(self) -> None:
        self.hung_up = True
        if self._end not in self._broker.network.cut:  # else the broker finds out by itself
            self._broker.forget(self, say=True)

    async def wait_closed(self) -> None:
        """It is."""

    # The broker's side

    def send(self, packet: bytes, fate: str = "") -> None:
        self._broker.network.carry(self._end, fate, self._arrive, packet)

    def _arrive(self, packet: bytes) -> None:
        if not self.hung_up:
            self._data += packet
            self._wake()

    def hang_up(self) -> None:
        self.hung_up = True
        self._wake()

    def _wake(self) -> None:
        if self._waiting and not self._waiting.done():
            self._waiting.set_result(None)


def _fate_up(packet: bytes) -> str:
    """A device's states are said once in a connection; its presses are said again until the hub has them."""
    if packet[0] & 0xF0 != packets.PUBLISH:
        return ""
    return KEEP if packet[0] & packets.RETAIN else LOSE


class Message(NamedTuple):
    """What the hub's link wants to know of a message."""

    topic: str
    payload: bytes


class HubClient:
    """The hub's connection, in place of aiomqtt.Client: in order, but it can break at any time and be cut."""

    def __init__(self, broker: Broker, will: tuple[str, bytes]):
        self._broker = broker
        self._loop = broker.loop
        self._inbox: asyncio.Queue[Message | None] = asyncio.Queue()
        self._there_s = self._back_s = 0.0
        self.will = will
        self.subscribed = False
        self.broken = False
        self.heard_s = broker.loop.now

    async def __aenter__(self) -> HubClient:
        await asyncio.sleep(self._broker.network.delay_s() / 10)
        if HUB in self._broker.network.cut:
            await asyncio.sleep(ANSWER_S)
            raise MqttError("no answer")
        if not self._broker.up:
            raise MqttError("connection refused")
        self._broker.join_hub(self)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.broken = True
        self._broker.leave_hub(self, say=False)

    async def subscribe(self, topic: str, qos: int) -> list[int]:
        await self._there()
        self.subscribed = True
        for name in [name for name in self._broker.retained if "/up/" in name]:
            self.deliver(name, self._broker.retained[name])
        return [qos]

    async def publish(self, topic: str, payload: bytes, qos: int, retain: bool) -> None:
        """Returns with the broker's acknowledgement. Raises MqttError when it does not come."""
        self._check()
        acknowledged = self._loop.create_future()
        self._carry(self._broker.take_from_hub, self, topic, payload, retain, acknowledged)
        try:
            async with asyncio.timeout(ANSWER_S):
                await acknowledged
        except TimeoutError as error:
            self.break_off()
            raise MqttError("the broker did not acknowledge") from error

    @property
    def messages(self) -> HubClient:
        return self

    def __aiter__(self) -> HubClient:
        return self

    async def __anext__(self) -> Message:
        message = await self._inbox.get()
        if message is None:
            raise MqttError("disconnected")
        return message

    async def _there(self) -> None:
        self._check()
        arrived = self._loop.create_future()
        self._carry(_settle, arrived)
        try:
            async with asyncio.timeout(ANSWER_S):
                await arrived
        except TimeoutError as error:
            raise MqttError("no answer") from error

    def _check(self) -> None:
        if self.broken:
            raise MqttError("not connected")

    def _carry(self, deliver: Callable, *args: object) -> None:
        """To the broker, in order."""
        if HUB not in self._broker.network.cut and not self._broker.breaks_hub():
            self._there_s = max(self._there_s, self._loop.now + self._broker.hub_delay_s())
            self._loop.call_at(self._there_s, deliver, *args)

    # The broker's side

    def deliver(self, topic: str, payload: bytes) -> None:
        """To the hub, in order."""
        if HUB not in self._broker.network.cut and not self._broker.breaks_hub():
            self._back_s = max(self._back_s, self._loop.now + self._broker.hub_delay_s())
            self._loop.call_at(self._back_s, self._arrive, Message(topic, payload))

    def answer(self, acknowledged: asyncio.Future) -> None:
        if HUB not in self._broker.network.cut:
            self._back_s = max(self._back_s, self._loop.now + self._broker.hub_delay_s())
            self._loop.call_at(self._back_s, _settle, acknowledged)

    def _arrive(self, message: Message) -> None:
        if not self.broken:
            self._inbox.put_nowait(message)

    def break_off(self) -> None:
        if not self.broken:
            self.broken = True
            self._inbox.put_nowait(None)


def _settle(future: asyncio.Future) -> None:
    if not future.done():
        future.set_result(None)


class Broker:
    """`saw(topic, payload)` is told of every message that comes. `up`: whether it runs."""

    def __init__(self, loop: VirtualLoop, network: Network, chance, saw: Callable[[str, bytes], None]):
        self.loop = loop
        self.network = network
        self._chance = chance
        self._saw = saw
        self.up = True
        self.retained: dict[str, bytes] = {}
        self.hub: HubClient | None = None
        self._saved: dict[str, bytes] = {}
        self._wires: dict[str, Wire] = {}  # by client id
        self._dies_in_publish: Callable[[], None] | None = None
        self._save()

    def _save(self) -> None:
        if self.up:
            self._saved = dict(self.retained)
        self.loop.call_later(SAVE_S, self._save)

    # Boards

    async def dial(self, end: str) -> tuple[Wire, Wire]:
        await asyncio.sleep(self.network.delay_s())
        while end in self.network.cut:  # nobody answers; the client gives up by itself
            await asyncio.sleep(60)
        if not self.up:
            raise OSError(errno.ECONNREFUSED, "connection refused")
        wire = Wire(self, end)
        return wire, wire

    def receive(self, wire: Wire, packet: bytes) -> None:
        if wire.hung_up or not self.up:
            return
        kind = packet[0] & 0xF0
        wire.heard_s = self.loop.now
        if kind == packets.CONNECT:
            self._connect(wire, packet)
        elif kind == packets.SUBSCRIBE & 0xF0:
            self._subscribe(wire, _body(packet))
        elif kind == PINGREQ:
            wire.send(b"\xd0\x00")
        elif kind == packets.PUBLISH:
            self._publish(wire, packet)

    def _connect(self, wire: Wire, packet: bytes) -> None:
        client, wire.will = _read_connect(_body(packet))
        if other := self._wires.get(client):
            other.hang_up()
            self.forget(other, say=True)
        self._wires[client] = wire
        wire.send(b"\x20\x02\x00\x00")
        self.loop.call_later(SILENCE_S, self._watch, wire)

    def _watch(self, wire: Wire) -> None:
        """Leaves a board that has fallen silent."""
        if wire in self._wires.values():
            left_s = wire.heard_s + SILENCE_S - self.loop.now
            if left_s > 0:
                self.loop.call_later(left_s, self._watch, wire)
            else:
                wire.hang_up()
                self.forget(wire, say=True)

    def forget(self, wire: Wire, say: bool) -> None:
        """The connection is over. `say`: its last will is published, if it was one."""
        for client in [client for client, other in self._wires.items() if other is wire]:
            del self._wires[client]
            if say and wire.will and self.up:
                self._route(*wire.will, retain=True)

    def break_wire(self, end: str) -> None:
        """The connection of `end` is reset."""
        for wire in [wire for wire in self._wires.values() if wire._end == end]:
            wire.hang_up()
            self.forget(wire, say=True)

    def silence(self, end: str) -> None:
        """Nobody is there any more at `end`: the broker only notices after a while."""
        for wire in self._wires.values():
            if wire._end == end:
                wire.hung_up = True

    def _subscribe(self, wire: Wire, body: bytes) -> None:
        wire.topics = frozenset(_read_topics(body[2:]))
        wire.send(b"\x90" + bytes((2 + len(wire.topics),)) + body[:2] + bytes(len(wire.topics)))
        for topic in [topic for topic in self.retained if _is_heard(topic, wire.topics)]:
            self._send_down(wire, topic, self.retained[topic])

    def _publish(self, wire: Wire, packet: bytes) -> None:
        topic, packet_id, payload = packets.parse_publish(packet[0], _body(packet))
        if packet_id:
            wire.send(b"\x40\x02" + packet_id, LOSE)
        self._route(topic, payload, retain=bool(packet[0] & packets.RETAIN))

    def _send_down(self, wire: Wire, topic: str, payload: bytes) -> None:
        """At QoS 0, as all that devices subscribe. Whether the hub is there has no version: there the firmware leans on
        the order of a connection, so what comes late is what is true then."""
        if topic.endswith("/online"):
            self.network.carry(wire._end, KEEP, self._send_latest, wire, topic)
        else:
            wire.send(packets.publish(topic, payload, 0, False, 0), LOSE)

    def _send_latest(self, wire: Wire, topic: str) -> None:
        if payload := self.retained.get(topic):
            wire._arrive(packets.publish(topic, payload, 0, False, 0))

    # The hub

    def breaks_hub(self) -> bool:
        """Its connection breaks now and then, with what is on the way."""
        if not self.network.bad or self._chance.random() > 0.002 or self.hub is None:
            return False
        self.break_hub()
        return True

    def break_hub(self) -> None:
        if hub := self.hub:
            hub.break_off()
            self.leave_hub(hub, say=True)

    def hub_delay_s(self) -> float:
        return self._chance.randrange(1, 20) / 1000 if self._chance.random() < 0.9 else self._chance.random() / 2

    def join_hub(self, client: HubClient) -> None:
        self.break_hub()
        self.hub = client
        self.loop.call_later(SILENCE_S, self._watch_hub, client)

    def _watch_hub(self, client: HubClient) -> None:
        """Each side finds out by itself that the other is gone: here both at once, as late as it can be."""
        if self.hub is client:
            if HUB in self.network.cut:
                self.break_hub()
            else:
                self.loop.call_later(SILENCE_S, self._watch_hub, client)

    def leave_hub(self, client: HubClient, say: bool) -> None:
        if self.hub is client:
            self.hub = None
            if say and self.up:
                self._route(*client.will, retain=True)

    def take_from_hub(
        self, client: HubClient, topic: str, payload: bytes, retain: bool, acknowledged: asyncio.Future
    ) -> None:
        if self.hub is client and self.up:
            self._route(topic, payload, retain=retain)
            client.answer(acknowledged)

    # Both

    def _route(self, topic: str, payload: bytes, *, retain: bool) -> None:
        if self._dies_in_publish:
            die, self._dies_in_publish = self._dies_in_publish, None
            die()
            return
        self._saw(topic, payload)
        if retain:
            self.retained.pop(topic, None)
            if payload:
                self.retained[topic] = payload
        if "/up/" in topic:
            if self.hub and self.hub.subscribed:
                self.hub.deliver(topic, payload)
            return
        for wire in list(self._wires.values()):
            if _is_heard(topic, wire.topics):
                self._send_down(wire, topic, payload)

    # Its end

    def die_in_publish(self, forgets: bool, back_s: float) -> None:
        """With the next message: who sent it may have its acknowledgement, but nobody else gets it."""
        self._dies_in_publish = lambda: self.kill(forgets, back_s)

    def kill(self, forgets: bool, back_s: float) -> None:
        """It comes back after `back_s` with what it had saved, or with nothing."""
        if not self.up:
            return
        self.up = False
        self._dies_in_publish = None
        self.retained = {} if forgets else dict(self._saved)
        for wire in list(self._wires.values()):
            wire.hang_up()
        self._wires.clear()
        self.break_hub()
        self.loop.call_later(back_s, self._start)

    def _start(self) -> None:
        self.up = True

    def calm(self) -> None:
        self._dies_in_publish = None


def _body(packet: bytes) -> bytes:
    head = 1
    while packet[head] > 127:
        head += 1
    return packet[head + 1 :]


def _read_connect(body: bytes) -> tuple[str, tuple[str, bytes] | None]:
    """(client id, will) of a CONNECT."""
    flags, place = body[7], 10
    fields = []
    while place < len(body):
        size = int.from_bytes(body[place : place + 2], "big")
        fields.append(body[place + 2 : place + 2 + size])
        place += 2 + size
    return fields[0].decode(), (fields[1].decode(), fields[2]) if flags & 4 else None


def _is_heard(topic: str, filters: frozenset[str]) -> bool:
    """Devices use one wildcard: for the last level."""
    return topic in filters or topic.rpartition("/")[0] + "/+" in filters


def _read_topics(body: bytes) -> list[str]:
    topics = []
    while body:
        size = int.from_bytes(body[:2], "big")
        topics.append(body[2 : 2 + size].decode())
        body = body[3 + size :]
    return topics
