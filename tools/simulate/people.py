"""People: at the kiosk, behind the windows, at the pads. They press twice, look away, and ask again without an answer.

Each has chance of their own, so that leaving out a fault changes as little as possible of what they do.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from typing import TYPE_CHECKING

from hub.core import commands
from hub.core.hall import WALK_IN
from hub.core.state import WindowNow
from hub.ports import Outcome

if TYPE_CHECKING:
    from tools.simulate.board import Board
    from tools.simulate.world import World

LOST = 0.15
"""Share of questions, and of answers, of a page that do not arrive."""

AGAIN = 6
"""How often somebody asks again before they give up."""

CALL_KEYS = (0, 0, 0, 0, 1, 2, 3, 4)
"""What is pressed on a call pad: mostly next; see protocol.upward.VERBS."""

FREE_VERBS = ("next", "next", "next", "take-back-finish", "take-back-missed")
BUSY_VERBS = ("next", "recall", "start", "finish", "missed", "hold", "transfer", "transfer", "take-back-call")
"""What is pressed on a page that shows nobody, and somebody."""
SOMEBODY_ELSE = "zhao"
"""A clerk who sits nowhere, and presses all the same."""

SIDE_STEPS = ("pause", "sign-out", "pick")


class Person:
    """Somebody with chance of their own. Their commands are named `name`:count."""

    def __init__(self, world: World, name: str):
        self.world = world
        self.name = name
        self.chance = random.Random(f"{world.seed}:{name}")
        self._asked = 0

    def new_id(self) -> str:
        self._asked += 1
        return f"{self.name}/{self._asked}"

    async def rest(self, low_s: float, high_s: float) -> None:
        await asyncio.sleep(self.chance.uniform(low_s, high_s))

    async def ask(self, command: commands.Command) -> Outcome | None:
        """Asks once; None: no answer came, and it may have happened all the same."""
        lost, unheard = self.chance.random() < LOST, self.chance.random() < LOST
        await self.rest(0.001, 0.1)
        if lost:
            return None
        outcome = await self.world.office.ask(command)
        if outcome is None or unheard or outcome.refused == "busy":
            return None
        self.world.note("hears", command.id, outcome.refused, outcome.first)
        self.world.ledger.hears(command.id, outcome)
        return outcome

    async def insist(self, command: commands.Command) -> Outcome | None:
        """Asks until there is an answer, with the same id."""
        for _ in range(AGAIN):
            if outcome := await self.ask(command):
                return outcome
            await self.rest(0.5, 2)
        return None


class Kiosk(Person):
    """Gives tickets; an applicant who gets no answer presses again."""

    async def run(self, until_s: float) -> None:
        while self.world.loop.now < until_s:
            await self.rest(0.3, 3)
            command = self.new_id()
            visit = f"v{self._asked}-{self.name}"
            self.world.ledger.draws(command, visit)
            service = self.chance.choice(("a", "b"))
            klass = "elder" if self.chance.random() < 0.2 else WALK_IN
            await self.insist(commands.DrawTicket(command, visit, service, f"kiosk:{self.name}", klass=klass))


class Desk(Person):
    """Takes people back who missed their call or were parked, and lets some go."""

    async def run(self, until_s: float) -> None:
        while self.world.loop.now < until_s:
            await self.rest(1, 5)
            places = self.world.ledger.follower.tickets
            visits = [visit for visit, ticket in places.items() if ticket.place in ("held", "missed", "waiting")]
            if not visits:
                continue
            visit = self.chance.choice(visits)
            if places[visit].place != "waiting":
                await self.insist(commands.ReturnTicket(self.new_id(), visit, "clerk:desk"))
            elif self.chance.random() < 0.15:
                await self.insist(commands.CancelTicket(self.new_id(), visit, "clerk:desk"))
            elif self.chance.random() < 0.2:
                await self.insist(commands.PostponeTicket(self.new_id(), visit, 5, "clerk:desk"))


class Clerk(Person):
    """Sits at `window` with a page, which is not always fresh; presses twice now and then, and at another's window."""

    def __init__(self, world: World, window: str, clerk: str, name: str):
        super().__init__(world, name)
        self._window = window
        self._clerk = clerk

    async def run(self, until_s: float) -> None:
        while self.world.loop.now < until_s:
            await self.rest(0.3, 2.5)
            seen = await self._look()
            if seen is None:
                continue
            version, saw, at_work = seen
            if not at_work.clerk:
                await self.insist(commands.SignIn(self.new_id(), self._clerk, self._window, "hub"))
                continue
            if at_work.paused and self.chance.random() < 0.5:
                await self.insist(commands.ResumeWindow(self.new_id(), self._window, f"clerk:{self._clerk}"))
                continue
            if self.chance.random() < 0.3:
                await self.rest(0, 3)  # looks away meanwhile
            await self._act(version, saw)

    async def _look(self) -> tuple[commands.Version, str, WindowNow] | None:
        """(version, number, window) as the page shows it: what is on disk."""
        service = self.world.office.service
        if service is None or self._window not in service.state.windows:
            return None
        while service is self.world.office.service and service._on_its_way:
            await asyncio.sleep(0.01)
        if service is not self.world.office.service:
            return None
        state = service.state
        window = state.windows[self._window]
        ticket = state.tickets.get(window.visit)
        return state.version(self._window), ticket.number if ticket else "", replace(window)

    async def _act(self, version: commands.Version, saw: str) -> None:
        if self.chance.random() < 0.1:
            await self._side_step(version, saw)
            return
        verb = self.chance.choice(BUSY_VERBS if saw else FREE_VERBS)
        presses = [self._press(verb, version, saw)]
        if self.chance.random() < 0.25:  # a double press, as two: the second has an id of its own
            presses.append(self._press(verb, version, saw))
        await asyncio.gather(*map(self.insist, presses))

    def _press(self, verb: str, version: commands.Version, saw: str) -> commands.Command:
        more = {}
        if verb == "transfer":
            choice = self.chance.choice(({"service": "a"}, {"service": "b"}, {"to_window": "1"}, {"to_window": "2"}))
            more = {**choice, "place": self.chance.choice(("credit", "first", "last", "keep"))}
        return self._at_window(verb, version, saw, **more)

    def _at_window(self, verb: str, version: commands.Version, saw: str, **more: str) -> commands.Command:
        command = self.new_id()
        clerk = SOMEBODY_ELSE if self.chance.random() < 0.03 else self._clerk
        self.world.ledger.pressed(command, self._window, saw, clerk)
        return commands.PAGE_VERBS[verb](command, self._window, version, f"clerk:{clerk}", **more)

    async def _side_step(self, version: commands.Version, saw: str) -> None:
        by, step = f"clerk:{self._clerk}", self.chance.choice(SIDE_STEPS)
        if step == "pause":
            await self.insist(commands.PauseWindow(self.new_id(), self._window, "break", by))
        elif step == "sign-out":
            await self.insist(commands.SignOut(self.new_id(), self._window, by))
        else:
            places = self.world.ledger.follower.tickets
            visits = [visit for visit, ticket in places.items() if ticket.place in ("waiting", "held")]
            if visits:
                visit = self.chance.choice(visits)
                await self.insist(self._at_window("pick", version, saw, visit=visit, reason="asked"))


class Finger(Person):
    """Presses keys of a board."""

    def __init__(self, world: World, board: Board, keys: tuple[int, ...], low_s: float, high_s: float):
        super().__init__(world, f"finger-{board.name}")
        self._board = board
        self._keys = keys
        self._pace = low_s, high_s

    async def run(self, until_s: float) -> None:
        while self.world.loop.now < until_s:
            await self.rest(*self._pace)
            key = self.chance.choice(self._keys)
            self._board.press(key)
            if self.chance.random() < 0.2:  # the finger slips, or presses twice
                await asyncio.sleep(self.chance.choice((0.05, 0.4, 1.2)))
                self._board.press(key)
