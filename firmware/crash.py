"""What a device fell over, kept over the start after it. Loaded when that happens."""

import os
import sys

CRASH_BYTES = 1000
"""Of a traceback the end says most."""

LINES = 12
LINE_CHARS = 100


def keep(folder: str, error) -> None:
    """Write down the traceback. It must not fail itself: the device is in trouble already."""
    try:
        with open(folder + "/crash", "w") as file:
            if hasattr(sys, "print_exception"):  # MicroPython
                sys.print_exception(error, file)
            else:
                file.write(repr(error))
    except (OSError, MemoryError):
        pass


def take(folder: str) -> list:
    """The lines of what was kept, which is then gone. Raises OSError."""
    path = folder + "/crash"
    with open(path, "rb") as file:
        file.seek(max(0, os.stat(path)[6] - CRASH_BYTES))
        text = file.read(CRASH_BYTES)
    os.remove(path)
    text = bytes(byte if 32 <= byte < 127 or byte == 10 else 46 for byte in text).decode()
    return [line[:LINE_CHARS] for line in text.split("\n") if line][-LINES:]
