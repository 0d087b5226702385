"""The devices of the hall: who may speak, and what each last said of itself."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace

from hub.devices.clones import Turns
from hub.ports import DEVICE_ROLES, Broker, BrokerError, Device, DeviceBook, DeviceLogin, binding_of
from protocol.errors import ProtocolError
from protocol.freshness import NOTHING
from protocol.topics import checked_id
from protocol.upward import Hello, Online, Telemetry

ROLES = DEVICE_ROLES

TELL_AGAIN_S = 2
"""Pause before a broker that did not answer is asked again: a revoked device should be out within 5 s."""

PAST_RUNS = 8
"""Starts of a board of which a late word is known as that."""

SLACK_MS = 600_000
"""How long a board that was moved may still be at its old place: it is told after the hub has written it down."""

STILL_MS = 2**53
"""When something ends that lasts."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Seen:
    """What a device last said. `session` is (boot, connection) of the newest presence, `run` the random number of that
    start, `past_runs` has those of the starts before it; times in ms since 1970.
    `stale_ms`: since when its glass shows something else than the hub wants; 0: it does not. `pressed`: epoch, number
    and time of the last press whose time is known. `has_clone`: another board passes for it. `is_locked_out`: the
    broker does not know its secret. Both are over when it is registered anew."""

    online: bool = False
    session: tuple[int, int] = (0, 0)
    run: int = 0
    past_runs: deque[int] = field(default_factory=lambda: deque(maxlen=PAST_RUNS))
    hello: Hello | None = None
    shown: tuple[int, int] = NOTHING
    shown_ms: int = 0
    error: str = ""
    telemetry: Telemetry | None = None
    pressed: tuple[int, int, int] = (0, 0, 0)
    healed_ms: int = 0
    stale_ms: int = 0
    has_clone: bool = False
    is_locked_out: bool = False
    runs: Turns = field(default_factory=Turns)
    epochs: Turns = field(default_factory=Turns)

    @property
    def pending(self) -> int:
        """Presses that waited in its journal when it last said so."""
        return self.telemetry.pending if self.telemetry else 0


