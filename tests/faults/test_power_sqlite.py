"""The hub's own database and service on a disk whose power is cut, two hundred times, at any moment of a hall's life.

Whatever the cut leaves, the hub starts again, the database is sound, everything that was answered is there, nothing is
there that never happened, and the log, its chain, its snapshots and the projections say the same.
"""

from __future__ import annotations

import ast
import asyncio
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from hub import history
from hub.adapters import sqlite_accounts, sqlite_chain, sqlite_store
from hub.adapters.memory import MemoryPublisher, SetClock
from hub.adapters.sqlite_accounts import SqliteAccounts
from hub.adapters.sqlite_schema import migrations
from hub.adapters.sqlite_store import SqliteStore
from hub.core import commands, events, snapshots
from hub.core.commands import Moment
from hub.ports import Commit, Deed, Device, Entry, Outcome, StoreError
from hub.service import HallService
from tests.faults.power_disk import Disk, Platter, watched
from tests.hub.halls import small_hall

CUTS = 200
DAY_MS = 86_400_000
ROUNDS = 20
EPOCH = 1_700_000_000
DESK = "desk:test"
ALARM = Commit(
    "alarm",
    1,
    Outcome(1, 1),
    (Entry(1, 1, "alarm", events.AlarmRaised("long:a", "long", "a", 0, "chief", {"wait": 5})),),
)
"""It has something to tell: rows in the outbox, in the same transaction."""


@dataclass
class Life:
    """What was answered while the hub lived, each with how many operations the disk had done by then."""

    disk: Disk
    answered: list[tuple[int, str, Any]] = field(default_factory=list)
    log: list[Entry] = field(default_factory=list)

    def note(self, kind: str, what: Any) -> None:
        self.answered.append((len(self.disk.operations), kind, what))

    def until(self, done: int, kind: str) -> list[Any]:
        return [what for when, noted, what in self.answered if when <= done and noted == kind]


def live(folder: Path, rounds: int = ROUNDS) -> Life:
    """A hub from its first start on an empty folder, with all that it writes."""
    with watched(folder) as disk:
        life = Life(disk)
        store = SqliteStore(folder / "hall.db")
        accounts = SqliteAccounts(folder / "hall.db")
        store._writer.execute("pragma wal_autocheckpoint=40")
        try:
            store.epoch(EPOCH)
            store.append([ALARM])
            life.note("told", "chief")
            asyncio.run(serve(store, accounts, life, rounds))
            life.log = list(store.load())
        finally:
            accounts.close()
            store.close()
    return life


async def serve(store: SqliteStore, accounts: SqliteAccounts, life: Life, rounds: int) -> None:
    clock = SetClock()
    service = HallService(store, MemoryPublisher(), clock, EPOCH)
    running = asyncio.create_task(service.run())

    async def ask(command: Any) -> Outcome:
        outcome = await service.handle(command)
        life.note("command", (command.id, outcome))
        return outcome

    await ask(commands.ConfigureHall("configure", small_hall(), "the text of the file"))
    for window in ("1", "2"):
        await ask(commands.SignIn(f"in{window}", f"clerk{window}", window, DESK))
    for number in range(rounds):
        draws = [commands.DrawTicket(f"d{number}-{i}", f"v{number}-{i}", "ab"[i % 2], DESK) for i in range(4)]
        presses = [
            commands.RecordRating(f"pad:7:{n}", "pad", 7, n, "1", f"v{number - 1}-0", 1 + n % 5, n, n)
            for n in range(2 * number + 1, 2 * number + 3)
        ]
        await asyncio.gather(*(ask(command) for command in (*draws, *presses)))
        for window in ("1", "2"):
            await ask(commands.CallNext(f"n{number}-{window}", window, service.state.version(window), DESK))
        beside(store, accounts, life, number)
        clock.advance(60_000)
        if number % 10 == 9:  # a day begins, and a snapshot is kept
            clock.moment = Moment(clock.moment.ms + DAY_MS, f"2023-11-{16 + number // 10}")
    await service.drain()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


