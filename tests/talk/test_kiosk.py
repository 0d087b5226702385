"""A kiosk and the hub while messages are lost, doubled and late, paper ends and the power is cut: one press is one
ticket at most, a number that nobody saw is cancelled, and one that somebody has on paper, or kept, is not."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections import Counter
from itertools import count
from unittest.mock import patch

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from firmware import kiosk_out, prompts
from firmware.kiosk_out import KioskOut
from firmware.roles import vocabulary as v
from firmware.roles.kiosk import ANSWER_MS, HOLD_MS, KEY_LOCK_MS, READ_MS, Ask, Do, Kiosk
from hub.adapters.memory import MemoryPublisher, MemoryStore, SetClock
from hub.core import commands, events, tickets
from hub.devices.inbox import Inbox
from hub.devices.registry import Registry
from hub.devices.telling_offers import offers_of
from hub.ports import Device
from hub.service import HallService
from protocol.downward import HubOnline, read_ack
from protocol.kiosk import encode_offers, read_offers
from tests.firmware.conversation import config
from tests.hub.halls import small_hall
from tests.talk.hall import NoBroker
from tools.receipt import Text, read

EPOCH = 7
UP, DOWN = "q1/small/d/k/up/events", "q1/small/d/k/down/"
FATES = st.sampled_from(["arrives", "arrives", "arrives", "twice", "lost"])
WORDS = ("1", "2", "3", "more", "back")


class PowerCutError(Exception):
    """The board stops in the middle of what it does."""


class Board:
    """A kiosk on its flash. `cut_after`: operations on flash and printer until the power is cut. `held`: numbers that
    somebody has on paper, or kept; `maybe`: those that were on their way to that when the power was cut."""

    def __init__(self, path: str):
        self.path = path
        self.cut_after: int | None = None
        self.printer = self
        self.out_of_paper = False
        self.asks = 0
        self.held: set[str] = set()
        self.maybe: set[str] = set()
        self.epochs = count(4711)
        self.back = lambda: None
        self.now_ms = 0
        self.start()

    def start(self) -> None:
        self.number = self.going = ""
        self.listener = None
        self.cut_after = None
        self.role = Kiosk(config("kiosk", zone="main", layout=WORDS), prompts.load("kiosk", "zh-Hans"), self.now_ms)
        self.sender = KioskOut(self.path, config("kiosk", zone="main"), self, self.deliver, lambda: next(self.epochs))
        self.sender.begin()

    def deliver(self, event: object) -> None:
        for effect in self.role.handle(event, self.now_ms):
            kind = type(effect)
            if kind is v.Show:
                self.number = effect.number
            elif kind not in (v.Beep, v.Leds):
                self.asks += kind is Ask
                keeps = kind is Do and effect.verb == "keep"
                self.going = self.number if keeps or (kind is Do and effect.verb == "print") else ""
                self.sender.perform(effect, self.now_ms)
                self.going = ""
                if keeps:
                    self.held.add(self.number)

    def does(self, action) -> None:
        """What the board does until it is done, or the power is cut; then it comes back."""
        try:
            with patch.object(kiosk_out.os, "rename", self.rename):
                action()
        except PowerCutError:
            self.maybe.add(self.going)
            self.start()
            self.back()

    def rename(self, new: str, path: str) -> None:
        self.operate()
        os.replace(new, path)
        self.operate()

    def operate(self) -> None:
        if self.cut_after is not None:
            self.cut_after -= 1
            if self.cut_after < 0:
                raise PowerCutError

    def print(self, slip: bytes, done) -> None:
        """The printer's side."""
        number = next(it.text for it in read(slip) if isinstance(it, Text) and it.times == 4)
        assert number == self.number, "another number goes to the printer than is on the glass"
        self.operate()
        if not self.out_of_paper:
            self.held.add(number)
            self.operate()
        done("paper out" if self.out_of_paper else "")


