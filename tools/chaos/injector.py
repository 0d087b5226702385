"""Carries the faults out, each at its moment, and takes them back when their time is over or the run ends."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import psutil

from tools.chaos import disk, faults
from tools.chaos.faults import Fault
from tools.chaos.rig import Rig
from tools.chaos.wire import client_ports

FULL_WORDS = "cannot write to the database"
"""What the hub must say in its log when its disk is full."""

PRESENT_S = 8.0
"""How long a fault waits for its victim: a broker that was killed often is started again after 5 s."""

LOOK_S = 0.05


class Injector:
    """`done` counts (kind, target) of what was carried out; `missed` of what found nobody there. `silent`: cases in
    which the hub did not say that its disk is full. `knock()` makes the hub write something, and does not wait."""

    def __init__(self, rig: Rig, knock: Callable[[], object], say: Callable[[str], None]):
        self._rig = rig
        self._knock = knock
        self._say = say
        self._disturbed_s = 0.0
        self._lasting: Counter[str] = Counter()
        self._jump_ms = 0
        self.done: Counter[tuple[str, str]] = Counter()
        self.missed: Counter[tuple[str, str]] = Counter()
        self.silent: list[str] = []
        self.full_told = 0

    async def run(self, drawn: Sequence[Fault]) -> None:
        """All of them; returns when the last one is over. Everything is whole again then, also when cancelled."""
        began_s = time.monotonic()
        try:
            async with asyncio.TaskGroup() as group:
                for fault in drawn:
                    await asyncio.sleep(began_s + fault.at_s - time.monotonic())
                    self._say(str(fault))
                    group.create_task(self._carry_out(fault))
        finally:
            await self._rig.wire.heal()

    async def _carry_out(self, fault: Fault) -> None:
        act = self._wire if fault.target == faults.WIRE else _ACTS[fault.kind].__get__(self)
        async with act(fault) as hit:
            self._count(fault, hit)
            await asyncio.sleep(fault.lasts_s)

    def _count(self, fault: Fault, hit: bool) -> None:
        (self.done if hit else self.missed)[fault.kind, fault.target] += 1

    async def _found(self, victim: str) -> psutil.Process | None:
        """Its process: what was killed a moment ago is waited for."""
        until_s = time.monotonic() + PRESENT_S
        while (process := self._rig.process(victim)) is None and time.monotonic() < until_s:
            await asyncio.sleep(LOOK_S)
        return process

    async def _ready_hub(self) -> psutil.Process | None:
        """The hub's process, once it serves."""
        until_s = time.monotonic() + PRESENT_S
        while not self._rig.hub_ready and time.monotonic() < until_s:
            await asyncio.sleep(LOOK_S)
        return self._rig.process(faults.HUB) if self._rig.hub_ready else None

    async def _ports(self, victim: str) -> list[int]:
        """The ports of its connections to the broker, which are waited for too."""
        until_s = time.monotonic() + PRESENT_S
        while True:
            process = self._rig.process(victim)
            ports = client_ports(process.pid, self._rig.wire.device_port) if process else []
            if ports or time.monotonic() > until_s:
                return ports
            await asyncio.sleep(LOOK_S)

    @asynccontextmanager
    async def _kill(self, fault: Fault) -> AsyncIterator[bool]:
        process = await self._found(fault.victim)
        if process:
            self._rig.will_kill(process.pid)
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        yield process is not None

    @asynccontextmanager
    async def _stop(self, fault: Fault) -> AsyncIterator[bool]:
        process = await self._found(fault.victim)
        if fault.victim == faults.HUB:
            self._disturbed_s = max(self._disturbed_s, time.monotonic() + fault.lasts_s)
        with contextlib.suppress(psutil.NoSuchProcess):
            if process:
                process.suspend()
        try:
            yield process is not None
        finally:
            with contextlib.suppress(psutil.NoSuchProcess):
                if process:
                    process.resume()

    @asynccontextmanager
    async def _half_open(self, fault: Fault) -> AsyncIterator[bool]:
        ports = await self._ports(fault.victim)
        await self._rig.wire.half_open(ports)
        await self._set_wire()
        yield bool(ports)

    @asynccontextmanager
    async def _wire(self, fault: Fault) -> AsyncIterator[bool]:
        self._lasting[fault.kind] += 1
        await self._set_wire()
        try:
            yield True
        finally:
            self._lasting[fault.kind] -= 1
            await self._set_wire()

    async def _set_wire(self) -> None:
        await self._rig.wire.set(bool(self._lasting[faults.LOSS]), bool(self._lasting[faults.BLACK_HOLE]))

    @asynccontextmanager
    async def _fill_disk(self, fault: Fault) -> AsyncIterator[bool]:
        rig, before = self._rig, await self._ready_hub()
        said, began_s = len(rig.hub_log()), time.monotonic()
        self._lasting[fault.kind] += 1
        try:
            if rig.small_disk:
                await asyncio.to_thread(disk.fill, rig.place.data)
            elif before:
                disk.limit(before.pid)
            self._knock()
            yield rig.small_disk or before is not None
            steady = before is not None and rig.process(faults.HUB) == before and self._disturbed_s < began_s
            self._note_words(fault, rig.hub_log()[said:], steady)
        finally:
            self._lasting[fault.kind] -= 1
            if not self._lasting[fault.kind]:
                self._free(before)

    def _free(self, before: psutil.Process | None) -> None:
        if self._rig.small_disk:
            disk.free(self._rig.place.data)
        elif before:
            disk.unlimit(before.pid)

    def _note_words(self, fault: Fault, said: str, steady: bool) -> None:
        """A hub that was there all the time (`steady`), and not held up by another fault, must have said it."""
        if FULL_WORDS in said:
            self.full_told += 1
        elif steady:
            self.silent.append(f"{fault}: the hub's log says nothing of {FULL_WORDS!r}")

    @asynccontextmanager
    async def _jump(self, fault: Fault) -> AsyncIterator[bool]:
        self._move_clock(fault.amount_ms)
        try:
            yield True
        finally:
            self._move_clock(-fault.amount_ms)

    def _move_clock(self, by_ms: int) -> None:
        self._jump_ms += by_ms
        self._rig.clock.jump(self._jump_ms)


_ACTS = {
    faults.KILL: Injector._kill,
    faults.STOP: Injector._stop,
    faults.HALF_OPEN: Injector._half_open,
    faults.DISK_FULL: Injector._fill_disk,
    faults.CLOCK: Injector._jump,
}
