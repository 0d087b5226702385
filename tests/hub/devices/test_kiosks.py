"""What kiosks are answered: one ticket for one draw, none for one that nobody has."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace

from hub.adapters.memory import MemoryPublisher, MemoryStore, SetClock
from hub.core import commands
from hub.core.hall import Hall
from hub.devices import telling_offers
from hub.devices.inbox import Inbox
from hub.devices.kiosks import CODES_SPAN_MS, CODES_WRONG
from hub.devices.registry import Registry
from hub.devices.telling_offers import offers_of, tell_offers
from hub.ports import Device
from hub.service import HallService
from protocol import kiosk
from protocol.downward import read_ack
from protocol.kiosk import encode_events, read_offers, read_ticket
from protocol.limits import DOWN_BYTES
from tests.hub.halls import PRIORITY, full_hall, names, small_hall
from tests.talk.hall import NoBroker
from tools.receipt import Code, Text, read

EPOCH = 4711
PAGES = "https://hall.example"


class Desk:
    """A hub in memory with a kiosk and a call pad."""

    def __init__(self, hall: Hall):
        self.hall = hall
        self.store, self.publisher, self.clock = MemoryStore(), MemoryPublisher(), SetClock()
        for device in (Device("kiosk", "kiosk", "", "c", 1, zone="main"), Device("call", "call_pad", "1", "c", 1)):
            self.store.keep_device(device)
        self.service = HallService(self.store, self.publisher, self.clock, 7)
        self.registry = Registry(self.store, NoBroker(), lambda: 1)
        parts = (self.service, self.registry, self.publisher, self.store, self.clock, "small")
        self.inbox = Inbox(*parts, pages=PAGES)

    async def say(self, *items: list, device: str = "kiosk") -> None:
        await self.inbox(f"q1/small/d/{device}/up/events", encode_events(EPOCH, [*items]))

    async def draw(self, seq: int, service: str = "a", klass: str = "walk-in", code: str = "") -> None:
        await self.say([seq, 0, "draw", service, klass, "en", code, 58])

    async def give_up(self, seq: int) -> None:
        await self.say([seq, -1, "unprinted"])

    def heard(self, name: str) -> list[bytes]:
        return [payload for topic, payload in self.publisher.sent if topic == f"q1/small/d/kiosk/down/{name}"]

    def answer(self) -> kiosk.Ticket:
        return read_ticket(self.heard("ticket")[-1])

    def tickets(self) -> list[tuple[str, str]]:
        return [(ticket.number, ticket.state) for ticket in self.service.state.tickets.values()]


@contextlib.asynccontextmanager
async def desk(hall: Hall | None = None):
    made = Desk(replace(hall or small_hall(), id="small"))
    running = asyncio.create_task(made.service.run())
    await made.service.handle(commands.ConfigureHall("", made.hall))
    await made.service.handle(commands.LookAround(""))  # the day begins
    try:
        yield made
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_a_draw_is_answered_with_a_slip_and_asking_again_is_the_same_ticket():
    async with desk() as hub:
        await hub.draw(1)
        first = hub.answer()
        assert (first.id, first.number, first.lines) == ((EPOCH, 1), "A001", ["a", "0 before you"])
        printed = read(first.slip)
        [link] = [it.text for it in printed if isinstance(it, Code)]
        visit = next(iter(hub.service.state.tickets))
        assert link == f"{PAGES}/t/{visit}" and Text("A001", 4) in printed and Text("小厅") in printed
        await hub.draw(1)
        assert hub.answer() == first and hub.tickets() == [("A001", "waiting")]
        await hub.draw(2)
        assert hub.answer().lines[1] == "1 before you"
        assert hub.heard("ack") == []


async def test_what_the_rules_refuse_is_said_in_the_applicants_language():
    async with desk() as hub:
        await hub.draw(1, "none")
        assert hub.answer() == kiosk.Ticket((EPOCH, 1), "", ["There is no service none."], b"")


async def test_a_ticket_that_nobody_has_is_cancelled_and_one_that_was_called_is_left_alone():
    async with desk() as hub:
        await hub.draw(1)
        await hub.give_up(1)
        assert read_ack(hub.heard("ack")[-1]).stored == [1] and hub.tickets() == [("A001", "cancelled")]
        await hub.give_up(1)
        assert read_ack(hub.heard("ack")[-1]).stored == [1]
        await hub.draw(2)
        await hub.service.handle(commands.SignIn("", "li", "1", "hub"))
        seen = hub.service.state.version("1")
        await hub.service.handle(commands.CallNext("", "1", seen, "clerk:li"))
        await hub.give_up(2)
        assert read_ack(hub.heard("ack")[-1]).stored == [2] and hub.tickets()[1] == ("A002", "called")


async def test_a_draw_that_comes_after_it_was_given_up_is_no_ticket():
    async with desk() as hub:
        await hub.give_up(1)
        await hub.draw(1)
        assert hub.tickets() == [] and hub.answer().number == "" and hub.answer().lines


async def test_who_guesses_codes_is_not_answered_for_a_while():
    async with desk() as hub:
        for seq in range(1, CODES_WRONG + 1):
            await hub.draw(seq, "", code=str(seq))
        assert hub.answer().lines == ["There is no such appointment code. Please look at it again."]
        await hub.draw(50, "", code="50")
        assert hub.answer().lines == ["No ticket was taken. Please begin again."]
        hub.clock.advance(CODES_SPAN_MS)
        await hub.draw(51, "", code="51")
        assert hub.answer().lines == ["There is no such appointment code. Please look at it again."]


async def test_only_a_kiosk_draws():
    async with desk() as hub:
        await hub.say([1, 0, "draw", "a", "walk-in", "en", "", 58], device="call")
        await hub.say([1, 0, "call", "next", 7, 1])
        await hub.say([2, -1, "unprinted"], device="call")
        assert hub.tickets() == [] and hub.heard("ticket") == []


async def test_a_kiosk_may_not_give_what_staff_gives():
    async with desk(replace(small_hall(), classes={"priority": replace(PRIORITY, by=("clerk",))})) as hub:
        await hub.draw(1, klass="priority")
        assert hub.tickets() == [] and hub.answer().number == ""


async def test_what_is_offered_is_told_when_it_changes_and_now_and_then_again(monkeypatch):
    monkeypatch.setattr(telling_offers, "EVERY_S", 0)
    monkeypatch.setattr(telling_offers, "AGAIN", 20)
    async with desk() as hub:
        telling = asyncio.create_task(tell_offers(hub.publisher, hub.service, hub.registry, hub.clock))

        def said() -> list[bytes]:
            return [payload for topic, payload in hub.publisher.sent if topic == "q1/small/kiosk/main/offers"]

        while len(said()) < 3:
            await asyncio.sleep(0)
        telling.cancel()
        offers = read_offers(said()[0])
        assert offers.zone == "main" and offers.services == ["a||a||", "b||b||"] and offers.closed == {}
        assert offers.classes == ["walk-in||普通||Ordinary"]
        assert not [topic for topic, _ in hub.publisher.sent if "kiosk/annex" in topic]


async def test_before_the_first_day_has_begun_nothing_is_offered(monkeypatch):
    monkeypatch.setattr(telling_offers, "EVERY_S", 0)
    hub = Desk(full_hall())
    telling = asyncio.create_task(tell_offers(hub.publisher, hub.service, hub.registry, hub.clock))
    hub.service.state.hall = replace(full_hall(), id="small")
    for _ in range(5):
        await asyncio.sleep(0)
    assert not telling.done() and hub.publisher.sent == []
    telling.cancel()


async def test_a_kiosk_offers_what_its_zone_does_and_when():
    async with desk(full_hall()) as hub:
        state, hall = hub.service.state, hub.service.state.hall
        assert hall

        def offered(zone: str, hour: int) -> kiosk.Offers:
            offers = offers_of(state, hall, zone, state.midnight_ms + hour * 3_600_000)
            return read_offers(kiosk.encode_offers(offers))

        assert offered("main", 8).closed["en"] == "No tickets now. Come from 09:00."
        assert offered("main", 18).closed["en"].startswith("No more tickets")
        assert [entry.split("|")[:2] for entry in offered("annex", 10).services] == [["c", "?"], ["d", ""]]
        assert "d||d 13:00||" in offered("annex", 12).services
        assert [entry.split("|")[0] for entry in offered("main", 10).classes][:1] == ["walk-in"]


async def test_more_services_than_a_message_holds_are_left_out_from_the_end():
    hall = small_hall()
    many = {
        f"s{number}": replace(hall.services["a"], id=f"s{number}", names=names("很长的业务名称" * 3))
        for number in range(40)
    }
    windows = {"1": replace(hall.windows["1"], services=tuple(many))}
    async with desk(replace(hall, services=many, windows=windows)) as hub:
        state = hub.service.state
        assert state.hall
        offers = offers_of(state, state.hall, "main", hub.clock.now().ms)
        assert len(kiosk.encode_offers(offers)) <= DOWN_BYTES
        assert len(offers.services) == kiosk.OFFERS
