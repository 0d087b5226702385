"""The device's main loop: keys in, role, effects out; everything that a board and a virtual device share.

The loop never waits for the network: the client and the link are tasks of their own. One key, and so at most one record
in the journal, per turn.
"""

import asyncio
import os
import sys

from firmware.roles import vocabulary as v
from firmware.ticks import Uptime

TICK_MS = 100
"""How often a role gets a Tick: quick enough for its flashing and its locks."""


def random32() -> int:
    return int.from_bytes(os.urandom(4), "big")


def chance() -> float:
    """From 0 to below 1, for pauses."""
    return (random32() & 0xFFFF) / 65536


def assemble(folder: str, hal):
    """The device in `folder`, ready to `run()`. Raises ConfigError, OSError, ValueError."""
    import firmware
    from firmware.assembly import build

    device = build(folder, hal)
    for name in ("assembly", "config"):
        del sys.modules["firmware." + name]
        delattr(firmware, name)
    return device


class Device:
    """A device on the hardware `hal` (see `firmware/hal/__init__.py`). `journal` is None for a role without presses;
    `call_epoch` names this start's call presses. `join` comes before `run`."""

    def __init__(self, hal, journal, call_epoch: int):
        self.uptime_ms = Uptime()
        self.heap_free = hal.heap_free
        self.call_epoch = call_epoch
        self._hal = hal
        self._journal = journal
        self._tick_due_ms = 0
        self._last_error = ""

    def join(self, link, role) -> None:
        """Link and role call the device, so they come after it."""
        self._link = link
        self._role = role

    async def run(self) -> None:
        """Runs until the hardware says stop."""
        asyncio.create_task(self._guard(self._link.client.run()))  # noqa: RUF006 - both live as long as the loop
        asyncio.create_task(self._guard(self._link.run()))  # noqa: RUF006
        if self._journal:
            self.deliver(v.JournalRoom(not self._journal.full))
        while not self._hal.stopped:
            self._turn(self.uptime_ms())
            self._hal.feed()
            await self._hal.pause()

    def _turn(self, now_ms: int) -> None:
        key = self._hal.take_key()
        if key >= 0:
            self.deliver(v.KeyPressed(key))
        if now_ms >= self._tick_due_ms:
            self._tick_due_ms = now_ms + TICK_MS
            self.deliver(v.Tick())
            self._log_error()

    async def _guard(self, task) -> None:
        """A task that must not end: if it does, the device starts anew rather than live on by half."""
        try:
            await task
        except Exception as error:  # noqa: BLE001 - the outermost loop
            self._hal.log("fatal: " + repr(error))
            self._hal.restart(error)

    def _log_error(self) -> None:
        error = self._link.client.last_error
        if error != self._last_error:
            self._last_error = error
            if error:
                self._hal.log(error)

    def deliver(self, event) -> None:
        """Give the event to the role and do what it asks for."""
        for effect in self._role.handle(event, self.uptime_ms()):
            self._perform(effect)

    def _perform(self, effect) -> None:
        hal = self._hal
        kind = type(effect)
        if kind is v.Show:
            hal.show(effect)
        elif kind is v.Leds:
            hal.leds(effect.values)
        elif kind is v.Beep:
            hal.beep(effect.ms)
        elif kind is v.Report:
            self._link.report(effect.version)
        elif kind is v.Record:
            self._record(effect)
        elif kind is v.Promised:
            hal.promised(self._journal.epoch, effect.seq, effect.level, effect.visit)  # pyright: ignore[reportOptionalMemberAccess] - only a role with a journal promises
        elif kind is v.SendCall:
            self._send_call(effect)
        elif kind is v.CallEnded:
            self._link.drop_call()
            hal.settled(self.call_epoch, effect.seq, effect.reason)

    def _record(self, press) -> None:
        journal = self._journal
        seq = journal.append(press.window, press.visit, press.level, self.uptime_ms())
        if not seq:
            self._hal.log(journal.error)
            self.deliver(v.PressRefused(journal.error))
            return
        self.deliver(v.PressStored(seq, press.visit, press.level))
        self._link.press_stored()
        if journal.full:
            self.deliver(v.JournalRoom(False))

    def _send_call(self, call) -> None:
        self._link.send_call(call)
        self._hal.called(self.call_epoch, call.seq, call.verb)
