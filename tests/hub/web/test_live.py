"""What changes reaches every page: the newest of each thing, once, and only as long as one may see it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.web import live
from hub.web.live import Feed
from tests.hub.web.test_windows import draw, press, sit_down, version
from tests.hub.web.web_hall import WebHall, web_hall


def feed_of(hall: WebHall) -> Feed:
    return hall.app.state.web.feed


def watch(
    hall: WebHall, staff: bool = True, window: str = "", zone: str = "", may=lambda: True, known: bool = True
) -> AsyncIterator[bytes]:
    return feed_of(hall).stream(known, staff, window, zone, may)


async def events(stream: AsyncIterator[bytes]) -> list[tuple[str, dict]]:
    """The next piece, as (kind, data)."""
    piece = await asyncio.wait_for(anext(stream), 2)
    found = []
    for block in piece.decode().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "event" in lines:
            found.append((lines["event"], json.loads(lines["data"])))
    return found


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(live, "PACE_S", 0.01)


async def test_a_page_gets_the_whole_picture_first(hall: WebHall):
    stream = watch(hall)
    piece = await anext(stream)
    assert piece.startswith(b"retry: 1000\n\n")
    kinds = [kind for kind, _ in await events(_once(piece))]
    assert kinds == ["window", "window", "window", "board", "board", "waiting"]


async def _once(piece: bytes) -> AsyncIterator[bytes]:
    yield piece


async def test_a_call_reaches_the_page_with_board_and_counts(hall: WebHall):
    await draw(hall, 2)
    clerk, seen = await sit_down(hall)
    stream = watch(hall)
    await anext(stream)
    await press(clerk, "next", seen)
    told = dict(await events(stream))
    assert told["window"]["state"]["number"] == "A001"
    assert told["board"]["calls"] == [["A001", "1", 1]]
    assert told["board"]["version"] == told["window"]["state"]["version"]
    assert told["waiting"] == {"a": 1, "b": 0}


async def test_a_slow_page_gets_the_newest_and_no_backlog(hall: WebHall):
    await draw(hall, 5)
    clerk, seen = await sit_down(hall)
    stream = watch(hall)
    await anext(stream)
    for _ in range(5):
        seen = version(await press(clerk, "next", seen))
    told = await events(stream)
    assert [kind for kind, _ in told] == ["window", "board", "waiting"]
    assert told[0][1]["state"]["number"] == "A005"


async def test_a_page_of_one_window_hears_of_no_other(hall: WebHall):
    stream = watch(hall, window="1")
    first = await events(stream)
    assert [data["id"] for kind, data in first if kind == "window"] == ["1"]
    await sit_down(hall, "wang", "2")
    assert [kind for kind, _ in await events(stream)] == ["waiting"]


async def test_a_board_hears_of_its_zone_only_and_of_no_clerk(hall: WebHall):
    stream = watch(hall, staff=False, zone="annex")
    await events(stream)
    await sit_down(hall, "wang", "3")
    told = dict(await events(stream))
    assert (told["window"]["id"], told["window"]["clerk"]) == ("3", "")


async def test_a_stream_ends_when_the_login_does(hall: WebHall, monkeypatch):
    monkeypatch.setattr(live, "CHECK_S", 0)
    monkeypatch.setattr(live, "BEAT_S", 0.01)
    answers = iter([True, False])
    stream = watch(hall, may=lambda: next(answers))
    async with asyncio.timeout(2):
        pieces = [piece async for piece in stream]
    assert pieces[1:] == [live.BEAT]


async def test_quiet_is_filled_with_signs_of_life(hall: WebHall, monkeypatch):
    monkeypatch.setattr(live, "BEAT_S", 0.01)
    stream = watch(hall)
    await anext(stream)
    assert await asyncio.wait_for(anext(stream), 2) == live.BEAT


async def test_streams_end_when_the_hub_stops(hall: WebHall):
    stream = watch(hall)
    await anext(stream)
    feed_of(hall).close()
    async with asyncio.timeout(2):
        rest = [piece async for piece in stream]
    assert len(rest) <= 1
    clerk = await hall.logged_in("clerk")
    assert (await clerk.get("/api/v1/live")).status_code == 503


async def test_pages_that_go_are_forgotten(hall: WebHall):
    stream = watch(hall)
    await anext(stream)
    await stream.aclose()  # pyright: ignore[reportAttributeAccessIssue]
    assert feed_of(hall)._pages == set()


async def test_passers_by_leave_room_for_clerks_and_for_the_halls_own_boards(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(live, "PAGES_OF_OTHERS", 1)
    async with web_hall(tmp_path, open_board=True) as hall:
        stream = watch(hall, staff=False, known=False)
        await anext(stream)
        assert (await hall.visitor().get("/api/v1/live")).status_code == 503
        for known in (await hall.logged_in("clerk"), await hall.machine("board")):
            let_in = asyncio.create_task(known.get("/api/v1/live"))
            await asyncio.sleep(0.1)
            assert not let_in.done()
            let_in.cancel()
        await stream.aclose()  # pyright: ignore[reportAttributeAccessIssue]
