"""One broker's run: everything up, people come, faults happen, all is healed, what is under way arrives, verdict."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from tools.chaos import faults, ledger
from tools.chaos.injector import Injector
from tools.chaos.ledger import Verdict
from tools.chaos.options import Options
from tools.chaos.people import People
from tools.chaos.rig import Rig, device_ids
from tools.demo.accounting import Shown
from tools.demo.hub_api import HubIsGone, HubSaysNo, shown
from tools.demo.runtime import Runtime
from tools.demo.stops import cancel

CALM_S = 2.0
"""Before the first fault: everybody has begun."""

DRAIN_S = 90
"""How long all may take to arrive after the last fault: a pad sends again after 30 s at the latest, its connection is
back after 25 s, and a broker that was killed often is started again after 5 s."""

CALL_END_S = 10
"""By then a call pad has an answer or has given up, though it was stopped for a while."""

GRACE_S = 11
"""So long all must stay right: a device says only after 10 s that the hub is away."""

MISTAKE_DRAIN_S = 10
"""With a mistake it never does."""

LOOK_S = 0.5


@dataclass(frozen=True, slots=True)
class Result:
    """How a run went. `done` and `missed`: (kind, target) -> how many faults found their victim, and found nobody.
    `drain_s`: from the end of the last fault until all had arrived. `full_told`: how often the hub said that its disk
    is full. `surprises`: what else went wrong, in words."""

    broker: str
    runtime: str
    done: Counter[tuple[str, str]]
    missed: Counter[tuple[str, str]]
    seconds: float
    drain_s: float
    full_told: int
    turned_away: Counter[str]
    verdict: Verdict
    surprises: tuple[str, ...]

    @property
    def is_good(self) -> bool:
        return not self.verdict.wrong and not self.surprises


async def run(options: Options, broker: str, count: int, folder: Path, runtime: Runtime, say: Callable[[str], None]):
    """A Result of `count` faults. Raises StartFailed, HubSaysNo, HubIsGone."""
    rig = Rig(options, broker, folder, runtime)
    try:
        await rig.start()
        say(f"{broker}: hub, broker and {options.devices} devices are up")
        people = People(rig, options.seed)
        injector = Injector(rig, people.knock, say)
        began_s = time.monotonic()
        await _misfortune(options, count, people, injector)
        seconds = time.monotonic() - began_s
        say(f"{broker}: healed; what is under way arrives ...")
        drained, verdict = await _drain(rig, people, MISTAKE_DRAIN_S if options.mistake else DRAIN_S)
        surprises = (*rig.ended_by_itself, *injector.silent, *rig.stage.wrong)
        return Result(
            *(broker, runtime.name, injector.done, injector.missed, seconds, drained, injector.full_told),
            *(people.turned_away, verdict, surprises),
        )
    finally:
        await rig.end()


async def _misfortune(options: Options, count: int, people: People, injector: Injector) -> None:
    tasks = people.start()
    try:
        await asyncio.sleep(CALM_S)
        await injector.run(faults.draw(options.seed, count, device_ids(options.devices), options.gap_s))
    finally:
        await cancel(*tasks)


async def _drain(rig: Rig, people: People, patience_s: float) -> tuple[float, Verdict]:
    """Seconds until nothing is missing any more, `patience_s` at most, and the verdict some time later."""
    began_s = time.monotonic()
    right_s: float | None = None
    while True:
        verdict = await _judge(rig)
        passed_s = time.monotonic() - began_s
        calls = rig.stage.calls_under_way if passed_s < CALL_END_S else 0
        waits = bool(verdict.wrong or people.knocking or calls)
        right_s = None if waits else right_s or passed_s
        if passed_s > (patience_s if waits else GRACE_S):
            return right_s or passed_s, verdict
        await asyncio.sleep(LOOK_S)


async def _judge(rig: Rig) -> Verdict:
    meant = await _meant(rig)
    rig.stage.look()
    try:
        book = await asyncio.to_thread(ledger.read, rig.place.data / "hall.db", meant)
    except sqlite3.Error as error:
        book = ledger.unreadable(error)
    window_of = {device.id: device.window for device in rig.stage.devices.values()}
    verdict = ledger.judge(rig.stage.witness, window_of, book)
    return replace(verdict, differing=tuple(rig.stage.unlike(meant)))


async def _meant(rig: Rig) -> Mapping[str, Shown]:
    """What each window should show, as the hub says; nothing when it does not answer."""
    with contextlib.suppress(HubIsGone, HubSaysNo):
        hall = await rig.api.get("/hall")
        return {window["id"]: shown(window["state"]) for window in hall["windows"]}
    return {}
