"""A board at a serial port, by mpremote's transport: what it is, its files, starting it again.

Everything is asked of MicroPython's raw prompt, which runs a text and gives back what that printed. Each file is read
back as its SHA-256, which the board works out.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mpremote.transport import TransportError, TransportExecError
from mpremote.transport_serial import SerialTransport
from serial import Serial
from serial.tools import list_ports

from tools.flash.at_prompt import ABOUT, HELPERS, OPEN

ANSWER_S = 30
"""Longest silence of a board that works: a littlefs that tidies up took 10 s."""

PROMPT_S = 4
TRIES = 4
"""Opening its port restarts many a board, which hears nothing until MicroPython is up."""

CHUNK_BYTES = 2048
"""Of a file at a time: a text of 2.7 KB for the board to compile, in a heap of 56 KB."""

RAW_PROMPT = b"raw REPL; CTRL-B to exit\r\n"


class BoardError(Exception):
    """The board could not be reached, or something on it failed. The text says what, and what to do."""


class NoPrompt(BoardError):
    """Nothing like MicroPython answers at the port."""


@dataclass(frozen=True, slots=True)
class About:
    """`mac` as 24:0a:c4:00:00:01; `chip` as MicroPython calls it; `version` of MicroPython; `mpy`: version of the .mpy
    files that it loads; `free` bytes of flash."""

    mac: str
    chip: str
    version: tuple[int, ...]
    mpy: int
    free: int

    @property
    def micropython(self) -> str:
        return ".".join(map(str, self.version))


def ports() -> list[str]:
    """Serial ports of USB devices, which is what boards are."""
    return sorted(port.device for port in list_ports.comports() if port.vid is not None)


class Board:
    """The board at `port`, interrupted and at its prompt; `restart` lets it work. All raise BoardError."""

    def __init__(self, port: str):
        self.port = port
        self._at_prompt = False
        try:
            self._line = SerialTransport(port, timeout=ANSWER_S)
        except (TransportError, OSError) as error:
            raise BoardError(
                f"cannot open {port}: {error}; is the board plugged in, and does nobody else use it?"
            ) from error
        try:
            self._interrupt()
            self._at_prompt = True
            self._run(HELPERS)
            with self._understood():
                mac, chip, version, mpy, free = json.loads(self._run(ABOUT))
        except BaseException:
            self.close()
            raise
        pairs = (mac[at : at + 2] for at in range(0, 12, 2))
        self.about = About(":".join(pairs), chip, tuple(version), mpy, free)

    def files(self) -> dict[str, str]:
        """Path -> SHA-256 in hex of every file."""
        with self._understood():
            return dict(json.loads(line) for line in self._run("walk('')").splitlines())

    def read(self, path: str) -> bytes:
        """The file, empty if there is none."""
        with self._understood():
            left = int(self._run(OPEN.format(path=path)))
            pieces = []
            while left > 0:
                pieces.append(binascii.a2b_base64(self._run(f"print(b2a_base64(file.read({CHUNK_BYTES})).decode())")))
                left -= len(pieces[-1])
        self._run("file and file.close()")
        return b"".join(pieces)

    def write(self, path: str, data: bytes, sent: Callable[[int], None]) -> None:
        """Write the file, and the folders above it; `sent` is told of the bytes as they are written."""
        starts = range(0, max(1, len(data)), CHUNK_BYTES)
        for start in starts:
            chunk = data[start : start + CHUNK_BYTES]
            opened = f"gc.collect()\nmake_folders({path!r})\nfile = open({path!r}, 'wb')\n" if start == 0 else ""
            closed = "\nfile.close()" if start == starts[-1] else ""  # one text for a small file: each costs 50 ms
            self._run(f"{opened}file.write(a2b_base64({base64.b64encode(chunk)!r})){closed}")
            sent(len(chunk))

    def remove(self, path: str) -> None:
        """A file, or a folder with all that is in it."""
        self._run(f"remove({path!r})")

    def restart(self) -> None:
        """Reset it, so that it goes to work, unless it does already."""
        if not self._at_prompt:
            return
        self._at_prompt = False
        try:
            self._line.exec_raw_no_follow("machine.reset()")
        except (TransportError, OSError, struct.error) as error:
            raise self._gone(error) from error

    def console(self) -> bytes:
        """What it has printed since the last look; nothing when it is gone."""
        try:
            return self._serial.read(self._serial.in_waiting)
        except OSError:
            return b""

    def close(self) -> None:
        """Leave it, at work."""
        with contextlib.suppress(BoardError):  # it was pulled
            self.restart()
        with contextlib.suppress(OSError):
            self._line.close()

    @property
    def _serial(self) -> Serial:
        return self._line.serial  # pyright: ignore[reportReturnType] - otherwise only while a folder is mounted

    def _interrupt(self) -> None:
        """End its program, and ask for the raw prompt with an empty heap. Raises NoPrompt."""
        try:
            for _ in range(TRIES):
                serial = self._serial
                serial.write(b"\r\x03\x03")  # Ctrl-C: end the program
                time.sleep(0.05)
                serial.reset_input_buffer()
                serial.write(b"\r\x01")  # Ctrl-A: the raw prompt
                if not self._hears(RAW_PROMPT + b">"):
                    continue
                serial.write(b"\x04")  # Ctrl-D: a soft reset
                if self._hears(b"soft reboot\r\n") and self._hears(RAW_PROMPT):
                    return
        except OSError as error:
            raise self._gone(error) from error
        raise NoPrompt(f"no MicroPython answers at {self.port} (if it has one, press its EN key and try again)")

    def _hears(self, words: bytes) -> bool:
        return self._line.read_until(1, words, timeout_overall=PROMPT_S).endswith(words)

    def _run(self, text: str) -> str:
        """What the board prints when it runs the text."""
        try:
            self._line.exec_raw_no_follow(text)
            said, error = self._line.follow(ANSWER_S)
        except TransportExecError as failed:
            said, error = b"", failed.error_output.encode()
        except (
            TransportError,
            OSError,
            TypeError,
            struct.error,
        ) as gone:  # TypeError: pyserial, of a port that is gone
            raise self._gone(gone) from gone
        if error:
            last = error.decode("utf-8", "replace").strip().rpartition("\n")[2]
            raise BoardError(f"the board at {self.port} says: {last}")
        return said.decode("utf-8", "replace")

    @contextlib.contextmanager
    def _understood(self) -> Iterator[None]:
        """A bad cable, or the chip's own messages, put other bytes between the words."""
        try:
            yield
        except ValueError as error:
            raise BoardError(f"what the board at {self.port} says is garbled ({error}); try another cable") from error

    def _gone(self, error: Exception) -> BoardError:
        return BoardError(
            f"the board at {self.port} does not answer any more ({error}); plug it in and run the same command again: "
            "what is on it already is not copied again"
        )
