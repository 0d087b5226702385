"""A fake ESP32: the real MicroPython with a real littlefs in a file, at the end of a serial line.

What talks to it sees a serial port: stock mpremote, `jiaohao flash`, a person with a terminal. The chip is a process
that a supervising thread starts, resets and ends; its flash is a file, its wires are lines in another one. What a board
does when it is reset, pulled and put back in is as on the real one: the flash stays, everything else is gone.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import termios
import threading
import time
import tty
from collections.abc import Iterator
from pathlib import Path

from tools.demo.runtime import find_micropython

ROOT = Path(__file__).parent.parent.parent
ON_BOARD = Path(__file__).parent / "on_board.py"
SHIMS = ROOT / "tests" / "firmware" / "shim"

HEAP = "72wK"
"""A board's 56 KB, 6 KB for the stand-ins for its hardware, and 10 KB: an ESP32 takes a further piece of its memory
when the first is full, and this port does not. What a role may use is the matter of `tests/test_virtual_devices.py`."""

FLASH_BYTES = 512 * 4096
POWER_ON, HARD, WATCHDOG, SOFT = 1, 2, 3, 5
"""Causes of a reset, as `machine` counts them."""

WIFI = "hall/secret"
"""Network and password of the air around all boards."""

KEYS = (32, 33, 25, 26, 27)
"""Pins of the keys, from left to right."""

LOOK_S = 0.1
"""How often the supervisor looks at reset and watchdog when nobody talks."""

CTRL_A, CTRL_B = 0x01, 0x02
BANNER = b"\nMicroPython "
"""Where the banner begins that a prompt of the unix port has and a soft reset in raw mode must not show."""


class FakeBoard:
    """One board. `port` is what to give to mpremote while it is plugged in; `mac` as `machine.unique_id()` has it. One
    that is `blank` has no MicroPython until somebody writes the file `micropython` into its folder."""

    def __init__(self, folder: Path, number: int = 1, *, blank: bool = False):
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.port = str(folder / "ttyUSB0")
        self.mac = f"240ac400{number:04x}"
        if not blank:
            (folder / "micropython").touch()
        for name in ("wires", "keys", "console"):
            (folder / name).touch()
        if not (folder / "flash").exists():
            (folder / "flash").write_bytes(b"\xff" * FLASH_BYTES)
        self._chip: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None

    # -- what a person does

    def plug(self) -> None:
        """Give it power: it starts, and its port is there."""
        self._host, port = os.openpty()
        tty.setraw(port)
        self._port = port  # held open, so that the line stays when nobody listens
        os.symlink(os.ttyname(port), self.port)
        self._stop, self._stopped = os.pipe()
        if (self.folder / "micropython").exists():
            self._start(POWER_ON, raw=False)
        self._thread = threading.Thread(target=self._supervise, daemon=True)
        self._thread.start()

    def unplug(self) -> None:
        """Pull it, whatever it is doing. Its flash keeps what it has got."""
        if self._thread is None:
            return
        os.close(self._stopped)
        self._thread.join()
        self._thread = None
        if self._chip:
            self._end()
        os.unlink(self.port)
        for descriptor in (self._host, self._port, self._stop):
            os.close(descriptor)

    def press(self, key: int) -> None:
        """Press a key; the program feels it when its main loop turns."""
        with (self.folder / "keys").open("ab") as file:
            file.write(bytes([KEYS[key]]))

    # -- what can be seen

    def wires(self) -> list[tuple[str, str, str]]:
        """All that went over its wires: what, where, data."""
        lines = (self.folder / "wires").read_text().splitlines()
        return [(what, where, data) for what, where, data in (line.split(" ", 2) for line in lines)]

    def console(self) -> str:
        """All that it has printed."""
        return (self.folder / "console").read_text("utf-8", "replace")

    def sent(self, what: str) -> list[bytes]:
        """The bytes that went over one kind of wire, since the newest start."""
        events = self.wires()
        starts = [place for place, (kind, _, _) in enumerate(events) if kind == "start"]
        return [bytes.fromhex(data) for kind, _, data in events[starts[-1] :] if kind == what]

    def starts(self) -> list[int]:
        """The causes of all its resets, in order."""
        return [int(cause) for what, cause, _ in self.wires() if what == "start"]

    # -- the chip

    def _start(self, cause: int, *, raw: bool) -> None:
        with (self.folder / "wires").open("ab") as file:
            file.write(f"start {cause} None\n".encode())
        if cause != SOFT:  # a soft reset does not stop the watchdog
            self._fed_at, self._patience_s = time.monotonic(), 0.0
        self._read_to = (self.folder / "wires").stat().st_size
        environment = {
            "MICROPYPATH": f"{SHIMS}:.frozen",
            "BOARD_MAC": self.mac,
            "BOARD_WIFI": WIFI,
            "BOARD_CAUSE": str(cause),
        } | {f"BOARD_{name.upper()}": str(self.folder / name) for name in ("flash", "wires", "keys")}
        if raw:
            environment["BOARD_RAW"] = "1"
        self._mute, self._raw = (b"\n" if raw else b""), raw
        self._line, self._terminal = os.openpty()
        _set_bare(self._terminal)
        # A shell that leads a session takes the first terminal that it opens for its own: Ctrl-C becomes a signal.
        command = ["sh", "-c", 'exec "$0" "$@" <>"$TERMINAL" >&0 2>&0', str(find_micropython())]
        command += ["-X", f"heapsize={HEAP}", "-i", str(ON_BOARD)]
        self._chip = subprocess.Popen(
            command, env=environment | {"TERMINAL": os.ttyname(self._terminal)}, start_new_session=True
        )

    def _end(self) -> int:
        """Take the chip's power; its exit status."""
        assert self._chip
        if self._chip.poll() is None:
            os.kill(self._chip.pid, signal.SIGKILL)
        status = self._chip.wait()
        self._chip = None
        os.close(self._line)
        os.close(self._terminal)
        return status

    # -- the supervisor

    def _supervise(self) -> None:
        while True:
            lines = [self._stop, self._host, *([self._line] if self._chip else [])]
            ready, _, _ = select.select(lines, [], [], LOOK_S)
            if self._stop in ready:
                return
            if not self._chip:
                self._wake_blank(self._host in ready)
                continue
            if self._host in ready:
                self._to_chip(os.read(self._host, 4096))
            if self._line in ready:
                self._to_host(os.read(self._line, 65536))
            if self._chip.poll() is not None and not self._waiting():
                self._restart_softly()
            elif self._is_reset():
                while self._waiting():
                    self._to_host(os.read(self._line, 65536))
                self._end()
                self._write(self._host, b"ets Jul 29 2019 12:21:46\r\n")
                self._start(HARD, raw=False)
            elif self._is_starved():
                self._end()
                self._start(WATCHDOG, raw=False)

    def _wake_blank(self, is_spoken_to: bool) -> None:
        """A chip without a program hears nothing, and starts once it has got one."""
        if is_spoken_to:
            os.read(self._host, 4096)
        if (self.folder / "micropython").exists():
            self._start(HARD, raw=False)

    def _waiting(self) -> bool:
        """Whether the chip has said something that nobody has read yet."""
        return bool(select.select([self._line], [], [], 0)[0])

    def _restart_softly(self) -> None:
        """The program at the prompt was ended: Ctrl-D."""
        self._end()
        self._write(self._host, b"MPY: soft reboot\r\n")
        self._start(SOFT, raw=self._raw)

    def _to_chip(self, data: bytes) -> None:
        for byte in data:
            if byte in (CTRL_A, CTRL_B):
                self._raw = byte == CTRL_A
        self._write(self._line, data)

    def _to_host(self, data: bytes) -> None:
        """What the chip says; after a soft reset in raw mode its banner is left out, and it is put into raw mode."""
        if self._mute:
            self._mute += data
            if not self._mute.endswith(b">>> "):
                return
            data, self._mute = self._mute.partition(BANNER)[0][1:], b""
            self._write(self._line, bytes([CTRL_A]))
        with (self.folder / "console").open("ab") as file:
            file.write(data)
        self._write(self._host, data)

    @staticmethod
    def _write(descriptor: int, data: bytes) -> None:
        while data:
            data = data[os.write(descriptor, data) :]

    def _is_reset(self) -> bool:
        """Whether the program has asked for a reset, which is looked up in what is new on the wires."""
        with (self.folder / "wires").open("rb") as file:
            file.seek(self._read_to)
            news = file.read()
        whole = news[: news.rfind(b"\n") + 1]
        self._read_to += len(whole)
        for line in whole.splitlines():
            what, _, data = line.decode().split(" ", 2)
            if what == "reset":
                return True
            if what == "watchdog":
                self._patience_s = int(data) / 1000
            if what in ("watchdog", "fed"):
                self._fed_at = time.monotonic()
        return False

    def _is_starved(self) -> bool:
        """Whether the watchdog was fed too late."""
        return bool(self._patience_s) and time.monotonic() - self._fed_at > self._patience_s


def _set_bare(terminal: int) -> None:
    """Bytes as they are, but Ctrl-C ends the program: a serial line at a board."""
    settings = termios.tcgetattr(terminal)
    settings[0] &= ~(termios.ICRNL | termios.IXON)
    settings[1] &= ~termios.OPOST
    settings[3] &= ~(termios.ECHO | termios.ICANON)
    termios.tcsetattr(terminal, termios.TCSANOW, settings)


@contextlib.contextmanager
def fake_board(folder: Path, number: int = 1, **more: bool) -> Iterator[FakeBoard]:
    """A board that is plugged in until the end."""
    board = FakeBoard(folder, number, **more)
    board.plug()
    try:
        yield board
    finally:
        board.unplug()
