"""Settings that the hub pushes. Loaded when that happens; firmware/settings_trial.py decides whether they stay.

They are checked as at a start, down to the pins, and written so that a power cut leaves the old or the new ones.
"""

import json
import os

from firmware import files
from firmware.settings_trial import BACK, BEFORE, TRIES
from protocol import codec, settings
from protocol.errors import ProtocolError
from protocol.limits import TEXT_CHARS


def take(device, payload: bytes, done: list) -> tuple:
    """(id, why they are not taken, or empty: the device should start again now). `done`: ids of what was done before,
    for a push that comes again. Raises ProtocolError for what is no push at all."""
    id, rev, changes = settings.read_push(payload)
    if id in done:
        return id, ""
    try:
        _take(device, rev, changes)
        done.append(id)
    except (ProtocolError, ValueError, OSError) as error:  # ValueError: a setting, or too few keys on the board
        return id, str(error)[:TEXT_CHARS]
    return id, ""


def _take(device, rev: int, changes: dict) -> None:
    from firmware.config import parse

    folder = device.folder
    path = folder + "/config.json"
    with open(path, "rb") as file:
        old = file.read()
    config = json.loads(old)
    if rev != config.get("rev", 0) + 1:
        raise ProtocolError("rev", "must be %d" % (config.get("rev", 0) + 1))
    for key, value in changes.items():
        if key not in settings.known(config["role"]) + settings.PLACES:
            raise ProtocolError(key, "is no setting of a " + config["role"])
        if value is None:
            config.pop(key, None)
        else:
            config[key] = value
    config["rev"] = rev
    data = codec.encode(config)
    device.hal.prepare(folder, parse(data))
    for name in (TRIES, BACK):
        if files.exists(folder + name):
            os.remove(folder + name)
    files.replace(folder + BEFORE + str(rev), old)
    files.replace(path, data)
