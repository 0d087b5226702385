"""What arrives at the hub: a hundred thousand malformed messages, presses that are sent again, and a flood."""

from __future__ import annotations

import asyncio
import logging
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from hub.adapters.memory import MemoryPublisher, SetClock
from hub.adapters.sqlite_store import QUARANTINE_ROWS, SqliteStore
from hub.core import commands
from hub.devices.inbox import ASIDE_A_SECOND, Inbox
from hub.devices.registry import Registry
from hub.ports import Device
from hub.service import HallService
from protocol.downward import read_ack
from protocol.upward import Events, Rating, encode
from tests.firmware.rubbish import Rubbish, samples
from tests.hub.halls import small_hall
from tests.talk.hall import NoBroker

MESSAGES = 100_000
UP = ("online", "hello", "reported", "telemetry", "events")
TOPICS = (
    *(f"q1/small/d/{device}/up/{name}" for device in ("pad", "call", "display") for name in UP),
    "q1/small/d/pad/up/code",
    "q1/small/d/nobody/up/events",
    "q1/other/d/pad/up/events",
    "q1/small/d/pad/down/ack",
    "q1/small/d/../up/events",
    "",
    "$SYS/broker",
    "q1/small/d/pad/up/events\n2026 forged line",
    "x" * 60_000,
)
GROWTH_BYTES = 8_000_000
DAY_MS = 86_400_000
EPOCH = 424_242


class Hub:
    """A real hall, store and inbox; what it publishes is kept."""

    def __init__(self, file: Path):
        self.store = SqliteStore(file)
        self.clock = SetClock()
        self.publisher = MemoryPublisher()
        for name, role in (("pad", "rating_pad"), ("call", "call_pad"), ("display", "window_display")):
            self.store.keep_device(Device(name, role, "1", f"client-{name}", 1))
        self.service = HallService(self.store, self.publisher, self.clock, 1_700_000_000)
        registry = Registry(self.store, NoBroker(), lambda: self.clock.now().ms)
        self.inbox = Inbox(self.service, registry, self.publisher, self.store, self.clock, "small")

    async def hears(self, *presses: Rating, device: str = "pad", epoch: int = EPOCH) -> set[int]:
        """The sequence numbers that are acknowledged."""
        self.publisher.sent.clear()
        await self.inbox(f"q1/small/d/{device}/up/events", encode(Events(epoch, list(presses))))
        acks = [read_ack(payload) for topic, payload in self.publisher.sent if topic == f"q1/small/d/{device}/down/ack"]
        return {seq for ack in acks for seq in ack.stored}

    def ratings(self, epoch: int = EPOCH) -> list[tuple]:
        return list(self.store._reader.execute("select * from ratings where epoch = ? order by seq", (epoch,)))


@asynccontextmanager
async def open_hub(tmp_path: Path) -> AsyncIterator[Hub]:
    hub = Hub(tmp_path / "hall.db")
    running = asyncio.create_task(hub.service.run())
    await hub.service.handle(commands.ConfigureHall("", small_hall()))
    await hub.service.handle(commands.SignIn("in", "li", "1", "hub"))
    try:
        yield hub
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        hub.store.close()


async def test_13_huge_or_deep_input(tmp_path: Path, caplog):
    """Nothing gets out of the handler, memory and quarantine are bounded, and an honest press still counts."""
    caplog.set_level(logging.CRITICAL)
    async with open_hub(tmp_path) as hub:
        rubbish = Rubbish(1, samples(("online", "hello", "reported", "telemetry", "events")))
        seq = 0
        for number in range(MESSAGES):
            if number == MESSAGES - 3000:
                tracemalloc.start()
            await hub.inbox(TOPICS[rubbish.chance(len(TOPICS))], rubbish.payload())
            hub.clock.advance(1)
            if number % 500 == 250:
                seq += 1
                assert await hub.hears(Rating(seq, 0, "1", "", 5)) == {seq}, number
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < GROWTH_BYTES, peak
        assert [row[1:4] for row in hub.ratings()] == [("pad", EPOCH, n) for n in range(1, seq + 1)]
        assert hub.inbox.quarantined > MESSAGES // 2
        ((rows,),) = hub.store._reader.execute("select count(*) from quarantine")
        assert rows <= QUARANTINE_ROWS


