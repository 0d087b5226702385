"""What is due is deleted once a day, really, and nothing hangs on it; proved by the scan over a year of life."""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
import tarfile
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from hub.adapters.day_keys import DayKeys
from hub.adapters.memory import MemoryPublisher, SetClock
from hub.adapters.privacy_scan import Scan
from hub.adapters.sqlite_retention import ROWS, RetentionJob, prune
from hub.adapters.sqlite_store import SqliteStore
from hub.core import commands
from hub.core.commands import Moment
from hub.core.retention import DAY_MS, Retention, due
from hub.ports import StoreError
from hub.service import HallService
from tests.hub.halls import small_hall
from tests.hub.web.full_hall import full_hall
from tests.hub.web.web_hall import WebHall, web_hall

IDS = ("440101199001011233", "11010519491231002X", "310101198001010018")
PHONE = "13812345678"
EMAIL = "li.min@hall.example"
FIRST_DAY = date(2025, 1, 2)
NINE_MS = 1_735_779_600_000
"""09:00 of that day in Shanghai."""


def job_of(hall: WebHall, keys: DayKeys) -> RetentionJob:
    return RetentionJob(
        hall.data / "hall.db",
        keys,
        now=hall.clock.now,
        chosen=lambda: hall.service.state.hall and hall.service.state.hall.retention,
        note=hall.accounts.note,
        clear_devices=lambda: 0,
    )


def set_day(hall: WebHall, days: int) -> str:
    day = (FIRST_DAY + timedelta(days)).isoformat()
    hall.clock.moment = Moment(NINE_MS + days * DAY_MS, day)
    return day


def scan(hall: WebHall, *logs: Path) -> Scan:
    now = hall.clock.now()
    looking = Scan(now.ms, now.day, (PHONE, EMAIL, *IDS))
    looking.data(hall.data)
    looking.backups(hall.data.parent / "backups")
    for file in logs:
        looking.file(file, now.ms)
    assert not looking.report.unreadable
    return looking


def back_up(hall: WebHall, name: str) -> None:
    """As backups are made: database and secret, without the keys."""
    folder = hall.data.parent / "backups"
    folder.mkdir(exist_ok=True)
    copy = folder / "copy.db"
    with closing(sqlite3.connect(hall.data / "hall.db")) as database:
        database.execute("vacuum into ?", (str(copy),))
    at_s = hall.clock.now().ms // 1000
    os.utime(copy, (at_s, at_s))
    with tarfile.open(folder / name, "w:gz") as archive:
        archive.add(copy, "hall.db")
    copy.unlink()


async def live(hall: WebHall, months: int) -> None:
    """A day of each month, with everything that people should not put where they put it."""
    for month in range(months):
        day = set_day(hall, month * 30)
        clerk = await hall.logged_in("clerk")
        await hall.service.handle(commands.LookAround(""))
        person = IDS[month % len(IDS)]
        body = {"service": "a", "day": day, "time": "10:00", "id_number": person}
        key = {"Idempotency-Key": f"{person} {day}"}
        assert (await clerk.post("/api/v1/bookings", json=body, headers=key)).status_code == 201
        refused = await clerk.post("/api/v1/tickets", json={"service": "a", "case": f"tel {PHONE}"})
        assert refused.json()["code"] == "personal-data"
        drawn = await clerk.post("/api/v1/tickets", json={"service": "a", "case": "2025-0042"})
        path = f"/api/v1/tickets/{drawn.json()['visit']}"
        for verb, words in (("case", {"case": person}), ("cancel", {"reason": f"write to {EMAIL}"})):
            assert (await clerk.post(f"{path}/{verb}", json=words)).json()["code"] == "personal-data"
        await hall.visitor().post("/api/v1/login", json={"name": PHONE, "password": "my own one"})
        hall.store.quarantine("q1/small/d/pad/up/hello", b'{"fw":"%b"}' % PHONE.encode(), "unreadable", NINE_MS)
        with hall.store._writing, hall.store._writer.atomic():
            hall.store._writer.conn.execute(
                "insert into outbox values (?, 'email', 'lead', 'long', 'a', 0, '{}', ?, 'given-up', 9, 0, ?, ?)",
                (f"{month}", hall.clock.now().ms, hall.clock.now().ms, f"no such mailbox {EMAIL}"),
            )


