"""The device's main loop: keys in, role, effects out; everything that a board and a virtual device share.

Built here, once, from the configuration; nothing else knows all the parts. The loop never waits for the network: the
client and the link are tasks of their own. One key, and so at most one record in the journal, per turn.
"""

import asyncio
import os
import sys

from firmware import files
from firmware.link import Link
from firmware.prompts import Prompts
from firmware.roles import vocabulary as v
from firmware.ticks import Uptime
from protocol.upward import Hello

VERSION = "0.1.0"

TICK_MS = 100
"""How often a role gets a Tick: quick enough for its flashing and its locks."""


def random32() -> int:
    return int.from_bytes(os.urandom(4), "big")


def chance() -> float:
    """From 0 to below 1, for pauses."""
    return (random32() & 0xFFFF) / 65536


def read_config(folder: str):
    """The Config in `folder`. Its reader has then done its work and gives its memory back, 2 KB on a board."""
    import firmware
    from firmware import config

    found = config.load(folder)
    del sys.modules["firmware.config"], firmware.config, config
    return found


def make_journal(folder: str, config):
    """The journal of a role that has presses to keep, else None. Only then its module is loaded."""
    if config.role != "rating_pad":
        return None
    from firmware.journal import Journal

    return Journal(folder + "/journal", random32)


def make_role(config, prompts, now_ms: int):
    """The role that `config` names. Only its module is loaded: the others would cost memory."""
    if config.role == "window_display":
        from firmware.roles.window_display import WindowDisplay as Role
    elif config.role == "rating_pad":
        from firmware.roles.rating_pad import RatingPad as Role
    else:
        from firmware.roles.call_pad import CallPad as Role
    return Role(config, prompts, now_ms)


def tls_context(folder: str, config):
    """The SSL context that trusts the configured authority only, or None. Raises OSError, ValueError."""
    if not config.tls:
        return None
    import ssl

    with open(folder + "/" + config.tls.ca, "rb") as file:
        authority = file.read()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=authority)
    return context


class Device:
    """A device in `folder` (config.json, journal/, the count of starts) on the hardware `hal`.

    Raises ConfigError, OSError. See `firmware/hal/__init__.py` for what a `hal` is.
    """

    def __init__(self, folder: str, hal):
        self.uptime_ms = Uptime()
        self.heap_free = hal.heap_free
        self._hal = hal
        config = read_config(folder)
        boot = files.count_up(folder + "/starts")
        self._journal = make_journal(folder, config)
        self._call_epoch = random32()
        about = Hello(config.role, config.window, hal.model, VERSION, _core(), boot, hal.reset_cause)
        self._link = Link(
            config, about, self._journal, self._call_epoch, self._deliver, self, chance, tls_context(folder, config)
        )
        self._role = make_role(config, Prompts(config.language), self.uptime_ms())
        self._tick_due_ms = 0
        self._last_error = ""
        hal.start(config)

    async def run(self) -> None:
        """Runs until the hardware says stop."""
        asyncio.create_task(self._guard(self._link.client.run()))  # noqa: RUF006 - both live as long as the loop
        asyncio.create_task(self._guard(self._link.run()))  # noqa: RUF006
        if self._journal:
            self._deliver(v.JournalRoom(not self._journal.full))
        while not self._hal.stopped:
            self._turn(self.uptime_ms())
            self._hal.feed()
            await self._hal.pause()

    def _turn(self, now_ms: int) -> None:
        key = self._hal.take_key()
        if key >= 0:
            self._deliver(v.KeyPressed(key))
        if now_ms >= self._tick_due_ms:
            self._tick_due_ms = now_ms + TICK_MS
            self._deliver(v.Tick())
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

    def _deliver(self, event) -> None:
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
            hal.settled(self._call_epoch, effect.seq, effect.reason)

    def _record(self, press) -> None:
        journal = self._journal
        seq = journal.append(press.window, press.visit, press.level, self.uptime_ms())
        if not seq:
            self._hal.log(journal.error)
            self._deliver(v.PressRefused(journal.error))
            return
        self._deliver(v.PressStored(seq, press.visit, press.level))
        self._link.press_stored()
        if journal.full:
            self._deliver(v.JournalRoom(False))

    def _send_call(self, call) -> None:
        self._link.send_call(call)
        self._hal.called(self._call_epoch, call.seq, call.verb)


def _core() -> str:
    """The interpreter and its version, as the hub shows it."""
    return sys.implementation.name + " " + ".".join(str(part) for part in sys.implementation.version[:3])