class Registry:
    """Registers devices at the hub and at the broker. `now_ms` gives hub time."""

    def __init__(self, book: DeviceBook, broker: Broker, now_ms: Callable[[], int]):
        self._book = book
        self._broker = broker
        self._now_ms = now_ms
        self.devices = {device.id: device for device in book.devices()}
        self.seen: dict[str, Seen] = {device: Seen() for device in self.devices}
        self._bindings = book.bindings()
        self._owed: set[str] = set()

    def active(self, device: str) -> Device | None:
        """The device, if it is registered and not revoked."""
        found = self.devices.get(device)
        return found if found and not found.revoked_ms else None

    def spans(self, device: str, role: str, window: str) -> tuple[tuple[int, int], ...]:
        """From when until when, in ms, the device was in that role at that window; or its board, under another name. Of
        whose past nothing is written it has been what it is ever since."""
        known = self.devices[device]
        board = known.board
        own = [it for it in self._bindings if it.device == device or (board and it.board == board)]
        own = own or [binding_of(known, 0)]
        ends = [binding.from_ms + SLACK_MS for binding in own[1:]] + [STILL_MS]
        found = zip(own, ends, strict=True)
        return tuple((it.from_ms, end) for it, end in found if (it.role, it.window) == (role, window))

    async def reconcile(self) -> None:
        """Makes the broker let in those who are registered here, and nobody else: of two lists that came apart, because
        one of them was restored, this one counts. Whose secret the broker does not know is told. Raises BrokerError."""
        active = [device for device in self.devices.values() if not device.revoked_ms]
        locked_out = await self._broker.reconcile(active)
        for device in locked_out:
            self.seen[device].is_locked_out = True
        if locked_out:
            words = "the broker does not know the secrets of %s: these boards cannot connect; register them anew"
            log.error(words, ", ".join(sorted(locked_out)))

    def lets_in(self, asked: Device) -> bool:
        """Whether a board that has this client id is let in as this device, just as `asked` says: then it needs no new
        secret."""
        found = self.active(asked.id)
        if not found or self.seen[asked.id].has_clone or self.seen[asked.id].is_locked_out:
            return False
        is_its_own = secrets.compare_digest(found.client_id.encode(), asked.client_id.encode())
        return is_its_own and found == replace(asked, registered_ms=found.registered_ms)

    async def register(
        self, device: str, role: str, window: str, board: str = "", language: str = "", zone: str = ""
    ) -> DeviceLogin:
        """Lets a device in with a fresh secret, which is in the answer and nowhere else. Raises ProtocolError.

        Registering a known id gives it a new secret; the broker cuts the board that had the old one.
        """
        checked_id(device, "device")
        if role not in ROLES:
            raise ProtocolError("role", "must be one of " + ", ".join(ROLES))
        # The client id is a secret too: who does not know it cannot push the device off the broker with it.
        login = DeviceLogin(device, window, f"{device}-{secrets.token_hex(8)}", secrets.token_urlsafe(24), zone)
        known = self.devices.get(device)
        self._owed.discard(device)
        try:
            await self._broker.grant(login)
        except BrokerError:
            if known and known.revoked_ms:
                self._owed.add(device)
            raise
        # What waits in its journal may be older than its new secret.
        since_ms = known.registered_ms if known else self._now_ms()
        await self._keep(Device(device, role, window, login.client_id, since_ms, 0, board, language, zone))
        return login

    async def revoke(self, device: str) -> None:
        """Throws the device out at once; its history stays. Unknown ones are fine: the wish is fulfilled.

        Raises BrokerError: the hub does not listen to it any more, but the broker still lets it in.
        """
        found = self.devices.get(device)
        if found is None:
            return
        if not found.revoked_ms:
            await self._keep(replace(found, revoked_ms=self._now_ms()))
        self._owed.add(device)  # a broker that does not answer now is told later
        await self._broker.revoke(device)
        self._owed.discard(device)

    async def settle(self, device: str, **changes: str) -> None:
        """Writes down that its `window`, `zone` or `language` is another; its rights are then those of the place, and
        it keeps its secret. Raises BrokerError, and nothing has changed."""
        before = self.devices[device]
        after = replace(before, **changes)
        await self._write(after)
        if (before.window, before.zone) == (after.window, after.zone):
            return
        try:
            await self.reconcile()
        except BrokerError:
            await self._write(before)
            raise

    async def keep_telling(self) -> None:
        """Tells the broker of those whom it could not be told of when they were revoked. Runs until cancelled."""
        while True:
            await asyncio.sleep(TELL_AGAIN_S)
            for device in sorted(self._owed):
                with suppress(BrokerError):  # said when it was revoked
                    if device in self._owed:  # not registered anew meanwhile
                        await self._broker.revoke(device)
                        self._owed.discard(device)

    async def _keep(self, device: Device) -> None:
        await self._write(device)
        self.seen[device.id] = Seen()

    async def _write(self, device: Device) -> None:
        # In a thread, because the database may be busy with a batch of presses, and the loop must not wait for that.
        now_ms = self._now_ms()
        await asyncio.to_thread(self._book.keep_device, device, now_ms)
        self.devices[device.id] = device
        self._bindings.append(binding_of(device, now_ms))

    def saw_online(self, device: str, online: Online) -> None:
        """Takes a presence or a last will; one of a session that is older than the newest one is ignored."""
        seen = self.seen[device]
        if _is_newest(seen, online):
            if seen.run not in (0, online.run):
                seen.past_runs.append(seen.run)
            seen.session, seen.run = (online.boot, online.connection), online.run
            seen.online = bool(online.on)
        if online.on:
            self._watch_turns(device, seen.runs, online.run)

    def saw_epoch(self, device: str, epoch: int) -> None:
        """Takes the epoch of a journal that presses came from."""
        self._watch_turns(device, self.seen[device].epochs, epoch)

    def _watch_turns(self, device: str, turns: Turns, number: int) -> None:
        seen = self.seen[device]
        if turns.are_two(number, self._now_ms()) and not seen.has_clone:
            seen.has_clone = True
            words = "two boards speak as %s and push each other off the broker: register it anew, and flash one of them"
            log.error(words, device)


def _is_newest(seen: Seen, online: Online) -> bool:
    """Whether it is of the newest session. Starts are counted in the board's flash; when that was erased they begin
    again with one. So another start of a board that is away is the newest, whatever it counts."""
    if online.run in seen.past_runs:
        return False
    is_another_start = online.on and not seen.online and online.run not in (0, seen.run)
    return bool(is_another_start) or (online.boot, online.connection) >= seen.session
