"""What the service needs of the world, each as small as it can be. Adapters and the shipped fakes implement these."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from hub.core.commands import Moment
from hub.core.events import Event


@dataclass(frozen=True, slots=True)
class Entry:
    """One event in the log. `seq` is its position: 1, 2, 3 … without gaps; `at_ms` is hub time since 1970, UTC."""

    seq: int
    at_ms: int
    command_id: str
    event: Event


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a command: the first and last log position it wrote, or the reason why it was refused."""

    first: int
    last: int
    refused: str = ""
    detail: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Commit:
    """One command's share of a transaction. An empty `command_id` is not remembered."""

    command_id: str
    at_ms: int
    outcome: Outcome
    entries: tuple[Entry, ...]


class StoreError(Exception):
    """The store could not write (disk full, folder gone …). Nothing of the batch was stored."""


class EventStore(Protocol):
    """The log. `append` is one transaction that is on disk when it returns; it raises StoreError."""

    def load(self) -> Iterable[Entry]: ...
    def append(self, commits: Sequence[Commit]) -> None: ...
    def outcome(self, command_id: str) -> Outcome | None: ...


class Quarantine(Protocol):
    """Where messages go that cannot be read: raw, bounded, counted."""

    def quarantine(self, topic: str, payload: bytes, reason: str, at_ms: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Device:
    """A board that may speak. `revoked_ms` is 0 while it may. Its secret is not here: only the board has it."""

    id: str
    role: str
    window: str
    client_id: str
    registered_ms: int
    revoked_ms: int = 0


class DeviceBook(Protocol):
    """Where devices are written down."""

    def devices(self) -> list[Device]: ...
    def keep_device(self, device: Device) -> None: ...


class Clock(Protocol):
    """Hub time and the hall's business day; the only place where the hub asks what time it is."""

    def now(self) -> Moment: ...


class Publisher(Protocol):
    """Sends to devices. While the broker is away messages are dropped: all states are sent again at each connect."""

    def publish(self, topic: str, payload: bytes, *, retain: bool) -> None: ...


@dataclass(frozen=True, slots=True)
class DeviceLogin:
    """What a broker must know of a device. `password` is plain only on its way to the broker and the device."""

    device: str
    window: str
    client_id: str
    password: str


class BrokerError(Exception):
    """The broker could not be started, reached, or told. The text says what, where, and what to do."""


class Broker(Protocol):
    """Who may speak: starts and stops the broker (if it is ours), lets a device in, and throws it out at once."""

    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    async def grant(self, login: DeviceLogin) -> None: ...
    async def revoke(self, device: str) -> None: ...


Inbox = Callable[[str, bytes], Awaitable[None]]
"""Takes (topic, payload) of a message from a device."""
