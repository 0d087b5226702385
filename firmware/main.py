"""What a board runs at start; `tools/bundle.py` copies it to the board's root.

It is never updated over the air. A version in a slot that falls over at start, or hangs, is tried again until its tries
run out, see `firmware/slots.py`.
"""

import os
import sys

import machine

START_MS = 60_000
"""A version in a slot gets this long until it opens a watchdog of its own, which replaces this one."""

FROM_SLOT = False

if "slots" in os.listdir("/"):
    from firmware import slots

    folder = slots.enter("")
    FROM_SLOT = bool(folder)
    for name in list(sys.modules):  # the version that starts loads its own, and nobody needs the memory of this
        if name.split(".")[0] in ("firmware", "protocol"):
            del sys.modules[name]
    if FROM_SLOT:
        machine.WDT(timeout=START_MS)
        sys.path.insert(0, folder)
    del slots

try:
    from firmware.hal import esp32

    esp32.run("/device")
except Exception as error:
    if not FROM_SLOT:
        raise
    sys.print_exception(error)
    machine.reset()
