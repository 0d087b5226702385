"""What the service needs of the world, each as small as it can be. Adapters and the shipped fakes implement these."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from hub.core.commands import Moment
from hub.core.events import Event
from hub.core.ratings import NO_WORDS, Words
from protocol.upkeep import Answer
from protocol.upward import Hello, Telemetry


@dataclass(frozen=True, slots=True)
class Entry:
    """One event in the log. `seq` is its position and only grows; `at_ms` is hub time since 1970, UTC."""

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
    """One command's share of a transaction. An empty `command_id` is not remembered. `words`: what a person said with
    it, for a table that can be deleted from; they belong to the first of the entries."""

    command_id: str
    at_ms: int
    outcome: Outcome
    entries: tuple[Entry, ...]
    words: Words = NO_WORDS


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state right after the log position `seq`. Only a program of the same `shape` can read `body`."""

    seq: int
    shape: str
    body: bytes


SNAPSHOTS = 3
"""How many snapshots a store keeps: if one is damaged, the one before costs a day's log more."""


class StoreError(Exception):
    """The store could not write (disk full, folder gone …). Nothing of the batch was stored."""


class EventStore(Protocol):
    """The log. `append` is one transaction that is on disk when it returns; it raises StoreError, as `keep_snapshot`
    does. `load`: the entries after a position, in order; `snapshots`: the last few, the newest first."""

    def load(self, after_seq: int = 0) -> Iterable[Entry]: ...
    def append(self, commits: Sequence[Commit]) -> None: ...
    def outcome(self, command_id: str) -> Outcome | None: ...
    def snapshots(self) -> Iterable[Snapshot]: ...
    def keep_snapshot(self, snapshot: Snapshot) -> None: ...


class Quarantine(Protocol):
    """Where messages go that cannot be read: raw, bounded, counted."""

    def quarantine(self, topic: str, payload: bytes, reason: str, at_ms: int) -> None: ...


DEVICE_ROLES = ("window_display", "rating_pad", "call_pad", "hall_board", "announcer", "kiosk")
OF_ZONE = ("hall_board", "announcer", "kiosk")
"""Roles of devices that belong to a zone; the others belong to a window."""
"""What a device can be."""


@dataclass(frozen=True, slots=True)
class Device:
    """A board that may speak. `revoked_ms` is 0 while it may. Its secret is not here: only the board has it. `board` is
    its MAC address as far as that is known, such as 24:0a:c4:00:00:01; `language` that of its own texts. It belongs to
    a window or to a zone; the other is empty."""

    id: str
    role: str
    window: str
    client_id: str
    registered_ms: int
    revoked_ms: int = 0
    board: str = ""
    language: str = ""
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Binding:
    """What a device has been from `from_ms` on: its role, the window that it belongs to, which may be empty, and the
    hardware, if known. `role` empty: it was revoked."""

    device: str
    role: str
    window: str
    board: str
    from_ms: int


def binding_of(device: Device, from_ms: int) -> Binding:
    """What the device is from then on."""
    role = "" if device.revoked_ms else device.role
    return Binding(device.id, role, device.window, device.board, from_ms)


class DeviceBook(Protocol):
    """Where devices are written down, and what each has been since when. `bindings`: as they were written, the
    oldest first. `keep_device`: it is so from `at_ms` on."""

    def devices(self) -> list[Device]: ...
    def bindings(self) -> list[Binding]: ...
    def keep_device(self, device: Device, at_ms: int = 0) -> None: ...


class Clock(Protocol):
    """Hub time and the hall's business day; the only place where the hub asks what time it is.

    `kind` is what the calendar calls a day (YYYY-MM-DD): "workday", "restday" or "holiday". `midnight_ms`: the
    moment from which the minutes of a day are counted. `drift_ms`: by how much the machine's clock is before hub time;
    ten minutes and more means that somebody set it.
    """

    @property
    def drift_ms(self) -> int: ...

    def now(self) -> Moment: ...
    def kind(self, day: str) -> str: ...
    def midnight_ms(self, day: str) -> int: ...
    def configure(self, timezone: str, day_starts: str, country: str) -> None: ...


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
    zone: str = ""


class BrokerError(Exception):
    """The broker could not be started, reached, or told. The text says what, where, and what to do."""


class Broker(Protocol):
    """Who may speak: starts and stops the broker (if it is ours), lets a device in, and throws it out at once.

    `reconcile` throws everybody out but `devices`, whose rights are then those of today, and answers which of them the
    broker cannot let in, since it does not know the secret that was drawn for them last. All raise BrokerError."""

    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    async def grant(self, login: DeviceLogin) -> None: ...
    async def revoke(self, device: str) -> None: ...
    async def reconcile(self, devices: Sequence[Device]) -> set[str]: ...