def beside(store: SqliteStore, accounts: SqliteAccounts, life: Life, number: int) -> None:
    """What is written beside the log, and a checkpoint at times."""
    if number % 5 == 0:
        device = Device(f"pad-{number}", "rating_pad", "1", f"client-{number}", 1000)
        store.keep_device(device)
        life.note("device", device)
    if number % 4 == 0:
        deed = Deed(number, "admin", "127.0.0.1", "login", f"deed-{number}")
        accounts.note(deed)
        life.note("deed", deed)
    if number % 6 == 0:
        store.quarantine("topic", b"rubbish", f"reason-{number}", number)
        life.note("quarantined", f"reason-{number}")
    if number % 7 == 6:
        with suppress(sqlite3.OperationalError):  # the other connections may be reading
            store._writer.execute("pragma wal_checkpoint(truncate)")


def losses(life: Life, done: int, folder: Path) -> list[str]:
    """What is wrong in `folder` after a cut when `done` operations were done; empty: nothing."""
    try:
        store = SqliteStore(folder / "hall.db")
        accounts = SqliteAccounts(folder / "hall.db")
    except StoreError as error:
        return [f"the hub does not start: {error}"]
    with closing(store), closing(accounts):
        found = damage(store, folder)
        log = list(store.load())
        if log != life.log[: len(log)]:
            found.append("the log is another one")
        found += [
            f"lost the answer to {name}" for name, was in life.until(done, "command") if store.outcome(name) != was
        ]
        last = max((outcome.last for _, outcome in life.until(done, "command")), default=0)
        if last > (log[-1].seq if log else 0):
            found.append(f"the log ends before {last}")
        deeds = {deed for _, deed in accounts.deeds(1 << 60, 1000)}
        found += [f"lost {deed}" for deed in life.until(done, "deed") if deed not in deeds]
        told = {row[0] for row in store._reader.execute("select person from outbox")}
        found += [f"lost what {name} must be told" for name in life.until(done, "told") if name not in told]
        devices = store.devices()
        found += [f"lost {device}" for device in life.until(done, "device") if device not in devices]
        kept = {reason for (reason,) in store._reader.execute("select reason from quarantine")}
        found += [f"lost {reason}" for reason in life.until(done, "quarantined") if reason not in kept]
    return found


def damage(store: SqliteStore, folder: Path) -> list[str]:
    """What does not fit together, whatever was answered."""
    found = []
    if store._reader.execute("pragma integrity_check").fetchall() != [("ok",)]:
        found.append("the database is not sound")
    if different := store.rebuild_and_compare(keep=False).differences:
        found.append(f"projections are not as the log says: {different}")
    found += [f"the chain is broken: {v}" for v in sqlite_chain.verify_file(folder / "hall.db") if v.broken]
    if snapshots.to_dict(history.restore(store, EPOCH)) != snapshots.to_dict(
        history.restore(WithoutSnapshots(store), EPOCH)
    ):
        found.append("a snapshot is not as the log says")
    return found


class WithoutSnapshots:
    def __init__(self, store: SqliteStore):
        self.load = store.load
        self.snapshots: Callable[[], tuple[()]] = lambda: ()


def cut(life: Life, folder: Path, seed: int, moments: int = CUTS, first: int = 0) -> list[list[str]]:
    """What is wrong after each of so many cuts, none of them before so many operations."""
    chance = random.Random(seed)
    operations = life.disk.operations
    chosen = sorted(chance.sample(range(first, len(operations)), min(moments, len(operations) - first)))
    platter, done, found = Platter(), 0, []
    for number, moment in enumerate(chosen):
        for operation in operations[done:moment]:
            platter.take(*operation)
        done = moment
        place = folder / str(number)
        place.mkdir()
        platter.cut(place, chance)
        found.append(losses(life, done, place))
    return found