async def test_after_a_year_nothing_of_anybody_is_left(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG, "hub")
    data = tmp_path / "data"
    data.mkdir()
    async with web_hall(data, rules=replace(full_hall(), retention=Retention(quarantine_days=7))) as hall:
        await live(hall, 12)
        log = tmp_path / "hub.log"
        log.write_text(caplog.text)
        set_day(hall, 11 * 30 + 91)
        before = scan(hall, log).report.beyond
        places = {(finding.kind, finding.where.split(",")[0].split(" ")[1]) for finding in before}
        assert ("mobile number", "quarantine") in places and ("e-mail address", "outbox") in places
        assert len([finding for finding in before if finding.kind == "key of a day that is over"]) == 12

        keys = DayKeys(data / "day-keys")
        removed = await job_of(hall, keys).run_if_due(Retention(quarantine_days=7))
        assert removed["quarantine"] == removed["outbox"] == removed["holders"] == 12
        assert removed["sessions"] > 0 and removed["commands"] > 24
        back_up(hall, "later.tar.gz")
        assert scan(hall, log).report.findings == []
        assert not any(keys._files())

        with closing(sqlite3.connect(data / "hall.db")) as database:
            (told,) = database.execute("select subject from deeds where action = 'kept for long enough'").fetchone()
        assert "12 quarantine" in told and "hall.example" not in told
        assert await job_of(hall, keys).run_if_due(Retention()) == {}


async def test_who_booked_cannot_be_told_after_the_day_and_is_compared_until_then(tmp_path: Path):
    body = {"service": "a", "day": "2023-11-15", "time": "09:00", "id_number": IDS[0]}

    async def book(hall: WebHall, **more: str):
        clerk = await hall.logged_in("clerk")
        return await clerk.post("/api/v1/bookings", json=body | more)

    async with web_hall(tmp_path, rules=full_hall()) as hall:
        assert (await book(hall)).status_code == 201
    async with web_hall(tmp_path, rules=full_hall()) as hall:  # the same person after a restart of the hub
        assert (await book(hall, time="09:30")).json()["code"] == "booked-already"
        assert (await book(hall, day="2023-11-16")).status_code == 201
        (first, second) = [booking.holder for booking in hall.service.state.bookings.values()]
        assert first != second, "the same on two days would tell who came again"
        keys = DayKeys(tmp_path / "day-keys")
        assert keys.forget("2023-11-16") == 1
        assert [file.name for file in keys._files()] == ["2023-11-16"]


async def test_a_lost_key_stops_nobody_from_booking(tmp_path: Path):
    body = {"service": "a", "day": "2023-11-15", "time": "09:00", "id_number": IDS[0]}
    (tmp_path / "day-keys").write_text("not a folder: nothing can be kept")
    async with web_hall(tmp_path, rules=full_hall()) as hall:
        clerk = await hall.logged_in("clerk")
        assert (await clerk.post("/api/v1/bookings", json=body)).status_code == 201
        again = await clerk.post("/api/v1/bookings", json=body | {"time": "09:30"})
        assert again.json()["code"] == "booked-already", "it is known while the hub runs"


def rating(seq: int, visit: str) -> commands.RecordRating:
    return commands.RecordRating(f"pad:5:{seq}", "pad", 5, seq, "1", visit, 5, 1, 1)


