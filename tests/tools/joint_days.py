"""Days of Songshan Lake and its two branches, each played by the rules of its hall and kept in a data folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hub.adapters.sqlite_store import SqliteStore
from hub.core.state import State
from hub.ports import Commit, Entry, Outcome
from hub.waiting import Waiting
from tests.halls.days import WEDNESDAY, PlayedDay, the_hall
from tools.days.generator import make
from tools.days.profiles import PROFILES

VISITS = {"songshan-lake": 240, "songshan-lake-north": 130, "songshan-lake-south": 60}
"""Fewer in the main hall than on its own days, so that a test is quick."""


def played(name: str, day: str = WEDNESDAY, visits: int = 0) -> PlayedDay:
    """A working day with so many visits; each ticket was promised a waiting time."""
    hall = the_hall(name)
    profile = replace(PROFILES["songshan-lake"], visits={"workday": visits or VISITS[name]}, holds=0.05, leaves=0.05)
    waiting: list[Waiting] = []

    def promise(state: State, command, now_ms: int):
        if not waiting:
            waiting.append(Waiting(lambda: state, timer=lambda: 0.0))
        return waiting[0].promise(command, now_ms)

    return PlayedDay(hall, make(hall, profile, day, seed=3), promise)


def keep(log: list[Entry], folder: Path) -> Path:
    """Writes `log` as the hub of the hall would have; `folder`."""
    folder.mkdir(parents=True)
    store = SqliteStore(folder / "hall.db")
    store.append([Commit("", entry.at_ms, Outcome(entry.seq, entry.seq), (entry,)) for entry in log])
    store.close()
    return folder
