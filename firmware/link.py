"""Joins a device to the hub: topics and messages on one side, a role's events and effects on the other.

It says at every connect who the device is and that it is there, reports what the glass shows, and sends a heartbeat.
What only one role sends is the matter of a *sender*, which only that role loads (`ratings_out.py`, `calls_out.py`):

    begin()                  tell the role what it must know at start
    perform(effect, now_ms)  do what the role asks for and only the sender knows
    due(now_ms)              (payload, time to live in ms) of what should be sent now, or None
    hurry()                  the hub may be there again: do not wait to send once more
    meet(hub)                the HubOnline of the hub
    take_ack(ack)            the hub's answer
    pending, error           how many presses wait; what went wrong last
    flash_writes             how often it wrote to the flash since the start, for wear
"""

import asyncio
import gc
import sys

from firmware.mqtt import Client, Settings
from firmware.packets import Will
from firmware.roles.vocabulary import LinkChanged
from firmware.ticks import within
from protocol import topics
from protocol.downward import read_ack, read_hub_online
from protocol.errors import ProtocolError
from protocol.freshness import NOTHING
from protocol.limits import TEXT_CHARS
from protocol.upward import Online, Reported, Telemetry, encode

KEEPALIVE_S = 10
"""A dead connection is noticed after 15 s; the ping costs two bytes each 5 s."""

TELEMETRY_MS = 30_000

ORDERS = 4
"""What an admin asked for and was not yet looked at; who asks for more at once asks again."""

PAUSE_S = 0.2
"""What is new wakes the link at once; this often it looks at what only time makes due."""


