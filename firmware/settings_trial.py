"""Whether settings that the hub has pushed may stay. Loaded by a device that started with new ones.

They stay when the hub was heard. A device that does not hear it for five minutes, or starts six times before that, goes
back to the settings before, which are in a file beside; what it went back from it tells the hub as its error.
"""

import json
import os

from firmware import files
from firmware.roles.vocabulary import LinkChanged

BEFORE = "/config.before-"
"""And a revision: the config.json before that."""

TRIES = "/config.tries"
"""How often it has started with the new settings."""

BACK = "/config.back"
"""The revision that was taken back last."""

PATIENCE_MS = 300_000
STARTS = 5


class SettingsTrial:
    """As firmware.trial.Trial; `version` is that of a version that is on trial too, or None."""

    def __init__(self, folder: str, rev: int, version, now_ms: int):
        self._folder = folder
        self._rev = rev
        self._version = version
        self._until_ms = now_ms + PATIENCE_MS
        self._is_heard = False

    def heard(self, event) -> None:
        if self._version:
            self._version.heard(event)
        if type(event) is not LinkChanged and event.on:
            self._is_heard = True

    def turn(self, link, device, now_ms: int) -> None:
        if self._version:
            self._version.turn(link, device, now_ms)
            if link.trial is None:  # it stays
                self._version, link.trial = None, self
        try:
            if self._is_heard:
                os.remove(self._folder + BEFORE + str(self._rev))
                link.trial = self._version
            elif now_ms >= self._until_ms:
                take_back(self._folder, self._rev)
                device.hal.restart(None)
        except OSError:  # the flash: tried again at the next turn
            pass


def open_settings_trial(folder: str, rev: int, version, now_ms: int):
    """The trial of the settings `rev`; raises ValueError when they were taken back, since they had their tries."""
    if files.count_up(folder + TRIES) > STARTS:
        take_back(folder, rev)
        raise ValueError("settings %d are taken back" % rev)
    return SettingsTrial(folder, rev, version, now_ms)


def take_back(folder: str, rev: int) -> None:
    """Raises OSError when the flash fails, or there is nothing to go back to."""
    files.replace(folder + BACK, str(rev).encode())
    os.rename(folder + BEFORE + str(rev), folder + "/config.json")


def rescue(folder: str) -> bool:
    """After a start that failed: whether a further one is worth it, since settings on trial were taken back, just now
    or before."""
    try:
        with open(folder + "/config.json", "rb") as file:
            rev = json.loads(file.read()).get("rev", 0)
        if files.exists(folder + BEFORE + str(rev)):
            take_back(folder, rev)
            return True
        return files.exists(folder + TRIES) and files.exists(folder + BACK)
    except (OSError, ValueError):
        return False
