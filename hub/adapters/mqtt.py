"""The hub's one MQTT connection: it comes back by itself, and nothing that a device sends can stop it.

A task connects, subscribes to what devices write, says `hub/online`, and calls `on_connected`, so that the service
publishes every state again. While the broker is away messages are dropped: what is published again at each connect
need not be kept, and a call that waited in a queue would call somebody minutes later. For the same reason the session
is clean.

Outward (`Outgoing`) a newer retained state takes the place of one that still waits, so a slow broker gets the last
state of each topic and never a backlog. IN_FLIGHT senders wait for their PUBACKs side by side; nothing is awaited
between taking a message and writing it to the socket, so two states of one topic cannot overtake each other.

Inward (`Lanes`) the messages of one device are handled one after the other, those of different devices side by side.
A message that fails or hangs holds up its own device only. What is dropped is sent again: a device keeps a press until
the hub has acknowledged it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import socket
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import aiomqtt
from aiomqtt.exceptions import MqttConnectError

from hub.adapters.ca import client_context
from hub.permissions import hub_topics
from hub.ports import Inbox
from protocol import topics
from protocol.downward import HubOnline, encode

log = logging.getLogger(__name__)

IN_FLIGHT = 128
"""Messages sent whose PUBACK is awaited: at 1 ms per PUBACK this is far more than 700 windows need in a second."""

OUTGOING_MESSAGES = 10_000
"""Unretained messages (acks) that may wait for the broker. Retained ones are as many as the hall has topics."""

INCOMING_MESSAGES = 10_000
"""Messages between the socket and the lanes: 700 devices with all their retained topics come at once at a connect."""

LANE_MESSAGES = 64
"""Messages of one device that may wait: four times what a journal sends before it waits for an ack."""

SUBACK_FAILURE = 0x80
"""From here on a SUBACK code is a refusal; below it is the QoS that was granted."""

KEEPALIVE_S = 10
"""A broker that is silent for 1.5 times this is gone."""

ANSWER_S = 5
"""How long a CONNACK, SUBACK or PUBACK may take. Loopback and LAN answer in milliseconds."""

DRAIN_S = 2
"""How long it may take, at the end, to handle what was received and to send the answers."""

END_S = 4
"""How long that and saying goodbye may take. A broker that does not answer says it for us: the hub's last will."""

ONLINE_EVERY_S = 60
"""How long boards may believe the hub away that is there, because its `hub/online` was lost: a will came late, or
somebody cleared what the broker retains."""

RETRY_FIRST_S = 0.1
RETRY_MOST_S = 2.0
"""Pauses between attempts to connect double up to this: a display is blank for as long."""

RANDOM = random.SystemRandom()