Inbox = Callable[[str, bytes], Awaitable[None]]
"""Takes (topic, payload) of a message from a device."""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who logs in. `role` is one of hub.permissions.ROLES; `password` is an argon2id hash."""

    name: str
    role: str
    display: str
    password: str


@dataclass(frozen=True, slots=True)
class Token:
    """What lets a request in: a login of `name` (`kind` "session"), or the key of a machine called `name` ("key").

    Only the SHA-256 of the secret is kept (`digest`, hex). `expires_ms` 0: never. `used_ms`: last seen, to the minute.
    """

    digest: str
    kind: str
    name: str
    role: str
    expires_ms: int
    used_ms: int


@dataclass(frozen=True, slots=True)
class Deed:
    """A line of the audit: who did what to what, when, and from which address. `before` and `after`: what was changed,
    as JSON without secrets; empty where there was, or is, nothing."""

    at_ms: int
    who: str
    address: str
    action: str
    subject: str
    before: str = ""
    after: str = ""


class UserBook(Protocol):
    """Who may log in. Each change is written together with its line of the audit. All raise StoreError."""

    def users(self) -> list[User]: ...
    def keep_user(self, user: User, deed: Deed) -> None: ...
    def drop_user(self, name: str, deed: Deed) -> None: ...
    def note(self, deed: Deed) -> None: ...
    def deeds(self, before_id: int, limit: int) -> list[tuple[int, Deed]]: ...


class TokenBook(Protocol):
    """What lets requests in. `touch` writes `used_ms` anew. All raise StoreError."""

    def tokens(self) -> list[Token]: ...
    def keep_token(self, token: Token, deed: Deed, instead_of: str = "") -> None: ...
    def drop_token(self, digest: str, deed: Deed) -> None: ...
    def touch(self, digest: str, used_ms: int) -> None: ...


class SetupBook(Protocol):
    """The one-time token that makes the first admin.

    `setup_token` draws it, or is None when there is an admin. `use_setup_token` makes `user` the first admin if
    `token` is the right one; False when it is not, or when there is an admin already.
    """

    def setup_token(self) -> str | None: ...
    def is_setup_token(self, token: str) -> bool: ...
    def use_setup_token(self, token: str, user: User, deed: Deed) -> bool: ...


class AccountBook(UserBook, TokenBook, SetupBook, Protocol):
    """All of it: one database keeps them."""


Row = dict[str, object]
"""A line of a report, as JSON values."""


class Figures(Protocol):
    """What days came to: sums by anything of hub.core.dimensions.BY (see hub.core.tallies.row); of a day for each
    service how many of the waiting times that were promised held. Raises StoreError."""

    def tables(self, first: str, last: str, bys: Sequence[str]) -> dict[str, list[Row]]: ...
    def promises(self, day: str) -> list[Row]: ...


class TimeSpent(Protocol):
    """How the time of a day was spent; what lasts ends at `now_ms`. Raises StoreError."""

    def visit_periods(self, day: str, now_ms: int) -> list[Row]: ...
    def clerk_periods(self, day: str, now_ms: int) -> list[Row]: ...


class Lines(Protocol):
    """Days line by line: tickets, calls, ratings; see hub.adapters.sqlite_lines. Raises StoreError."""

    def lines(self, what: str, first: str, last: str) -> Iterator[Row]: ...
    async def workbook(self, what: str, first: str, last: str, to: Path) -> None: ...


class Records(Protocol):
    """What went wrong, or waits. Raises StoreError."""

    def quarantined(self) -> list[Row]: ...
    def untold(self) -> list[Row]: ...
    def outbox(self) -> dict[str, int]: ...
    def invitations(self) -> dict[str, int]: ...
    def exchange(self) -> dict[str, int]: ...


class Reports(Figures, TimeSpent, Records, Protocol):
    """Figures, and what they were made from."""


class Answers(Protocol):
    """Bad ratings, marks and invitations, line by line. Raises StoreError."""

    def reviews(self, first: str, last: str, only_open: bool = False) -> list[Row]: ...
    def review(self, review: str) -> Row | None: ...
    def review_sums(self, first: str, last: str) -> Row: ...
    def published(self) -> list[Row]: ...
    def marks(self, first: str, last: str) -> list[Row]: ...
    def to_call(self) -> list[Row]: ...


class DeviceSeen(Protocol):
    """What a device last said of itself; see hub.devices.registry.Seen."""

    @property
    def online(self) -> bool: ...
    @property
    def session(self) -> tuple[int, int]: ...
    @property
    def shown(self) -> tuple[int, int]: ...
    @property
    def hello(self) -> Hello | None: ...
    @property
    def telemetry(self) -> Telemetry | None: ...
    @property
    def error(self) -> str: ...
    @property
    def stale_ms(self) -> int: ...
    @property
    def has_clone(self) -> bool: ...
    @property
    def is_locked_out(self) -> bool: ...
    @property
    def pending(self) -> int: ...


class DeviceDesk(Protocol):
    """Lets devices in and throws them out; see hub.devices.registry. `register` raises ProtocolError and BrokerError,
    `revoke` and `settle` BrokerError. `lets_in` says whether a board that has the client id of `asked` is let in just
    as `asked` says."""

    @property
    def devices(self) -> Mapping[str, Device]: ...
    @property
    def seen(self) -> Mapping[str, DeviceSeen]: ...
    async def register(
        self, device: str, role: str, window: str, board: str = "", language: str = "", zone: str = ""
    ) -> DeviceLogin: ...
    def lets_in(self, asked: Device) -> bool: ...
    def active(self, device: str) -> Device | None: ...
    async def settle(self, device: str, **changes: str) -> None: ...
    async def revoke(self, device: str) -> None: ...


class NoAnswer(Exception):
    """A device did not answer in time, or cannot do what it was asked for; the text says which."""


@dataclass(slots=True)
class Glass:
    """What a device has on its glass: `rows` of width / 8 bytes each, a bit per pixel, the highest on the left."""

    width: int = 0
    height: int = 0
    rows: bytearray = field(default_factory=bytearray)


LINES_KEPT = 200
"""Lines of a device's log, while somebody reads along."""


