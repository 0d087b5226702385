"""What devices say, turned into commands; and the answer that lets a device forget a press.

A press is answered only when the service has it on disk. What cannot be read goes into quarantine and is counted; if
its sequence number can be read it is acknowledged too, or it would block the device's journal for ever.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable

from hub.core import commands
from hub.core.commands import Version
from hub.devices import kiosks
from hub.devices.kiosks import Kiosks
from hub.devices.orders import Orders
from hub.devices.registry import Registry
from hub.ports import Clock, Device, Outcome, Publisher, Quarantine, StoreError
from hub.service import HallService
from hub.views import refusal_words, wanted_version
from protocol import topics, upward
from protocol.downward import Ack, encode
from protocol.errors import ProtocolError
from protocol.kiosk import Draw, Unprinted
from protocol.limits import CALL_VALID_MS, TEXT_CHARS

SET_BACK_EVERY_MS = 600_000
"""A device that lies can make the hub begin a new epoch, which costs it a publication of everything: not oftener."""

HEAL_MS = 2000
"""How long a device may show another revision than the hub's before its state is sent again: states travel at QoS 0."""

ASIDE_A_SECOND = 20
"""Unreadable messages that are written down in one second. More are only counted: each costs a commit, for which the
presses of everybody else would wait."""

RETAINED = ("online", "hello", "reported")
"""What a broker keeps of a device, for years if it must, and tells at every start of the hub."""

log = logging.getLogger(__name__)


