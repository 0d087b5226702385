"""The one writer: committed before answered, answered once per id, published after the commit."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from hub import history
from hub.adapters.memory import MemoryPublisher, MemoryStore, SetClock
from hub.adapters.sqlite_store import SqliteStore
from hub.core import commands, deciding
from hub.core.hall import Hall, Opening
from hub.core.ratings import Words
from hub.ports import StoreError
from hub.service import HallService
from protocol.board import read_board_state
from protocol.downward import read_window_state
from tests.hub.halls import small_hall

EPOCH = 7


@contextlib.asynccontextmanager
async def running(store=None, hall: Hall | None = None, clock: SetClock | None = None):
    publisher = MemoryPublisher()
    service = HallService(store or MemoryStore(), publisher, clock or SetClock(), EPOCH)
    task = asyncio.create_task(service.run())
    if service.state.hall is None:
        await service.handle(commands.ConfigureHall("", hall or small_hall()))
    yield service, publisher
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def draw(number: int, service: str = "a") -> commands.DrawTicket:
    return commands.DrawTicket(f"draw-{number}", f"visit-{number}", service, "kiosk:k")


async def test_a_command_is_answered_with_what_it_wrote():
    async with running() as (service, _):
        outcome = await service.handle(draw(1))
        assert outcome.detail == {"visit": "visit-1", "number": "A001"}
        assert outcome.last == service.state.seq


async def test_the_same_id_again_does_nothing_and_answers_the_same():
    async with running() as (service, _):
        first = await service.handle(draw(1))
        again = await service.handle(commands.DrawTicket("draw-1", "another-visit", "a", "kiosk:k"))
        assert again == first
        assert len(service.state.tickets) == 1


async def test_the_same_id_in_one_batch_happens_once():
    async with running() as (service, _):
        outcomes = await asyncio.gather(*(service.handle(draw(1)) for _ in range(20)))
        assert len(set(map(str, outcomes))) == 1
        assert len(service.state.tickets) == 1


async def test_a_refused_id_stays_refused():
    async with running() as (service, _):
        await service.handle(commands.SignIn("s", "li", "1", "hub"))
        press = commands.CallNext("press", "1", service.state.version("1"), "device:pad")
        assert (await service.handle(press)).refused == "nobody-waiting"
        await service.handle(draw(1))
        assert (await service.handle(press)).refused == "nobody-waiting"


async def test_sixteen_presses_at_once_call_sixteen_people():
    async with running() as (service, _):
        for window, clerk in (("1", "li"), ("2", "wang")):
            await service.handle(commands.SignIn(f"s{window}", clerk, window, "hub"))
        await asyncio.gather(*(service.handle(draw(n)) for n in range(40)))
        called = []
        for turn in range(16):
            presses = [
                commands.CallNext(f"{window}-{turn}-{pad}", window, service.state.version(window), "device:pad")
                for window in ("1", "2")
                for pad in range(8)
            ]
            outcomes = await asyncio.gather(*map(service.handle, presses))
            called += [outcome.detail["visit"] for outcome in outcomes if not outcome.refused and outcome.detail]
        assert len(called) == len(set(called)) == 32


async def test_a_state_is_published_after_its_commit_with_its_revision():
    async with running() as (service, publisher):
        await service.handle(commands.SignIn("s", "li", "1", "hub"))
        await service.handle(draw(1))
        await service.handle(commands.CallNext("c", "1", service.state.version("1"), "device:pad"))
        state = read_window_state(publisher.retained["q1/small/w/1/state"])
        assert (state.version, state.mode, state.number) == (service.state.version("1"), "called", "A001")
        assert state.texts["zh-Hans"] == "请A001号到1号窗口"
        board = read_board_state(publisher.retained["q1/small/board/main/state"])
        assert board.calls == [("A001", "1", 1)]


async def test_nothing_is_published_when_the_commit_fails_and_nothing_has_happened():
    store = MemoryStore()
    async with running(store) as (service, publisher):
        await service.handle(draw(1))
        sent = len(publisher.sent)
        store.fail_with = "disk full"
        with pytest.raises(StoreError, match="disk full"):
            await service.handle(draw(2))
        assert len(publisher.sent) == sent
        assert list(service.state.tickets) == ["visit-1"]
        store.fail_with = ""
        outcome = await service.handle(draw(2))
        assert outcome.detail == {"visit": "visit-2", "number": "A002"}


async def test_what_nobody_foresaw_is_told_to_who_asked_for_it_and_to_nobody_else(tmp_path: Path):
    """Half a character cannot be written down; whoever sends it must not stop the hall, nor those beside them."""
    store = SqliteStore(tmp_path / "hall.db")
    async with running(store) as (service, _):
        bad = commands.DrawTicket("bad", "visit-\ud800", "a", "kiosk:k")
        asked = [service.handle(command) for command in (draw(1), bad, draw(2))]
        first, refused, second = await asyncio.gather(*asked, return_exceptions=True)
        assert isinstance(refused, StoreError) and "mistake" in str(refused)
        assert (first.detail["number"], second.detail["number"]) == ("A001", "A002")
        assert (await service.handle(draw(3))).detail["number"] == "A003"
        assert len(service.state.tickets) == 3
    store.close()


async def test_a_version_that_was_taken_back_is_never_used_again():
    store = MemoryStore()
    async with running(store) as (service, _):
        await service.handle(draw(1))
        store.fail_with = "disk full"
        with pytest.raises(StoreError):
            await service.handle(commands.SignIn("s", "li", "1", "hub"))
        tried = store.entries[-1].seq + 1  # what a page that looked in between may have seen
        store.fail_with = ""
        await service.handle(commands.SignIn("s2", "wang", "1", "hub"))
        assert service.state.version("1") > (EPOCH, tried)


async def test_a_command_that_cannot_be_decided_costs_nobody_else_anything(monkeypatch):
    """Nothing has happened yet, so nothing is read again, and the rest of the batch is stored with one commit."""

    def decide(state, command, now):
        if command.id == "draw-1":
            raise LookupError("a rule that nobody tried")
        return decided(state, command, now)

    decided = deciding.decide
    monkeypatch.setattr(deciding, "decide", decide)
    store = ReadStore()
    async with running(store) as (service, _):
        store.read, before = 0, service.state
        asked = [service.handle(draw(number)) for number in range(3)]
        first, refused, last = await asyncio.gather(*asked, return_exceptions=True)
        assert isinstance(refused, StoreError) and "mistake" in str(refused)
        assert (first.detail["number"], last.detail["number"]) == ("A001", "A002")
        assert service.state is before and not store.read


class ReadStore(MemoryStore):
    """Counts the entries of the log that were read."""

    read = 0

    def load(self, after_seq: int = 0):
        found = list(super().load(after_seq))
        self.read += len(found)
        return found


async def test_while_nothing_can_be_stored_the_log_is_read_once_and_not_for_each_press():
    """Else a hall with 10,000 tickets a day stands still for a second or more with each."""
    store = ReadStore()
    async with running(store) as (service, _):
        await service.handle(commands.SignIn("s", "li", "1", "hub"))
        for turn in range(3):
            await service.handle(draw(2 * turn))
            next_one = commands.CallNext("", "1", service.state.version("1"), "device:pad")
            store.fail_with, store.read = "disk full", 0
            for command in (draw(2 * turn + 1), next_one, next_one):
                with pytest.raises(StoreError):
                    await service.handle(command)
            assert store.read <= 3  # what came since the last time, once: a ticket, the end of the visit before, a call
            store.fail_with = ""
            on_disk = history.restore(store, EPOCH)
            on_disk.seq = service.state.seq  # positions that were tried are left out
            assert service.state == on_disk
            called = await service.handle(replace(next_one, seen=service.state.version("1")))
            assert called.detail == {"visit": f"visit-{2 * turn}"}


class SlowStore(MemoryStore):
    """Commits only when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.let = threading.Event()
        self.let.set()

    def append(self, commits) -> None:
        assert self.let.wait(5)
        super().append(commits)


