"""The demo from start to end: hub, devices and twin up; people come; drain; count; everything down again.

    open    twin page -> hub -> first admin, clerks, devices registered -> devices up -> clerks sign in
    serve   the crowd draws tickets over HTTP, robots press keys on devices; whoever dies is started again
    close   nobody draws or presses any more; what is under way arrives; then the hub's record is compared

Ctrl-C ends *serve*, a second one the wait in *close*. No process and no temporary folder stays behind.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub.adapters.clock import HallClock
from hub.core import schedule
from hub.core.hall import MINUTE_MS, Hall
from tools.demo import crowd, opening, plan
from tools.demo.accounting import Figures, Record, figures, without
from tools.demo.backstage import Backstage
from tools.demo.hub_api import HubApi, HubIsGone, HubSaysNo, fetch_record, shown
from tools.demo.place import Place, StartFailed, find_place
from tools.demo.rack import FULL_WINDOWS
from tools.demo.robot import Robot
from tools.demo.runtime import Runtime
from tools.demo.stage import ROLES, Desk, Stage, VirtualDevice
from tools.demo.stops import Stops, cancel
from tools.demo.visitors import Drawn, Visitors
from tools.demo.why import why_somebody_went_first

DEVICES_READY_S = 60
"""How long it may take until one display more shows its window; 222 take thirty seconds together on a quiet machine."""

DRAIN_S = 30
"""How long the hall may take to settle: a device that was killed at the end waits up to 10 s for its next try."""

CALL_END_S = 5
"""By then a call pad has an answer, or has given up (3 s)."""

TICK_S = 0.03
"""How often the robots look: far quicker than people, slow enough for hundreds of windows."""

POLL_S = 0.7
"""How often the hub is asked who waits: lines on the twin need not be quicker."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says. `source`: the hall file at the demo's pace (see plan), of which `hall` was read.
    `seconds` is None: until Ctrl-C. `data` is None: a folder that is removed."""

    source: str
    hall: Hall
    windows: int
    seconds: float | None
    speed: float
    seed: int
    data: Path | None


@dataclass(frozen=True, slots=True)
class Result:
    """How it went: `seconds` that the hall was open; `turned_away`: the hub's reason -> how many got no ticket; `why`:
    a call in which somebody went first, in words, or empty."""

    stage: Stage
    record: Record
    figures: Figures
    seconds: float
    turned_away: Counter[str]
    why: str


Say = Callable[[str], None]
Draw = Callable[[str], Awaitable[str]]
"""Draws a ticket for a service and gives its number. Raises HubSaysNo, HubIsGone."""

Twin = Callable[[Stage, Place, opening.People, Draw], contextlib.AbstractAsyncContextManager[None]]
"""Serves the twin's page while it is entered."""


async def run(options: Options, runtime: Runtime, twin: Twin, say: Say) -> Result | None:
    """The whole demo; None when it was stopped before it opened. Raises StartFailed, HubSaysNo, HubIsGone."""
    stops = Stops()
    with ExitStack() as folders:
        place = find_place(options.data, folders)
        async with AsyncExitStack() as stack:
            demo = _Demo(options, runtime, place, say)
            if not await stops.first(demo.open(twin, stack)):
                return None
            await stops.first(demo.serve(stack))
            return await demo.close(stops)


