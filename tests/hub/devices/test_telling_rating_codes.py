"""The code with which the last visit of a window is rated by phone: what it says, where it is told, when it goes."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
import segno

from firmware.glass import PAD, Glass
from firmware.qr_code import SIDES
from firmware.roles.rating_pad import RatingPad
from firmware.roles.vocabulary import LinkChanged
from hub.adapters.memory import MemoryPublisher, MemoryStore, SetClock
from hub.core import commands
from hub.devices import telling_rating_codes as telling
from hub.devices.registry import Registry
from hub.devices.telling_rating_codes import qr_code, short_link, tell_rating_codes
from hub.ports import Device
from hub.service import HallService
from protocol.downward import HubOnline, read_window_state
from protocol.limits import DOWN_BYTES
from protocol.rating_code import BASE64_CHARS, NO_CODE, RatingCode, read_rating_code
from tests.firmware.conversation import Talk, config
from tests.hub.halls import small_hall
from tests.talk.hall import NoBroker

VISIT = "visit-of-A001"
LINK = "HTTPS://HALL.EXAMPLE/Q/ABCDEFGHIJKL"


class Served:
    """A hall with a clerk at window 1, who has served VISIT; `codes` has what was said for that window."""

    def __init__(self, service: HallService, publisher: MemoryPublisher):
        self.service = service
        self.publisher = publisher

    @property
    def codes(self) -> list[RatingCode]:
        return [read_rating_code(payload) for topic, payload in self.publisher.sent if topic == "q1/small/w/1/rating"]

    async def press(self, verb: str) -> None:
        seen = self.service.state.version("1")
        done = await self.service.handle(commands.VERBS[verb](f"{verb}{seen}", "1", seen, "clerk:li"))
        assert not done.refused, done

    async def until(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not is_so():
                await asyncio.sleep(0)


@asynccontextmanager
async def hall(link: Callable[[str], str]) -> AsyncIterator[Served]:
    store, publisher = MemoryStore(), MemoryPublisher()
    for device in (
        Device("pad", "rating_pad", "1", "c", 1),
        Device("gone", "rating_pad", "2", "c", 1, revoked_ms=2),
        Device("call", "call_pad", "3", "c", 1),
    ):
        store.keep_device(device)
    service = HallService(store, publisher, SetClock(), 7)
    registry = Registry(store, NoBroker(), lambda: 1)
    tasks = [
        asyncio.create_task(service.run()),
        asyncio.create_task(tell_rating_codes(publisher, service, registry, link)),
    ]
    served = Served(service, publisher)
    await service.handle(commands.ConfigureHall("", small_hall()))
    await service.handle(commands.SignIn("", "li", "1", "clerk:li"))
    await service.handle(commands.DrawTicket("", VISIT, "a", "kiosk:k"))
    try:
        yield served
    finally:
        for task in tasks:
            task.cancel()


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(telling, "EVERY_S", 0)
    monkeypatch.setattr(telling, "AGAIN", 20)


RATING = commands.RecordRating("r", "", 0, 0, "", VISIT, 5, 1, 1, channel="phone", stop=0)


async def test_the_code_is_there_from_the_service_to_the_rating_and_of_the_state_that_is_there():
    async with hall(lambda visit: LINK if visit == VISIT else "") as served:
        await served.until(lambda: len(served.codes) > 0)
        await served.press("next")
        assert {each.code for each in served.codes} == {""}, "nobody was served"
        for verb in ("start", "finish"):
            await served.press(verb)
            version = served.service.state.version("1")
            await served.until(lambda version=version: served.codes[-1] == RatingCode(version, qr_code(LINK)))
        await served.service.handle(RATING)
        await served.until(lambda: served.codes[-1] == NO_CODE)
        topics = {topic for topic, _ in served.publisher.sent if topic.endswith("/rating")}
        assert topics == {"q1/small/w/1/rating"}
        assert all(VISIT.encode() not in payload for topic, payload in served.publisher.sent if topic in topics)


async def test_the_next_call_ends_it():
    async with hall(lambda visit: LINK) as served:
        await served.service.handle(commands.DrawTicket("", "w", "a", "kiosk:k"))
        for verb in ("next", "start", "finish"):
            await served.press(verb)
        await served.until(lambda: any(each.code for each in served.codes))
        await served.press("next")
        assert served.codes[-1].seen != served.service.state.version("1")
        await served.until(lambda: served.codes[-1] == NO_CODE)


async def test_without_an_address_there_is_none():
    async with hall(lambda visit: "") as served:
        for verb in ("next", "start", "finish"):
            await served.press(verb)
        before = len(served.codes)
        await served.until(lambda: len(served.codes) > before + 1)
        assert {each.code for each in served.codes} == {""}


async def test_what_a_pad_has_on_its_glass_is_what_the_link_makes():
    """Through the real messages, role and glass, and read back module by module."""
    async with hall(lambda visit: LINK) as served:
        for verb in ("next", "start", "finish"):
            await served.press(verb)
        await served.until(lambda: any(each.code for each in served.codes))
        pad = Talk(RatingPad, config("rating_pad", window="1"))
        pad.hear(LinkChanged(True))
        pad.hear(HubOnline(1, served.service.state.epoch))
        pad.hear(read_window_state(served.publisher.retained["q1/small/w/1/state"]))
        pad.hear(served.codes[-1])
    glass = Glass(*PAD, "firmware/glyphs")
    glass.paint(pad.shown)
    wanted = segno.make(LINK, error="L", micro=False).matrix
    px, side = 2, len(wanted)
    left, top = PAD[0] - PAD[1] + (PAD[1] - px * side) // 2, (PAD[1] - px * side) // 2

    def is_dark(x: int, y: int) -> bool:
        at = y * PAD[0] + x
        return not glass.rows[at // 8] & 0x80 >> at % 8

    seen = [bytearray(is_dark(left + x * px, top + y * px) for x in range(side)) for y in range(side)]
    assert tuple(seen) == wanted


@pytest.mark.parametrize(
    ("pages", "link"),
    [
        ("https://hall.example", LINK),
        ("http://10.1.2.3:8000", "HTTP://10.1.2.3:8000/Q/ABCDEFGHIJKL"),
        ("https://hall.example/Rooms", "https://hall.example/Rooms/Q/ABCDEFGHIJKL"),
    ],
)
def test_a_link_is_in_capitals_unless_that_makes_another_of_it(pages: str, link: str):
    assert short_link(pages, "ABCDEFGHIJKL") == link


def test_a_pad_has_room_for_a_host_of_24_characters():
    sides = [
        SIDES[len(base64.b64decode(qr_code(short_link("https://" + "h" * count, "ABCDEFGHIJKL"))))]
        for count in (10, 24, 25, 54)
    ]
    assert sides == [25, 25, 29, 29]


def test_a_link_that_no_board_has_room_for_makes_no_code():
    assert qr_code("https://hall.example/" + "x" * 100) == ""


def test_the_largest_code_fits_into_a_message():
    assert len(telling.encode(RatingCode((2**32, 2**53), "A" * BASE64_CHARS))) < DOWN_BYTES // 4