async def test_what_is_not_on_disk_yet_is_not_sent_again_either():
    store = SlowStore()
    async with running(store) as (service, publisher):
        before = publisher.retained["q1/small/w/1/state"]
        store.let.clear()
        signing_in = asyncio.create_task(service.handle(commands.SignIn("s", "li", "1", "hub")))
        while not service.state.windows["1"].clerk:
            await asyncio.sleep(0)
        service.publish_all()
        service.publish_again({"1"}, set())
        assert publisher.retained["q1/small/w/1/state"] == before
        store.let.set()
        await signing_in
        assert read_window_state(publisher.retained["q1/small/w/1/state"]).mode == "open"


async def test_who_looked_ahead_of_the_disk_can_wait_for_it():
    store = SlowStore()
    async with running(store) as (service, _):
        await service.settled()
        store.let.clear()
        drawing = asyncio.create_task(service.handle(draw(1)))
        while not service.state.tickets:
            await asyncio.sleep(0)
        looking = asyncio.create_task(service.settled())
        await asyncio.sleep(0)
        assert not looking.done()
        store.let.set()
        await looking
        assert store.outcome("draw-1")
        await drawing


async def test_who_looked_at_what_was_not_stored_is_told():
    store = SlowStore()
    async with running(store) as (service, _):
        store.let.clear()
        drawing = asyncio.create_task(service.handle(draw(1)))
        while not service.state.tickets:
            await asyncio.sleep(0)
        looking = asyncio.create_task(service.settled())
        await asyncio.sleep(0)
        store.fail_with = "disk full"
        store.let.set()
        for asker in (looking, drawing):
            with pytest.raises(StoreError, match="disk full"):
                await asker
        await service.settled()


