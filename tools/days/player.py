"""Plays a day on the real core: `decide`, `apply` and `follow`, with commands at simulated times.

No I/O and no clock; all chance is in the day that is given. So the same day under the same rules gives the same log,
and what differs between two halls comes from their rules and plans alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from hub.core import commands
from hub.core.hall import MINUTE_MS, Hall
from hub.core.state import State
from hub.ports import Entry
from tools.days.arriving import Arrivals, Promises
from tools.days.desks import Desks
from tools.days.people import Day
from tools.days.raters import Cheat, Raters
from tools.days.stage import Stage

LATEST_MIN = 27 * 60
"""No day is played for longer: by then the next one begins."""


@dataclass(frozen=True, slots=True)
class Played:
    """`away`: person -> why they got no ticket. `refused`: code -> how often a command was refused. `false`: ratings
    that no applicant gave."""

    log: list[Entry]
    state: State
    away: dict[str, str]
    refused: Counter[str]
    false: list[str]


def play(
    hall: Hall,
    day: Day,
    *,
    state: State | None = None,
    promises: Promises | None = None,
    cheats: Sequence[Cheat] = (),
    phones: float = 0.0,
) -> Played:
    """`day` by the rules of `hall`. `state`: of the day before, which goes on (and is changed); None: a new hall."""
    stage = Stage(state or State(epoch=1), _opens_ms(hall, day))
    if stage.state.hall != hall:
        stage.do(commands.ConfigureHall("", hall))
    stage.do(commands.OpenDay("", day.day, day.kind, day.midnight_ms))
    arrivals = Arrivals(stage, day, promises)
    raters = Raters(stage, day.day, day.midnight_ms, cheats, phones)
    Desks(stage, day, arrivals, raters).begin()
    arrivals.begin()
    stage.after(MINUTE_MS, _look_around, stage)
    stage.run(day.midnight_ms + LATEST_MIN * MINUTE_MS)
    return Played(stage.log, stage.state, arrivals.away, stage.refused, raters.false)


def _opens_ms(hall: Hall, day: Day) -> int:
    hours, _, minutes = hall.day_starts.partition(":")
    return day.midnight_ms + (int(hours) * 60 + int(minutes)) * MINUTE_MS


def _look_around(stage: Stage) -> None:
    """Every minute, as long as anything else is going to happen."""
    stage.do(commands.LookAround(""))
    if stage.pending:
        stage.after(MINUTE_MS, _look_around, stage)
