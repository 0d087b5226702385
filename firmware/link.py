"""Joins a device to the hub: topics and messages on one side, a role's events and effects on the other.

It says at every connect who the device is and that it is there; reports what the glass shows; sends the journal's
presses in batches, again and again until the hub acknowledged them by its own message (the broker's acknowledgement is
not durability); sends a call press at most as long as it is valid; and sends a heartbeat.
"""

import asyncio

from firmware.mqtt import Client, Settings
from firmware.packets import Will
from firmware.roles.vocabulary import CallSettled, HubChanged, JournalRoom, LinkChanged, StateArrived
from protocol import topics
from protocol.downward import read_ack, read_hub_online, read_window_state
from protocol.errors import ProtocolError
from protocol.limits import CALL_VALID_MS, EVENTS_PER_BATCH, TEXT_CHARS
from protocol.upward import Call, Events, Online, Reported, Telemetry, encode

KEEPALIVE_S = 10
"""A dead connection is noticed after 15 s; the ping costs two bytes each 5 s."""

TELEMETRY_MS = 30_000

RESEND_MIN_MS = 2_000
RESEND_MAX_MS = 30_000
"""A batch without the hub's acknowledgement is sent again after 2 s, then twice as long, up to 30 s."""

PUMP_S = 0.05
"""How often it is looked whether there is something to send; half of the pause is what a press waits on average."""


