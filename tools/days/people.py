"""Who comes on a day, and who sits at the windows: what the generator makes, what a log holds, what the player plays.

Times of the day are ms since the business day's midnight.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from hub.core.hall import WALK_IN

FINISH = "finish"
HOLD = "hold"
TRANSFER = "transfer"
MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Turn:
    """One time that somebody is called to a window: the way there, the time at it, and how it `end`s.

    `away_ms`: how long the person stays away after HOLD or MISSED; 0: for good. `line`: where TRANSFER sends them (see
    hub.core.lines). `level`: what they press on the rating pad; 0: nothing.
    """

    service: str
    serve_ms: int
    walk_ms: int
    end: str = FINISH
    away_ms: int = 0
    line: str = ""
    level: int = 0


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody (or a group on one ticket) who comes at `arrives_ms`.

    `booked`: minute of the appointment; None: none. `checks`: what is missing each time a desk looks at the papers
    (none where nobody looked: nothing), with `mend_ms` between two times; after the last one that found something
    missing the person stays away. `splits`: the group is divided at the door, these are the turns of the further
    tickets. `patience_ms`: leaves after waiting so long for the first call; 0: waits. `shows`: whether somebody with an
    appointment comes at all.
    """

    id: str
    arrives_ms: int
    turns: tuple[Turn, ...]
    klass: str = WALK_IN
    party: int = 1
    booked: int | None = None
    shows: bool = True
    checks: tuple[tuple[str, ...], ...] = ()
    mend_ms: int = 0
    splits: tuple[tuple[Turn, ...], ...] = ()
    patience_ms: int = 0

    @property
    def service(self) -> str:
        """What they come for first."""
        return self.turns[0].service

    @property
    def plan(self) -> tuple[str, ...]:
        """What they come for after that: the services of turns that follow one that was finished, each once."""
        after = dict.fromkeys(after.service for before, after in pairwise(self.turns) if before.end == FINISH)
        return tuple(service for service in after if service != self.service)


@dataclass(frozen=True, slots=True)
class Sitting:
    """`clerk` sits at `window` from `begins_ms` to `ends_ms`; at closing until nobody needs the window."""

    clerk: str
    window: str
    begins_ms: int
    ends_ms: int


@dataclass(frozen=True, slots=True)
class Day:
    """`kind`: what the country's calendar calls the day. `midnight_ms`: its midnight, ms since 1970. `press_ms`: from
    the end of one visit to the press of *next*."""

    day: str
    kind: str
    midnight_ms: int
    people: tuple[Person, ...]
    staff: tuple[Sitting, ...]
    press_ms: int = 10_000
