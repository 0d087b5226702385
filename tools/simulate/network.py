"""The network between devices and broker: it loses, doubles, delays and reorders messages, and is cut for a while.

That is worse than TCP, which delivers in order or breaks. What the firmware and the hub lean on TCP for is kept: states
(retained messages of devices, and whether the hub is there) are not lost for good while a connection lives; what was
swallowed is delivered late, when the bad time or the cut ends.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from tools.simulate.loop import VirtualLoop

LOSS = 0.3
DOUBLE = 0.1
DELAYS_MS = (1, 5, 20, 100)
DELAY_MOST_MS = 3000

CALM_MS = 50
"""The longest delay when the network is well."""

LOSE, KEEP = "lose", "keep"
"""What becomes of a message that the network swallows: it is gone, or it comes late. Everything else, what makes and
keeps a connection, is only lost while the network is cut."""

HUB = "hub"


class Network:
    """`cut` has the names of those who are cut off. `calm()` ends the bad time."""

    def __init__(self, loop: VirtualLoop, seed: str):
        self._loop = loop
        self._chance = random.Random(seed)
        self.bad = True
        self.cut: dict[str, int] = {}
        self.sent = self.lost = self.doubled = 0
        self._kept: dict[str, list[tuple[Callable, tuple]]] = {}

    def carry(self, end: str, fate: str, deliver: Callable, *args: object) -> None:
        """Between the broker and `end`. `fate`: LOSE or KEEP for a message; empty: part of the connection itself."""
        self.sent += 1
        chance = self._chance
        if end in self.cut or (fate and self.bad and chance.random() < LOSS):
            self.lost += 1
            if fate == KEEP:
                self._kept.setdefault(end, []).append((deliver, args))
            return
        self._loop.call_later(self.delay_s(), deliver, *args)
        if fate and self.bad and chance.random() < DOUBLE:
            self.doubled += 1
            self._loop.call_later(self.delay_s(), deliver, *args)

    def delay_s(self) -> float:
        if not self.bad:
            return self._chance.randrange(1, CALM_MS) / 1000
        choice = self._chance.randrange(len(DELAYS_MS) + 1)
        ms = DELAYS_MS[choice] if choice < len(DELAYS_MS) else self._chance.randrange(1, DELAY_MOST_MS)
        return ms / 1000

    def cut_off(self, end: str) -> None:
        self.cut[end] = self.cut.get(end, 0) + 1

    def join(self, end: str) -> bool:
        """One cut of `end` is over. Whether it was the last one."""
        left = self.cut.pop(end, 1) - 1
        if left:
            self.cut[end] = left
            return False
        self._deliver_kept(end)
        return True

    def calm(self) -> None:
        self.bad = False
        self.cut.clear()
        for end in list(self._kept):
            self._deliver_kept(end)

    def _deliver_kept(self, end: str) -> None:
        for deliver, args in self._kept.pop(end, []):
            self._loop.call_later(self.delay_s(), deliver, *args)
