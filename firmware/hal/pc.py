"""A virtual device: the same firmware in a process, on MicroPython or CPython.

    cd DEVICE_FOLDER; MICROPYPATH=BUNDLE:.frozen micropython -X heapsize=56wK -m firmware.hal.pc .
    python -m firmware.hal.pc DEVICE_FOLDER

DEVICE_FOLDER is its flash: config.json, journal/, the count of starts. It talks to its supervisor by JSON lines.
Standard input: {"key": 0} presses a key, {"heap": 1} asks for the heap, {"printer": "paper out"} takes a kiosk's paper
away and {"printer": ""} puts it back; its end ends the process, so that no device outlives its supervisor. Standard
output:

    {"frame": BASE64, "w": 192, "h": 32, "version": [he, rev], "mode": "called", "number": "A012", "mark": ""}
                                               MONO_HLSB rows; the mark is the text in the corner
    {"leds": [0, 1]}   {"beep": ms}   {"log": text}   {"heap": [used, free]}   {"dropped": lines}
    {"play": [clips]}                          an announcer says something
    {"printed": BASE64}                        a kiosk's slip, as its printer gets it
    {"promised": [epoch, seq, level, visit]}   the thank-you is on the glass
    {"call": [epoch, seq, verb]}               a call press is being sent (each time)
    {"settled": [epoch, seq, reason]}          the hub's answer to it; "" it was done, "no-answer" there was none
"""

import asyncio
import gc
import json
import select
import sys
from binascii import b2a_base64, crc32

from firmware import assemble
from firmware.glass import DISPLAY, PAD, Glass
from firmware.ticks import within

ON_MICROPYTHON = sys.implementation.name == "micropython"

PAUSE_S = 0.1
"""A key wakes the loop at once; otherwise it turns this often, which is a role's tick."""

KEYS_MAX = 16
"""Presses that wait for the loop, as in a board's ring."""

BACKLOG_LINES = 16
"""Lines that wait for a supervisor that does not read. Then the oldest are dropped and counted: a device must not stop
because nobody looks."""

LINE_BYTES = 4096
"""A pipe that is ready to be written takes this much without blocking; every line is shorter."""

PIECE_BYTES = 96
"""Of a picture that are written at once: a multiple of 3, so that base64 has no padding within."""

INPUT_BYTES = 256
"""A longer line is no command."""


class Output:
    """Lines to standard output that never block the device."""

    def __init__(self):
        self._lines = []
        self._dropped = 0
        self._frame = None
        self._poll = select.poll()
        self._poll.register(sys.stdout, select.POLLOUT)

    def write(self, message: dict) -> None:
        self._lines.append(json.dumps(message))
        if len(self._lines) > BACKLOG_LINES:
            self._lines.pop(0)
            self._dropped += 1
        self.flush()

    def write_frame(self, rows, about: dict) -> None:
        """The picture in `rows`, before any later line. If the pipe is full, only the last picture is kept: `rows` is
        the glass itself and has it."""
        self._frame = rows, about
        self.flush()

    def flush(self) -> None:
        """Write what the pipe takes now."""
        if self._frame and self._ready():
            rows, about = self._frame
            self._frame = None
            self._put_frame(rows, about)
        while self._lines and self._ready():
            self._put(self._lines.pop(0), "\n")
        if self._dropped and self._ready():
            self._put(json.dumps({"dropped": self._dropped}), "\n")
            self._dropped = 0

    def _ready(self) -> bool:
        return bool(self._poll.poll(0))

    def _put_frame(self, rows, about: dict) -> None:
        """In pieces: the line is longer than what a small heap easily gives in one."""
        self._put('{"frame": "')
        view = memoryview(rows)
        for start in range(0, len(rows), PIECE_BYTES):
            self._put(b2a_base64(view[start : start + PIECE_BYTES]).decode().rstrip())
        self._put('", ', json.dumps(about)[1:], "\n")

    def _put(self, *texts) -> None:
        for text in texts:
            sys.stdout.buffer.write(text.encode())
        sys.stdout.buffer.flush()


