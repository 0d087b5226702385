"""What an admin asks of a device, and an update: loaded when it is asked for, and forgotten when it is done.

    upkeep = Upkeep(device, done)
    upkeep.take(name, payload)   what came on down/NAME, but for acknowledgements. Raises ProtocolError
    upkeep.due(now_ms)           call it each turn of the link's loop: [(name, payload)] to send on up/NAME
    upkeep.idle                  there is no more to do

`device` is firmware.runner.Device; `done` is a list of the ids of the last
commands, which outlives this: a command that comes again is not carried out again.
"""

import gc

from firmware.roles.vocabulary import Show
from protocol import upkeep
from protocol.freshness import NOTHING
from protocol.limits import TEXT_CHARS
from protocol.upkeep import LINES, STRIP_BYTES, Answer, Frame, Log

REMEMBERED = 16
"""Ids of commands."""

BLINK_MS = 500
LIGHTS = 16

REBOOT_MS = 1000
"""The answer is on its way by then."""


class Upkeep:
    def __init__(self, device, done: list):
        self._device = device
        self._done = done
        self._out = []
        self._lines = []
        self._logging_until_ms = 0
        self._blinking_until_ms = 0
        self._blink_due_ms = 0
        self._lit = False
        self._restart_ms = 0

    @property
    def idle(self) -> bool:
        return not (self._out or self._restart_ms or self._logging_until_ms or self._blinking_until_ms)

    def take(self, name: str, payload: bytes) -> None:
        if name == "crash":
            self._tell_crash()
            return
        if name == "settings":
            from firmware.settings import take

            id, error = take(self._device, payload, self._done)
            if not error:
                self._restart_ms = self._device.uptime_ms() + REBOOT_MS
            self._out.append(("answer", upkeep.encode_answer(Answer(id, error, {}))))
            return
        if name != "command":
            return
        command = upkeep.read_command(payload)
        if command.id in self._done:
            return
        self._done.append(command.id)
        del self._done[:-REMEMBERED]
        now_ms = self._device.uptime_ms()
        error, facts = "", {}
        if command.verb == "identify":
            self._blinking_until_ms = now_ms + 1000 * command.s
            self._blink_due_ms = now_ms
        elif command.verb == "logs":
            self._logging_until_ms = now_ms + 1000 * command.s
            self._device.hal.listener = self._hear
        elif command.verb == "reboot":
            self._restart_ms = now_ms + REBOOT_MS
        elif command.verb == "frame":
            error = self._take_frame(command.id)
        else:
            facts = self._test()
        self._out.append(("answer", upkeep.encode_answer(Answer(command.id, error, facts))))

    def due(self, now_ms: int) -> list:
        if self._restart_ms and now_ms >= self._restart_ms:
            self._device.hal.restart(None)
        if self._logging_until_ms and now_ms >= self._logging_until_ms:
            self._logging_until_ms = 0
            self._device.hal.listener = None
        if self._blinking_until_ms and now_ms >= self._blink_due_ms:
            self._blink(now_ms)
        out, self._out = self._out, []
        if self._lines:
            lines, self._lines = self._lines, []
            out.append(("log", upkeep.encode_log(Log(lines, []))))
        return out

    def _tell_crash(self) -> None:
        """Why it started again: told once."""
        from firmware.crash import take

        self._out.append(("log", upkeep.encode_log(Log([], take(self._device.folder)))))

    def _hear(self, text: str) -> None:
        """A line of the log. What is more than a message can take is lost: the glass must not wait for a reader."""
        if len(self._lines) < LINES:
            self._lines.append(text[: 4 * TEXT_CHARS])

    def _blink(self, now_ms: int) -> None:
        """The name on the glass, in turns black on white, with light and sound; at the end all is as it should be."""
        hal = self._device.hal
        if now_ms >= self._blinking_until_ms:
            self._blinking_until_ms = 0
            self._device.redraw()
            return
        self._blink_due_ms = now_ms + BLINK_MS
        self._lit = not self._lit
        hal.show(Show((self._device.name,), "", self._lit, NOTHING, "", "", None))
        hal.leds((int(self._lit),) * LIGHTS)
        if self._lit:
            hal.beep(100)

    def _take_frame(self, id: str) -> str:
        glass = self._device.hal.glass
        if not glass:
            return "it has no glass that can be read"
        for at in range(0, len(glass.rows), STRIP_BYTES):
            rows = bytes(glass.rows[at : at + STRIP_BYTES])
            self._out.append(("frame", upkeep.encode_frame(Frame(id, glass.width, glass.height, at, rows))))
        return ""

    def _test(self) -> dict:
        """Whether the parts work, as far as a board can tell by itself."""
        gc.collect()
        sender = self._device.sender
        device = self._device
        facts = {"heap": device.heap_free(), "flash": device.flash_free(), "up_s": device.uptime_ms() // 1000}
        facts["glass"] = self._device.hal.test() or "answers"
        if sender:
            facts["pending"] = sender.pending
            facts["journal"] = (sender.error or "works")[:TEXT_CHARS]
        return facts