async def test_a_flood_of_rubbish_does_not_keep_the_disk_from_the_presses(tmp_path: Path):
    """So many are kept as evidence in a second; a press that cannot be read waits in its pad until there is room."""
    async with open_hub(tmp_path) as hub:
        bad = b'{"epoch":5,"events":[[1,0,"rate","1","",9]]}'
        for _ in range(10 * ASIDE_A_SECOND):
            await hub.inbox("q1/small/d/pad/up/hello", b"rubbish")
        ((rows,),) = hub.store._reader.execute("select count(*) from quarantine")
        assert (rows, hub.inbox.quarantined) == (ASIDE_A_SECOND, 10 * ASIDE_A_SECOND)
        await hub.inbox("q1/small/d/pad/up/events", bad)
        assert not [topic for topic, _ in hub.publisher.sent if topic.endswith("/ack")]
        hub.clock.advance(1000)
        await hub.inbox("q1/small/d/pad/up/events", bad)
        assert [read_ack(p).stored for topic, p in hub.publisher.sent if topic.endswith("/ack")] == [[1]]


@pytest.mark.parametrize("visit", ["\\ud800", "\\udfff x", "号" * 32])
async def test_a_visit_that_is_no_token_does_not_end_the_writer(tmp_path: Path, visit: str):
    async with open_hub(tmp_path) as hub:
        message = f'{{"epoch":5,"events":[[1,0,"rate","1","{visit}",5]]}}'
        await asyncio.wait_for(hub.inbox("q1/small/d/pad/up/events", message.encode()), 20)
        assert await asyncio.wait_for(hub.hears(Rating(1, 0, "1", "", 5)), 20) == {1}


async def test_09_forged_or_replayed_rating(tmp_path: Path):
    """A captured batch that is sent again a day later changes nothing; a pad speaks for itself only; a thousand presses
    in a minute are all stored, and those of one visit count once."""
    async with open_hub(tmp_path) as hub:
        await hub.service.handle(commands.DrawTicket("d", "visit", "a", "kiosk:k"))
        await hub.service.handle(commands.CallNext("n", "1", hub.service.state.version("1"), "device:call"))
        captured = [Rating(1, 0, "1", "visit", 5), Rating(2, 500, "1", "", 1)]
        assert await hub.hears(*captured) == {1, 2}
        before, at = hub.ratings(), hub.service.state.seq
        hub.clock.moment = commands.Moment(hub.clock.moment.ms + DAY_MS, "2023-11-16")
        assert await hub.hears(*captured) == {1, 2}
        assert hub.ratings() == before
        assert [e for e in hub.store.load(at) if type(e.event).__name__ == "RatingRecorded"] == []

        assert await hub.hears(Rating(1, 0, "1", "visit", 1), device="call") == {1}  # kept apart: not the pad's number
        assert hub.ratings()[0] != hub.ratings()[1]
        flood = [Rating(seq, 0, "1", "visit", 1 + seq % 5) for seq in range(10, 1010)]
        for start in range(0, 1000, 16):
            batch = flood[start : start + 16]
            assert await hub.hears(*batch, epoch=7) == {press.seq for press in batch}
            hub.clock.advance(900)
        stored = hub.ratings(7)
        assert len(stored) == 1000
        columns = [row[1] for row in hub.store._reader.execute("pragma table_info(ratings)")]
        standings = [dict(zip(columns, row, strict=True))["standing"] for row in (*hub.ratings(), *stored)]
        assert standings.count("counted") == 1
