"""Conversations between devices and hub, over a wire that works and over one that does not."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from pathlib import Path

from hub.core import commands, events
from protocol import topics
from tests.talk.hall import TalkingHall, talking_hall, until

NEXT, RECALL, START, FINISH, MISSED = range(5)


async def draw(talk: TalkingHall, count: int) -> None:
    for number in range(count):
        await talk.service.handle(commands.DrawTicket(f"d{number}", f"visit-{number}", "a", "kiosk:k"))


def press(talk: TalkingHall, name: str, key: int) -> None:
    talk.boards[name].keys.append(key)


def happened(talk: TalkingHall, kind: type) -> list:
    return [entry.event for entry in talk.store.entries if isinstance(entry.event, kind)]


async def test_a_press_of_next_lights_the_display_up_and_the_hub_hears_of_it(tmp_path: Path):
    async with talking_hall(tmp_path) as talk:
        await draw(talk, 1)
        await until(lambda: talk.boards["call-pad-1"].version == talk.service.state.version("1"))
        press(talk, "call-pad-1", NEXT)
        await until(lambda: talk.boards["window-display-1"].number == "A001")
        await until(lambda: happened(talk, events.NumberShown))
        await until(lambda: talk.boards["call-pad-1"].settled_calls == [(1, "")])


async def test_pressing_next_twice_calls_one_person(tmp_path: Path):
    async with talking_hall(tmp_path) as talk:
        await draw(talk, 5)
        await until(lambda: talk.boards["call-pad-1"].version == talk.service.state.version("1"))
        press(talk, "call-pad-1", NEXT)
        press(talk, "call-pad-1", NEXT)
        await until(lambda: talk.boards["call-pad-1"].settled_calls)
        await asyncio.sleep(0.2)
        assert len(happened(talk, events.TicketCalled)) == 1


async def test_a_rating_is_promised_then_counted_once(tmp_path: Path):
    async with talking_hall(tmp_path) as talk:
        await serve_one(talk)
        press(talk, "rating-pad-1", 3)
        await until(lambda: happened(talk, events.RatingRecorded))
        (rating,) = happened(talk, events.RatingRecorded)
        assert (rating.level, rating.visit, rating.window, rating.clerk) == (2, "visit-0", "1", "li")
        ((_, _, level, visit),) = talk.boards["rating-pad-1"].promised_presses
        assert (level, visit) == (2, "visit-0")


async def serve_one(talk: TalkingHall) -> None:
    await draw(talk, 1)
    for verb in ("next", "start", "finish"):
        command = commands.VERBS[verb](verb, "1", talk.service.state.version("1"), "device:x")
        assert not (await talk.service.handle(command)).refused
    await until(lambda: talk.boards["rating-pad-1"].lit == (1, 1, 1, 1, 1))


async def test_a_rating_pressed_while_the_network_is_gone_arrives_later(tmp_path: Path):
    async with talking_hall(tmp_path) as talk:
        await serve_one(talk)
        talk.wire.cut = True
        press(talk, "rating-pad-1", 0)
        await until(lambda: talk.boards["rating-pad-1"].promised_presses)
        await talk.kill_device("rating-pad-1")
        talk.start_device("rating-pad-1")
        await asyncio.sleep(0.1)
        assert not happened(talk, events.RatingRecorded)
        talk.wire.cut = False
        await until(lambda: happened(talk, events.RatingRecorded))
        (rating,) = happened(talk, events.RatingRecorded)
        assert rating.earliest_ms <= rating.latest_ms


async def test_a_call_pressed_while_the_hub_is_gone_is_never_carried_out(tmp_path: Path):
    async with talking_hall(tmp_path) as talk:
        await draw(talk, 1)
        await until(lambda: talk.boards["call-pad-1"].version == talk.service.state.version("1"))
        talk.wire.cut = True
        press(talk, "call-pad-1", NEXT)
        await until(lambda: talk.boards["call-pad-1"].settled_calls == [(1, "no-answer")])
        talk.wire.cut = False
        await asyncio.sleep(1)
        assert not happened(talk, events.TicketCalled)


async def test_a_display_ignores_the_retained_state_of_yesterday(tmp_path: Path):
    async with talking_hall(tmp_path) as talk:
        await draw(talk, 2)
        old = dict(talk.wire.retained)
        command = commands.CallNext("c", "1", talk.service.state.version("1"), "device:x")
        await talk.service.handle(command)
        await until(lambda: talk.boards["window-display-1"].number == "A001")
        talk.wire.break_broker(old)
        await asyncio.sleep(0.2)
        assert talk.boards["window-display-1"].number == "A001"


async def test_what_a_device_says_in_a_broken_way_is_kept_aside_and_nothing_stops(tmp_path: Path):
    async with talking_hall(tmp_path) as talk:
        assert talk.wire.inbox is not None
        topic = topics.up("small", "rating-pad-1", "events")
        poison = b'{"epoch":5,"events":[[1,0,"rate","1","visit",5],[2,0,"dance","1","",5]]}'
        for payload in (b"", b"\xff\xfe", b"[" * 4000, b"{}" * 40_000, b'{"epoch":1.5}', poison):
            await talk.wire.inbox(topic, payload)
        for strange in ("q1/small/d/nobody/up/events", "q1/small/d/rating-pad-1/up/dance", "q1/other/x", "", "q1"):
            await talk.wire.inbox(strange, b"{}")
        assert len(talk.store.quarantined) == 11
        assert len(happened(talk, events.RatingRecorded)) == 1


async def test_a_bad_wire_a_dying_broker_and_dying_devices_lose_and_double_nothing(tmp_path: Path):
    for seed in range(3):
        folder = tmp_path / str(seed)
        folder.mkdir()
        async with talking_hall(folder, seed) as talk:
            await abuse(talk, random.Random(seed))
            await talk.wire.settle()
            await check_nothing_lost(talk)
            await check_a_press_still_calls(talk)


async def abuse(talk: TalkingHall, chance: random.Random) -> None:
    """Two seconds of presses on everything, while everything fails."""
    talk.wire.loss, talk.wire.double, talk.wire.delay_s = 0.2, 0.2, 0.3
    await draw(talk, 40)
    old = dict(talk.wire.retained)
    for turn in range(100):
        window = chance.choice("12")
        press(talk, f"call-pad-{window}", chance.choice((NEXT, NEXT, START, FINISH, RECALL, MISSED)))
        press(talk, f"rating-pad-{window}", chance.randrange(5))
        if turn % 20 == 7:
            name = chance.choice(sorted(talk.boards))
            await talk.kill_device(name)
            talk.start_device(name)
        if turn % 30 == 11:
            talk.wire.break_broker(old)
        if turn % 40 == 23:
            await talk.kill_hub()
        talk.clock.advance(20)
        await asyncio.sleep(0.02)


async def check_nothing_lost(talk: TalkingHall) -> None:
    talk.greet()
    promised = {
        (name, epoch, seq) for name, board in talk.boards.items() for epoch, seq, _, _ in board.promised_presses
    }
    assert promised

    def counted() -> Counter:
        return Counter((e.device, e.epoch, e.seq) for e in happened(talk, events.RatingRecorded))

    await until(lambda: promised <= counted().keys(), within_s=35)
    assert max(counted().values()) == 1
    called = Counter(event.visit for event in happened(talk, events.TicketCalled))
    assert max(called.values(), default=1) == 1
    for window in ("1", "2"):
        display = talk.boards[f"window-display-{window}"]
        await until(lambda d=display, w=window: d.version == talk.service.state.version(w))


async def check_a_press_still_calls(talk: TalkingHall) -> None:
    before = len(happened(talk, events.TicketCalled))
    talk.clock.advance(60_000)

    def pressed_and_called() -> bool:
        press(talk, "call-pad-1", NEXT)
        return len(happened(talk, events.TicketCalled)) > before

    await until(pressed_and_called, within_s=10)
