"""Those who draw tickets, the clerks, and those who press the pads: they go on whatever happens around them."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter

from tools.chaos.rig import Rig
from tools.demo import opening
from tools.demo.hub_api import HubIsGone, HubSaysNo
from tools.demo.stage import KEYS, VirtualDevice

TICK_S = 0.03
DRAW_S = 1.5
"""Between two tickets of one service and window: about as fast as they are called."""

WAITING_MOST = 3
"""Nobody draws while so many wait for each window."""

PASS_BY_S = 0.3
"""Somebody who goes by presses a pad: children do."""

POLL_S = 1.0


class People:
    """Everybody in the hall of `rig`. `turned_away`: the hub's reason -> how many got no ticket. `knocking`: who was
    asked to come and has no answer yet."""

    def __init__(self, rig: Rig, seed: int):
        self._rig = rig
        self._chance = random.Random(f"{seed}:people")
        self._pads = [device for device in rig.stage.devices.values() if device.role == "rating_pad"]
        self._waiting = 0
        self.turned_away: Counter[str] = Counter()
        self.knocking: set[asyncio.Task[None]] = set()

    def start(self) -> list[asyncio.Task[None]]:
        """They come; cancel the tasks to send them home."""
        work = (self._work(), self._pass_by(), self._poll(), self._draw("a"), self._draw("b"))
        return [asyncio.create_task(each) for each in work]

    def knock(self) -> None:
        """One more draws a ticket now, and each pad is pressed."""
        for pad in self._pads:
            self._press(pad)
        task = asyncio.create_task(self._draw_one("a"))
        self.knocking.add(task)
        task.add_done_callback(self.knocking.discard)

    async def _work(self) -> None:
        while True:
            self._rig.stage.work()
            await asyncio.sleep(TICK_S)

    async def _pass_by(self) -> None:
        while True:
            self._press(self._chance.choice(self._pads))
            await asyncio.sleep(PASS_BY_S)

    def _press(self, pad: VirtualDevice) -> None:
        self._rig.stage.press(pad, self._chance.randrange(KEYS["rating_pad"]))

    async def _draw(self, service: str) -> None:
        windows = len(self._rig.stage.desks)
        while True:
            if self._waiting < WAITING_MOST * windows:
                await self._draw_one(service)
            await asyncio.sleep(2 * DRAW_S / windows)

    async def _draw_one(self, service: str) -> None:
        try:
            ticket = await self._rig.api.post("/tickets", {"service": service})
        except HubSaysNo as no:
            self.turned_away[no.code] += 1
        except HubIsGone:
            self.turned_away["no answer"] += 1
        else:
            self._rig.stage.witness.tickets.append((ticket["visit"], ticket["number"]))

    async def _poll(self) -> None:
        """A clerk whose window was closed, because a new day began, signs in again."""
        while True:
            with contextlib.suppress(HubIsGone, HubSaysNo):
                hall = await self._rig.api.get("/hall")
                self._waiting = sum(service["waiting"] for service in hall["services"])
                for window in hall["windows"]:
                    if not window["clerk"]:
                        await opening.sign_in(self._rig.api, self._rig.stage.desks[window["id"]])
            await asyncio.sleep(POLL_S)
