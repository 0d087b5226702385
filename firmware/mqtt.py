"""An MQTT 3.1.1 client for a device that must come back by itself, whatever the network does.

- Connecting, the broker's answer and each write have a time-out; a broker that is silent for 1.5 x keepalive is left.
- What was published at QoS 1 waits in an outbox over reconnects and is sent again, marked DUP, until the broker
  acknowledged it or its time to live is over. A call press must never be carried out minutes later.
- The session is clean: states are retained by the broker, presses are kept by the journal, so a queue in the broker
  would only bring old things. All topics are subscribed at each connect.
- A message at QoS 1 is acknowledged after the handler returned.
- All memory is bounded: the outbox, the inbound packet (a larger one is skipped in small pieces), one buffer to write.

The same file runs on CPython and MicroPython. The clock (milliseconds that never go back) and chance (0 to below 1)
are given by the caller.
"""

import asyncio
import gc
from collections import namedtuple

from firmware import packets
from firmware.packets import MqttError
from firmware.ticks import within

OUTBOX_ENTRIES = 8
"""Packets at QoS 1 that wait for their acknowledgement; more would cost memory that a board does not have."""

PACKET_BYTES = 2048 + 160
"""Largest inbound packet: the protocol's largest payload, the longest topic, and the packet's own head."""

SKIP_BYTES = 128
"""A larger packet is skipped in pieces of this size."""

CONNECT_TIMEOUT_S = 10
"""TCP and TLS: a handshake takes a board 1-2 s, on a bad network a few times that."""

ANSWER_TIMEOUT_S = 5
"""For a write to be taken, for CONNACK, and for SUBACK. Below the watchdog's 8 s."""

PAUSE_MIN_S = 1
PAUSE_MAX_S = 10
"""Pause between attempts: 0.3 to 1 of a limit that doubles from 1 s to 10 s. A hall of 700 comes back at once."""

STABLE_MS = 5000
"""A connection that lasted this long resets the pause; a broker that throws us out at once is not hammered."""

LOST = (OSError, EOFError, ValueError, MemoryError, asyncio.TimeoutError, MqttError)
"""What a broken connection raises: ValueError is TLS refusing a certificate, EOFError the peer hanging up."""


class Settings(
    namedtuple("Settings", ("host", "port", "client_id", "user", "password", "keepalive_s", "tls", "server_name"))
):
    """Where and as whom to connect. `tls` is an SSL context or None; with it `server_name` must be given, because
    MicroPython checks no name without it."""


class Entry:
    """A packet at QoS 1 on its way. `session` is the connection that it was last sent in, 0 for none."""

    def __init__(self, packet_id: int, topic: str, packet: bytes, expires_ms: int | None):
        self.packet_id = packet_id
        self.topic = topic
        self.packet = packet
        self.expires_ms = expires_ms
        self.session = 0


class Outbox:
    """What was published at QoS 1 and not yet acknowledged, oldest first. Pure."""

    def __init__(self):
        self.entries = []
        self._packet_id = 0

    def next_packet_id(self) -> int:
        """1 to 65535 in turn. With 8 entries at most, an id is long free when it comes again."""
        self._packet_id = self._packet_id % 65535 + 1
        return self._packet_id

    def add(self, topic: str, payload: bytes, retain: bool, expires_ms: int | None) -> bool:
        """Whether there was room. Of retained messages only the last counts: an older one is taken out."""
        if retain:
            self.entries = [entry for entry in self.entries if entry.topic != topic]
        if len(self.entries) >= OUTBOX_ENTRIES:
            return False
        packet_id = self.next_packet_id()
        packet = packets.publish(topic, payload, 1, retain, packet_id)
        self.entries.append(Entry(packet_id, topic, packet, expires_ms))
        return True

    def acknowledge(self, packet_id: int) -> None:
        """An id that is not there belonged to an entry that expired or was replaced."""
        self.entries = [entry for entry in self.entries if entry.packet_id != packet_id]

    def expire(self, now_ms: int) -> None:
        self.entries = [entry for entry in self.entries if entry.expires_ms is None or now_ms < entry.expires_ms]

    def take_unsent(self, session: int) -> bytes | None:
        """The oldest packet that was not sent in this session, marked DUP if it was sent in an earlier one."""
        for entry in self.entries:
            if entry.session != session:
                before, entry.session = entry.session, session
                return packets.again(entry.packet) if before else entry.packet
        return None


async def dial(settings: Settings):
    """(reader, writer) of a connection to the broker."""
    if not settings.tls:
        return await asyncio.open_connection(settings.host, settings.port)
    return await asyncio.open_connection(
        settings.host, settings.port, ssl=settings.tls, server_hostname=settings.server_name
    )


