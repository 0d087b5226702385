"""The firmware of a device. `hal/esp32.py` and `hal/pc.py` start it."""

import sys

START_ONLY = ("assembly", "config", "files", "parts", "prompts")
"""What a device never needs again once it is assembled: forgotten, it costs a board nothing."""


def assemble(folder: str, hal):
    """The device in `folder` on the hardware `hal`, ready to `run()`. Raises ConfigError, OSError, ValueError."""
    from firmware.assembly import build

    device = build(folder, hal)
    for name in list(sys.modules):
        levels = name.split(".")
        if levels[0] == "firmware" and len(levels) > 1 and levels[1] in START_ONLY:
            del sys.modules[name]
    for name in START_ONLY:
        globals().pop(name, None)  # a virtual device has no parts
    return device