class _Demo:
    """The parts of one demo and the order in which they live."""

    def __init__(self, options: Options, runtime: Runtime, place: Place, say: Say):
        self._options = options
        self._runtime = runtime
        self._place = place
        self._say = say
        kept, self._last_day = opening.load_people(place.data)
        self._begin = self._plan()
        self._windows = list(self._begin.seats)
        self._people = opening.draw_people(self._begin.seats, kept)
        hall = options.hall
        self._stage = Stage(hall, {window: self._desk(window, n) for n, window in enumerate(self._windows)})
        self._backstage = Backstage(place, runtime, self._stage)
        self._api = HubApi(place.hub_url)
        self._clock = HallClock(hall.timezone, hall.day_starts, hall.country, shift_ms=self._shift_ms)
        self._visitors = Visitors(self._api, hall, self._clock.now, self._clock.midnight_ms, self._clock.kind)
        self._before = Record([], [], [], {})
        self._drawing = 0
        self._turned_away: Counter[str] = Counter()
        self._seconds = 0.0

    def _plan(self) -> plan.Begin:
        """The hall's day and hour. Sets `_shift_ms`: by how much its clock is ahead of the machine's."""
        hall = self._options.hall
        clock = HallClock(hall.timezone, hall.day_starts, hall.country)
        today = clock.now()
        begin = plan.begin(hall, today.day, self._last_day, self._options.windows, clock.kind)
        if begin is None:
            raise StartFailed(f"the hall {hall.id} has no working day with an hour in which windows are staffed")
        self._shift_ms = clock.midnight_ms(begin.day) + begin.minute * MINUTE_MS - today.ms
        return begin

    def _desk(self, window: str, number: int) -> Desk:
        short = {"window_display": "display", "call_pad": "call", "rating_pad": "rate"}
        names = {role: f"{short[role]}-{window}" for role in ROLES}
        racked = number >= FULL_WINDOWS
        devices = {
            role: VirtualDevice(name, role, window, self._place.flash(name), racked=racked)
            for role, name in names.items()
        }
        visits = crowd.visits(self._options.seed, window)
        robot = Robot(visits, self._options.speed, self._options.hall.calls.min_calls)
        return Desk(window, self._people.clerks[window], robot, devices)

    # Opening

    async def open(self, twin: Twin, stack: AsyncExitStack) -> None:
        """Everything up, until each display shows its window. Raises StartFailed, HubSaysNo, HubIsGone."""
        await stack.enter_async_context(twin(self._stage, self._place, self._people, self.draw))
        self._say(f"twin   {self._place.twin_url}/   <- open this page")
        stack.push_async_callback(self._api.close)
        stack.push_async_callback(self._backstage.end)
        await self._backstage.start_hub(self._options.source, self._shift_ms)
        self._say(f"hub    {self._place.hub_url}/   {self._options.hall.names['en']}")
        at = f"{self._begin.day}, {schedule.clock(self._begin.minute)}"
        self._say(f"hall   its clock says {at}; quotas are {plan.MINUTES_PER_S} times the hall's: a second is a minute")
        await self._set_up()
        await self._wait_for_displays()
        self._before = await self._fetch()

    async def _set_up(self) -> None:
        stage, api = self._stage, self._api
        opening.save_people(self._place.data, self._people, self._begin.day)
        await opening.enter(api, self._place.data, self._people)
        desks, devices = list(stage.desks.values()), list(stage.devices.values())
        self._say(f"setup  {len(desks)} windows, {self._described(devices)} ...")
        await opening.hire(api, desks)
        await opening.register(api, devices, self._start_device)
        self._backstage.start_rack([device for device in devices if device.racked])
        await asyncio.gather(*(opening.sign_in(api, desk) for desk in desks))

    def _described(self, devices: list[VirtualDevice]) -> str:
        racked = sum(device.racked for device in devices)
        words = f"{len(devices) - racked} devices on {self._runtime.name}"
        return f"{words}, {racked} lighter ones in one process, without pixels" if racked else words

    def _start_device(self, device: VirtualDevice) -> None:
        if not device.racked:
            self._backstage.start_device(device)
        self._stage.ready_devices += 1
        self._stage.tell("hall")

    async def _wait_for_displays(self) -> None:
        fewest, deadline = len(self._stage.desks) + 1, 0.0
        while differing := await self._differing():
            if len(differing) < fewest:
                fewest, deadline = len(differing), time.monotonic() + DEVICES_READY_S
            if time.monotonic() > deadline:
                words = self._backstage.last_words() or "they said nothing"
                raise StartFailed(f"the displays of the windows {', '.join(differing)} show nothing: {words}")
            await asyncio.sleep(0.2)

    async def _differing(self) -> list[str]:
        """Windows whose glass shows something else than the hub means."""
        hall = await self._api.get("/hall")
        meant = {window["id"]: shown(window["state"]) for window in hall["windows"]}
        self._stage.look()
        return [window for window, glass in self._stage.witness.glass.items() if glass != meant[window]]

    # Serving

    async def serve(self, stack: AsyncExitStack) -> None:
        """The hall is open: until its time is over, or cancelled. Raises HubIsGone."""
        since_s = time.monotonic()
        seconds = self._options.seconds
        self._stage.set_phase("open")
        self._say("open   until Ctrl-C" if seconds is None else f"open   for {seconds:g} s")
        tasks = [asyncio.create_task(work) for work in (self._robots(), self._crowd(since_s), self._poll())]
        stack.push_async_callback(cancel, *tasks)
        try:
            done, _ = await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
        finally:
            self._seconds = time.monotonic() - since_s
            self._stage.set_phase("draining")
        for task in done:
            task.result()

    async def _robots(self) -> None:
        while self._stage.phase == "open":
            self._stage.work()
            await asyncio.sleep(TICK_S)

    async def _crowd(self, since_s: float) -> None:
        """People come, and draw tickets. Who finds the hall full, or the numbers used up, goes away."""
        ways = crowd.ways(self._options.hall, self._begin)
        for arrival in crowd.arrivals(self._options.seed, ways):
            await asyncio.sleep(since_s + arrival.at_s / self._options.speed - time.monotonic())
            if self._stage.phase != "open":
                return
            if arrival.at_s and crowd.goes_away(sum(self._stage.waiting.values()), len(ways.services)):
                continue
            try:
                await self._hand_out(self._visitors.come(arrival))
            except HubSaysNo as no:
                self._turned_away[no.code] += 1

    async def draw(self, service: str) -> str:
        """Draws a ticket and gives its number. Raises HubSaysNo, HubIsGone."""
        drawn = await self._hand_out(self._visitors.draw(service))
        return drawn.number if drawn else ""

    async def _hand_out(self, coming: Coroutine[Any, Any, Drawn | None]) -> Drawn | None:
        """Lets somebody in, and remembers the ticket that they get."""
        self._drawing += 1
        try:
            drawn = await coming
        finally:
            self._drawing -= 1
        if drawn:
            self._stage.witness.tickets.append(drawn)
            self._stage.tell("hall")
        return drawn

    async def _poll(self) -> None:
        """Asks the hub who waits; and a clerk whose window was closed (a new day began) signs in again."""
        while True:
            with contextlib.suppress(HubIsGone, HubSaysNo):
                hall = await self._api.get("/hall")
                self._stage.waiting = {service["id"]: service["waiting"] for service in hall["services"]}
                self._stage.tell("hall")
                for window in hall["windows"]:
                    desk = self._stage.desks.get(window["id"])
                    if desk and desk.robot_on and not window["clerk"]:
                        await opening.sign_in(self._api, desk)
            await asyncio.sleep(POLL_S)

    # Closing

    async def close(self, stops: Stops) -> Result:
        """Drains the hall and counts. Raises HubSaysNo, HubIsGone."""
        self._say("close  nobody comes any more; what is under way arrives ...")
        await stops.first(self._drain())
        record = without(await self._fetch(), self._before)
        self._stage.look()
        self._stage.set_phase("over")
        opening.save_people(self._place.data, self._people, self._clock.now().day)
        why = await self._why()
        found = figures(self._stage.witness, record)
        return Result(self._stage, record, found, self._seconds, self._turned_away, why)

    async def _why(self) -> str:
        day = self._clock.now().day
        tickets, calls = await self._api.get("/tickets", day=day), await self._api.get("/calls", day=day)
        return why_somebody_went_first(self._options.hall, tickets, calls, self._clock.midnight_ms(day), "en")

    async def _drain(self) -> None:
        """Until the hub has all that was promised and each glass shows what it should; for DRAIN_S at most."""
        deadline = time.monotonic() + DRAIN_S
        for device in self._stage.devices.values():
            self._stage.plug(device)
        while time.monotonic() < deadline - DRAIN_S + CALL_END_S and self._stage.calls_under_way:
            await asyncio.sleep(0.1)
        while time.monotonic() < deadline and not await self._is_settled():
            await asyncio.sleep(0.3)

    async def _is_settled(self) -> bool:
        self._stage.look()
        found = figures(self._stage.witness, without(await self._fetch(), self._before))
        return not self._drawing and not found.lost and not found.differing

    async def _fetch(self) -> Record:
        return await fetch_record(self._api, sorted({self._begin.day, self._clock.now().day}))
