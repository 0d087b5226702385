"""The hub's disk: a log in memory with what a file system has kept of it, and backups of every moment.

A process that is killed loses nothing that was written; a power cut loses what was not synced yet. The store writes
with `synchronous=FULL`, so a commit is synced when `append` returns; `lazy` is a store that does not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hub.adapters.memory import MemoryStore
from hub.core.events import HubRestored
from hub.ports import Commit, StoreError

LAZY_COMMITS = 20
"""How many commits a store that does not sync leaves to the operating system."""


class Disk(MemoryStore):
    """`before(commits)` is called when a batch is about to be written, `after(commits)` when it is on disk."""

    def __init__(
        self,
        time_s: Callable[[], float],
        before: Callable[[Sequence[Commit]], None],
        after: Callable[[Sequence[Commit]], None],
    ):
        super().__init__()
        self.commits: list[Commit] = []
        self.lazy = self.full = False
        self._time_s = time_s
        self._before = before
        self._after = after
        self._times: list[float] = []
        self._synced = 0
        self._first_epoch = self._epoch = 0
        self._restored_ms: int | None = None

    def append(self, commits: Sequence[Commit]) -> None:
        self._before(commits)
        if self.full:
            raise StoreError("the disk is full")
        super().append(commits)
        self.commits.extend(commits)
        self._times.extend([self._time_s()] * len(commits))
        for commit in commits:
            self._follow_epoch(commit)
        if not self.lazy or len(self.commits) - self._synced > LAZY_COMMITS:
            self._synced = len(self.commits)
        self._after(commits)

    def _follow_epoch(self, commit: Commit) -> None:
        for entry in commit.entries:
            if isinstance(entry.event, HubRestored):
                self._epoch, self._restored_ms = entry.event.epoch, None

    def epoch(self, now_s: int) -> int:
        self._first_epoch = self._first_epoch or now_s
        self._epoch = self._epoch or now_s
        return self._epoch

    @property
    def present_epoch(self) -> int:
        return self._epoch

    @property
    def last_seq(self) -> int:
        return self.entries[-1].seq if self.entries else 0

    def last_ms(self) -> int:
        return self.entries[-1].at_ms if self.entries else 0

    def restored_ms(self) -> int | None:
        return self._restored_ms

    def set_back(self, now_s: int) -> None:
        """What restoring a backup does to the database that it puts in place; see SqliteStore.set_back."""
        self._epoch = max(now_s, self._epoch + 1)
        self._restored_ms = self.last_ms()

    def cut_power(self) -> int:
        """What was not synced is gone; how many commits that were."""
        return self._cut(self._synced)

    def restore(self, back_s: float, now_s: int) -> int:
        """The database of `back_s` seconds ago takes the place of this one; how many commits are lost by that."""
        kept = sum(at <= self._time_s() - back_s for at in self._times)
        lost = self._cut(max(kept, 2))  # no backup is older than the hall itself
        self._epoch = self._first_epoch
        for commit in self.commits:
            self._follow_epoch(commit)
        self.set_back(now_s)
        return lost

    def _cut(self, kept: int) -> int:
        lost = len(self.commits) - kept
        if lost > 0:
            commits, times = self.commits[:kept], self._times[:kept]
            self.commits, self._times, self.entries, self.outcomes = [], [], [], {}
            for commit in commits:
                MemoryStore.append(self, [commit])
            self.commits, self._times = commits, times
            end = self.entries[-1].seq if self.entries else 0
            self.kept_snapshots = {seq: one for seq, one in self.kept_snapshots.items() if seq <= end}
        self._synced = min(self._synced, len(self.commits))
        return lost
