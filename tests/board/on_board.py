"""What the fake board's chip does before MicroPython's prompt: mount the flash, run boot.py and main.py.

Runs on MicroPython's unix port under `micropython -i`, started by `fake_board.py`, with the shims first on its path.
The hardware is that of the shims; here they get what one process of its own has to have: wires that are written to a
file, keys that come out of one, a network that needs the right password, resets that end the process.
"""

import asyncio
import os
import sys
import time
from binascii import hexlify, unhexlify
from collections import namedtuple

import machine
import network
import vfs

BLOCK_BYTES = 4096
BLOCKS = 512
"""2 MB: the `vfs` partition of a stock ESP32 with 4 MB."""

FEED_MS = 200
"""Feeding the watchdog is written down this often, not at each of the main loop's 50 turns a second."""


class Flash:
    """A file as a flash: `os.getenv("BOARD_FLASH")`."""

    def __init__(self, path):
        self._file = open(path, "r+b")  # noqa: SIM115 - as long as the process

    def readblocks(self, block, buffer, offset=0):
        self._file.seek(block * BLOCK_BYTES + offset)
        self._file.readinto(buffer)

    def writeblocks(self, block, buffer, offset=0):
        self._file.seek(block * BLOCK_BYTES + offset)
        self._file.write(buffer)

    def ioctl(self, operation, argument):
        if operation == 4:  # number of blocks
            return BLOCKS
        if operation == 5:
            return BLOCK_BYTES
        return 0 if operation == 6 else None  # erase: a write does it


class Wires:
    """`machine.wires` as lines of a file: what was sent, where, and the data in hex or as text."""

    def __init__(self, path, keys):
        self._file = open(path, "ab")  # noqa: SIM115
        self._keys = open(keys, "rb")  # noqa: SIM115
        self._keys.read()
        self._fed_ms = 0

    def append(self, event):
        what, where, data = event
        if what == "fed":
            self._feed()
        else:
            data = hexlify(data).decode() if isinstance(data, (bytes, bytearray)) else repr(data)
            self._file.write(f"{what} {where} {data}\n".encode())

    def _feed(self):
        """The main loop is at work: it is told of the keys that were pressed, as by an interrupt."""
        now_ms = time.ticks_ms()
        if time.ticks_diff(now_ms, self._fed_ms) >= FEED_MS:
            self._fed_ms = now_ms
            self._file.write(b"fed None None\n")
        for number in self._keys.read(1):
            pin = machine.pins[number]
            pin.handler(pin)


class Wlan(network.WLAN):
    """Connects when it is given what is in `os.getenv("BOARD_WIFI")`."""

    def connect(self, ssid, password):
        super().connect(ssid, password)
        self.up = f"{ssid}/{password}" == os.getenv("BOARD_WIFI")
        Wlan.on_air = self.up
        machine.wires.append(("wifi", ssid, self.up))

    def disconnect(self):
        super().disconnect()
        self.up = Wlan.on_air = False

    on_air = False


open_connection = asyncio.open_connection


async def open_by_radio(*given, **more):
    """The host has a network; a board without Wi-Fi has none."""
    if not Wlan.on_air:
        raise OSError(113)  # EHOSTUNREACH
    return await open_connection(*given, **more)


class Esp32Sys:
    """`sys`, of a stock ESP32."""

    platform = "esp32"
    implementation = namedtuple("Implementation", ("name", "version", "_machine", "_mpy"))(
        "micropython", sys.implementation.version, "Generic ESP32 module with ESP32", sys.implementation._mpy
    )

    def __getattr__(self, name):
        return getattr(REAL_SYS, name)


REAL_SYS = sys


def mount():
    flash = Flash(os.getenv("BOARD_FLASH"))
    try:
        files = vfs.VfsLfs2(flash, progsize=32, readsize=32)
    except OSError:
        vfs.VfsLfs2.mkfs(flash, progsize=32, readsize=32)
        files = vfs.VfsLfs2(flash, progsize=32, readsize=32)
    vfs.umount("/")
    vfs.mount(files, "/")
    os.chdir("/")
    sys.path[:] = ["", ".frozen", "/lib"]


def reset():
    """The supervisor does it. The interpreter cannot by itself: `sys.exit` in a program ends at the prompt."""
    machine.wires.append(("reset", None, None))
    while True:
        time.sleep(1)


def run(names):
    for name in names:
        try:
            with open(name) as file:
                code = file.read()
        except OSError:
            continue
        try:
            exec(code, {"__name__": "__main__"})
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - as a board: it is said, and the prompt comes
            sys.print_exception(error)


machine.wires = Wires(os.getenv("BOARD_WIRES"), os.getenv("BOARD_KEYS"))
machine.cause = int(os.getenv("BOARD_CAUSE"))
machine.reset = reset
machine.unique_id = lambda: unhexlify(os.getenv("BOARD_MAC"))
network.WLAN = Wlan
asyncio.open_connection = open_by_radio
sys.modules["sys"] = Esp32Sys()
mount()
run(("boot.py",) if os.getenv("BOARD_RAW") else ("boot.py", "main.py"))
