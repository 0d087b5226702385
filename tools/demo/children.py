"""Processes that must live: started again when they die, cut off when their plug is pulled, ended when all is over.

Each child has its own session, so that Ctrl-C reaches the supervisor alone, which then ends the children in order. Its
standard input is a leash: when the supervisor is killed the pipe ends, and with it the child.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

AGAIN_FIRST_S = 0.3
AGAIN_MOST_S = 5.0
"""Pauses before a start double up to this: what cannot run must not take the processor away."""

STABLE_S = 10
"""A child that lived this long is not the one that cannot run: the pauses begin anew."""

LINE_BYTES = 1 << 16
"""Longest line that is read from a child; a frame of 320x240 is 13 kB."""


@dataclass(frozen=True, slots=True)
class Program:
    """What to run: command, environment, working folder, and the file that takes its standard error."""

    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    errors: Path


class Child:
    """One process. `heard` gets each line of its output, `changed` is called when it starts and when it ends."""

    def __init__(self, program: Program, heard: Callable[[bytes], None], changed: Callable[[], None]):
        self._program = program
        self._heard = heard
        self._changed = changed
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._powered = asyncio.Event()
        self._ending = False
        self.starts = 0

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process else None

    @property
    def plugged(self) -> bool:
        """Whether it has power: then it runs, or will again in a moment."""
        return self._powered.is_set()

    def start(self) -> None:
        """Starts it, and again whenever it dies."""
        self._powered.set()
        self._task = asyncio.create_task(self._keep_running(), name=self._program.command[-1])

    def write(self, line: str) -> bool:
        """Sends a line to its standard input; whether there was somebody to send it to."""
        if self._process is None or self._process.stdin is None or self._process.stdin.is_closing():
            return False
        self._process.stdin.write(line.encode() + b"\n")
        return True

    def pull(self) -> None:
        """Cuts the power: it is gone this instant, and stays so until the plug is put in again."""
        self._powered.clear()
        self._kill()

    def plug(self) -> None:
        self._powered.set()

    async def end(self, patience_s: float, terminate: bool = False) -> None:
        """Ends it for good: by the end of its input, or SIGTERM; after `patience_s` by SIGKILL."""
        self._ending = True
        if self._task is None:
            return
        if self._process is None:
            self._task.cancel()
        elif terminate:
            self._send(signal.SIGTERM)
        elif self._process.stdin:
            self._process.stdin.close()
        await asyncio.wait([self._task], timeout=patience_s)
        self._kill()
        await asyncio.gather(self._task, return_exceptions=True)

    def _kill(self) -> None:
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        """Not by the process object: that one asks first whether the child lives, and so takes its status away from
        asyncio, which waits for it."""
        if self._process and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, number)

    async def _keep_running(self) -> None:
        pause_s = AGAIN_FIRST_S
        while not self._ending:
            await self._powered.wait()
            since = time.monotonic()
            try:
                await self._live()
            except OSError as error:  # no memory, no process left: the next turn tries again
                with self._program.errors.open("a", encoding="utf-8") as errors:
                    errors.write(f"cannot be started: {error}\n")
            if time.monotonic() - since > STABLE_S:
                pause_s = AGAIN_FIRST_S
            if self._ending:
                return
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, AGAIN_MOST_S)

    async def _live(self) -> None:
        """One life of the process, from start to end."""
        self._process = await self._spawn()
        self.starts += 1
        self._changed()
        if self._ending or not self.plugged:  # while it was being started
            self._kill()
        try:
            await self._listen(self._process)
        finally:
            # Reached too when this task is cancelled: nothing may stay behind.
            self._kill()
            await self._process.wait()
            self._process = None
            self._changed()

    async def _spawn(self) -> asyncio.subprocess.Process:
        with self._program.errors.open("ab") as errors:
            return await asyncio.create_subprocess_exec(
                *self._program.command,
                env=dict(self._program.environment),
                cwd=self._program.folder,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
                limit=LINE_BYTES,
            )

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        # ValueError: a line without end. Whoever writes that is broken, and a start anew is the cure.
        with contextlib.suppress(ValueError):
            while line := await process.stdout.readline():
                self._heard(line)
