"""The devices of the hall: who may speak, and what each last said of itself."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace

from hub.ports import DEVICE_ROLES, Broker, Device, DeviceBook, DeviceLogin
from protocol.errors import ProtocolError
from protocol.freshness import NOTHING
from protocol.topics import checked_id
from protocol.upward import Hello, Online, Telemetry

ROLES = DEVICE_ROLES


@dataclass(slots=True)
class Seen:
    """What a device last said. `session` is (boot, connection) of the newest presence; times in ms since 1970.
    `stale_ms`: since when its glass shows something else than the hub wants; 0: it does not."""

    online: bool = False
    session: tuple[int, int] = (0, 0)
    hello: Hello | None = None
    shown: tuple[int, int] = NOTHING
    shown_ms: int = 0
    error: str = ""
    telemetry: Telemetry | None = None
    contact_ms: int = 0
    healed_ms: int = 0
    stale_ms: int = 0

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

    def active(self, device: str) -> Device | None:
        """The device, if it is registered and not revoked."""
        found = self.devices.get(device)
        return found if found and not found.revoked_ms else None

    async def register(self, device: str, role: str, window: str) -> DeviceLogin:
        """Lets a device in with a fresh secret, which is in the answer and nowhere else. Raises ProtocolError.

        Registering a known id gives it a new secret; the broker cuts the board that had the old one.
        """
        checked_id(device, "device")
        if role not in ROLES:
            raise ProtocolError("role", "must be one of " + ", ".join(ROLES))
        # The client id is a secret too: who does not know it cannot push the device off the broker with it.
        login = DeviceLogin(device, window, f"{device}-{secrets.token_hex(8)}", secrets.token_urlsafe(24))
        await self._broker.grant(login)
        await self._keep(Device(device, role, window, login.client_id, self._now_ms()))
        return login

    async def revoke(self, device: str) -> None:
        """Throws the device out at once; its history stays. Unknown ones are fine: the wish is fulfilled."""
        found = self.active(device)
        if found is None:
            return
        await self._broker.revoke(device)
        await self._keep(replace(found, revoked_ms=self._now_ms()))

    async def _keep(self, device: Device) -> None:
        # In a thread, because the database may be busy with a batch of presses, and the loop must not wait for that.
        await asyncio.to_thread(self._book.keep_device, device)
        self.devices[device.id] = device
        self.seen[device.id] = Seen()

    def saw_online(self, device: str, online: Online) -> None:
        """Takes a presence or a last will; a will of a session that is older than the newest one is ignored."""
        seen = self.seen[device]
        session = (online.boot, online.connection)
        if session >= seen.session:
            seen.session = session
            seen.online = bool(online.on)