@dataclass(frozen=True, slots=True)
class BrokerLogin:
    """How to log in to a broker. `ca_file` is a PEM file; None means the system's authorities."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    client_id: str
    tls: bool = False
    ca_file: str | None = None

    @property
    def where(self) -> str:
        """The broker in words, for messages."""
        return f"{self.host}:{self.port}"


class LinkError(Exception):
    """The broker is there but will not let the hub work; the text says why."""


def open_client(login: BrokerLogin, will: aiomqtt.Will | None = None) -> aiomqtt.Client:
    """A client of MQTT 3.1.1 with a clean session, not connected yet."""
    client = aiomqtt.Client(
        login.host,
        login.port,
        username=login.user,
        password=login.password,
        identifier=login.client_id,
        will=will,
        clean_session=True,
        keepalive=KEEPALIVE_S,
        timeout=ANSWER_S,
        max_inflight_messages=IN_FLIGHT,
        max_queued_incoming_messages=INCOMING_MESSAGES,
        tls_context=client_context(login.ca_file) if login.tls else None,
        # Nagle's algorithm would hold a small state back until the one before it is acknowledged: 40 ms.
        socket_options=((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),),
    )
    client.pending_calls_threshold = IN_FLIGHT  # many in flight is what we want, not worth a warning each
    return client


async def subscribe(client: aiomqtt.Client, topic: str) -> None:
    """Subscribes at QoS 1. Raises LinkError when the broker refuses: MQTT says so in the SUBACK only."""
    for code in await client.subscribe(topic, qos=1):
        if (code if isinstance(code, int) else code.value) >= SUBACK_FAILURE:
            raise LinkError(f"the broker refuses the subscription to {topic}: the hub's user may not read it")


def in_words(error: Exception, login: BrokerLogin) -> str:
    """What went wrong with the connection, for people; it never holds a password."""
    if isinstance(error, MqttConnectError):
        return f"the broker at {login.where} refuses user {login.user!r}: {error.rc}. Check user and password"
    if isinstance(error, LinkError):
        return str(error)
    return f"no connection to the broker at {login.where}: {error}"


class Outgoing:
    """Messages that wait to be sent, oldest first; a retained one gives way to a newer one of its topic."""

    def __init__(self) -> None:
        self._messages: dict[object, tuple[str, bytes, bool]] = {}
        self._turns: asyncio.Queue[object] = asyncio.Queue()

    def put(self, topic: str, payload: bytes, retain: bool) -> bool:
        """Whether there was room."""
        if not retain and len(self._messages) >= OUTGOING_MESSAGES:
            return False
        key = topic if retain else object()
        if key not in self._messages:
            self._turns.put_nowait(key)
        self._messages[key] = (topic, payload, retain)
        return True

    async def get(self) -> tuple[str, bytes, bool]:
        """The oldest (topic, payload, retain); waits for one."""
        return self._messages.pop(await self._turns.get())

    @property
    def waits(self) -> bool:
        """Whether there is any."""
        return bool(self._messages)

    def clear(self) -> int:
        """Forgets all; how many there were."""
        count = len(self._messages)
        self._messages.clear()
        self._turns = asyncio.Queue()
        return count


class Lanes:
    """Hands messages to the inbox: those of one device in order, those of different devices side by side."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._lanes: dict[str, deque[tuple[str, bytes]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def put(self, topic: str, payload: bytes) -> bool:
        """Whether the device's lane had room."""
        device = topic.split("/")[3]
        lane = self._lanes.get(device)
        if lane is None:
            self._lanes[device] = deque([(topic, payload)])
            task = asyncio.create_task(self._work(device))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            return True
        if len(lane) >= LANE_MESSAGES:
            return False
        lane.append((topic, payload))
        return True

    async def _work(self, device: str) -> None:
        lane = self._lanes[device]
        while lane:
            await self._hand_over(*lane[0])
            lane.popleft()
        del self._lanes[device]

    async def _hand_over(self, topic: str, payload: bytes) -> None:
        try:
            await self._inbox(topic, payload)
        except Exception:  # the outermost loop of a message: the next one must still be handled
            log.exception("a message on %s (%d bytes) could not be handled", topic, len(payload))

    async def drained(self) -> None:
        """Returns when all that was put in is handled."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def stop(self) -> None:
        """Ends what is being handled."""
        await _cancel(set(self._tasks))
        self._lanes.clear()


class MqttLink:
    """The hub's connection; it is a Publisher. It is there within `async with MqttLink(...)`.

    `inbox` gets every message that a device wrote, also one that is far too long: judging it is the service's task.
    `on_connected` is called, on the event loop, after each connect. For a health page: `connected`, `last_error` (in
    words, without secrets), and the counts `received`, `published` (with PUBACK), `dropped`, and `connects`.
    """

    def __init__(
        self, login: BrokerLogin, hall: str, epoch: int, inbox: Inbox, on_connected: Callable[[], None]
    ) -> None:
        self._login = login
        self._hall = hall
        self._epoch = epoch
        self._on_connected = on_connected
        self._outgoing = Outgoing()
        self._lanes = Lanes(inbox)
        self._ending = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._in_flight = 0
        self.connected = False
        self.last_error = ""
        self.received = 0
        self.published = 0
        self.dropped = 0
        self.connects = 0

    @property
    def reconnects(self) -> int:
        """How often the connection was made again after the first time."""
        return max(0, self.connects - 1)

    def use_epoch(self, epoch: int) -> None:
        """Tells everybody another hub epoch; the last will has it from the next connect on."""
        self._epoch = epoch
        self._say_online()

    def _say_online(self) -> None:
        self.publish(topics.hub_online(self._hall), self._online(1), retain=True)

    def _online(self, on: int) -> bytes:
        return encode(HubOnline(on, self._epoch))

    def publish(self, topic: str, payload: bytes, *, retain: bool) -> None:
        """Sends at QoS 1, soon. Never waits: without a connection the message is dropped and counted."""
        if not self.connected or not self._outgoing.put(topic, payload, retain):
            self.dropped += 1

    async def __aenter__(self) -> MqttLink:
        self._task = asyncio.create_task(self._run(), name="mqtt link")
        return self

    async def __aexit__(self, *_error: object) -> None:
        self._ending.set()
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=END_S)
            await _cancel({self._task})
        await self._lanes.stop()

    async def _run(self) -> None:
        pause_s = RETRY_FIRST_S
        while not self._ending.is_set():
            connects = self.connects
            await self._try_session()
            pause_s = RETRY_FIRST_S if self.connects > connects else min(2 * pause_s, RETRY_MOST_S)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), pause_s * RANDOM.uniform(0.5, 1))

    async def _try_session(self) -> None:
        try:
            await self._session()
        except (aiomqtt.MqttError, LinkError, OSError) as error:
            self._note(in_words(error, self._login))
        except Exception as error:  # the outermost loop of the link: whatever it was, the hall must be served again
            log.exception("the connection to the broker at %s failed", self._login.where)
            self.last_error = f"a mistake in the hub: {error!r}"
        finally:
            self.connected = False
            self.dropped += self._outgoing.clear()

    def _note(self, error: str) -> None:
        if error != self.last_error:  # a broker that is away for an hour is one line, not two thousand
            log.warning("%s; trying again", error)
        self.last_error = error

    async def _session(self) -> None:
        online = topics.hub_online(self._hall)
        async with open_client(self._login, aiomqtt.Will(online, self._online(0), qos=1, retain=True)) as client:
            for topic in hub_topics(self._hall).reads:
                await subscribe(client, topic)
            await client.publish(online, self._online(1), qos=1, retain=True)
            self._greet()
            await self._converse(client)
            # A clean end takes the will with it, so the hub has to say itself that it is gone.
            await client.publish(online, self._online(0), qos=1, retain=True)

    def _greet(self) -> None:
        log.info("connected to the broker at %s", self._login.where)
        self.connected = True
        self.connects += 1
        self.last_error = ""
        self._on_connected()

    async def _converse(self, client: aiomqtt.Client) -> None:
        """Sends and receives until the link is to end, or raises what broke the connection."""
        receiving = asyncio.ensure_future(self._receive(client))
        work = [*(self._send(client) for _ in range(IN_FLIGHT)), self._keep_saying_online(), self._ending.wait()]
        tasks = {receiving, *(asyncio.ensure_future(part) for part in work)}
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            await _cancel({receiving})
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._drained(), DRAIN_S)
        finally:
            await _cancel(tasks)

    async def _drained(self) -> None:
        """Returns when what was received is handled, and the broker has the answers."""
        await self._lanes.drained()
        while self._outgoing.waits or self._in_flight:
            await asyncio.sleep(0.005)

    async def _receive(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            self.received += 1
            payload = message.payload if isinstance(message.payload, bytes) else b""
            if not self._lanes.put(str(message.topic), payload):
                self.dropped += 1

    async def _keep_saying_online(self) -> None:
        while True:
            await asyncio.sleep(ONLINE_EVERY_S)
            self._say_online()

    async def _send(self, client: aiomqtt.Client) -> None:
        while True:
            topic, payload, retain = await self._outgoing.get()
            self._in_flight += 1
            try:
                await client.publish(topic, payload, qos=1, retain=retain)
            finally:
                self._in_flight -= 1
            self.published += 1


async def _cancel(tasks: set[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
