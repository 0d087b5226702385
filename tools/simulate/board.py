"""A board with the real firmware on it: its hardware, its flash, its power."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from firmware.assembly import build
from tools.simulate.flash import ROOT, Cut, Flash
from tools.simulate.loop import Life, PowerCut

if TYPE_CHECKING:
    from tools.simulate.world import World

TICKS = 1 << 30
"""A board's milliseconds begin again at 0 after so many."""

IDLE_S = 1.0
"""How often a device turns when nothing happens: enough for all that only time brings, but a call pad that waits."""

BUSY_S = 0.2


@dataclass(slots=True)
class Press:
    """Somebody pressed `key` of a board, with what they saw on its glass, at `at_s`. `identity`: what it was promised
    as, or empty. `fate`: "" while nobody knows, "ignored", "promised", or "cut" when the power went meanwhile."""

    board: str
    window: str
    key: int
    saw: str
    at_s: float
    identity: str = ""
    visit: str = ""
    level: int = 0
    fate: str = ""


class Hal:
    """The hardware of one start of a board; see firmware/hal. A start that is over has no hardware any more."""

    model = "simulated"
    reset_cause = "power-on"

    def __init__(self, board: Board, first_tick: int):
        self._board = board
        self._loop = board.world.loop
        self._first_tick = first_tick
        self._pausing: asyncio.Future | None = None
        self._calling = False
        self._press: Press | None = None
        self.ticks = self._ticks_ms, _ticks_diff
        self.version = (0, 0)
        self.stopped = False
        self.failure: BaseException | None = None

    def _ticks_ms(self) -> int:
        return (self._first_tick + round(self._loop.now * 1000)) % TICKS

    @property
    def _is_over(self) -> bool:
        return self._board.hal is not self

    font = None

    def prepare(self, folder: str, config) -> None:
        """It has no pins."""

    def start(self, config) -> None:
        """Nothing to open."""

    def take_key(self) -> int:
        keys = self._board.keys
        if self._is_over or not keys:
            return -1
        self._press = keys.pop(0)
        return self._press.key

    async def pause(self) -> None:
        if self._press:
            self._press.fate = self._press.fate or "ignored"
            self._press = None
        if self._board.keys:
            await asyncio.sleep(0)
            return
        self._pausing = self._loop.create_future()
        timer = self._loop.call_later(BUSY_S if self._calling else IDLE_S, self.wake)
        await self._pausing
        timer.cancel()

    def wake(self) -> None:
        if self._pausing and not self._pausing.done():
            self._pausing.set_result(None)

    def feed(self) -> None:
        """No watchdog: a device that hangs does not drain its journal, which is looked at."""

    def show(self, effect) -> None:
        if not self._is_over:
            if effect.version < self.version:
                self._board.world.fail(f"display {self._board.name} went back from {self.version} to {effect.version}")
            if effect.version != self.version:
                self._board.world.note("shows", self._board.name, effect.version, effect.number)
            self.version = tuple(effect.version)
            self._board.number, self._board.mark = effect.number, effect.mark

    def leds(self, values) -> None:
        """Nobody looks."""

    def beep(self, ms: int) -> None:
        """Nobody listens."""

    def promised(self, epoch: int, seq: int, level: int, visit: str) -> None:
        if not self._is_over and self._press:
            self._board.world.ledger.promised(self._press, f"{self._board.name}:{epoch}:{seq}", level, visit)

    def called(self, epoch: int, seq: int, verb: str) -> None:
        self._calling = True
        if not self._is_over and self._press:
            board = self._board
            identity = f"{board.name}:{epoch}:{seq}"
            board.world.note("calls", identity, verb)
            board.world.ledger.pressed(identity, board.window, self._press.saw)

    def settled(self, epoch: int, seq: int, reason: str) -> None:
        self._calling = False

    def heap_free(self) -> int:
        return 0

    def log(self, text: str) -> None:
        self._board.world.tell("log", self._board.name, text)

    def restart(self, error: BaseException) -> None:
        if not self._is_over:
            self._board.world.fail(f"the firmware of {self._board.name} failed: {error!r}")

    def cut_power(self) -> None:
        if self._press and not self._press.fate:
            self._press.fate = "cut"


def _ticks_diff(later: int, earlier: int) -> int:
    return (later - earlier + TICKS // 2) % TICKS - TICKS // 2


class Board:
    """A device of the hall. `number` and `mark` are on its glass, `window` is where it stands."""

    def __init__(self, world: World, name: str, role: str, window: str):
        self.world = world
        self.name = name
        self.role = role
        self.window = window
        self.client_id = ""
        self.flash = Flash(self._lost_power)
        self.keys: list[Press] = []
        self.hal: Hal | None = None
        self.wall_ms = 0
        self.boots = 0
        self.number = self.mark = ""
        self.device = None
        self._life: Life | None = None

    @property
    def on(self) -> bool:
        return self.hal is not None

    @property
    def version(self) -> tuple[int, int]:
        return self.hal.version if self.hal else (0, 0)

    @property
    def pending(self) -> int:
        """Presses that the journal owes the hub."""
        sender = self.device.sender if self.device else None
        return sender.pending if sender else 0

    @property
    def met_hub(self) -> int:
        """The hub epoch that the journal of a rating pad knows."""
        return self.device.sender._journal.hub if self.device else 0

    def provision(self, client_id: str, window: str) -> None:
        """Writes the configuration, as flashing does; the journal stays."""
        self.window, self.client_id = window, client_id
        hall = self.world.hall.id
        about = {"hall": hall, "device": self.name, "role": self.role, "window": window, "port": 1}
        where = {"host": "192.0.2.1", "user": self.name, "password": "x", "client_id": client_id}
        self.flash.files["config.json"] = json.dumps({**about, **where}).encode()

    def power_on(self) -> None:
        if self.on:
            return
        self.boots += 1
        self.keys = []
        self.number = self.mark = ""
        self.flash.powered = True
        self._life = Life(self.world.loop)
        # Just before the wrap: it comes in the middle of the run.
        self.hal = hal = Hal(self, TICKS - self.world.chance.randrange(1, 90_000))
        self.world.note("on", self.name, self.boots)
        try:
            self.device = build(ROOT + self.name, hal)
        except PowerCut:
            return
        self.device._link.client.dial = lambda _: self.world.broker.dial(self.name)
        self._life.start(self.device.run())

    def power_off(self, back_s: float) -> None:
        """The plug is pulled, and put back after a while."""
        if not self.on or not self._life or not self.hal:
            return
        self.hal.cut_power()
        self.hal = self.device = None
        self.flash.powered = False
        self._life.end()
        self.world.broker.silence(self.name)
        self.world.loop.call_later(back_s, self.power_on)

    def _lost_power(self, cut: Cut) -> None:
        self.world.happened["power gone in a write" if cut.where == "write" else "power gone in a rename"] += 1
        self.world.note("cut", self.name, cut.where, cut.size)
        self.power_off(1.0 + cut.size / 50)

    def press(self, key: int) -> None:
        if self.hal:
            press = Press(self.name, self.window, key, self.number, self.world.loop.now)
            self.keys.append(press)
            self.world.ledger.attempts[self.name].append(press)
            self.hal.wake()