async def test_a_new_day_opens_with_the_first_command_of_it():
    clock = SetClock()
    async with running(clock=clock) as (service, _):
        await service.handle(draw(1))
        clock.moment = commands.Moment(clock.moment.ms + 86_400_000, "2023-11-16")
        outcome = await service.handle(draw(2))
        assert outcome.detail == {"visit": "visit-2", "number": "A001"}
        assert service.state.day == "2023-11-16"


async def test_a_restart_gives_the_same_state(tmp_path: Path):
    store = SqliteStore(tmp_path / "hall.db")
    async with running(store) as (service, _):
        await service.handle(commands.SignIn("s", "li", "1", "hub"))
        for n in range(5):
            await service.handle(draw(n))
        await service.handle(commands.CallNext("c", "1", service.state.version("1"), "device:pad"))
        before = service.state
    store.close()
    again = SqliteStore(tmp_path / "hall.db")
    async with running(again) as (service, publisher):
        assert service.state == before
        service.publish_all()
        assert read_window_state(publisher.retained["q1/small/w/1/state"]).number == "A001"
    again.close()


async def test_stopping_answers_those_who_wait():
    async with running() as (service, _):
        pass
    waiting = asyncio.create_task(service.handle(draw(1)))
    await asyncio.sleep(0)
    stopped = asyncio.create_task(service.run())
    await asyncio.sleep(0)
    stopped.cancel()
    with pytest.raises(StoreError, match="ask again"):
        await asyncio.wait_for(waiting, 1)
    await asyncio.gather(stopped, return_exceptions=True)


async def test_the_clock_follows_the_hall_s_time_zone():
    clock = SetClock()
    async with running(clock=clock) as (service, _):
        await service.handle(commands.ConfigureHall("", replace(small_hall(), timezone="Asia/Urumqi", country="CN")))
        assert clock.configured == ("Asia/Urumqi", "04:00", "CN")


async def test_who_draws_is_promised_a_waiting_time():
    async with running() as (service, _):
        await service.handle(commands.SignIn("s", "li", "1", "hub"))
        await service.handle(draw(1))
        expected, low, high = service.state.tickets["visit-1"].promise
        assert low <= expected <= high


async def test_what_happens_by_itself_is_in_the_same_commit():
    store = MemoryStore()
    async with running(store) as (service, _):
        await service.handle(commands.SignIn("s", "li", "1", "hub"))
        await service.handle(commands.SetAutomatic("auto", "1", True, "hub"))
        await service.handle(draw(1))
        assert [type(entry.event).__name__ for entry in store.entries if entry.command_id == "draw-1"] == [
            "TicketDrawn",
            "TicketCalled",
        ]
        assert service.state.windows["1"].visit == "visit-1"