class Pc:
    """The hardware of a virtual device; see `firmware/hal/__init__.py`. `glyphs` is the path of the glyph file."""

    model = "virtual"
    reset_cause = "power-on"

    def __init__(self, glyphs: str):
        self._glyphs = glyphs
        self._output = Output()
        self._keys = []
        self._wake = asyncio.Event()
        self._frame = None
        self.listener = None
        self.stopped = False

    def prepare(self, folder: str, config) -> None:
        """It has no pins."""

    def start(self, config) -> None:
        width, height = DISPLAY if config.role == "window_display" else PAD
        self.glass = Glass(width, height, self._glyphs)
        self.font = self.glass.font
        if config.role == "kiosk":
            from firmware.hal.pc_printer import PcPrinter

            self.printer = PcPrinter(self._output.write)

    def take_key(self) -> int:
        return self._keys.pop(0) if self._keys else -1

    async def pause(self) -> None:
        if self._keys:  # the next press is for the next turn, but the network has its turn too
            await asyncio.sleep(0)
            return
        self._wake.clear()
        try:
            await within(self._wake.wait(), PAUSE_S)
        except asyncio.TimeoutError:
            pass

    def feed(self) -> None:
        self._output.flush()

    def show(self, effect) -> None:
        glass = self.glass
        glass.paint(effect)
        frame = crc32(glass.rows), effect.version, effect.mode, effect.number
        if frame != self._frame:
            self._frame = frame
            about = {"w": glass.width, "h": glass.height, "version": list(effect.version)}
            about["mode"], about["number"], about["mark"] = effect.mode, effect.number, effect.mark
            self._output.write_frame(glass.rows, about)

    def leds(self, values) -> None:
        self._output.write({"leds": list(values)})

    def beep(self, ms: int) -> None:
        self._output.write({"beep": ms})

    def play(self, clips: tuple, done) -> None:
        """A virtual player does not tell when it is silent."""
        self._output.write({"play": list(clips)})

    def promised(self, epoch: int, seq: int, level: int, visit: str) -> None:
        self._output.write({"promised": [epoch, seq, level, visit]})

    def called(self, epoch: int, seq: int, verb: str) -> None:
        self._output.write({"call": [epoch, seq, verb]})

    def settled(self, epoch: int, seq: int, reason: str) -> None:
        self._output.write({"settled": [epoch, seq, reason]})

    def log(self, text: str) -> None:
        self._output.write({"log": text})
        if self.listener:
            self.listener(text)

    def test(self) -> str:
        return ""

    def set_clock(self, s: int) -> None:
        """A virtual device has its machine's clock."""

    def restart(self, error) -> None:
        self.stopped = True
        self.failure = error

    failure = None

    def heap_free(self) -> int:
        return gc.mem_free() if ON_MICROPYTHON else 0  # pyright: ignore[reportAttributeAccessIssue]

    # Standard input

    async def listen(self) -> None:
        """Take commands until standard input ends."""
        reader = await _standard_input()
        try:
            while line := await reader.readline():
                self._obey(line)
        finally:  # whatever ended it: without its supervisor's voice a device must not live on
            self.stopped = True
            self._wake.set()

    def _obey(self, line: bytes) -> None:
        try:
            self._command(json.loads(line[:INPUT_BYTES].decode()))
        except (ValueError, MemoryError) as error:
            self.log(f"not a command: {error}")

    def _command(self, command: dict) -> None:
        if "key" in command:
            if len(self._keys) < KEYS_MAX:
                self._keys.append(int(command["key"]))
            self._wake.set()
        elif "heap" in command:
            gc.collect()
            used = gc.mem_alloc() if ON_MICROPYTHON else 0  # pyright: ignore[reportAttributeAccessIssue]
            self._output.write({"heap": [used, self.heap_free()]})
        elif "printer" in command:
            self.printer.be(command["printer"])
        else:
            self.log("unknown command")


async def _standard_input():
    """A reader of standard input."""
    if ON_MICROPYTHON:
        return asyncio.StreamReader(sys.stdin.buffer)  # pyright: ignore[reportArgumentType] - MicroPython's takes a file
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


async def main(folder: str) -> int:
    """Run the device in `folder`; the process's exit status."""
    hal = Pc(__file__.rsplit("/", 2)[0] + "/glyphs")
    try:
        device = assemble(folder, hal)
    except (OSError, ValueError) as error:  # the configuration, the certificate or the flash cannot be used
        hal.log(str(error))
        return 2
    listening = asyncio.create_task(hal.listen())
    await device.run()
    listening.cancel()
    return 1 if hal.failure else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1])))
