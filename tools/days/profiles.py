"""How many people come to each of the five halls, when, and what they are like.

Numbers that public reports give are marked (report); the others are plausible choices.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Profile:
    """`visits`: kind of day -> tickets wished for. `peaks`: (minute of the day, arrivals per minute against others),
    corners of a line. `weights`: service or group -> how often against others (else 1).

    Shares of people: `booked` (with an appointment, where the hall takes both), `unasked` (who come without one where
    they must have it), `no_show` of the bookings, `absent` at the first call and of these `comes_back`, `holds`,
    `transfers`, `leaves` (before being called), `fails` the pre-check and of these `mends`, `rates`. `plans`: chains of
    services -> share. `groups`: (people, tickets they are split into). `spread`: sigma of the log-normal durations.
    People with an appointment come `early_min` before it, give or take `early_spread_min`.
    """

    visits: dict[str, int]
    peaks: tuple[tuple[int, float], ...]
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


PROFILES = {
    # 8 people waited before one at 11:25 (report): the morning is full and goes on into the noon hours.
    "changchun-jingkai": Profile(
        {"workday": 590},
        peaks=(
            (510, 0.9),
            (570, 1.3),
            (630, 1.6),
            (680, 1.7),
            (700, 0.7),
            (720, 0.4),
            (780, 0.6),
            (840, 1.2),
            (990, 0.6),
        ),
        weights={"consult": 0.6, "instant": 1.6, "registration": 1.0, "permit": 0.8, "social": 1.2},
        classes={"priority": 0.07},
    ),
    # 27,872 cases and 32,106 people in 65 days (report): 429 cases a day, 1.15 people to each.
    "dongguan-citizens": Profile(
        {"workday": 590, "restday": 330},
        peaks=((540, 1.3), (600, 1.5), (690, 1.0), (720, 0.8), (810, 1.2), (900, 1.3), (1020, 0.7), (1050, 0.3)),
        weights={"company": 1.0, "person": 1.4, "property": 0.8, "police": 1.0, "tax": 0.6},
        parties={1: 0.87, 2: 0.11, 3: 0.02},
        no_show=0.04,
    ),
    # 163 on a rest day (report); 135,000 cases in 2021 are about 540 on a working day, and more people than cases.
    "songshan-lake": Profile(
        {"workday": 650, "restday": 163},
        peaks=((510, 1.0), (570, 1.5), (660, 1.2), (720, 0.4), (810, 0.5), (870, 1.2), (990, 1.3), (1050, 1.1)),
        weights={"company": 1.2, "person": 1.5, "social": 1.2, "cross-city": 0.4},
        classes={"priority": 0.06},
        rates=0.6,
    ),
    # 2,480 cases a year at the copyright desk are ten a day (report); groups and green channel are plausible.
    "binhai-bay": Profile(
        {"workday": 320},
        peaks=((540, 1.6), (570, 1.9), (660, 1.2), (720, 0.3), (840, 1.6), (900, 1.7), (960, 1.0), (1050, 0.3)),
        weights={"company": 1.0, "person": 1.3, "copyright": 0.12, "police": 0.8, "building": 0.3},
        classes={"green": 0.05, "priority": 0.05},
        groups=((12, 4), (24, 6)),
        booked=0.3,
    ),
    # A day of 10,000 visits, as the scale for 222 windows; about a fifth are companies.
    "zengcheng": Profile(
        {"workday": 10_000},
        peaks=((510, 1.0), (560, 1.25), (660, 1.2), (720, 0.6), (800, 0.8), (850, 1.2), (960, 1.0), (1050, 0.4)),
        weights={
            "a-advice": 320,
            "registration": 330,
            "company-tax": 290,
            "permit": 290,
            "building": 200,
            "a-collect": 120,
            "social": 2500,
            "property": 1050,
            "property-tax": 800,
            "police": 1800,
            "housing": 950,
            "family": 850,
            "b-collect": 400,
        },
        classes={"priority": 0.06},
        plans=((("property-tax", "property", "b-collect"), 0.025), (("registration", "a-collect"), 0.01)),
    ),
}
"""Hall -> its profile."""