class Client:
    """Keeps one connection to the broker; `run()` it as a task.

    `topics` are (topic, QoS) pairs to subscribe to. `on_message(topic, payload)` and `on_link(up)` are plain functions
    and must return soon. `will(connection)` gives the Will of the connection with that number, counted from 1.
    `topics`, `on_message` and `dial` may be replaced before it runs. For reading: `connected`, `connections`,
    `last_error`, `oversized` (packets skipped), `failed` (handler errors), `moved_ms` (when it last went round).
    """

    def __init__(self, settings: Settings, topics, on_message, on_link, will, clock, chance, dial=dial):
        self._settings = settings
        self.topics = topics
        self.on_message = on_message
        self._on_link = on_link
        self._will = will
        self._clock = clock
        self._chance = chance
        self.dial = dial
        self._outbox = Outbox()
        self._writing = asyncio.Lock()
        self._broken = asyncio.Event()
        self._reader = None
        self._writer = None
        self._heard_ms = 0
        self._suback = None  # (packet id, when it is due) while a SUBACK is awaited
        self.connected = False
        self.moved_ms = 0
        self.connections = 0
        self.last_error = ""
        self.oversized = 0
        self.failed = 0

    @property
    def waiting(self) -> int:
        """How many packets at QoS 1 wait for the broker."""
        return len(self._outbox.entries)

    async def publish(self, topic: str, payload: bytes, qos: int = 0, retain: bool = False, ttl_ms=None) -> bool:
        """At QoS 0: whether it was written. At QoS 1: whether the outbox had room; it is then sent, now or later,
        unless `ttl_ms` milliseconds pass before."""
        if qos == 0:
            return self.connected and await self._send(packets.publish(topic, payload, 0, retain, 0))
        now_ms = self._clock()
        self._outbox.expire(now_ms)
        if not self._outbox.add(topic, payload, retain, None if ttl_ms is None else now_ms + ttl_ms):
            return False
        await self._send_unsent()
        return True

    async def run(self) -> None:
        """Connect, serve, and come back, for ever. Ends only by cancellation."""
        pause_s = PAUSE_MIN_S
        while True:
            began_ms = self.moved_ms = self._clock()
            try:
                await self._session()
            except LOST as error:
                self._note(error)
            except Exception as error:  # noqa: BLE001 - the outermost loop: a device must come back from anything
                self._note(error)
            finally:
                await self._close()
            if self._clock() - began_ms > STABLE_MS:
                pause_s = PAUSE_MIN_S
            await asyncio.sleep(pause_s * (0.3 + 0.7 * self._chance()))
            pause_s = min(PAUSE_MAX_S, pause_s * 2)

    async def _session(self) -> None:
        """One connection from its start to its end, which is always an exception."""
        self.connections += 1
        self._broken.clear()
        await self._open()
        await self._handshake()
        reading = asyncio.create_task(self._read_for_ever())
        try:
            self.last_error = ""
            await self._subscribe()
            self.connected = True
            self._on_link(True)
            await self._send_unsent()
            await self._keep_alive()
        finally:
            reading.cancel()

    async def _open(self) -> None:
        gc.collect()  # a TLS handshake needs the most memory of all, and a socket may be left of the last attempt
        self._reader, self._writer = await within(self.dial(self._settings), CONNECT_TIMEOUT_S)

    async def _handshake(self) -> None:
        settings = self._settings
        hello = packets.connect(
            settings.client_id, settings.user, settings.password, settings.keepalive_s, self._will(self.connections)
        )
        if not await self._send(hello):
            raise MqttError(self.last_error)
        answer = await within(self._exactly(4), ANSWER_TIMEOUT_S)
        if answer[:2] != b"\x20\x02":
            raise MqttError("the broker did not answer with CONNACK")
        if answer[3]:
            from firmware.refusals import CONNACK_REASONS

            raise MqttError("broker: " + CONNACK_REASONS.get(answer[3], f"refused with code {answer[3]}"))

    async def _subscribe(self) -> None:
        self._suback = None
        if not self.topics:
            return
        packet_id = self._outbox.next_packet_id()
        self._suback = packet_id, self._clock() + ANSWER_TIMEOUT_S * 1000
        await self._send(packets.subscribe(packet_id, self.topics))

    async def _keep_alive(self) -> None:
        """Ask for a sign of life at half the keepalive; leave after one and a half of silence."""
        keepalive_ms = self._settings.keepalive_s * 1000
        while True:
            await self._rest(self._settings.keepalive_s / 2)
            now_ms = self.moved_ms = self._clock()
            if now_ms - self._heard_ms > keepalive_ms * 3 // 2:
                raise MqttError("the broker fell silent")
            if self._suback and now_ms > self._suback[1]:
                raise MqttError("the broker did not answer the subscriptions")
            self._outbox.expire(now_ms)
            await self._send(packets.PINGREQ)

    async def _rest(self, seconds: float) -> None:
        """Pause, unless the connection breaks: then raise."""
        try:
            await within(self._broken.wait(), seconds)
        except asyncio.TimeoutError:
            return
        raise MqttError(self.last_error)

    async def _close(self) -> None:
        was_connected, self.connected = self.connected, False
        writer, self._reader, self._writer = self._writer, None, None
        if writer:
            await _closed(writer)
        if was_connected:
            self._on_link(False)

    def _note(self, error) -> None:
        self.last_error = str(error) or type(error).__name__

    def _break(self, error) -> None:
        """The connection is of no more use: `_keep_alive` ends it."""
        self._note(error)
        self._broken.set()

    # Writing

    async def _send_unsent(self) -> None:
        while self.connected:
            self._outbox.expire(self._clock())
            packet = self._outbox.take_unsent(self.connections)
            if packet is None or not await self._send(packet):
                return

    async def _send(self, packet: bytes) -> bool:
        """Whether the packet was written. One writer at a time, or two packets would mix."""
        async with self._writing:
            if self._writer is None or self._broken.is_set():
                return False
            try:
                self._writer.write(packet)
                await within(self._writer.drain(), ANSWER_TIMEOUT_S)
            except LOST as error:
                self._break(error)
                return False
            return True

    # Reading

    async def _read_for_ever(self) -> None:
        try:
            while True:
                await self._read_packet()
        except EOFError:
            self._break(MqttError("the broker hung up"))
        except LOST as error:
            self._break(error)

    async def _exactly(self, size: int) -> bytes:
        data = await self._reader.readexactly(size)  # pyright: ignore[reportOptionalMemberAccess] - open while reading
        self._heard_ms = self._clock()
        return data

    async def _read_packet(self) -> None:
        first = (await self._exactly(1))[0]
        size = await self._read_length()
        if size > PACKET_BYTES:
            await self._skip_packet(first, size)
            return
        await self._take(first, await self._exactly(size) if size else b"")

    async def _read_length(self) -> int:
        size = 0
        for shift in (0, 7, 14, 21):
            digit = (await self._exactly(1))[0]
            size |= (digit & 127) << shift
            if digit < 128:
                return size
        raise MqttError("the broker sent a packet length of five bytes")

    async def _skip_packet(self, first: int, size: int) -> None:
        """Read an oversized packet away. At QoS 1 it is acknowledged too, or the broker would offer it for ever."""
        self.oversized += 1
        packet_id = b""
        if first & 0xF0 == packets.PUBLISH and packets.qos_of(first):
            topic_bytes = int.from_bytes(await self._exactly(2), "big")
            if topic_bytes + 4 > size:
                raise MqttError("the broker sent a cut PUBLISH")
            await self._skip(topic_bytes)
            packet_id = await self._exactly(2)
            size -= topic_bytes + 4
        await self._skip(size)
        if packet_id:
            await self._send(packets.puback(packet_id))

    async def _skip(self, size: int) -> None:
        while size:
            size -= len(await self._exactly(min(size, SKIP_BYTES)))

    async def _take(self, first: int, body: bytes) -> None:
        kind = first & 0xF0
        if kind == packets.PUBLISH:
            await self._take_message(first, body)
        elif kind == packets.PUBACK:
            self._outbox.acknowledge(int.from_bytes(body[:2], "big"))
        elif kind == packets.SUBACK:
            self._take_suback(body)
        elif kind != packets.PINGRESP:
            raise MqttError(f"the broker sent a packet of kind {kind >> 4}")

    async def _take_message(self, first: int, body: bytes) -> None:
        topic, packet_id, payload = packets.parse_publish(first, body)
        try:
            self.on_message(topic, payload)
        except Exception as error:  # noqa: BLE001 - one bad message must not cut off the good ones; it is not PUBACKed
            self.failed += 1
            self._note(error)
            return
        if packet_id:
            await self._send(packets.puback(packet_id))

    def _take_suback(self, body: bytes) -> None:
        if not self._suback or int.from_bytes(body[:2], "big") != self._suback[0]:
            raise MqttError("the broker answered a subscription that was not asked")
        self._suback = None
        for (topic, _), code in zip(self.topics, body[2:]):
            if code >= packets.REFUSED:
                self.last_error = f"the broker refused to subscribe {topic}"


async def _closed(writer) -> None:
    """Close the socket without waiting for a peer that may be gone."""
    try:
        if hasattr(writer, "transport"):  # CPython would first try to send what is left
            writer.transport.abort()
        else:
            writer.close()
        await within(writer.wait_closed(), 1)
    except LOST:  # it is closed, which is all that was wanted
        pass
