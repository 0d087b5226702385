"""Ratings from a board that is not the rating pad of that window: kept, once, and marked unless it was its pad then."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from hub.adapters.memory import MemoryPublisher, SetClock
from hub.adapters.sqlite_store import SqliteStore
from hub.core import commands
from hub.core.commands import Moment
from hub.devices.inbox import Inbox
from hub.devices.registry import SLACK_MS, Registry
from hub.ports import Device
from hub.service import HallService
from protocol.downward import read_ack
from protocol.upward import Events, Rating, encode
from tests.hub.halls import small_hall
from tests.hub.web.web_hall import FakeBroker

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS


class Desk:
    """A hall with a visit that is served at window 1, and boards."""

    def __init__(self, folder: Path, boards: tuple[Device, ...]):
        self.file = folder / "hall.db"
        self.store, self.publisher, self.clock = SqliteStore(self.file), MemoryPublisher(), SetClock()
        for board in boards:
            self.store.keep_device(board)
        self.service = HallService(self.store, self.publisher, self.clock, 7)
        self.registry = Registry(self.store, FakeBroker(), lambda: self.clock.now().ms)
        self.inbox = Inbox(self.service, self.registry, self.publisher, self.store, self.clock, "small")

    async def serve(self, visit: str, window: str = "1") -> None:
        await self.service.handle(commands.DrawTicket("", visit, "a", "kiosk:k"))
        await self.service.handle(commands.SignIn("", f"clerk{window}", window, "hub"))
        for verb in (commands.CallNext, commands.StartService, commands.FinishService):
            assert not (await self.service.handle(verb("", window, self.service.state.version(window), "hub"))).refused

    async def rate(self, board: str, seq: int, visit: str, age_ms: int = 0, window: str = "1") -> str:
        """What `sender` says of the press; it is acknowledged."""
        await self.inbox(f"q1/small/d/{board}/up/events", encode(Events(5, [Rating(seq, age_ms, window, visit, 5)])))
        topic, payload = self.publisher.sent[-1]
        assert topic.endswith(f"/d/{board}/down/ack") and seq in read_ack(payload).stored
        return self.service.state.pressed[-1].sender

    async def next_day(self) -> None:
        self.clock.moment = Moment(self.clock.now().ms + 86_400_000, "2023-11-16")
        await self.service.handle(commands.LookAround("a new day"))

    def rows(self, what: str, table: str = "ratings") -> list[tuple]:
        with sqlite3.connect(self.file) as connection:
            return connection.execute(f"select {what} from {table}").fetchall()


@asynccontextmanager
async def desk(folder: Path, *boards: Device) -> AsyncIterator[Desk]:
    made = Desk(folder, boards)
    running = asyncio.create_task(made.service.run())
    if made.service.state.hall is None:
        await made.service.handle(commands.ConfigureHall("", small_hall()))
        await made.service.handle(commands.LookAround(""))
    yield made
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    made.store.close()


PAD = Device("pad", "rating_pad", "1", "c", 1)
CALL = Device("call", "call_pad", "1", "c", 1)


async def test_a_press_on_the_pad_of_the_window_is_not_marked(tmp_path: Path):
    async with desk(tmp_path, PAD) as it:
        await it.serve("v")
        assert await it.rate("pad", 1, "v") == ""
        await it.next_day()
        assert it.service.state.marks == {}


async def test_a_board_of_whose_past_nothing_is_written_has_been_what_it_is(tmp_path: Path):
    async with desk(tmp_path, PAD) as it:
        it.registry._bindings.clear()
        await it.serve("v")
        assert await it.rate("pad", 1, "v") == ""


@pytest.mark.parametrize(
    ("board", "window", "sender"),
    [(CALL, "1", "call_pad"), (Device("pad2", "rating_pad", "2", "c", 1), "1", "rating_pad")],
)
async def test_a_call_pad_and_the_pad_of_another_window_are_heard_and_marked(
    tmp_path: Path, board: Device, window: str, sender: str
):
    async with desk(tmp_path, PAD, board) as it:
        await it.serve("v")
        for _ in range(2):  # sent again, as a journal does
            assert await it.rate(board.id, 1, "v", window=window) == sender
        assert it.rows("rating, standing") == [(f"{board.id}:5:1", "counted")]
        await it.next_day()
        (mark,) = it.service.state.marks.values()
        assert (mark.rule, mark.window, mark.clerk, mark.ratings) == (
            "not-its-pad",
            "1",
            "clerk1",
            (f"{board.id}:5:1",),
        )
        assert mark.evidence == {"presses": 1}


async def test_the_journal_of_a_pad_that_became_a_call_pad_is_taken_as_what_it_was(tmp_path: Path):
    """Nobody knows any more when these were pressed: it was flashed in between."""
    async with desk(tmp_path, PAD) as it:
        await it.serve("v")
        it.clock.advance(HOUR_MS)
        await it.registry.register("pad", "call_pad", "1")
        it.clock.advance(HOUR_MS)
        assert await it.rate("pad", 1, "v", age_ms=-1) == ""
        assert it.rows("rating, standing") == [("pad:5:1", "counted")]
        await it.next_day()
        assert it.service.state.marks == {}


async def test_what_was_pressed_after_it_became_a_call_pad_is_marked_whatever_it_says_of_the_time(tmp_path: Path):
    async with desk(tmp_path, PAD) as it:
        await it.serve("v")
        it.clock.advance(HOUR_MS)
        await it.registry.register("pad", "call_pad", "1")
        it.clock.advance(HOUR_MS)
        assert await it.rate("pad", 1, "v", age_ms=MINUTE_MS) == "call_pad"
        await it.serve("w")
        assert await it.rate("pad", 2, "w", age_ms=-1) == "call_pad", "who was called later was not there to press it"
        await it.next_day()
        assert await it.rate("pad", 3, "w", age_ms=-1) == "call_pad", "also when it says so the day after"


async def test_a_board_is_known_under_another_name(tmp_path: Path):
    mac = "24:0a:c4:00:00:01"
    async with desk(tmp_path, Device("pad", "rating_pad", "1", "c", 1, board=mac)) as it:
        await it.serve("v")
        it.clock.advance(HOUR_MS)
        await it.registry.register("call-7", "call_pad", "2", board=mac)
        assert await it.rate("call-7", 1, "v", age_ms=-1) == ""
        await it.registry.register("call-8", "call_pad", "2", board="24:0a:c4:00:00:02")
        assert await it.rate("call-8", 1, "v", age_ms=-1) == "call_pad"


async def test_a_pad_that_was_moved_may_be_at_its_old_window_for_a_little_longer(tmp_path: Path):
    async with desk(tmp_path, PAD) as it:
        await it.serve("v")
        await it.registry.settle("pad", window="2")
        it.clock.advance(SLACK_MS)
        assert await it.rate("pad", 1, "v") == ""
        it.clock.advance(1)
        assert await it.rate("pad", 2, "v") == "rating_pad"


async def test_what_boards_were_is_known_after_a_restart(tmp_path: Path):
    async with desk(tmp_path, PAD) as it:
        await it.serve("v")
        it.clock.advance(HOUR_MS)
        await it.registry.register("pad", "call_pad", "1")
        await it.registry.register("pad", "call_pad", "1")  # a new secret: nothing else than before
        assert it.rows("device, role, from_ms", "bindings") == [
            ("pad", "rating_pad", 0),
            ("pad", "call_pad", it.clock.now().ms),
        ]
        now = it.clock.now()
    async with desk(tmp_path) as it:
        it.clock.moment = Moment(now.ms + HOUR_MS, now.day)
        assert await it.rate("pad", 1, "v", age_ms=-1) == ""
        assert await it.rate("pad", 2, "v", age_ms=0) == "call_pad"


async def test_a_press_without_a_visit_is_kept_apart_and_marked_as_well(tmp_path: Path):
    async with desk(tmp_path, CALL) as it:
        assert await it.rate("call", 1, "") == "call_pad"
        assert it.rows("standing") == [("no-visit",)]
        await it.next_day()
        assert [mark.rule for mark in it.service.state.marks.values()] == ["not-its-pad"]
