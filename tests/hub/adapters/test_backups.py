"""What the hub does for its backups by itself: a real thread, real processes, a real folder."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyrage
import pytest

from hub.adapters import backup_restore, backups
from hub.adapters.backup_file import BackupError, backups_in
from hub.adapters.backups import Backups
from hub.core.commands import Moment
from hub.core.keeping import DAY_MS, HOUR_MS
from tests.hub.adapters.backups import NOW_MS, Office

KEY = pyrage.x25519.Identity.generate()
PATIENCE_S = 60


@pytest.fixture
def office(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(backups, "TAIL_S", 0.05)
    monkeypatch.setattr(backups, "FIRST_S", 0.02)
    office = Office(tmp_path / "data")
    yield office
    office.store.close()


class Running:
    """Backups at work, with a clock that a test can set."""

    def __init__(self, office: Office, recipients: tuple[str, ...] = ()):
        self.folder = office.data.parent / "backups"
        self.ms = NOW_MS
        hall_file = Path("hub/halls/songshan-lake.toml")
        self.backups = Backups(office.data, self.folder, recipients, "small", hall_file, self.now)

    def now(self) -> Moment:
        return Moment(self.ms, f"day-{self.ms // DAY_MS}")

    def names(self) -> list[str]:
        return [backup.file.name for backup in backups_in(self.folder)]


@contextmanager
def running(office: Office, *recipients: str) -> Iterator[Running]:
    run = Running(office, recipients)
    run.backups.start()
    try:
        yield run
    finally:
        run.backups.stop()


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def head(run: Running, identities=()) -> int:
    return backup_restore.check(run.folder, run.folder.parent, identities, run.ms).head.key


def test_a_backup_at_once_a_tail_after_it_and_another_in_an_hour(office):
    with running(office) as run:
        until(lambda: run.backups.last_good_ms)
        assert (run.backups.last_good_ms, run.backups.tested_ms, run.backups.last_error) == (NOW_MS, NOW_MS, "")
        office.work(3)
        run.ms += 5000
        until(lambda: run.backups.tail_ms == run.ms)
        assert head(run) == office.seq
        run.ms += HOUR_MS
        until(lambda: run.backups.last_good_ms == run.ms)
        assert len(run.names()) == 2
        assert run.backups.tested_ms == NOW_MS  # once a day
        office.work(1)
    assert head(run) == office.seq  # the last piece is written at the end


def test_a_hub_that_starts_again_within_the_hour_makes_no_other_backup(office):
    recipient = str(KEY.to_public())
    for _ in range(3):
        with running(office, recipient) as run:
            until(lambda: run.backups.tail_ms)
            office.work(1)
    assert len(run.names()) == 1
    assert head(run, [KEY]) == office.seq


def test_after_a_restore_a_new_backup_is_made_at_once(office, tmp_path: Path):
    with running(office) as run:
        until(lambda: run.backups.last_good_ms)
        shutil.copytree(office.data, tmp_path / "older")
        office.work(2)
    office.store.close()
    shutil.rmtree(office.data)
    shutil.move(tmp_path / "older", office.data)
    again = Running(office)
    again.ms += 1000
    again.backups.start()
    until(lambda: again.backups.last_good_ms == again.ms)
    again.backups.stop()
    assert len(again.names()) == 2


def test_what_is_wrong_is_said_and_mends_itself(office):
    run = Running(office)
    run.folder.write_text("a file where the folder should be")
    run.backups.start()
    try:
        until(lambda: "cannot make the folder" in run.backups.last_error)
        assert run.backups.last_good_ms == 0
        run.folder.unlink()
        time.sleep(0.2)
        assert "cannot make the folder" in run.backups.last_error  # until one is made
        run.ms += backups.AGAIN_MS + 1
        until(lambda: run.backups.last_good_ms)
        until(lambda: not run.backups.last_error)
        backups_in(run.folder)[0].tail.unlink()
        backups_in(run.folder)[0].tail.mkdir()
        office.work(1)
        until(lambda: "cannot write" in run.backups.last_error)
        backups_in(run.folder)[0].tail.rmdir()
    finally:
        run.backups.stop()


def test_a_broken_log_is_told_and_leaves_the_good_backups(office):
    with running(office) as run:
        until(lambda: run.backups.last_good_ms)
        office.store._writer.conn.execute("update log set body = body || ' ' where seq = 2")
        run.ms += HOUR_MS
        until(lambda: "row 2 of the table log was altered" in run.backups.last_error)
        assert run.backups.last_good_ms == NOW_MS
        assert len(run.names()) == 1


def test_old_ones_are_deleted_with_all_that_belongs_to_them(office):
    with running(office) as run:
        until(lambda: run.backups.last_good_ms)
        first = backups_in(run.folder)[0]
        for suffix in ("", ".tail", ".sha256"):
            shutil.copy(f"{first.file}{suffix}", f"{run.folder}/small-20250115T080000000Z.tar.gz{suffix}")
            shutil.copy(f"{first.file}{suffix}", f"{run.folder}/other-20250115T080000000Z.tar.gz{suffix}")
        run.ms += HOUR_MS
        until(lambda: run.backups.last_good_ms == run.ms)
        until(lambda: "small-20250115T080000000Z.tar.gz" not in run.names())
        left = {path.name for path in run.folder.iterdir()}
        assert not any(name.startswith("small-2025") for name in left)
        assert sum(name.startswith("other-2025") for name in left) == 3


def test_a_folder_that_does_not_answer_is_told(office, monkeypatch):
    monkeypatch.setattr(backups, "SILENT_S", 0)
    run = Running(office)
    time.sleep(0.01)
    assert "has not answered" in run.backups.last_error


def test_a_wrong_recipient_is_told_at_the_start(office):
    with pytest.raises(BackupError, match="age1"):
        Running(office, ("age1wrong",))


def test_a_tail_that_cannot_be_read_does_not_keep_the_next_hub_from_backups(office):
    with running(office) as run:
        until(lambda: run.backups.tail_ms)
    backups_in(run.folder)[0].tail.write_bytes(b"rubbish\n")
    with running(office) as again:
        until(lambda: again.backups.last_good_ms)
    assert len(again.names()) == 2
    assert head(again) == office.seq


def test_the_tail_is_beside_the_newest_backup_also_when_somebody_else_made_it(office):
    """`jiaohao backup` beside a running hub, into its folder."""
    with running(office) as run:
        until(lambda: run.backups.tail_ms)
        backup_restore.make(office.data, run.folder, [], run.ms + 1)
        run.ms += 1000
        office.work(2)
        until(lambda: head(run) == office.seq)
    assert len(run.names()) == 2


def test_after_the_clock_was_set_back_the_newest_backup_is_the_last_by_name_too(office):
    with running(office) as run:
        until(lambda: run.backups.tail_ms)
    again = Running(office)
    again.ms -= 20 * HOUR_MS  # as after the start of a machine whose clock has no battery
    again.backups.start()
    until(lambda: again.backups.last_good_ms == again.ms)
    office.work(2)
    until(lambda: head(again) == office.seq)
    again.backups.stop()
    assert len(again.names()) == 2


def test_a_tail_that_cannot_be_finished_does_not_keep_the_next_backup_from_its_own(office):
    with running(office) as run:
        until(lambda: run.backups.tail_ms)
        backups_in(run.folder)[0].tail.unlink()
        office.work(1)
        until(lambda: "cannot write" in run.backups.last_error)
        run.ms += HOUR_MS
        until(lambda: run.backups.last_good_ms == run.ms)
        office.work(1)
        until(lambda: head(run) == office.seq)
        until(lambda: not run.backups.last_error)
    assert len(run.names()) == 2


def test_a_hub_that_stops_leaves_nothing_unpacked(office):
    office.work(30)
    run = Running(office)
    run.backups.start()
    until(lambda: run.folder.exists() and list(run.folder.glob(".jiaohao-*/*")))
    run.backups.stop()
    assert not list(run.folder.glob(".jiaohao-*"))
