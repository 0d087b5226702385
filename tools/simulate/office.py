"""The hub's machine with the real hub on it: writer, inbox, registry, the link to the broker, and its clock."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import TYPE_CHECKING

from hub.adapters.clock import HallClock
from hub.adapters.mqtt import BrokerLogin, MqttLink
from hub.core import commands, restoring
from hub.core.commands import Moment
from hub.devices.inbox import Inbox
from hub.devices.registry import Registry
from hub.ports import Device, DeviceLogin, Outcome, StoreError
from hub.service import HallService
from hub.waiting import Waiting
from tools.simulate.loop import Life

if TYPE_CHECKING:
    from tools.simulate.world import World

LOGIN = BrokerLogin("192.0.2.1", 1, "hub", "x", "hub")

AGAIN_S = 2
"""Until a hub that could not start is started again."""

ASK_S = 4
"""How long somebody waits for a page's answer."""


class NoBroker:
    """Lets everybody in: who may speak is tried with real brokers."""

    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    async def grant(self, login: DeviceLogin) -> None: ...
    async def revoke(self, device: str) -> None: ...

    async def reconcile(self, devices: Sequence[Device]) -> set[str]:
        return set()


class Office:
    """`service`, `registry` and `clock` are of the present start."""

    def __init__(self, world: World):
        self._world = world
        self._life: Life | None = None
        self.service: HallService | None = None
        self.registry: Registry | None = None
        self.clock: HallClock | None = None

    @property
    def on(self) -> bool:
        return self._life is not None

    def now(self) -> Moment:
        assert self.clock
        return self.clock.now()

    def power_on(self) -> None:
        if self.on:
            return
        world = self._world
        self._life = Life(world.loop)
        world.note("hub on", len(world.disk.commits))
        hall = world.hall
        self.clock = clock = HallClock(
            hall.timezone, hall.day_starts, hall.country, wall_ns=world.wall_ns, steady_ns=world.steady_ns
        )
        epoch = world.disk.epoch(clock.now().ms // 1000)
        link = MqttLink(LOGIN, hall.id, epoch, lambda topic, payload: inbox(topic, payload), lambda: connected())
        self.service = service = HallService(world.disk, link, clock, epoch)
        service.waiting = Waiting(lambda: service.state, timer=world.loop.time)
        self.registry = registry = Registry(world.disk, NoBroker(), lambda: clock.now().ms)
        last_ms = world.disk.last_ms()

        async def set_back(epoch: int) -> None:
            pace = restoring.per_hour(service.state, last_ms)
            await service.handle(commands.NoteRestored(f"set-back:{epoch}", epoch, last_ms, pace))
            link.use_epoch(service.state.epoch)

        inbox = Inbox(service, registry, link, world.disk, clock, hall.id, set_back)

        def connected() -> None:
            service.publish_all()
            inbox.clear_revoked()

        self._start(service.run())
        self._start(self._begin(service, registry, link, inbox), may_fail=True).add_done_callback(self._begun)

    async def _begin(self, service: HallService, registry: Registry, link: MqttLink, inbox: Inbox) -> None:
        """In the order of hub.bootstrap."""
        await registry.reconcile()
        since_ms = self._world.disk.restored_ms()
        if since_ms is not None:
            pace = restoring.per_hour(service.state, since_ms)
            await service.handle(commands.NoteRestored("", service.state.epoch, since_ms, pace))
        if service.state.hall is None:
            await service.handle(commands.ConfigureHall("", self._world.hall))
        self._start(service.tick())
        self._start(link._run())
        self._start(inbox.heal())

    def _begun(self, beginning: asyncio.Task) -> None:
        """A hub that cannot write at its start ends, and is started again."""
        if not beginning.cancelled() and isinstance(beginning.exception(), StoreError):
            self.kill(AGAIN_S, power=False)

    def _start(self, work: Coroutine, may_fail: bool = False) -> asyncio.Task:
        """`may_fail`: a disk that is full may end it."""
        assert self._life
        life = self._life
        task = life.start(work)

        def ended(done: asyncio.Task) -> None:
            error = None if done.cancelled() else done.exception()
            if not life.over and isinstance(error, Exception) and not (may_fail and isinstance(error, StoreError)):
                self._world.fail(f"a part of the hub ended by itself: {error!r}")

        task.add_done_callback(ended)
        return task

    def kill(self, back_s: float, power: bool) -> None:
        """The process dies, or with `power` the machine; it comes back after a while."""
        if not self._life:
            return
        self._life.end()
        self._life = self.service = self.registry = None
        world = self._world
        world.note("hub off", power)
        if power and world.disk.cut_power():
            world.ledger.rewound(world.disk)
        if world.broker.hub:
            world.broker.hub.break_off()
            world.broker.leave_hub(world.broker.hub, say=not power)
        world.ledger.check_durable(world.disk)
        world.loop.call_later(back_s, self.power_on)

    async def ask(self, command: commands.Command) -> Outcome | None:
        """What somebody's page is answered; None: nothing was heard."""
        if not self._life or not self.service:
            return None
        asking = self._life.start(self.service.handle(command))
        await asyncio.wait({asking}, timeout=ASK_S)
        if not asking.done():
            asking.cancel()
            return None
        if asking.cancelled() or asking.exception():
            return None
        return asking.result()

    async def register(self, name: str, role: str, window: str) -> str:
        """The board's new client id; empty when the hub did not answer."""
        if not self._life or not self.registry:
            return ""
        asking = self._life.start(self.registry.register(name, role, window))
        await asyncio.wait({asking}, timeout=ASK_S)
        done = asking.done() and not asking.cancelled() and not asking.exception()
        return asking.result().client_id if done else ""
