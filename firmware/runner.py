"""The device's main loop: keys in, role, effects out; everything that a board and a virtual device share.

The loop never waits for the network: the client and the link are tasks of their own. One key, and so at most one record
in the journal, per turn.
"""

import asyncio
import os

from firmware.roles import vocabulary as v
from firmware.ticks import Uptime
from protocol.freshness import NOTHING

STUCK_MS = 60_000
"""Link and client go round many times in this, also while the network is away. The main loop itself is watched by the
hardware's watchdog."""

TICK_MS = 100
"""How often a role gets a Tick: quick enough for its flashing and its locks."""


def random32() -> int:
    return int.from_bytes(os.urandom(4), "big")


def chance() -> float:
    """From 0 to below 1, for pauses."""
    return (random32() & 0xFFFF) / 65536


class Device:
    """A device on the hardware `hal` (see `firmware/hal/__init__.py`). `join` comes before `run`."""

    def __init__(self, hal, folder: str, name: str):
        self.uptime_ms = Uptime(*getattr(hal, "ticks", ()))
        self.heap_free = hal.heap_free
        self.hal = hal
        self.folder = folder
        self.name = name
        self._tick_due_ms = 0
        self._last_error = ""
        self._missing = 0
        self._shown = self._lit = None

    def join(self, role, sender, link) -> None:
        """They call the device, so they come after it. `sender` is None for a role that sends nothing of its own."""
        self._role = role
        self.sender = sender
        self._link = link

    async def run(self) -> None:
        """Runs until the hardware says stop."""
        asyncio.create_task(self._guard(self._link.client.run()))  # noqa: RUF006 - both live as long as the loop
        asyncio.create_task(self._guard(self._link.run()))  # noqa: RUF006
        if self.sender:
            self.sender.begin()
        while not self.hal.stopped:
            self._turn(self.uptime_ms())
            self.hal.feed()
            await self.hal.pause()

    def _turn(self, now_ms: int) -> None:
        key = self.hal.take_key()
        if key >= 0:
            self.deliver(v.KeyPressed(key))
        if now_ms >= self._tick_due_ms:
            self._tick_due_ms = now_ms + TICK_MS
            self.deliver(v.Tick())
            self._log_error()
            if now_ms - min(self._link.moved_ms, self._link.client.moved_ms) > STUCK_MS:
                self.restart(RuntimeError("a task stands still"))

    async def _guard(self, task) -> None:
        """A task that must not end: if it does, the device starts anew rather than live on by half."""
        try:
            await task
        except Exception as error:  # noqa: BLE001 - the outermost loop
            self.hal.log("fatal: " + repr(error))
            self.restart(error)

    def restart(self, error) -> None:
        """Start anew; the hub is told then what for."""
        from firmware.crash import keep

        keep(self.folder, error)
        self.hal.restart(error)

    def flash_free(self) -> int:
        """Bytes, up to 4 GB; 0: nobody knows."""
        try:
            room = os.statvfs(self.folder)
        except (OSError, AttributeError):  # a simulated device has no flash to ask
            return 0
        return min(room[0] * room[3], 0xFFFFFFFF)

    def redraw(self) -> None:
        """Put on glass and lights again what the role wants there."""
        if self._shown:
            self.hal.show(self._shown)
        if self._lit:
            self.hal.leds(self._lit.values)

    def _log_error(self) -> None:
        error = self._link.client.last_error
        if error != self._last_error:
            self._last_error = error
            if error:
                self.hal.log(error)

    def deliver(self, event) -> None:
        """Give the event to the role and do what it asks for."""
        for effect in self._role.handle(event, self.uptime_ms()):
            self._perform(effect)

    def _perform(self, effect) -> None:
        kind = type(effect)
        if kind is v.Show:
            self._shown = effect
            self.hal.show(effect)
            font = self.hal.font
            if font and len(font.missing) > self._missing:  # said once for each character
                self._missing = len(font.missing)
                error = "no glyph for " + " ".join(sorted(font.missing))
                self.hal.log(error)
                self._link.complain(error)
            if effect.version != NOTHING:
                self._link.report(effect.version)
        elif kind is v.Leds:
            self._lit = effect
            self.hal.leds(effect.values)
        elif kind is v.Beep:
            self.hal.beep(effect.ms)
        else:
            self.sender.perform(effect, self.uptime_ms())
            self._link.wake()
