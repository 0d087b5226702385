"""A day of one of the halls that come along, out of a seed: what the acceptance tests share."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib import resources

from hub.config import read_hall
from hub.core import applying
from hub.core.hall import MINUTE_MS, Hall
from hub.core.periods import ClerkPeriod, DayFold
from hub.core.state import State
from tools.days.arriving import Promises
from tools.days.generator import make
from tools.days.journeys import Happened, Journey
from tools.days.people import Day, Person
from tools.days.player import Played, play
from tools.days.profiles import PROFILES

WEDNESDAY = "2026-03-04"
SATURDAY = "2026-03-07"


@cache
def the_hall(name: str) -> Hall:
    return read_hall(resources.files("hub.halls").joinpath(f"{name}.toml").read_text("utf-8"))


def a_day(hall: Hall, day: str = WEDNESDAY, kind: str = "workday", seed: int = 4, more: tuple[Person, ...] = ()) -> Day:
    """The people and the staff of a day of `hall`, and `more` people."""
    made = make(hall, PROFILES[hall.id], day, kind, seed)
    return replace(made, people=(*made.people, *more))


class PlayedDay:
    """A day that was played by the rules of `hall`, and what happened on it."""

    def __init__(self, hall: Hall, day: Day, promises: Promises | None = None):
        self.hall = hall
        self.day = day
        self.played: Played = play(hall, day, promises=promises)
        self.happened = Happened(self.played.log)
        self.journeys: list[Journey] = list(self.happened.journeys.values())

    def minute(self, ms: int) -> float:
        """Minutes since midnight."""
        return (ms - self.day.midnight_ms) / MINUTE_MS

    def waits_min(self, *classes: str) -> list[float]:
        """The first waits, in minutes, of everybody or of some classes."""
        asked = [journey for journey in self.journeys if not classes or journey.klass in classes]
        return [journey.calls[0].wait_ms / MINUTE_MS for journey in asked if journey.calls]

    def clerk_periods(self) -> list[ClerkPeriod]:
        """The hub's own record of time."""
        fold = DayFold(self.hall)
        for entry in self.played.log:
            fold.tell(entry.at_ms, entry.event)
        return fold.clerk_periods(self.happened.last_ms, False)

    def events(self, kind: type) -> list:
        return [entry for entry in self.played.log if isinstance(entry.event, kind)]

    def inside(self) -> list[int]:
        """How many people were in the hall, companions too, after each event."""
        state, counts = State(epoch=1), []
        for entry in self.played.log:
            applying.apply(state, entry.seq, entry.at_ms, entry.event)
            counts.append(state.inside)
        return counts

    def replayed(self) -> State:
        """The state that the log alone gives."""
        state = State(epoch=1)
        for entry in self.played.log:
            applying.apply(state, entry.seq, entry.at_ms, entry.event)
        return state


def at(clock: str) -> int:
    """Minutes of "HH:MM"."""
    hours, _, minutes = clock.partition(":")
    return int(hours) * 60 + int(minutes)