class Inbox:
    """Takes (topic, payload) of every message from devices. `quarantined` counts what could not be read. `set_back`
    is called with the hub's new epoch when a device shows what the log does not have; `set_back_ms`: when, 0: never.
    `orders`: what is asked of devices goes through this. `pages`: see hub.devices.kiosks."""

    def __init__(
        self,
        service: HallService,
        registry: Registry,
        publisher: Publisher,
        quarantine: Quarantine,
        clock: Clock,
        hall: str,
        set_back: Callable[[int], Awaitable[None]] | None = None,
        pages: str = "",
    ):
        self._service = service
        self._registry = registry
        self._publisher = publisher
        self._quarantine = quarantine
        self._clock = clock
        self._hall = hall
        self._set_back = set_back
        self._kiosks = Kiosks(service, publisher, clock, pages)
        self.quarantined = 0
        self._aside = (0, 0)  # the second, and how many messages were written down in it
        self.set_back_ms = 0
        self.orders = Orders(publisher, hall, lambda: secrets.token_hex(8), lambda: clock.now().ms)
        self._readers: dict[str, Callable] = {
            "online": self._online,
            "hello": self._hello,
            "events": self._events,
            "reported": self._reported,
            "telemetry": self._telemetry,
        }

    def hand_to(self, kind: str, reader: Callable[[Device, bytes], Awaitable[None]]) -> None:
        """Messages of this kind go to the reader, which raises ProtocolError and StoreError as the others do."""
        self._readers[kind] = reader

    async def __call__(self, topic: str, payload: bytes) -> None:
        """Handles one message; never raises because of what a device sent."""
        try:
            name, kind = topics.parse_up(topic, self._hall)
            device = self._registry.active(name)
            if device is None and not payload:
                return  # what the broker retained of it was cleared
            if device is None and name in self._registry.devices and kind in RETAINED:
                return  # what the broker retained of one that was revoked since
            if device is None:
                raise ProtocolError("device", "is not registered here")
            if kind in self._readers:
                await self._readers[kind](device, payload)
            else:
                self.orders.heard(device.id, kind, payload)
        except ProtocolError as error:
            await self._keep_aside(topic, payload, str(error))
        except StoreError as error:  # not answered, so the device will send it again
            log.error("%s; the message is not acknowledged", error)

    async def _keep_aside(self, topic: str, payload: bytes, reason: str) -> bool:
        """Whether the message is in quarantine: not in a flood, and not while the disk fails."""
        self.quarantined += 1
        second = self._clock.now().ms // 1000
        count = self._aside[1] + 1 if self._aside[0] == second else 1
        self._aside = (second, count)
        if count > ASIDE_A_SECOND:
            return False
        log.warning("quarantined a message on %r: %s", topic, reason)
        try:
            await asyncio.to_thread(self._quarantine.quarantine, topic, payload, reason, self._clock.now().ms)
        except StoreError as error:
            log.error("%s", error)
            return False
        return True

    async def _online(self, device: Device, payload: bytes) -> None:
        self._registry.saw_online(device.id, upward.read_online(payload))

    async def _hello(self, device: Device, payload: bytes) -> None:
        self._registry.seen[device.id].hello = upward.read_hello(payload)

    async def _telemetry(self, device: Device, payload: bytes) -> None:
        self._registry.seen[device.id].telemetry = upward.read_telemetry(payload)

    async def _reported(self, device: Device, payload: bytes) -> None:
        reported = upward.read_reported(payload)
        seen = self._registry.seen[device.id]
        seen.shown, seen.error, seen.shown_ms = reported.shown, reported.error, self._clock.now().ms
        if seen.shown == self._wanted(device):
            seen.stale_ms = 0
        if self._is_ahead(reported.shown):
            await self._go_on(device, reported.shown)
        if device.role == "window_display":
            await self._service.handle(commands.ConfirmShown("", device.id, device.window, reported.shown))

    def _is_ahead(self, shown: tuple[int, int]) -> bool:
        """Whether a device shows what is not in the log: a position behind its end, or a later hub epoch. An epoch is
        the time when it began, so one that is still to come was never ours."""
        epoch, revision = shown
        state, now_ms = self._service.state, self._clock.now().ms
        later = (epoch == state.epoch and revision > state.seq) or state.epoch < epoch <= now_ms // 1000
        return later and now_ms - self.set_back_ms > SET_BACK_EVERY_MS

    async def _go_on(self, device: Device, shown: tuple[int, int]) -> None:
        """The data folder was put back behind the hub's back: with a higher epoch the displays follow the hub again."""
        now_ms = self._clock.now().ms
        self.set_back_ms = now_ms
        epoch = max(now_ms // 1000, self._service.state.epoch + 1, shown[0] + 1)
        ours = (self._service.state.epoch, self._service.state.seq)
        words = "%s shows version %s, and the log ends at %s: the data folder was set back; the hub goes on as epoch %s"
        log.error(words, device.id, shown, ours, epoch)
        if self._set_back:
            await self._set_back(epoch)

    async def _events(self, device: Device, payload: bytes) -> None:
        batch = upward.read_events(payload)
        self._registry.saw_epoch(device.id, batch.epoch)
        settled = await asyncio.gather(*(self._settle(device, batch.epoch, press, payload) for press in batch.presses))
        answers = [(press.seq, outcome) for press, outcome in zip(batch.presses, settled, strict=True) if outcome]
        stored = [seq for seq, outcome in answers if not outcome.refused]
        refused = [(seq, outcome.refused) for seq, outcome in answers if outcome.refused]
        if not answers:
            return
        words = next((self._words(outcome) for _, outcome in reversed(answers) if outcome.refused), {})
        # After the commit: the epoch is that of the log on whose disk they are.
        ack = Ack(batch.epoch, stored, refused, self._service.state.epoch, words)
        topic = topics.down(self._hall, device.id, "ack")
        self._publisher.publish(topic, encode(ack), retain=False)

    async def _settle(self, device: Device, epoch: int, press, payload: bytes) -> Outcome | None:
        """What became of the press, once it is on disk; None: the pad must keep it."""
        if isinstance(press, upward.Poison):
            kept = await self._keep_aside(device.id, payload, f"{press.where}: {press.reason}")
            return Outcome(0, 0) if kept else None  # the pad sends it again
        if isinstance(press, upward.Rating):
            outcome = await self._service.handle(self._rating(device, epoch, press))
            # The rules refuse no rating: a refusal means that the hub was too busy to take it.
            return None if outcome.refused else outcome
        if device.role == kiosks.ROLE and isinstance(press, Draw):
            await self._kiosks.draw(device, epoch, press)
            return None  # it has been answered
        if device.role == kiosks.ROLE and isinstance(press, Unprinted):
            await self._kiosks.unprinted(device, epoch, press)
            return Outcome(0, 0)
        if device.role != "call_pad" or not isinstance(press, upward.Call):
            return Outcome(0, 0, "not-possible-now")
        if not 0 <= press.age_ms <= CALL_VALID_MS:
            return Outcome(0, 0, "too-late")
        identity = f"{device.id}:{epoch}:{press.seq}"
        return await self._service.handle(self._command(device, press, identity))

    def _command(self, device: Device, press: upward.Call, identity: str) -> commands.AtWindow | commands.OfWindow:
        """A pad has no room for reasons: its pause is for the first that the hall file has."""
        by = f"device:{device.id}"
        if press.verb == "pause":
            hall = self._service.state.hall
            return commands.PauseWindow(identity, device.window, next(iter(hall.pauses if hall else ()), ""), by)
        if press.verb == "resume":
            return commands.ResumeWindow(identity, device.window, by)
        return commands.PAD_VERBS[press.verb](identity, device.window, press.version, by)

    def _words(self, outcome: Outcome) -> dict[str, str]:
        """Why the rules said no, for a call pad's glass, which has no room for a longer text."""
        said = refusal_words(outcome.refused, outcome.detail or {}, self._service.state.hall)
        return {language: text for language, text in said.items() if len(text) <= TEXT_CHARS}

    def _rating(self, device: Device, epoch: int, press: upward.Rating) -> commands.RecordRating:
        """The press, with the time it was made: known to the moment, or, after a restart, an interval."""
        now = self._clock.now().ms
        known = press.age_ms >= 0
        latest = now - press.age_ms if known else now
        earliest = latest if known else self._pressed_since(device, epoch, press.seq, now)
        if known:
            self._registry.seen[device.id].pressed = epoch, press.seq, latest
        identity = f"{device.id}:{epoch}:{press.seq}"
        return commands.RecordRating(
            identity,
            device.id,
            epoch,
            press.seq,
            press.window,
            press.visit,
            press.level,
            earliest,
            latest,
            role=device.role,
            as_pad=self._registry.spans(device.id, "rating_pad", press.window),
        )

    def _pressed_since(self, device: Device, epoch: int, seq: int, now_ms: int) -> int:
        """When a press was made at the earliest: after one before it whose time is known, or since there is the board.
        Not since the last contact: a pad that cannot deliver a press says other things meanwhile. 0: nobody knows."""
        before = self._registry.seen[device.id].pressed
        if before[0] == epoch and before[1] < seq:
            return before[2]
        return device.registered_ms if device.registered_ms <= now_ms else 0  # the hub's clock was set back

    def clear_revoked(self) -> int:
        """Clears what the broker retains of boards that were revoked; how many boards these are."""
        revoked = [device.id for device in self._registry.devices.values() if device.revoked_ms]
        for device in revoked:
            for name in topics.UP:
                self._publisher.publish(topics.up(self._hall, device, name), b"", retain=True)
        return len(revoked)

    async def heal(self) -> None:
        """Sends the state again to whoever shows something else for longer than HEAL_MS. Runs until cancelled."""
        while True:
            await asyncio.sleep(HEAL_MS / 1000)
            unhealed = self._unhealed()
            self._service.publish_again({it.window for it in unhealed}, {it.zone for it in unhealed})

    def _wanted(self, device: Device) -> Version | None:
        """What the device's glass should show; None: it belongs to nothing that the hall has today."""
        return wanted_version(self._service.state, device.window, device.zone, device.role)

    def _unhealed(self) -> list[Device]:
        now = self._clock.now().ms
        found = []
        for device in self._registry.devices.values():
            seen = self._registry.seen[device.id]
            wanted = self._wanted(device)
            if not seen.online or device.revoked_ms or not wanted:
                seen.stale_ms = 0
                continue
            wrong = seen.shown != wanted
            seen.stale_ms = (seen.stale_ms or now) if wrong else 0
            if wrong and now - max(seen.shown_ms, seen.healed_ms) > HEAL_MS:
                seen.healed_ms = now
                found.append(device)
        return found