async def test_the_first_day_opens_before_anything_else_happens_in_a_hall_that_is_new():
    service = HallService(MemoryStore(), MemoryPublisher(), SetClock(), EPOCH)
    hall = replace(small_hall(), opening=(Opening(("*",), 0, 1440),))
    asked = (commands.ConfigureHall("", hall), commands.SignIn("s", "li", "1", "hub"), draw(1))
    waiting = asyncio.gather(*map(service.handle, asked))
    task = asyncio.create_task(service.run())
    outcomes = await waiting
    assert [outcome.refused for outcome in outcomes] == ["", "", ""]
    assert service.state.day and service.state.windows["1"].clerk == "li"
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_window_can_be_left_and_taken_away_in_one_commit():
    async with running() as (service, _):
        await service.handle(commands.SignIn("s", "zhao", "3", "hub"))
        await service.handle(draw(1, "b"))
        await service.handle(commands.CallNext("c", "3", service.state.version("3"), "hub"))
        hall = small_hall()
        less = replace(hall, windows={key: hall.windows[key] for key in "12"})
        seen = service.state.version("3")
        asked = (
            commands.TakeBackCall("t", "3", seen, "hub"),
            commands.SignOut("o", "3", "hub"),
            commands.ConfigureHall("", less),
        )
        outcomes = await asyncio.gather(*map(service.handle, asked))
        assert [outcome.refused for outcome in outcomes] == ["", "", ""]
        assert not (await service.handle(draw(2))).refused


@pytest.mark.parametrize(
    "early",
    [
        draw(1),
        commands.BookAppointment("b", "b", "code", "2026-01-06", 600, "a", 1, "", "workday", "visitor"),
        commands.RecordPreCheck("p", "check", "a", (), "clerk:li"),
        commands.RecordRating("r", "pad", 1, 1, "1", "visit", 5, 0, 0),
    ],
)
async def test_what_comes_before_there_is_a_hall_does_not_stop_the_hub(early: commands.Command):
    service = HallService(MemoryStore(), MemoryPublisher(), SetClock(), EPOCH)
    task = asyncio.create_task(service.run())
    outcome = await service.handle(early)
    assert outcome.refused == ("" if isinstance(early, commands.RecordRating) else "unknown-service")
    assert not (await service.handle(commands.ConfigureHall("", small_hall()))).refused
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_what_a_person_wrote_is_beside_the_log_and_not_in_it(tmp_path):
    store = SqliteStore(tmp_path / "hall.db")
    clock = SetClock()
    service = HallService(store, MemoryPublisher(), clock, 7)
    running = asyncio.create_task(service.run())
    await service.handle(commands.ConfigureHall("", small_hall()))
    await service.handle(commands.DrawTicket("d", "v", "a", "kiosk:k"))
    await service.handle(commands.SignIn("s", "li", "1", "hub"))
    await service.handle(commands.CallNext("n", "1", service.state.version("1"), "hub"))
    await service.handle(commands.FinishService("f", "1", service.state.version("1"), "hub"))
    words = Words("  太慢\x00 ", "王芳", "13800138000")
    now = clock.now().ms
    rating = commands.RecordRating("r", "", 0, 0, "", "v", 1, now, now, channel="phone", stop=0, words=words)
    outcome = await service.handle(rating)
    assert await service.handle(rating) == outcome
    with sqlite3.connect(tmp_path / "hall.db") as connection:
        kept = connection.execute("select seq, about, text, name, contact from words").fetchall()
        log = "".join(body for (body,) in connection.execute("select body from log"))
        due = connection.execute("select contact_due_ms, answer_due_ms from reviews").fetchone()
    assert kept == [(outcome.first, "r", "太慢", "王芳", "13800138000")]
    assert "13800138000" not in log and "太慢" not in log
    assert now < due[0] < due[1]
    running.cancel()
    store.close()