class KioskAndHub(RuleBasedStateMachine):
    """Messages lie in `up` and `down` until a rule delivers or loses them, in any order."""

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.loop = asyncio.new_event_loop()
        self.store, self.clock, self.publisher = MemoryStore(), SetClock(), MemoryPublisher()
        self.store.keep_device(Device("k", "kiosk", "", "c", 1, zone="main"))
        self.up: list[bytes] = []
        self.loop.run_until_complete(self._start_hub())
        self.board = Board(self.folder.name + "/draws")
        self.board.back = lambda: self._link(True)
        self._link(True)

    async def _start_hub(self) -> None:
        self.service = HallService(self.store, self.publisher, self.clock, EPOCH)
        self.running = asyncio.create_task(self.service.run())
        registry = Registry(self.store, NoBroker(), lambda: 1)
        self.inbox = Inbox(self.service, registry, self.publisher, self.store, self.clock, "small")
        if not self.store.entries:
            await self.service.handle(commands.ConfigureHall("", small_hall()))
            await self.service.handle(commands.SignIn("", "li", "1", "hub"))

    async def _stop_hub(self) -> None:
        self.running.cancel()
        await asyncio.gather(self.running, return_exceptions=True)

    def teardown(self) -> None:
        try:
            self.heal()
            self._check()
        finally:
            self.loop.run_until_complete(self._stop_hub())
            self.loop.close()
            self.folder.cleanup()

    @property
    def down(self) -> list[tuple[str, bytes]]:
        return [it for it in self.publisher.sent if it[0].startswith(DOWN)]

    # What may happen

    @rule(arrives=st.booleans())
    def somebody_draws(self, arrives):
        """What mostly happens."""
        self.wait(HOLD_MS)
        self.press("1")
        self.send()
        if arrives:
            for payload in self.up:
                self.loop.run_until_complete(self.inbox(UP, payload))

    @rule(word=st.sampled_from(["1", "1", "1", *WORDS]))
    def press(self, word):
        self.board.now_ms += KEY_LOCK_MS
        self.board.does(lambda: self.board.deliver(v.KeyPressed(WORDS.index(word))))

    @rule()
    def send(self):
        due = self.board.sender.due(self.board.now_ms)
        if due:
            self.up.append(due[0])

    @precondition(lambda self: self.up)
    @rule(data=st.data(), fate=FATES)
    def one_goes_up(self, data, fate):
        payload = data.draw(st.sampled_from(self.up))
        if fate != "twice":
            self.up.remove(payload)
        if fate != "lost":
            self.loop.run_until_complete(self.inbox(UP, payload))

    @precondition(lambda self: self.down)
    @rule(data=st.data(), fate=FATES)
    def one_goes_down(self, data, fate):
        topic, payload = data.draw(st.sampled_from(self.down))
        if fate != "twice":
            self.publisher.sent.remove((topic, payload))
        if fate != "lost":
            self._deliver(topic, payload)

    def _deliver(self, topic: str, payload: bytes) -> None:
        board = self.board
        if topic == DOWN + "ack":
            board.does(lambda: board.sender.take_ack(read_ack(payload)))
        else:
            board.does(lambda: board.deliver(board.sender.read(payload)))

    @rule(operations=st.integers(-1, 4))
    def power_cut(self, operations):
        """Now, or after so many operations."""
        if operations < 0:
            self.board.start()
            self.board.back()
        else:
            self.board.cut_after = operations

    @rule(out=st.booleans(), is_noticed=st.booleans())
    def paper(self, out, is_noticed):
        self.board.out_of_paper = out
        if is_noticed:
            self.board.does(lambda: self.board.listener("paper out" if out else ""))

    @rule(what=st.sampled_from(["link-lost", "link-back", "hub-again", "call", READ_MS, ANSWER_MS, HOLD_MS]))
    def something_else(self, what):
        if type(what) is int:
            self.wait(what)
        elif what == "call":
            self.loop.run_until_complete(self._call())
        elif what == "hub-again":
            self.loop.run_until_complete(self._stop_hub())
            self.loop.run_until_complete(self._start_hub())
        else:
            self._link(what == "link-back")

    def wait(self, ms: int) -> None:
        self.board.now_ms += ms
        self.clock.advance(ms)
        self.board.does(lambda: self.board.deliver(v.Tick()))

    def _link(self, up: bool) -> None:
        board = self.board
        board.does(lambda: board.deliver(v.LinkChanged(up)))
        if up:
            board.sender.hurry()
            state = self.service.state
            offers = encode_offers(offers_of(state, small_hall(), "main", self.clock.now().ms + board.now_ms))
            board.does(lambda: board.deliver(HubOnline(1, EPOCH)))
            board.does(lambda: board.deliver(read_offers(offers)))

    async def _call(self) -> None:
        """Whoever is called does not come, and the next one is called."""
        for command in (commands.MarkMissed, commands.CallNext):
            await self.service.handle(command("", "1", self.service.state.version("1"), "clerk:li"))

    # What must be true

    def heal(self) -> None:
        """Everybody goes, everything arrives, until nobody has anything to say."""
        self.board.cut_after = None
        self._link(True)
        for _ in range(8):
            self.wait(HOLD_MS)
            self.board.sender.hurry()
            self.send()
            self.all_arrives()

    def all_arrives(self) -> None:
        for payload in self.up:
            self.loop.run_until_complete(self.inbox(UP, payload))
        self.up.clear()
        arrived = self.down
        self.publisher.sent.clear()
        for topic, payload in arrived:
            self._deliver(topic, payload)

    def _check(self) -> None:
        assert self.board.sender.pending == 0
        drawn = [it for it in self.store.entries if isinstance(it.event, events.TicketDrawn)]
        assert max(Counter(it.command_id for it in drawn).values(), default=0) <= 1
        assert len(drawn) <= self.board.asks
        called = {it.event.visit for it in self.store.entries if isinstance(it.event, events.TicketCalled)}
        for ticket in self.service.state.tickets.values():
            was_cancelled = ticket.state == tickets.CANCELLED
            assert not (was_cancelled and ticket.number in self.board.held), f"{ticket.number} never comes"
            if ticket.number not in self.board.held | self.board.maybe:
                assert was_cancelled or ticket.visit in called, f"{ticket.number} is called, and nobody has it"


