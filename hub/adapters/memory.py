"""Adapters without a disk or a network: for tests and simulations. They keep the same contract as the real ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from hub.adapters.calendar import Calendar
from hub.adapters.clock import midnight_ms
from hub.core.commands import Moment
from hub.ports import SNAPSHOTS, Binding, Commit, Device, Entry, Outcome, Snapshot, StoreError, binding_of


class MemoryStore:
    """A log in memory. `fail_with` makes the next `append` fail, as a full disk would."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.outcomes: dict[str, Outcome] = {}
        self.kept_snapshots: dict[int, Snapshot] = {}
        self.fail_with = ""
        self.kept_devices: dict[str, Device] = {}
        self.kept_bindings: list[Binding] = []
        self.quarantined: list[tuple[str, bytes, str]] = []

    def load(self, after_seq: int = 0) -> Iterable[Entry]:
        return [entry for entry in self.entries if entry.seq > after_seq]

    def append(self, commits: Sequence[Commit]) -> None:
        if self.fail_with:
            raise StoreError(self.fail_with)
        for commit in commits:
            if commit.command_id:
                self.outcomes[commit.command_id] = commit.outcome
            self.entries.extend(commit.entries)

    def outcome(self, command_id: str) -> Outcome | None:
        return self.outcomes.get(command_id)

    def snapshots(self) -> Iterable[Snapshot]:
        return [self.kept_snapshots[seq] for seq in sorted(self.kept_snapshots, reverse=True)]

    def keep_snapshot(self, snapshot: Snapshot) -> None:
        if self.fail_with:
            raise StoreError(self.fail_with)
        self.kept_snapshots[snapshot.seq] = snapshot
        for seq in sorted(self.kept_snapshots)[:-SNAPSHOTS]:
            del self.kept_snapshots[seq]

    def devices(self) -> list[Device]:
        return list(self.kept_devices.values())

    def bindings(self) -> list[Binding]:
        return list(self.kept_bindings)

    def keep_device(self, device: Device, at_ms: int = 0) -> None:
        self.kept_devices[device.id] = device
        self.kept_bindings.append(binding_of(device, at_ms))

    def quarantine(self, topic: str, payload: bytes, reason: str, at_ms: int) -> None:
        self.quarantined.append((topic, payload, reason))


class MemoryPublisher:
    """Keeps what was published: `retained` has the last payload of a topic, `sent` everything in order."""

    def __init__(self) -> None:
        self.retained: dict[str, bytes] = {}
        self.sent: list[tuple[str, bytes]] = []

    def publish(self, topic: str, payload: bytes, *, retain: bool) -> None:
        self.sent.append((topic, payload))
        if retain:
            self.retained[topic] = payload


class SetClock:
    """A clock that stands still until it is set, in Shanghai; `kinds` has the days that are not as the week says."""

    def __init__(self, ms: int = 1_700_000_000_000, day: str = "2023-11-15"):
        self.moment = Moment(ms, day)
        self.kinds: dict[str, str] = {}
        self.configured = ("", "", "")
        self.drift_ms = 0

    def configure(self, timezone: str, day_starts: str, country: str) -> None:
        """Only remembered: this clock is set by hand."""
        self.configured = (timezone, day_starts, country)

    def now(self) -> Moment:
        return self.moment

    def advance(self, ms: int) -> None:
        self.moment = Moment(self.moment.ms + ms, self.moment.day)

    def kind(self, day: str) -> str:
        return self.kinds.get(day) or _MONDAY_TO_FRIDAY.kind(day)

    def midnight_ms(self, day: str) -> int:
        return midnight_ms(_SHANGHAI, day)


_MONDAY_TO_FRIDAY = Calendar("")
_SHANGHAI = ZoneInfo("Asia/Shanghai")