async def test_an_old_press_that_comes_again_after_pruning_is_not_counted_twice(tmp_path: Path):
    store, clock = SqliteStore(tmp_path / "hall.db"), SetClock()
    service = HallService(store, MemoryPublisher(), clock, 7)
    writer = asyncio.create_task(service.run())
    await service.handle(commands.ConfigureHall("", small_hall()))
    first = await service.handle(rating(1, "v"))
    with closing(sqlite3.connect(tmp_path / "hall.db", isolation_level=None)) as database:
        removed = prune(database, due(Retention(), clock.now().ms + 31 * DAY_MS))
    assert (first.first > 0, removed["commands"]) == (True, 2)  # the press, and the day that it opened

    again, other = await asyncio.gather(service.handle(rating(1, "v")), service.handle(rating(2, "w")))
    assert (again.refused, other.refused) == ("", "")
    with closing(sqlite3.connect(tmp_path / "hall.db")) as database:
        assert database.execute("select seq, count(*) from ratings group by seq").fetchall() == [(1, 1), (2, 1)]
        assert database.execute("select count(*) from log where kind = 'RatingRecorded'").fetchone() == (2,)
    writer.cancel()
    await asyncio.gather(writer, return_exceptions=True)
    store.close()


async def test_a_key_that_is_used_again_after_pruning_books_and_splits_anew(tmp_path: Path):
    """Names that were made out of the key alone would break the unique keys of the tables, and with them the batch."""
    async with web_hall(tmp_path, rules=full_hall()) as hall:
        for days in (0, 40):
            day = set_day(hall, days)
            with closing(sqlite3.connect(tmp_path / "hall.db", isolation_level=None)) as database:
                prune(database, due(Retention(), hall.clock.now().ms))
            clerk = await hall.logged_in("clerk")
            key = {"Idempotency-Key": "1"}
            body = {"service": "a", "day": day, "time": "10:00"}
            assert (await clerk.post("/api/v1/bookings", json=body, headers=key)).status_code == 201
            drawn = await clerk.post("/api/v1/tickets", json={"service": "a", "party": 3}, headers=key)
            split = await clerk.post(
                f"/api/v1/tickets/{drawn.json()['number']}/split", json={"parties": [1]}, headers=key
            )
            assert (drawn.status_code, split.status_code) == (201, 200), split.text


def test_many_rows_go_in_small_transactions_and_the_others_stay(tmp_path: Path):
    store = SqliteStore(tmp_path / "hall.db")
    connection = store._writer.conn
    rows = [(f"c{each}", each) for each in range(ROWS * 2 + 7)]
    with store._writer.atomic():
        connection.executemany("insert into commands values (?, ?, 0, 0, '', '')", rows)
    assert prune(connection, {"commands": ROWS * 2 + 4}) == {"commands": ROWS * 2 + 5}
    assert connection.execute("select count(*) from commands").fetchone() == (2,)
    store.close()


def test_people_are_forgotten_before_what_they_wrote(tmp_path: Path):
    store = SqliteStore(tmp_path / "hall.db")
    connection = store._writer.conn
    with store._writer.atomic():
        for seq in (1, 2, 3):
            row = (seq, f"r{seq}", seq * 100, "too slow", "Wang", "13800138000")
            connection.execute("insert into words values (?, ?, ?, ?, ?, ?)", row)
    assert prune(connection, {"texts": 100, "people": 200}) == {"texts": 1, "people": 1}
    left = connection.execute("select seq, text, name, contact from words").fetchall()
    assert left == [(2, "too slow", "", ""), (3, "too slow", "Wang", "13800138000")]
    store.close()


async def test_a_run_that_failed_is_tried_again_and_stops_nothing(tmp_path: Path):
    async with web_hall(tmp_path) as hall:
        job = job_of(hall, DayKeys(tmp_path / "day-keys"))
        job._file = tmp_path / "gone" / "hall.db"
        with pytest.raises(StoreError, match="gone"):
            await job.run_if_due(Retention())
        job._file = tmp_path / "hall.db"
        assert await job.run_if_due(Retention()) != {}
        assert await job.run_if_due(Retention()) == {}
