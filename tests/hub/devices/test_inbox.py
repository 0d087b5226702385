"""What a device is told about its presses, and above all what it is not told."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import count

from hub.adapters.memory import MemoryPublisher, MemoryStore, SetClock
from hub.core import commands
from hub.devices.inbox import SET_BACK_EVERY_MS, Inbox
from hub.devices.registry import Registry
from hub.ports import Device, StoreError
from hub.service import QUEUE, HallService
from protocol.downward import read_ack, read_window_state
from protocol.limits import CALL_VALID_MS
from protocol.upward import Call, Events, Online, Rating, Reported, Telemetry, encode
from tests.hub.halls import small_hall
from tests.talk.hall import NoBroker

ACK = "q1/small/d/{}/down/ack"


async def test_a_rating_is_not_settled_while_the_hub_is_too_busy_to_take_it():
    """The pad keeps it and sends it again. A call press is told: it is worth nothing later."""
    store, publisher, clock = MemoryStore(), MemoryPublisher(), SetClock()
    for name, role in (("pad", "rating_pad"), ("call", "call_pad")):
        store.keep_device(Device(name, role, "1", "c", 1))
    service = HallService(store, publisher, clock, 7)
    registry = Registry(store, NoBroker(), lambda: 1)
    inbox = Inbox(service, registry, publisher, store, clock, "small")
    for number in range(QUEUE):
        service._jobs.put_nowait((commands.SignOut(f"{number}", "1", "hub"), None))  # pyright: ignore[reportArgumentType]

    await inbox("q1/small/d/pad/up/events", encode(Events(5, [Rating(1, 0, "1", "v", 5)])))
    await inbox("q1/small/d/call/up/events", encode(Events(5, [Call(1, 0, "next", (7, 1))])))
    acks = {topic: read_ack(payload) for topic, payload in publisher.sent}
    assert ACK.format("pad") not in acks
    assert acks[ACK.format("call")].refused == [(1, "busy")]


async def test_a_display_ahead_of_the_log_makes_a_new_epoch_and_a_liar_only_one():
    """The data folder was put back by hand: what displays show is not in the log, so they would refuse every state."""
    store, publisher, clock = MemoryStore(), MemoryPublisher(), SetClock()
    store.keep_device(Device("display", "window_display", "1", "c", 1))
    now_s = clock.now().ms // 1000
    service = HallService(store, publisher, clock, now_s - 1000)
    running = asyncio.create_task(service.run())
    await service.handle(commands.ConfigureHall("", small_hall()))
    began: list[int] = []

    async def set_back(epoch: int) -> None:
        began.append(epoch)
        await service.handle(commands.NoteRestored("", epoch, 0, {}))

    inbox = Inbox(service, Registry(store, NoBroker(), lambda: 1), publisher, store, clock, "small", set_back)

    async def shows(epoch: int, revision: int) -> None:
        await inbox("q1/small/d/display/up/reported", encode(Reported((epoch, revision), "", 0)))

    for epoch, revision in ((0, 0), (now_s - 1000, service.state.seq), (now_s - 2000, 9999), (now_s + 60, 1)):
        await shows(epoch, revision)  # nothing, ours, one of before, and one that is still to come
    assert began == []
    await shows(now_s - 1000, service.state.seq + 1)
    assert began == [now_s]
    assert service.state.epoch == now_s
    state = read_window_state([p for t, p in publisher.sent if t.endswith("w/1/state")][-1])
    assert state.version > (now_s - 1000, service.state.seq + 1)
    await shows(now_s, 9_999_999)
    assert began == [now_s]
    clock.advance(SET_BACK_EVERY_MS + 1)
    await shows(now_s + 5, 1)
    assert began == [now_s, clock.now().ms // 1000]
    running.cancel()


async def test_a_press_from_before_a_restart_was_made_after_the_one_before_it():
    """Not since the last contact: a pad that cannot deliver a press says other things meanwhile."""
    store, publisher, clock = MemoryStore(), MemoryPublisher(), SetClock()
    began_ms = clock.now().ms
    store.keep_device(Device("pad", "rating_pad", "1", "c", began_ms))
    service = HallService(store, publisher, clock, 7)
    running = asyncio.create_task(service.run())
    registry = Registry(store, NoBroker(), lambda: clock.now().ms)
    inbox = Inbox(service, registry, publisher, store, clock, "small")

    async def rated(seq: int, age_ms: int = -1) -> tuple[int, int]:
        await inbox("q1/small/d/pad/up/events", encode(Events(5, [Rating(seq, age_ms, "1", "v", 5)])))
        return store.entries[-1].event.earliest_ms, store.entries[-1].event.latest_ms

    clock.advance(60_000)
    await inbox("q1/small/d/pad/up/telemetry", encode(Telemetry(60, 0, 0, 0, 0)))
    await inbox("q1/small/d/pad/up/online", encode(Online(1, 2, 1, 0)))
    assert await rated(1) == (began_ms, began_ms + 60_000)
    await rated(3, 1000)
    assert await rated(2) == (began_ms, began_ms + 60_000)
    assert await rated(4) == (began_ms + 59_000, began_ms + 60_000)
    await registry.register("pad", "rating_pad", "2")  # what waits in its journal is older than its new secret
    assert await rated(5) == (began_ms, began_ms + 60_000)
    clock.advance(-3_600_000)
    assert await rated(6) == (0, began_ms + 60_000 - 3_600_000)
    running.cancel()


async def test_a_call_that_was_pressed_too_long_ago_or_nobody_knows_when_calls_nobody():
    store, publisher, clock = MemoryStore(), MemoryPublisher(), SetClock()
    store.keep_device(Device("call", "call_pad", "1", "c", 1))
    service = HallService(store, publisher, clock, 7)
    running = asyncio.create_task(service.run())
    await service.handle(commands.ConfigureHall("", small_hall()))
    await service.handle(commands.SignIn("", "li", "1", "hub"))
    await service.handle(commands.DrawTicket("", "v", "a", "kiosk:k"))
    inbox = Inbox(service, Registry(store, NoBroker(), lambda: 1), publisher, store, clock, "small")

    async def pressed(seq: int, age_ms: int) -> list[tuple[int, str]]:
        call = Call(seq, age_ms, "next", service.state.version("1"))
        await inbox("q1/small/d/call/up/events", encode(Events(5, [call])))
        return read_ack([payload for topic, payload in publisher.sent if topic == ACK.format("call")][-1]).refused

    assert await pressed(1, CALL_VALID_MS + 1) == [(1, "too-late")]
    assert await pressed(2, -1) == [(2, "too-late")]
    assert not service.state.windows["1"].visit
    assert await pressed(3, CALL_VALID_MS) == []
    assert service.state.windows["1"].visit == "v"
    running.cancel()


async def test_what_a_rule_has_against_a_press_is_said_in_words_and_any_key_does_what_it_says():
    store, publisher, clock = MemoryStore(), MemoryPublisher(), SetClock()
    store.keep_device(Device("call", "call_pad", "1", "c", 1))
    service = HallService(store, publisher, clock, 7)
    running = asyncio.create_task(service.run())
    pauses = {"meal": {"zh-Hans": "用餐", "zh-Hant": "用餐", "en": "Meal"}}
    await service.handle(commands.ConfigureHall("", replace(small_hall(), pauses=pauses)))
    await service.handle(commands.DrawTicket("", "v", "a", "kiosk:k"))
    inbox = Inbox(service, Registry(store, NoBroker(), lambda: 1), publisher, store, clock, "small")
    seqs = count(1)

    async def pressed(verb: str) -> tuple[str, str]:
        """(code, words) of the refusal."""
        call = Call(next(seqs), 0, verb, service.state.version("1"))
        await inbox("q1/small/d/call/up/events", encode(Events(5, [call])))
        ack = read_ack([payload for topic, payload in publisher.sent if topic == ACK.format("call")][-1])
        return (ack.refused[0][1], ack.words["en"]) if ack.refused else ("", "".join(ack.words.values()))

    window = service.state.windows["1"]
    assert await pressed("pause") == ("nobody-signed-in", "Nobody is signed in at window 1. Sign in first.")
    await service.handle(commands.SignIn("", "li", "1", "hub"))
    assert await pressed("pause") == ("", "") and window.paused == "meal"
    assert (await pressed("next"))[0] == "paused"
    assert await pressed("resume") == ("", "") and not window.paused
    for verb, visit in (("next", "v"), ("take-back-call", ""), ("next", "v"), ("start", "v"), ("take-back-start", "v")):
        assert await pressed(verb) == ("", "") and window.visit == visit, verb
    for verb, visit in (("missed", ""), ("take-back-missed", "v"), ("finish", ""), ("take-back-finish", "v")):
        assert await pressed(verb) == ("", "") and window.visit == visit, verb
    assert await pressed("hold") == ("", "") and not window.visit
    running.cancel()


class FullStore(MemoryStore):
    """Takes nothing into quarantine."""

    def quarantine(self, topic: str, payload: bytes, reason: str, at_ms: int) -> None:
        raise StoreError("disk full")


async def test_a_press_that_cannot_be_read_is_the_pad_s_until_it_is_kept_aside():
    """What the hub says that it has, the pad gives away for good."""
    press = encode(Events(5, [Rating(1, 0, "1", "v", 5)])).replace(b'"v",5]', b'"v",9]')
    for store, told in ((FullStore(), []), (MemoryStore(), [1])):
        publisher, clock = MemoryPublisher(), SetClock()
        store.keep_device(Device("pad", "rating_pad", "1", "c", 1))
        service = HallService(store, publisher, clock, 7)
        inbox = Inbox(service, Registry(store, NoBroker(), lambda: 1), publisher, store, clock, "small")
        await inbox("q1/small/d/pad/up/events", press)
        assert [seq for _, payload in publisher.sent for seq in read_ack(payload).stored] == told
        assert len(store.quarantined) == len(told)


async def test_what_a_broker_kept_of_a_revoked_device_is_no_news_but_what_it_presses_is_put_aside():
    store, publisher, clock = MemoryStore(), MemoryPublisher(), SetClock()
    store.keep_device(Device("pad", "rating_pad", "1", "c", 1, revoked_ms=2))
    registry = Registry(store, NoBroker(), lambda: clock.now().ms)
    inbox = Inbox(HallService(store, publisher, clock, 7), registry, publisher, store, clock, "small")
    await inbox("q1/small/d/pad/up/online", encode(Online(1, 2, 1, 0)))
    assert inbox.quarantined == 0 and not registry.seen["pad"].online
    await inbox("q1/small/d/pad/up/events", encode(Events(5, [Rating(1, 0, "1", "v", 5)])))
    await inbox("q1/small/d/stranger/up/online", encode(Online(1, 2, 1, 0)))
    assert inbox.quarantined == 2
