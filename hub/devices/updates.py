"""Hands a release out to boards: offers it as the roll-out says, and answers each question for a piece.

Everything a board must not believe the hub is signed; the hub decides when and in which order. How far the roll-out is
is on disk before anything is offered, so a hub that is started anew goes on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Protocol

from hub.devices.registry import Registry, Seen
from hub.devices.rollout import UNDER_WAY, Part, Rollout, Sight
from hub.ports import Device, Publisher, ReleaseError, Row, StoreError
from protocol import topics, update
from protocol.update import Manifest

LOOK_S = 2

PIECES_A_SECOND = 20
"""For one board; a real one fetches some five a second."""

TRIAL = ".trial"

log = logging.getLogger(__name__)


class Release(Protocol):
    @property
    def manifest(self) -> Manifest: ...
    @property
    def offer(self) -> bytes: ...
    def piece(self, file: int, at: int) -> bytes: ...


class Shelf(Protocol):
    """Where releases are kept. `list`: when each was made, the newest first. The others raise ReleaseError."""

    def list(self) -> list[int]: ...
    def add(self, packed: bytes) -> Release: ...
    def get(self, made: int) -> Release: ...


class Book(Protocol):
    """Where it is written down how far the roll-out is. `keep` raises StoreError."""

    def kept(self) -> dict[str, Any] | None: ...
    def keep(self, plain: dict[str, Any]) -> None: ...


class Updates:
    """`zone_of(window)` and `is_busy(window)`: of the hall as it is now."""

    def __init__(
        self,
        shelf: Shelf,
        book: Book,
        registry: Registry,
        publisher: Publisher,
        hall: str,
        zone_of: Callable[[str], str],
        is_busy: Callable[[str], bool],
        now_ms: Callable[[], int],
    ):
        self._shelf = shelf
        self._book = book
        self._registry = registry
        self._publisher = publisher
        self._hall = hall
        self._zone_of = zone_of
        self._is_busy = is_busy
        self._now_ms = now_ms
        self._handed_out: dict[str, tuple[int, int]] = {}
        self._kept: object = None
        self._release: Release | None = None
        self.rollout: Rollout | None = None

    async def load(self) -> None:
        """Goes on where the hub stopped. Whatever happened to boards meanwhile was not seen."""
        plain = await asyncio.to_thread(self._book.kept)
        if plain:
            try:
                self._release = await asyncio.to_thread(self._shelf.get, plain["made"])
            except ReleaseError as error:  # nothing can be handed out; the hall goes on without
                log.error("the roll-out does not go on: %s", error)
                return
            self.rollout = Rollout.from_plain(plain)
            self.rollout.was_deaf(self._now_ms())

    def releases(self) -> list[Row]:
        """What each says of itself, the newest first; one that cannot be read is left out."""
        found = []
        for made in self._shelf.list():
            try:
                found.append(_said(self._shelf.get(made)))
            except ReleaseError as error:
                log.error("release %s: %s", made, error)
        return found

    def add(self, packed: bytes) -> Row:
        """Keeps a release, if it is one of ours. Raises ReleaseError."""
        return _said(self._shelf.add(packed))

    def status(self) -> Row:
        """How far the roll-out is; empty: there never was one."""
        rollout = self.rollout
        if rollout is None:
            return {}
        names = ("waits", "takes", "started", "done", "failed")
        return {
            "release": rollout.made,
            "state": "stopped" if rollout.stopped else "done" if rollout.is_done else "running",
            "why": rollout.stopped,
            "wave": rollout.wave + 1,
            "waves": [len(wave) for wave in rollout.waves],
            "boards": {name: rollout.count(name) for name in names},
            "failed": {device: step.why for device, step in rollout.steps.items() if step.why},
        }

    async def begin(self, made: int) -> None:
        """Begins a roll-out, in place of the one before. Raises ReleaseError, StoreError."""
        release = await asyncio.to_thread(self._shelf.get, made)
        before = self._release.manifest if self._release else None
        if before and made < before.oldest:
            raise ReleaseError(f"boards do not go back from {before.made} to what was made before {before.oldest}")
        self._release = release
        self.rollout = Rollout.begin(made, self._parts(release.manifest.hardware))
        await self._keep()

    async def stop(self) -> None:
        if self.rollout:
            self.rollout.stop("it was paused")
            await self._keep()

    async def resume(self) -> None:
        if self.rollout:
            self.rollout.resume()
            await self._keep()

    def was_deaf(self) -> None:
        """The broker was away."""
        if self.rollout:
            self.rollout.was_deaf(self._now_ms())

    async def run(self) -> None:
        """Looks after the roll-out. Runs until cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                await self.look()
            except StoreError as error:  # nothing was offered
                log.error("%s", error)

    async def look(self) -> None:
        if self.rollout is None or self._release is None:
            return
        was_stopped = self.rollout.stopped
        offers = self.rollout.look({it.id: self._sight(it) for it in self._devices()}, self._now_ms())
        if self.rollout.stopped and not was_stopped:
            log.error("the roll-out of release %s stopped: %s", self.rollout.made, self.rollout.stopped)
        await self._keep()
        for device in offers:
            self._send(device, "update", self._release.offer)

    async def want(self, device: Device, payload: bytes) -> None:
        """What a board asks for. Raises ProtocolError, StoreError."""
        asked = update.read_want(payload)
        step = self.rollout.steps.get(device.id) if self.rollout else None
        if self.rollout is None or self._release is None or step is None or step.state not in UNDER_WAY:
            return
        if asked.error:
            self.rollout.refused(device.id, asked.error)
            await self._keep()
        elif asked.made == self.rollout.made and self._may_have(device.id):
            await self._answer(self.rollout, self._release, device, asked)

    async def _answer(self, rollout: Rollout, release: Release, device: Device, asked: update.Want) -> None:
        if asked.file <= release.manifest.files:
            rollout.asked(device.id, self._now_ms())
            self._send(device.id, "piece", release.piece(asked.file, asked.at))
        elif rollout.leave(device.id, self._sight(device), self._now_ms()):
            await self._keep()  # first: who was let start is known after a power cut too
            self._send(device.id, "piece", update.piece_head(rollout.made, asked.file, asked.at))

    def _send(self, device: str, name: str, payload: bytes) -> None:
        self._publisher.publish(topics.down(self._hall, device, name), payload, retain=False)

    def _may_have(self, device: str) -> bool:
        """Whether it does not ask too often."""
        second = self._now_ms() // 1000
        last, count = self._handed_out.get(device, (0, 0))
        self._handed_out[device] = (second, count + 1 if last == second else 1)
        return self._handed_out[device][1] <= PIECES_A_SECOND

    async def _keep(self) -> None:
        """Writes down how far it is, if that is news."""
        if self.rollout:
            states = [step.state for step in self.rollout.steps.values()]
            news = self.rollout.made, self.rollout.wave, self.rollout.stopped, len(self.rollout.failures), states
            if news != self._kept:
                await asyncio.to_thread(self._book.keep, self.rollout.plain())
                self._kept = news

    def _devices(self) -> list[Device]:
        return [device for device in self._registry.devices.values() if not device.revoked_ms]

    def _parts(self, hardware: list[str]) -> list[Part]:
        """Boards that it is for; one that never said what it is is asked."""
        found = []
        for device in self._devices():
            hello = self._registry.seen[device.id].hello
            if hello is None or hello.model in hardware:
                kind = f"{device.role} {hello.model} {hello.core}" if hello else device.role
                zone = self._zone_of(device.window) if device.window else device.zone
                found.append(Part(device.id, device.window, zone, kind))
        return found

    def _sight(self, device: Device) -> Sight:
        seen = self._registry.seen[device.id]
        made, on_trial = running(seen)
        boot = seen.hello.boot if seen.hello else 0
        is_busy = bool(device.window) and self._is_busy(device.window)
        return Sight(device.window, seen.online, made, on_trial, boot, is_busy)


def running(seen: Seen) -> tuple[int, bool]:
    """(when the release that it runs was made, whether that is on trial), of the version that a board says: such as
    0.1.0+1800000000 or 0.1.0+1800000000.trial."""
    said = seen.hello.firmware.partition("+")[2] if seen.hello else ""
    made = said.removesuffix(TRIAL)
    return (int(made) if made.isdecimal() and made.isascii() else 0), said.endswith(TRIAL)


def _said(release: Release) -> Row:
    return dict(zip(update.MANIFEST, release.manifest, strict=True))
