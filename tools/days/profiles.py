"""How many people come to each of the five halls, when, and what they are like.

Numbers that public reports give are marked (report); the others are plausible choices.
"""

from __future__ import annotations

from dataclasses import dataclass, field

WORKING_DAY = (
    (480, 0.5),
    (510, 1.0),
    (570, 1.6),
    (630, 1.5),
    (690, 0.7),
    (720, 0.35),
    (780, 0.5),
    (840, 1.3),
    (900, 1.4),
    (990, 0.8),
    (1080, 0.2),
    (1260, 0.1),
)
"""(minute of the day, arrivals per minute against others): a peak in mid-morning and one after the break at noon."""


@dataclass(frozen=True, slots=True)
class Profile:
    """`visits`: kind of day -> tickets wished for. `weights`: service or group -> how often against others (else 1).

    Shares of people: `booked` (with an appointment, where the hall takes both), `unasked` (who come without one where
    they must have it), `no_show` of the bookings, `absent` at the first call and of these `comes_back`, `holds`,
    `transfers`, `leaves` (before being called), `fails` the pre-check and of these `mends`, `rates`. `plans`: chains of
    services -> share. `groups`: (people, tickets they are split into). `spread`: sigma of the log-normal durations.
    People with an appointment come `early_min` before it, give or take `early_spread_min`.
    """

    visits: dict[str, int]
    peaks: tuple[tuple[int, float], ...] = WORKING_DAY
    weights: dict[str, float] = field(default_factory=dict)
    classes: dict[str, float] = field(default_factory=dict)
    plans: tuple[tuple[tuple[str, ...], float], ...] = ()
    groups: tuple[tuple[int, int], ...] = ()
    parties: dict[int, float] = field(default_factory=lambda: {1: 0.86, 2: 0.12, 3: 0.02})
    levels: dict[int, float] = field(default_factory=lambda: {5: 0.93, 4: 0.05, 3: 0.012, 2: 0.005, 1: 0.003})
    booked: float = 0.2
    unasked: float = 0.03
    no_show: float = 0.08
    early_min: float = 8
    early_spread_min: float = 9
    absent: float = 0.03
    comes_back: float = 0.7
    holds: float = 0.02
    transfers: float = 0.02
    leaves: float = 0.01
    fails: float = 0.15
    mends: float = 0.5
    rates: float = 0.4
    spread: float = 0.55
    walk_s: float = 25
