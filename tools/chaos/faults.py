"""Which fault comes when, to whom and for how long. Pure: the same seed draws the same list, before anything runs."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

KILL = "kill -9"
STOP = "SIGSTOP"
LOSS = "30 % loss"
BLACK_HOLE = "black hole"
HALF_OPEN = "half-open"
DISK_FULL = "disk full"
CLOCK = "clock jump"
KINDS = (KILL, STOP, LOSS, BLACK_HOLE, HALF_OPEN, DISK_FULL, CLOCK)

HUB = "hub"
BROKER = "broker"
DEVICE = "device"
WIRE = "wire"

WEIGHTS = {
    (KILL, DEVICE): 32,
    (STOP, DEVICE): 16,
    (KILL, HUB): 8,
    (STOP, HUB): 6,
    (KILL, BROKER): 8,
    (STOP, BROKER): 6,
    (LOSS, WIRE): 6,
    (BLACK_HOLE, WIRE): 3,
    (HALF_OPEN, DEVICE): 5,
    (HALF_OPEN, HUB): 2,
    (DISK_FULL, HUB): 4,
    (CLOCK, HUB): 4,
}
"""How often each happens, out of a hundred. Boards lose their power far more often than a machine does."""

LASTS_S = {STOP: (0.5, 4.0), LOSS: (2.0, 6.0), BLACK_HOLE: (1.0, 6.0), DISK_FULL: (2.0, 4.0), CLOCK: (2.0, 20.0)}
"""Shortest and longest. What is killed is started again at once; a half-open connection stays so until it is left."""

JUMPS_MS = (-7_200_000, -900_000, -30_000, 30_000, 900_000, 7_200_000)
"""By how much the hub's wall clock jumps: below and above what it follows by itself."""

GAP_S = 0.9
"""From one fault to the next, on average, unless it is said otherwise: about as long as a hub takes to be back."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`victim` is hub, broker, wire, or a device's id; `amount_ms` is of a clock jump; `at_s` is from the start."""

    at_s: float
    kind: str
    victim: str
    lasts_s: float = 0.0
    amount_ms: int = 0

    @property
    def target(self) -> str:
        """hub, broker, wire or device."""
        return self.victim if self.victim in (HUB, BROKER, WIRE) else DEVICE

    def __str__(self) -> str:
        jump = f" {self.amount_ms / 1000:+.0f} s" if self.amount_ms else ""
        lasts = f" for {self.lasts_s:.1f} s" if self.lasts_s else ""
        return f"{self.at_s:6.1f} s  {self.kind} {self.victim}{jump}{lasts}"


def draw(seed: int, count: int, devices: Sequence[str], gap_s: float = GAP_S) -> list[Fault]:
    """`count` faults in order of time, `gap_s` apart on average. With twelve or more, every kind comes at least once
    for each target."""
    chance = random.Random(f"{seed}:faults")
    every = list(WEIGHTS)
    drawn = chance.sample(every, min(count, len(every)))
    drawn += chance.choices(every, list(WEIGHTS.values()), k=count - len(drawn))
    chance.shuffle(drawn)
    moments = sorted(chance.uniform(0.5, gap_s * count) for _ in drawn)
    return [_fault(chance, at_s, *what, devices) for at_s, what in zip(moments, drawn, strict=True)]


def _fault(chance: random.Random, at_s: float, kind: str, target: str, devices: Sequence[str]) -> Fault:
    victim = chance.choice(list(devices)) if target == DEVICE else target
    lasts_s = round(chance.uniform(*LASTS_S[kind]), 1) if kind in LASTS_S else 0.0
    amount_ms = chance.choice(JUMPS_MS) if kind == CLOCK else 0
    return Fault(round(at_s, 1), kind, victim, lasts_s, amount_ms)
