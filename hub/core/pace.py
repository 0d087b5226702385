"""How long things take in this hall, from its own recent visits; and how well its promises of waiting held."""

from __future__ import annotations

from dataclasses import dataclass, field

RECENT = 50
"""Visits of a service that count: enough for a spread, few enough to follow a change of the day."""


@dataclass(slots=True)
class Pace:
    """The last durations at windows for one service, in ms, oldest first."""

    recent_ms: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Trust:
    """How promises for one service came out: see hub.core.forecast."""

    errors: list[float] = field(default_factory=list)
    miss: float = 0.2
    made: int = 0
    held: int = 0
