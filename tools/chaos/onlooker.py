"""Somebody before the devices: knows which keys were pressed, and sees and hears what the devices make of it.

All of it comes from the devices themselves, and nothing from the hub.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping

from protocol.ratings import level_of_key
from tools.demo import seen
from tools.demo.accounting import Shown, Version
from tools.demo.stage import KEYS, Stage, VirtualDevice


class WatchedStage(Stage):
    """A stage whose devices are looked at. `wrong`: a line of words for each thing that must not be seen."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.wrong: list[str] = []
        self._keys: dict[str, list[int]] = defaultdict(list)
        self._thanked: set[str] = set()
        self._glass: dict[str, tuple[Shown, str]] = {}

    def press(self, device: VirtualDevice, key: int) -> bool:
        felt = super().press(device, key)
        if felt and device.role == "rating_pad":
            self._keys[device.id].append(key)
        return felt

    def changed(self, device: VirtualDevice) -> None:
        super().changed(device)
        if not device.face.on:  # what it had heard, shown and begun to say is gone
            self._keys.pop(device.id, None)
            self._glass.pop(device.id, None)
            self._thanked.discard(device.id)

    def hear(self, device: VirtualDevice, line: bytes) -> None:
        super().hear(device, line)
        match seen.take(face := seen.Face(), device.id, line):
            case seen.Drawn(glass):
                self._see(device, Shown(glass.number, glass.version), str(json.loads(line).get("mark", "")))
            case seen.Promised(promise):
                self._thanked.discard(device.id)
                self._match(device, promise.level)
        if device.id in self._thanked:
            self._thanked.discard(device.id)
            self.wrong.append(f"{device.id} said thank you for no press that it kept")
        if device.role == "rating_pad" and face.beeps:  # a pad beeps with its thank-you, and then names the press
            self._thanked.add(device.id)

    def _see(self, device: VirtualDevice, shown: Shown, mark: str) -> None:
        before: Version = self._glass[device.id][0].version if device.id in self._glass else (0, 0)
        if shown.version < before:
            self.wrong.append(f"{device.id} went back from version {list(before)} to {list(shown.version)}")
        self._glass[device.id] = shown, mark

    def _match(self, device: VirtualDevice, level: int) -> None:
        """Keys are taken in order, and some are ignored: the press is the next one of its level."""
        keys = self._keys[device.id]
        while keys:
            if level_of_key(KEYS[device.role], keys.pop(0)) == level:
                return
        self.wrong.append(f"{device.id} said thank you for level {level}, and nobody had pressed that")

    def unlike(self, meant: Mapping[str, Shown]) -> Iterable[str]:
        """Devices of all roles whose glass has another state than the hub means (window -> state), or a mark that says
        that it may not be true."""
        for device in self.devices.values():
            shown, mark = self._glass.get(device.id, (None, ""))
            if shown != meant.get(device.window):
                yield f"{device.id} shows {shown}, the hub means {meant.get(device.window)}"
            elif mark:
                yield f"{device.id} says {mark!r}, and hub and broker are there"