class Link:
    """`run()` it as a task beside `client.run()`.

    `about` is the Hello; `heard` has the reader of each topic that the role wants to hear, beside the hub's presence;
    `sender` is None for a role that sends nothing of its own; `device` has `deliver(event)`, which hands an event to
    the role, measurements, `uptime_ms()` and `heap_free()`, and what firmware/upkeep.py asks of it. `tls` is an SSL
    context, or None. `trial`: that of a version on trial (firmware/trial.py), or None; it may change `about` and
    `announced`. For reading: `moved_ms`, when it last went round.
    """

    def __init__(self, config, about, heard, sender, device, chance, tls=None, trial=None):
        self.about = about
        self.trial = trial
        self._heard = heard
        self._sender = sender
        self._device = device
        self._hub_topic = topics.hub_online(config.hall)
        self._down_topics = topics.down(config.hall, config.device, "")
        self._up_topics = topics.up(config.hall, config.device, "")
        self._shown = NOTHING  # is said too, or the hub would believe what was shown before the last start
        self._reported = None
        self._rejected = 0
        self._error = ""
        self.announced = False
        self._run = 1 + int(chance() * 65536) + int(chance() * 16383) * 65536  # 30 bits: the hub meets none twice
        self._telemetry_due_ms = 0
        self._news = asyncio.Event()
        self.orders = []  # what came on down/ and is for firmware.upkeep or firmware.update: (name, payload)
        self._upkeep = None
        self._update = None
        self._done = []  # ids of commands, for upkeep
        self.moved_ms = 0
        self.client = self._make_client(config, tls, chance)

    def _make_client(self, config, tls, chance) -> Client:
        server_name = config.tls.server_name if config.tls else None
        settings = Settings(
            config.host, config.port, config.client_id, config.user, config.password, KEEPALIVE_S, tls, server_name
        )
        down = self._down_topics
        heard = [topic for topic in self._heard if not topic.startswith(down)]
        wanted = [(topic, 0) for topic in [self._hub_topic, down + "+"] + heard]
        clock = self._device.uptime_ms
        return Client(settings, wanted, self._on_message, self._on_link, self._will, clock, chance)

    def report(self, version: tuple[int, int]) -> None:
        """The glass shows `version`."""
        self._shown = version
        self.wake()

    def complain(self, error: str) -> None:
        """Tell the hub what is wrong."""
        self._error = error
        self.wake()

    def wake(self) -> None:
        """There may be something to send."""
        self._news.set()

    # What the client says

    def _will(self, connection: int) -> Will:
        return Will(self._up_topics + "online", encode(Online(0, self.about.boot, connection, self._run)))

    def _on_link(self, up: bool) -> None:
        self._reported = None
        self._telemetry_due_ms = 0
        self.announced = False
        self._hurry()
        change = LinkChanged(up)
        if self.trial:
            self.trial.heard(change)
        self._device.deliver(change)

    def _hurry(self) -> None:
        if self._sender:
            self._sender.hurry()
        self.wake()

    def _on_message(self, topic: str, payload: bytes) -> None:
        try:
            self._read(topic, payload)
        except ProtocolError as error:
            self._reject(error)
        self.wake()

    def _reject(self, error) -> None:
        self._rejected += 1
        self._error = str(error)

    def _read(self, topic: str, payload: bytes) -> None:
        if topic in self._heard:
            self._device.deliver(self._heard[topic](payload))
        elif topic == self._hub_topic:
            hub = read_hub_online(payload)
            if self._sender:
                self._sender.meet(hub)
            if self.trial:
                self.trial.heard(hub)
            self._hurry()
            self._device.deliver(hub)
        elif topic == self._down_topics + "ack":
            ack = read_ack(payload)
            if self._sender:
                self._sender.take_ack(ack)
        elif topic.startswith(self._down_topics):
            if len(self.orders) < ORDERS:
                self.orders.append((topic[len(self._down_topics) :], payload))
        else:
            raise ProtocolError("topic", "was not subscribed")

    # Sending

    async def run(self) -> None:
        while True:
            self.moved_ms = self._device.uptime_ms()
            self._news.clear()
            if self.trial:
                self.trial.turn(self, self._device, self.moved_ms)
            if self.client.connected:
                await self._pump(self._device.uptime_ms())
            try:
                await within(self._news.wait(), PAUSE_S)
            except asyncio.TimeoutError:
                pass

    async def _pump(self, now_ms: int) -> None:
        if not self.announced:
            await self._announce()
        await self._send_presses(now_ms)
        if self.orders or self._upkeep or self._update:
            await self._look_after(now_ms)
        await self._send_report()
        await self._send_telemetry(now_ms)

    async def _announce(self) -> None:
        """At every connect, or the last session's will would stay: `online` 0."""
        self.announced = True
        online = Online(1, self.about.boot, self.client.connections, self._run)
        await self.client.publish(self._up_topics + "online", encode(online), 1, True)
        await self.client.publish(self._up_topics + "hello", encode(self.about), 1, True)

    async def _send_presses(self, now_ms: int) -> None:
        due = self._sender and self._sender.due(now_ms)
        if due:
            payload, ttl_ms = due
            await self.client.publish(self._up_topics + "events", payload, 1, False, ttl_ms)

    async def _look_after(self, now_ms: int) -> None:
        """What is rarely asked for is loaded then, and forgotten when there is no more to do."""
        while self.orders:
            name, payload = self.orders.pop(0)
            try:
                if name not in ("update", "piece"):
                    if not self._upkeep:
                        gc.collect()
                        from firmware.upkeep import Upkeep

                        self._upkeep = Upkeep(self._device, self._done)
                    self._upkeep.take(name, payload)
                else:
                    if not self._update:
                        gc.collect()
                        from firmware.update import open_updater

                        self._update = open_updater(self._device)
                    self._update.take(name, payload)
            except (ProtocolError, MemoryError, OSError) as error:  # OSError: the flash
                self._reject(error)
        for helper in (self._upkeep, self._update):
            for name, payload in helper.due(now_ms) if helper else ():
                await self.client.publish(self._up_topics + name, payload)
        if self._upkeep and self._upkeep.idle:
            self._upkeep = None
            names = "upkeep", "settings", "settings_trial", "config", "files"
            _forget("protocol.upkeep", "protocol.settings", *["firmware." + name for name in names])
        if self._update and self._update.idle:
            self._update = None
            names = "update", "fetch", "signature", "slots", "files"
            _forget("protocol.update", *["firmware." + name for name in names])

    async def _send_report(self) -> None:
        error = self.client.last_error or self._error or (self._sender.error if self._sender else "")
        report = Reported(self._shown, error[:TEXT_CHARS], self._rejected)
        if report != self._reported and await self.client.publish(
            self._up_topics + "reported", encode(report), 1, True
        ):
            self._reported = report

    async def _send_telemetry(self, now_ms: int) -> None:
        if now_ms < self._telemetry_due_ms:
            return
        self._telemetry_due_ms = now_ms + TELEMETRY_MS
        pending = self._sender.pending if self._sender else 0
        device, writes = self._device, self._sender.flash_writes if self._sender else 0
        telemetry = Telemetry(now_ms // 1000, device.heap_free(), pending, device.flash_free(), writes)
        await self.client.publish(self._up_topics + "telemetry", encode(telemetry))


def _forget(*names) -> None:
    """Modules that nobody uses for now, some of which may have become one with others."""
    for name in names:
        if name in sys.modules:
            package, _, module = name.rpartition(".")
            del sys.modules[name]
            delattr(sys.modules[package], module)
