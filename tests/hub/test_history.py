"""A hub that starts knows what the log says, by whatever shortcut; both stores."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from hub import history
from hub.adapters.memory import MemoryStore, SetClock
from hub.adapters.sqlite_store import SqliteStore
from hub.core import commands, events, snapshots
from hub.core.state import State
from hub.ports import Commit, Entry, Outcome, Snapshot
from tests.hub.core.test_snapshots import eventful_play
from tests.hub.halls import Play, replay
from tests.hub.test_service import draw, running

EPOCH = 7


@pytest.fixture(params=["memory", "sqlite"])
def store(request, tmp_path: Path):
    if request.param == "memory":
        yield MemoryStore()
        return
    sqlite = SqliteStore(tmp_path / "hall.db")
    yield sqlite
    sqlite.close()


def stored(store, play: Play) -> Play:
    """`play` with its log in the store."""
    entries = tuple(Entry(seq, ms, "", event) for seq, ms, event in play.log)
    store.append([Commit("", play.ms, Outcome(0, 0), entries)])
    return play


def keep_at(store, play: Play, seq: int) -> None:
    """Keeps a snapshot at position `seq` of the play's log."""
    early = Play()
    early.log = [entry for entry in play.log if entry[0] <= seq]
    history.keep(store, replay(early))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("share", [0.1, 0.5, 1.0])
def test_snapshot_and_tail_say_what_the_whole_log_says(store, seed, share):
    play = stored(store, eventful_play(seed))
    keep_at(store, play, int(len(play.log) * share))
    assert history.restore(store, EPOCH) == replay(play)


def test_the_snapshot_is_used(store, monkeypatch):
    play = stored(store, eventful_play(1))
    keep_at(store, play, len(play.log) - 2)
    applied: list[int] = []
    apply = history.applying.apply
    monkeypatch.setattr(history.applying, "apply", lambda *words: applied.append(words[1]) or apply(*words))
    history.restore(store, EPOCH)
    assert applied == [len(play.log) - 1, len(play.log)]


def test_the_newest_that_can_be_read_is_used_and_a_damaged_one_is_told(store, caplog):
    play = stored(store, eventful_play(1))
    keep_at(store, play, 20)
    keep_at(store, play, 40)
    whole = next(iter(store.snapshots()))
    store.keep_snapshot(replace(whole, body=whole.body[:100]))
    store.keep_snapshot(replace(whole, seq=50, body=b"this is not a snapshot"))
    with caplog.at_level(logging.WARNING):
        assert history.restore(store, EPOCH) == replay(play)
    assert [record.getMessage().partition(" is damaged")[0] for record in caplog.records] == [
        "the snapshot at position 50",
        "the snapshot at position 40",
    ]


@pytest.mark.parametrize("value", [b"[]", b"{}", b'{"hall":null,"past":{"stops":[],"days":{}},"unheard":1}', b"null"])
def test_what_is_json_but_no_state_is_damaged_too(store, value):
    play = stored(store, eventful_play(2))
    store.keep_snapshot(Snapshot(30, snapshots.SHAPE, history.zlib.compress(value)))
    assert history.restore(store, EPOCH) == replay(play)


def test_a_snapshot_of_another_version_is_never_read(store):
    play = stored(store, eventful_play(1))
    keep_at(store, play, 40)
    kept = next(iter(store.snapshots()))
    store.keep_snapshot(replace(kept, seq=len(play.log), shape="another"))
    assert history.restore(store, EPOCH) == replay(play)


def test_the_epoch_is_the_hubs_own(store):
    play = stored(store, eventful_play(1))
    keep_at(store, play, 40)
    assert history.restore(store, 99) == replace(replay(play), epoch=99)


def test_an_empty_store_is_a_hall_that_has_not_begun(store):
    assert history.restore(store, EPOCH) == State(epoch=EPOCH)


def test_after_a_long_tail_the_next_start_is_short(store, monkeypatch):
    monkeypatch.setattr(history, "LONG_TAIL", 100)
    play = stored(store, eventful_play(1))
    history.restore(store, EPOCH)
    assert [snapshot.seq for snapshot in store.snapshots()] == [len(play.log)]


def test_a_store_that_keeps_no_snapshot_harms_nothing(caplog):
    store = MemoryStore()
    play = stored(store, eventful_play(1))
    store.fail_with = "disk full"
    history.keep(store, play.state)
    assert "disk full" in caplog.text
    assert history.restore(store, EPOCH) == replay(play)


async def test_each_day_begins_with_a_snapshot_of_just_then(store):
    """The first command of the day is in the same transaction as the new day, and must not be in the snapshot."""
    clock = SetClock()
    async with running(store, clock=clock) as (service, _):
        await service.handle(draw(1))
        clock.moment = commands.Moment(clock.moment.ms + 86_400_000, "2023-11-16")
        await service.handle(draw(2))
        await service.handle(draw(3))
        after = service.state
    opened = [entry.seq for entry in store.load() if isinstance(entry.event, events.DayOpened)]
    assert [snapshot.seq for snapshot in store.snapshots()] == opened[::-1]
    assert history.restore(store, after.epoch) == after
