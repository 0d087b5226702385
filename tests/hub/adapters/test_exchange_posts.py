"""What happens in the hall is written down for the province with it, in a form that every map takes."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest

from hub.adapters import backup_restore
from hub.adapters.backup_tail import Tail
from hub.adapters.memory import MemoryPublisher, SetClock
from hub.adapters.secret_file import keep_secret
from hub.adapters.sqlite_store import SqliteStore
from hub.config.exchange_map import read_map
from hub.core import commands
from hub.core.exchange import apply_map
from hub.core.hall import Department, Hall, Region
from hub.core.ratings import Words
from hub.service import HallService
from tests.hub.halls import names, small_hall

MAPS = sorted(file.name for file in resources.files("hub.halls").joinpath("maps").iterdir())


def the_hall() -> Hall:
    hall = small_hall()
    services = {**hall.services, "a": replace(hall.services["a"], department="tax", item_code="440125001000")}
    return replace(
        hall,
        services=services,
        departments={"tax": Department("tax", names("税务局"), "11440125007")},
        region=Region("440125", names("增城区")),
        clerk_numbers={"li": "08"},
    )


@asynccontextmanager
async def served(file: Path, exchanges: bool = True) -> AsyncIterator[HallService]:
    """A hub in which li has served the visit `v` with the case 2026-1."""
    store = SqliteStore(file, exchanges=exchanges)
    service = HallService(store, MemoryPublisher(), SetClock(), 7)
    running = asyncio.create_task(service.run())
    await service.handle(commands.ConfigureHall("", the_hall()))
    await service.handle(commands.DrawTicket("d", "v", "a", "kiosk:k", case="2026-1"))
    await service.handle(commands.SignIn("s", "li", "1", "hub"))
    await service.handle(commands.CallNext("n", "1", service.state.version("1"), "hub"))
    await service.handle(commands.FinishService("f", "1", service.state.version("1"), "hub"))
    try:
        yield service
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        store.close()


async def rate(service: HallService, id: str, level: int, text: str = "") -> None:
    words = Words(text, "王芳" if text else "", "13800138000" if text else "")
    said = commands.RecordRating(id, "", 0, 0, "", "v", level, 1, 1, channel="phone", stop=0, words=words)
    assert not (await service.handle(said)).refused


def rows(file: Path) -> list[tuple[str, str, str, dict]]:
    with sqlite3.connect(file) as connection:
        found = connection.execute("select kind, id, subject, body from exchange order by rowid").fetchall()
    return [(kind, id, subject, json.loads(body)) for kind, id, subject, body in found]


@pytest.mark.parametrize("name", MAPS)
async def test_a_rating_goes_with_all_that_a_province_asks_for(tmp_path: Path, name: str):
    fields = read_map(resources.files("hub.halls").joinpath("maps", name).read_text("utf-8"))
    async with served(tmp_path / "hall.db") as service:
        await rate(service, "first", 1, "太慢")
    (line,) = rows(tmp_path / "hall.db")
    kind, id, subject, record = line
    assert (kind, id, subject) == ("rating", "first", "v:0:2026-1")
    assert (record["item_code"], record["department_code"], record["district_code"]) == (
        "440125001000",
        "11440125007",
        "440125",
    )
    assert (record["clerk_number"], record["text"], record["named"], record["attempt"]) == ("08", "太慢", True, 1)
    assert "13800138000" not in json.dumps(record)
    assert isinstance(apply_map(fields, record, kind), dict)


async def test_a_correction_goes_behind_what_it_corrects_and_a_remark_does_not_go(tmp_path: Path):
    async with served(tmp_path / "hall.db") as service:
        await rate(service, "first", 4)
        await rate(service, "second", 5)
        service._clock.advance(120_000)  # type: ignore[attr-defined]
        late = commands.RecordRating("late", "", 0, 0, "", "v", 3, 10**15, 10**15, channel="phone", stop=0)
        await service.handle(late)
    found = rows(tmp_path / "hall.db")
    assert [(id, subject, record["attempt"]) for _, id, subject, record in found] == [
        ("first", "v:0:2026-1", 1),
        ("second", "v:0:2026-1", 2),
    ]


@pytest.mark.parametrize("name", MAPS)
async def test_each_step_goes_to_whose_order_it_is(tmp_path: Path, name: str):
    fields = read_map(resources.files("hub.halls").joinpath("maps", name).read_text("utf-8"))
    async with served(tmp_path / "hall.db") as service:
        await rate(service, "first", 1)
        order = commands.OpenReview("o", "P-1", "complaint", True, "exchange", rating="first", words=Words("x" * 4000))
        await service.handle(order)
        for verb in ("verify", "rectify"):
            review = service.state.reviews["R.1"]
            step = commands.REVIEW_VERBS[verb](verb, "R.1", review.seen, "clerk:wang", Words("mended"))
            await service.handle(step)
    states = [
        record for kind, _, subject, record in rows(tmp_path / "hall.db") if (kind, subject) == ("order-state", "P-1")
    ]
    assert [record["state"] for record in states] == ["open", "verifying", "rectified"]
    assert (states[-1]["result"], states[-1]["text"], states[-1]["rating"]) == ("rectified", "mended", "first")
    assert all(isinstance(apply_map(fields, record, "order-state"), dict) for record in states)


async def test_without_a_province_nothing_waits_for_one(tmp_path: Path):
    async with served(tmp_path / "hall.db", exchanges=False) as service:
        await rate(service, "first", 1)
    assert rows(tmp_path / "hall.db") == []


async def test_the_hall_is_known_after_a_restart(tmp_path: Path):
    async with served(tmp_path / "hall.db"):
        pass
    store = SqliteStore(tmp_path / "hall.db", exchanges=True)
    service = HallService(store, MemoryPublisher(), SetClock(), 7)
    running = asyncio.create_task(service.run())
    await rate(service, "first", 5)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    store.close()
    ((*_, record),) = rows(tmp_path / "hall.db")
    assert record["clerk_number"] == "08"


async def test_an_order_has_the_earlier_of_two_limits(tmp_path: Path):
    async with served(tmp_path / "hall.db") as service:
        soon_ms = service._clock.now().ms + 1000
        await service.handle(commands.OpenReview("o", "P-1", "complaint", False, "exchange", due_ms=soon_ms))
        assert service.state.reviews["R.1"].answer_due_ms == soon_ms


async def test_what_came_after_the_backup_is_sent_after_a_restore_too(tmp_path: Path):
    """A rating is owed to the province until it is there; what was sent already is answered as a repetition."""
    data = tmp_path / "data"
    (data / "broker").mkdir(parents=True)
    keep_secret(data / "secret")
    async with served(data / "hall.db") as service:
        await rate(service, "first", 5)
        backup = backup_restore.make(data, tmp_path / "backups", [], 1)
        await rate(service, "second", 1, "slow")
        await service.handle(commands.OpenReview("o", "P-1", "complaint", False, "exchange", rating="second"))
        seen = service.state.reviews["R.1"].seen
        await service.handle(commands.REVIEW_VERBS["verify"]("verify", "R.1", seen, "clerk:wang", Words()))
        Tail(backup, data, []).catch_up(2)
        posted = rows(data / "hall.db")
    (tmp_path / "new").mkdir()
    backup_restore.restore(tmp_path / "backups", tmp_path / "new", [], 3)
    assert rows(tmp_path / "new" / "hall.db") == posted and len(posted) > 2