def test_two_hundred_power_cuts_lose_nothing_that_was_answered(tmp_path: Path):
    life = live(folder_of(tmp_path, "life"))
    assert len(life.disk.operations) > 2 * CUTS
    for problems in cut(life, folder_of(tmp_path, "cuts"), 1):
        assert not problems


def test_with_synchronous_normal_something_that_was_answered_is_lost(tmp_path: Path, monkeypatch):
    """The planted mistake: a disk that never loses anything would prove nothing."""
    connect = sqlite_store.connect

    def careless(file: Path) -> Database:
        database = connect(file)
        database.execute("pragma synchronous=normal")
        return database

    for module in (sqlite_store, sqlite_accounts):
        monkeypatch.setattr(module, "connect", careless)
    life = live(folder_of(tmp_path, "life"))
    monkeypatch.undo()
    assert any(cut(life, folder_of(tmp_path, "cuts"), 1, 30))


def test_power_cuts_while_an_empty_folder_becomes_a_database(tmp_path: Path):
    folder = folder_of(tmp_path, "life")
    with watched(folder) as disk:
        life = Life(disk)
        SqliteStore(folder / "hall.db").close()
    for problems in cut(life, folder_of(tmp_path, "cuts"), 2, 40):
        assert not problems


def test_power_cuts_while_the_database_of_an_earlier_version_is_migrated(tmp_path: Path):
    """A log without a chain gets one, and the projections are made again."""
    folder = folder_of(tmp_path, "life")
    before = live(folder_of(tmp_path, "before"), rounds=4)
    old = folder / "hall.db"
    write_as_earlier_version(old, tmp_path / "before" / "hall.db")
    with watched(folder) as disk:
        disk.operations += [("hall.db", "write", 0, old.read_bytes()), ("hall.db", "sync")]
        SqliteStore(old).close()
    life = Life(disk, [(2, kind, what) for _, kind, what in before.answered if kind == "command"], before.log)
    for problems in cut(life, folder_of(tmp_path, "cuts"), 3, 40, first=2):
        assert not problems


def write_as_earlier_version(file: Path, from_file: Path) -> None:
    with closing(sqlite_store.connect(file)) as database, closing(sqlite3.connect(from_file)) as source:
        migrations.apply(database, stop_before="chain_of_the_log")
        columns = "seq, at_ms, command_id, kind, body"
        database.conn.executemany(
            f"insert into log ({columns}) values (?, ?, ?, ?, ?)", source.execute(f"select {columns} from log")
        )
        database.conn.executemany(
            "insert into commands values (?, ?, ?, ?, ?, ?)", source.execute("select * from commands")
        )
        database.execute("insert or replace into meta values ('projections', '')")
        database.execute("pragma wal_checkpoint(truncate)")


ELSEWHERE = {
    ("sqlite_store.py", "connect"): "it sets FULL itself",
    (
        "backup_file.py",
        "_copy_database",
    ): "a copy in a folder that is no backup yet, with SQLite's default, which is FULL",
    ("backup_restore.py", "_set_back"): "an unpacked backup, before it is put in place",
    ("backup_tail.py", "apply"): "an unpacked backup, before it is put in place",
}


def test_every_connection_that_writes_is_made_by_connect_or_named_here():
    folder = Path(sqlite_store.__file__).parent
    found = {
        (file.name, function.name)
        for file in folder.glob("*.py")
        for function in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(function, ast.FunctionDef) and "sqlite3.connect(" in (text := ast.unparse(function))
        if "mode=ro" not in text
    }
    assert found == ELSEWHERE.keys()


def test_connect_sets_what_no_connection_may_lack(tmp_path: Path):
    with closing(sqlite_store.connect(tmp_path / "hall.db")) as database:
        settings = {name: database.execute(f"pragma {name}").fetchone()[0] for name in ("synchronous", "journal_mode")}
    assert settings == {"synchronous": 2, "journal_mode": "wal"}


def folder_of(tmp_path: Path, name: str) -> Path:
    folder = tmp_path / name
    folder.mkdir()
    return folder
