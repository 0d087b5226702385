"""Stand-ins for the firmware's tests, on both interpreters: a clock, a broker at the end of a wire in memory, a flash.

The broker's behaviour is its attributes: a test changes them in the middle of a conversation.
"""

import asyncio
import os
from binascii import hexlify

from firmware import packets


class Clock:
    """Milliseconds that pass only when the test says so."""

    def __init__(self, now_ms=1000):
        self.now_ms = now_ms

    def __call__(self):
        return self.now_ms


class Wire:
    """One connection: the client's reader and writer. What the client writes goes to the broker at once."""

    def __init__(self, broker):
        self._broker = broker
        self._to_client = bytearray()
        self._news = asyncio.Event()
        self._received = bytearray()
        self.hung_up = False
        self.closed = False

    # The client's side

    async def readexactly(self, size):
        while len(self._to_client) < size:
            if self.hung_up:
                raise EOFError
            self._news.clear()
            await self._news.wait()
        data = bytes(self._to_client[:size])
        self._to_client = self._to_client[size:]
        self._broker.largest_read = max(self._broker.largest_read, size)
        return data

    def write(self, data):
        if self.hung_up:
            raise OSError(104)
        self._received += data

    async def drain(self):
        if self._broker.stalled:
            await asyncio.sleep(3600)
        while packet := take_packet(self._received):
            self._received = self._received[len(packet) :]
            self._broker.receive(self, packet)

    def close(self):
        self.closed = True

    async def wait_closed(self):
        self.closed = True

    # The broker's side

    def send(self, data):
        self._to_client += data
        self._news.set()

    def hang_up(self):
        self.hung_up = True
        self._news.set()


def take_packet(data):
    """The first whole MQTT packet in `data` with its head, or None."""
    size = shift = 0
    for place in range(1, min(5, len(data))):
        size |= (data[place] & 127) << shift
        shift += 7
        if data[place] < 128:
            end = place + 1 + size
            return bytes(data[:end]) if len(data) >= end else None
    return None


class Broker:
    """Answers as MQTT asks, unless told otherwise. `packets` has (kind, packet) of everything that came."""

    def __init__(self):
        self.packets = []
        self.wires = []
        self.largest_read = 0
        self.there = True  # whether dialling succeeds
        self.stalled = False  # whether writes hang
        self.answers_connect = True
        self.connack = 0
        self.answers_ping = True
        self.suback = 0
        self.answers_subscribe = True
        self.acknowledges = True

    async def dial(self, settings):
        if not self.there:
            raise OSError(111)
        self.wires.append(Wire(self))
        return self.wires[-1], self.wires[-1]

    def receive(self, wire, packet):
        kind = packet[0] & 0xF0
        self.packets.append((kind, packet))
        if kind == packets.CONNECT and self.answers_connect:
            wire.send(bytes((0x20, 2, 0, self.connack)))
        elif kind == packets.SUBSCRIBE & 0xF0 and self.answers_subscribe:
            wire.send(b"\x90\x03" + body(packet)[:2] + bytes((self.suback,)))
        elif kind == 0xC0 and self.answers_ping:
            wire.send(b"\xd0\x00")
        elif kind == packets.PUBLISH and packet[0] & 6 and self.acknowledges:
            wire.send(b"\x40\x02" + packets.parse_publish(packet[0], body(packet))[1])

    def publish(self, topic, payload, qos=0, number=7):
        self.wires[-1].send(packets.publish(topic, payload, qos, False, number))

    def of_kind(self, kind):
        return [packet for found, packet in self.packets if found == kind & 0xF0]

    def published(self):
        """(topic, payload, DUP) of every PUBLISH that came."""
        found = []
        for packet in self.of_kind(packets.PUBLISH):
            topic, _, payload = packets.parse_publish(packet[0], body(packet))
            found.append((topic, payload, bool(packet[0] & packets.DUP)))
        return found


def body(packet):
    """The packet without its head: kind and length."""
    head = 1
    while packet[head] > 127:
        head += 1
    return packet[head + 1 :]


def run(conversation):
    """Run the coroutine in a loop of its own: on MicroPython tasks of the last one would still be there."""
    if hasattr(asyncio, "new_event_loop") and hasattr(asyncio, "core"):
        asyncio.new_event_loop()
    asyncio.run(conversation)


async def until(condition, seconds=10):
    """Wait for `condition()`, at most so long."""
    for _ in range(int(seconds / 0.005)):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it did not happen in time")


class Folder:
    """A new folder under build/, gone afterwards: `with Folder("journal") as path`. Its name is nobody else's: the same
    file may run on both interpreters at once."""

    def __init__(self, name):
        self.path = "build/" + name + "-" + hexlify(os.urandom(6)).decode()

    def __enter__(self):
        for path in ("build", self.path):
            try:
                os.mkdir(path)
            except OSError:
                pass
        return self.path

    def __exit__(self, *_):
        remove_all(self.path)
        os.rmdir(self.path)


def remove_all(folder):
    for name in os.listdir(folder):
        path = folder + "/" + name
        if os.stat(path)[0] & 0x4000:
            remove_all(path)
            os.rmdir(path)
        else:
            os.remove(path)