KioskAndHub.TestCase.settings = settings(max_examples=120, stateful_step_count=30, deadline=None)
TestKioskAndHub = KioskAndHub.TestCase


def printed(hall: KioskAndHub) -> None:
    hall.somebody_draws(False)
    hall.all_arrives()


def void(hall: KioskAndHub) -> None:
    hall.board.out_of_paper = True
    printed(hall)
    hall.wait(HOLD_MS)
    hall.send()
    hall.all_arrives()


def kept(hall: KioskAndHub) -> None:
    hall.board.out_of_paper = True
    printed(hall)
    hall.press("1")


def printed_again(hall: KioskAndHub) -> None:
    hall.board.out_of_paper = True
    printed(hall)
    hall.board.out_of_paper = False
    hall.press("2")


def answered_too_late(hall: KioskAndHub) -> None:
    """The answer to a draw that was given up comes while the next one is asked for."""
    hall.somebody_draws(True)
    hall.up.clear()
    hall.wait(ANSWER_MS)
    hall.somebody_draws(False)
    hall.all_arrives()


def overtaken(hall: KioskAndHub) -> None:
    """That nobody has the number comes before the draw does."""
    hall.somebody_draws(False)
    hall.wait(ANSWER_MS)
    hall.send()
    hall.up.reverse()
    hall.all_arrives()


@pytest.mark.parametrize("cut_after", [None, *range(9)])
@pytest.mark.parametrize("course", [printed, void, kept, printed_again, answered_too_late, overtaken])
def test_each_course_of_a_draw_with_a_power_cut_after_each_operation(course, cut_after):
    hall = KioskAndHub()
    hall.board.cut_after = cut_after
    course(hall)
    hall.teardown()  # looks whether all is as it must be


@pytest.mark.parametrize(
    ("course", "states", "held"),
    [
        (printed, ["waiting"], {"A001"}),
        (void, ["cancelled"], set()),
        (kept, ["waiting"], {"A001"}),
        (printed_again, ["waiting"], {"A001"}),
        (answered_too_late, ["cancelled", "waiting"], {"A002"}),
        (overtaken, [], set()),
    ],
)
def test_what_comes_of_each_course(course, states, held):
    hall = KioskAndHub()
    course(hall)
    hall.heal()
    assert [ticket.state for ticket in hall.service.state.tickets.values()] == states
    assert hall.board.held == held
    hall.teardown()
