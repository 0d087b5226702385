"""A hub's data folder with a small hall in it, for the tests of backups."""

from __future__ import annotations

import contextlib
import resource
from pathlib import Path

from hub.adapters.secret_file import keep_secret
from hub.adapters.sqlite_accounts import SqliteAccounts
from hub.adapters.sqlite_store import SqliteStore
from hub.ports import Commit, Deed, Device, Entry, Outcome, User
from tests.hub.halls import Play

NOW_MS = 1_800_000_000_000


class Office:
    """A hall that is played, and written to `data` as the hub would."""

    def __init__(self, data: Path):
        self.data = data
        data.mkdir(mode=0o700)
        keep_secret(data / "secret")
        (data / "broker").mkdir()
        self.logins("one")
        self.play = Play()
        self.store = SqliteStore(data / "hall.db")
        self.store.epoch(7)
        self._written = 0
        self.play.sign_in()
        self.work(1)

    def logins(self, text: str) -> None:
        (self.data / "broker" / "logins.json").write_text(text)

    def work(self, tickets: int = 1) -> None:
        """Draws, calls and rates; everything is on disk when this returns."""
        for _ in range(tickets):
            self.play.ms += 1000
            visit = self.play.draw()
            self.play.press("next")
            self.play.rate(visit, seq=len(self.play.log))
        for seq, at_ms, event in self.play.log[self._written :]:
            entry = Entry(seq, at_ms, f"c{seq}", event)
            self.store.append([Commit(entry.command_id, at_ms, Outcome(seq, seq), (entry,))])
        self._written = len(self.play.log)

    def hire(self, name: str) -> None:
        """A user more, and a line of the audit."""
        accounts = SqliteAccounts(self.data / "hall.db")
        accounts.keep_user(User(name, "clerk", name, "hash"), Deed(NOW_MS, "admin", "::1", "user.keep", name))
        accounts.close()

    def register(self, name: str) -> None:
        self.store.keep_device(Device(name, "rating_pad", "1", "x", NOW_MS))

    @property
    def seq(self) -> int:
        return self._written


@contextlib.contextmanager
def files_of_at_most(size: int):
    """As on a full disk: what does not fit any more is not written, and the rest is."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