class Link:
    """`run()` it as a task beside `client.run()`.

    `deliver(event)` hands an event to the role; `journal` is None for a role without presses; `about` is the Hello;
    `device` has measurements: `uptime_ms()` and `heap_free()`.
    """

    def __init__(self, config, about, journal, call_epoch: int, deliver, device, chance, tls=None):
        self._config = config
        self._about = about
        self._journal = journal
        self._call_epoch = call_epoch
        self._deliver = deliver
        self._device = device
        self._clock = device.uptime_ms
        self._state_topic = topics.window_state(config.hall, config.window)
        self._hub_topic = topics.hub_online(config.hall)
        self._ack_topic = topics.down(config.hall, config.device, "ack")
        self._shown = None
        self._reported = None
        self._rejected = 0
        self._error = ""
        self._call = None
        self._announced = False
        self._batch_due_ms = 0
        self._resend_ms = RESEND_MIN_MS
        self._telemetry_due_ms = 0
        self.client = self._make_client(tls, chance)

    def _make_client(self, tls, chance) -> Client:
        config = self._config
        server_name = config.tls.server_name if config.tls else None
        settings = Settings(
            config.host, config.port, config.client_id, config.user, config.password, KEEPALIVE_S, tls, server_name
        )
        wanted = [(topic, 0) for topic in (self._hub_topic, self._state_topic, self._ack_topic)]
        return Client(settings, wanted, self._on_message, self._on_link, self._will, self._clock, chance)

    def _topic(self, name: str) -> str:
        return topics.up(self._config.hall, self._config.device, name)

    # What the role asks for

    def report(self, version: tuple[int, int]) -> None:
        """The glass shows `version`."""
        self._shown = version

    def send_call(self, call) -> None:
        """Send the call press (an effect SendCall) now, or drop it: it is never kept for later."""
        self._call = call

    def drop_call(self) -> None:
        self._call = None

    def press_stored(self) -> None:
        """The journal has a press more. Unless others already wait for their acknowledgement, it is sent at once."""
        if self._journal.pending == 1:
            self._send_batch_now()

    # What the client says

    def _will(self, connection: int) -> Will:
        return Will(self._topic("online"), encode(Online(0, self._about.boot, connection)))

    def _on_link(self, up: bool) -> None:
        self._reported = None
        self._telemetry_due_ms = 0
        self._announced = False
        self._send_batch_now()
        self._deliver(LinkChanged(up))

    def _on_message(self, topic: str, payload: bytes) -> None:
        try:
            self._read(topic, payload)
        except ProtocolError as error:
            self._rejected += 1
            self._error = str(error)

    def _read(self, topic: str, payload: bytes) -> None:
        if topic == self._state_topic:
            state = read_window_state(payload)
            if state.window != self._config.window:
                raise ProtocolError("w", "is the state of another window")
            self._deliver(StateArrived(state))
        elif topic == self._hub_topic:
            hub = read_hub_online(payload)
            self._send_batch_now()
            self._deliver(HubChanged(hub.on, hub.epoch))
        elif topic == self._ack_topic:
            self._take_ack(read_ack(payload))
        else:
            raise ProtocolError("topic", "was not subscribed")

    def _take_ack(self, ack) -> None:
        if ack.epoch == self._call_epoch:
            for seq in ack.stored:
                self._deliver(CallSettled(seq, ""))
            for seq, reason in ack.refused:
                self._deliver(CallSettled(seq, reason))
        elif self._journal and ack.epoch == self._journal.epoch:
            self._settle(ack.stored + [seq for seq, _ in ack.refused])

    def _settle(self, seqs: list[int]) -> None:
        try:
            news = self._journal.settle(seqs)
        except OSError as error:  # they stay pending and are sent again: the hub knows a repeat
            self._error = f"journal: {error}"
            return
        if news:
            self._send_batch_now()
            self._deliver(JournalRoom(not self._journal.full))

    # Sending

    async def run(self) -> None:
        while True:
            if self.client.connected:
                await self._pump(self._clock())
            await asyncio.sleep(PUMP_S)

    async def _pump(self, now_ms: int) -> None:
        if not self._announced:
            await self._announce()
        await self._send_call(now_ms)
        await self._send_report()
        await self._send_batch(now_ms)
        await self._send_telemetry(now_ms)

    async def _announce(self) -> None:
        """At every connect, or the last session's will would stay: `online` 0."""
        self._announced = True
        online = Online(1, self._about.boot, self.client.connections)
        await self.client.publish(self._topic("online"), encode(online), 1, True)
        await self.client.publish(self._topic("hello"), encode(self._about), 1, True)

    async def _send_call(self, now_ms: int) -> None:
        call, self._call = self._call, None
        if not call:
            return
        age_ms = now_ms - call.pressed_ms
        if age_ms < CALL_VALID_MS:
            press = Call(call.seq, age_ms, call.verb, call.version)
            payload = encode(Events(self._call_epoch, [press]))
            await self.client.publish(self._topic("events"), payload, 1, False, CALL_VALID_MS - age_ms)

    async def _send_report(self) -> None:
        if self._shown is None:
            return
        error = (self.client.last_error or self._error)[:TEXT_CHARS]
        report = Reported(self._shown, error, self._rejected)
        if report != self._reported and await self.client.publish(self._topic("reported"), encode(report), 1, True):
            self._reported = report

    def _send_batch_now(self) -> None:
        self._resend_ms = RESEND_MIN_MS
        self._batch_due_ms = 0

    async def _send_batch(self, now_ms: int) -> None:
        if not self._journal or not self._journal.pending or now_ms < self._batch_due_ms:
            return
        self._batch_due_ms = now_ms + self._resend_ms
        try:
            presses = self._journal.oldest(EVENTS_PER_BATCH, now_ms)
        except OSError as error:
            self._error = f"journal: {error}"
            return
        payload = encode(Events(self._journal.epoch, presses))
        # The journal sends it again, so the outbox need not: it would only carry the same presses twice.
        await self.client.publish(self._topic("events"), payload, 1, False, self._resend_ms)
        self._resend_ms = min(RESEND_MAX_MS, 2 * self._resend_ms)

    async def _send_telemetry(self, now_ms: int) -> None:
        if now_ms < self._telemetry_due_ms:
            return
        self._telemetry_due_ms = now_ms + TELEMETRY_MS
        pending = self._journal.pending if self._journal else 0
        telemetry = Telemetry(now_ms // 1000, self._device.heap_free(), pending)
        await self.client.publish(self._topic("telemetry"), encode(telemetry))