@dataclass(slots=True)
class Diary:
    """The log of a device as far as it was told: `lines` are (number, text), the number growing, `count` the last one.
    `crash`: the traceback of what it fell over last; empty: nothing since the hub started."""

    lines: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=LINES_KEPT))
    crash: list[str] = field(default_factory=list)
    count: int = 0


class DeviceOrders(Protocol):
    """Asks devices to do something now; see hub.devices.orders. `ask` and `push` raise NoAnswer."""

    @property
    def diaries(self) -> Mapping[str, Diary]: ...
    async def ask(self, device: str, verb: str, seconds: int = 0) -> tuple[Answer, Glass]: ...
    async def push(self, device: str, rev: int, changes: Mapping[str, Any]) -> None: ...


class BackupState(Protocol):
    """How the backups are, for people who must know before they need one. In ms since 1970, 0: not yet: when the last
    good one was made, until when what came after it is written down, and when one was last restored as a whole.
    `last_error`: what is wrong now, in words."""

    @property
    def last_good_ms(self) -> int: ...
    @property
    def tail_ms(self) -> int: ...
    @property
    def tested_ms(self) -> int: ...
    @property
    def last_error(self) -> str: ...


class BrokerLink(Protocol):
    """How the connection to the broker is: for people who ask why a display is dark."""

    @property
    def connected(self) -> bool: ...
    @property
    def last_error(self) -> str: ...


class LinkCounts(Protocol):
    """What the connection to the broker has counted since the start."""

    @property
    def reconnects(self) -> int: ...
    @property
    def received(self) -> int: ...
    @property
    def published(self) -> int: ...
    @property
    def dropped(self) -> int: ...


class ReleaseError(Exception):
    """It is no release, not one of ours, or boards do not take it now. The text says why."""


class ReleaseDesk(Protocol):
    """Releases of the firmware, and how one of them reaches boards. `add`, `begin` raise ReleaseError; whatever changes
    something raises StoreError. `status`: as JSON can say it; empty: nothing was ever rolled out."""

    def releases(self) -> list[Row]: ...
    def add(self, packed: bytes) -> Row: ...
    def status(self) -> Row: ...
    async def begin(self, made: int) -> None: ...
    async def stop(self) -> None: ...
    async def resume(self) -> None: ...


class NotPrinted(Exception):
    """A slip is not out. `code`: "none" (no printer stands there), "silent" (it does not answer), "paper" (it has
    none)."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


class Printers(Protocol):
    """Receipt printers, each beside a kiosk."""

    def paper(self, kiosk: str) -> int:
        """Width in mm; 0: no printer stands there."""
        ...

    async def print(self, kiosk: str, slip: bytes) -> None:
        """Raises NotPrinted."""
        ...


class SlipDesk(Protocol):
    """Prints slips for pages."""

    def has_printer(self, kiosk: str) -> bool: ...

    async def print(self, kiosk: str, visit: str, number: str, language: str) -> None:
        """Raises NotPrinted."""
        ...
