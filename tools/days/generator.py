"""The people of one day of a hall, out of a profile and a seed. The same three always give the same day."""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import accumulate, pairwise
from random import Random
from typing import TypeVar
from zoneinfo import ZoneInfo

from hub.core import schedule
from hub.core.hall import MINUTE_MS, WALK_IN, Hall
from hub.core.schedule import Slot
from tools.days.people import FINISH, HOLD, MISSED, TRANSFER, Day, Person, Turn
from tools.days.profiles import Profile
from tools.days.staff import planned

SECOND_MS = 1000
SLOT_TRIES = 8
"""Times that somebody looks at before taking one that is full already, and being refused."""

T = TypeVar("T")


def midnight_ms(hall: Hall, day: str) -> int:
    """The midnight of `day` in the hall's time zone, ms since 1970."""
    return int(datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(hall.timezone)).timestamp() * 1000)


def make(hall: Hall, profile: Profile, day: str, kind: str = schedule.WORKDAY, seed: int = 1) -> Day:
    """A day of `hall`; `kind` is what the country's calendar calls it. Staff by the hall's plan."""
    here = schedule.kind_of(hall, day, kind)
    people = list(_Crowd(hall, profile, day, here, Random(f"{hall.id} {day} {seed}")).people())
    people.sort(key=lambda person: (person.arrives_ms, person.id))
    return Day(day, kind, midnight_ms(hall, day), tuple(people), planned(hall, day, here))


@dataclass(frozen=True, slots=True)
class _Curve:
    """Arrivals over the minutes at which the hall is open; drawn from by the share of the day that is over."""

    minutes: Sequence[int]
    sums: Sequence[float]

    def draw(self, chance: Random) -> float:
        """A minute of the day, with its fraction."""
        return self.minutes[bisect(self.sums, chance.random() * self.sums[-1])] + chance.random()


def _curve(hall: Hall, profile: Profile, day: str, kind: str) -> _Curve | None:
    """None: the hall does not open, or nobody comes then."""
    minutes = [
        minute for begins, ends in schedule.opening(hall, day, kind) for minute in range(begins, min(ends, 1440))
    ]
    sums = list(accumulate(_height(profile.peaks, minute) for minute in minutes))
    return _Curve(minutes, sums) if sums and sums[-1] > 0 else None


def _height(corners: Sequence[tuple[int, float]], minute: int) -> float:
    """The line through `corners` (minute, height) at `minute`; 0 outside."""
    for (left, low), (right, high) in pairwise(corners):
        if left <= minute < right:
            return low + (high - low) * (minute - left) / (right - left)
    return 0.0


class _Crowd:
    """Draws one person after the other. All chance comes from `chance`."""

    def __init__(self, hall: Hall, profile: Profile, day: str, kind: str, chance: Random):
        self._hall, self._profile, self._chance = hall, profile, chance
        self._day = day
        self._curve = _curve(hall, profile, day, kind)
        self._services = {
            service: profile.weights.get(service, profile.weights.get(hall.services[service].group, 1.0))
            for service in hall.services
            if schedule.next_offered(hall, service, day, kind, 0) is not None
        }
        mode = schedule.admission(hall, day, kind).mode
        self._booked = {"walk-in": 0.0, "mixed": profile.booked, "appointment-only": 1.0 - profile.unasked}[mode]
        self._slots = {service: list(schedule.slots(hall, service, day, kind)) for service in hall.services}
        self._taken: dict[str, int] = {}
        self._visits = profile.visits.get(kind, 0)
        self._count = 0

    def people(self) -> Iterator[Person]:
        if self._curve is None or not self._services:
            return
        for _ in range(max(0, round(self._chance.gauss(self._visits, math.sqrt(self._visits))))):
            yield self._person()
        for size, pieces in self._profile.groups:
            yield self._group(size, pieces)

    def _person(self) -> Person:
        assert self._curve is not None
        chance = self._chance
        turns = tuple(self._turns(self._plan()))
        person = Person(self._id(), int(self._curve.draw(chance) * MINUTE_MS), turns, party=self._party(turns[0]))
        booking = chance.random() < self._booked
        if booking and self._slots[turns[0].service]:
            return self._with_booking(person)
        return self._with_checks(replace(person, klass=self._class(), patience_ms=self._patience()))

    def _id(self) -> str:
        self._count += 1
        return f"{self._day}-{self._count:05d}"

    def _plan(self) -> tuple[str, ...]:
        """What somebody comes for: one of the profile's chains of services, or one service by its weight."""
        dice = self._chance.random()
        for services, share in self._profile.plans:
            if (dice := dice - share) < 0 and all(service in self._services for service in services):
                return services
        return (self._pick(self._services),)

    def _turns(self, plan: Sequence[str]) -> Iterator[Turn]:
        """The turns for the services of `plan`; at the first one they may be absent, sent on, or fetch a paper."""
        chance, profile = self._chance, self._profile
        for index, service in enumerate(plan):
            turn = self._turn(service)
            dice = chance.random() if index == 0 else 1.0
            if dice < profile.absent:
                away = self._minutes(4, 12) if chance.random() < profile.comes_back else 0
                yield Turn(service, 0, 0, MISSED, away)
                if not away:
                    return
            elif dice < profile.absent + profile.holds:
                half = turn.serve_ms // 2
                yield replace(turn, serve_ms=half, end=HOLD, away_ms=self._minutes(5, 15), level=0)
                turn = replace(turn, serve_ms=turn.serve_ms - half)
            elif dice < profile.absent + profile.holds + profile.transfers and len(self._services) > 1:
                others = {other: weight for other, weight in self._services.items() if other != service}
                other = self._pick(others)
                yield Turn(service, self._minutes(1, 3), turn.walk_ms, TRANSFER, line=other)
                turn = self._turn(other)
            yield turn

    def _turn(self, service: str) -> Turn:
        """A visit at a window as long as the service takes, by a log-normal with the service's minutes as its mean."""
        chance, profile = self._chance, self._profile
        mean_ms = self._hall.services[service].minutes * MINUTE_MS
        serve_ms = mean_ms * math.exp(chance.gauss(0, profile.spread) - profile.spread**2 / 2)
        walk_ms = profile.walk_s * SECOND_MS * chance.uniform(0.5, 1.5)
        level = self._pick(profile.levels) if chance.random() < profile.rates else 0
        return Turn(service, max(30 * SECOND_MS, int(serve_ms)), int(walk_ms), FINISH, level=level)

    def _party(self, turn: Turn) -> int:
        return min(self._pick(self._profile.parties), self._hall.services[turn.service].party_max)

    def _class(self) -> str:
        dice = self._chance.random()
        for klass, share in self._profile.classes.items():
            if (dice := dice - share) < 0 and klass in self._hall.classes:
                return klass
        return WALK_IN

    def _patience(self) -> int:
        """How long they wait before they leave; 0: they stay."""
        return self._minutes(20, 90) if self._chance.random() < self._profile.leaves else 0

    def _with_booking(self, person: Person) -> Person:
        """Books a time near the drawn arrival, and comes early, late or not at all."""
        chance, profile = self._chance, self._profile
        slot = self._slot(person)
        self._taken[slot.key] = self._taken.get(slot.key, 0) + person.party
        early_min = chance.gauss(profile.early_min, profile.early_spread_min)
        shows = chance.random() >= profile.no_show
        arrives_ms = max(0, int((slot.minute - early_min) * MINUTE_MS))
        return self._with_checks(replace(person, booked=slot.minute, shows=shows, arrives_ms=arrives_ms))

    def _slot(self, person: Person) -> Slot:
        """A time near the one that was wished: the first of a few tries that has room, or the last one all the same."""
        assert self._curve is not None
        slots, wish = self._slots[person.service], person.arrives_ms / MINUTE_MS
        slot = slots[0]
        for _ in range(SLOT_TRIES):
            slot = min(slots, key=lambda each: abs(each.minute + 5 - wish))
            if self._taken.get(slot.key, 0) + person.party <= slot.quota:
                break
            wish = self._curve.draw(self._chance)
        return slot

    def _with_checks(self, person: Person) -> Person:
        service = self._hall.services[person.service]
        if not service.pre_check:
            return person
        chance, profile = self._chance, self._profile
        if not service.papers or chance.random() >= profile.fails:
            return replace(person, checks=((),))
        missing = (chance.choice(sorted(service.papers)),)
        if chance.random() >= profile.mends:
            return replace(person, checks=(missing,))
        return replace(person, checks=(missing, ()), mend_ms=self._minutes(20, 90))

    def _group(self, size: int, pieces: int) -> Person:
        """A group with one appointment that goes to `pieces` windows at once."""
        booked = [service for service in self._services if self._slots[service]] or list(self._services)
        roomy = [service for service in booked if self._hall.services[service].party_max >= size] or booked
        service = self._chance.choice(roomy)
        person = Person(self._id(), self._minutes(540, 660), (self._turn(service),), party=size)
        person = replace(person, splits=tuple((self._turn(service),) for _ in range(pieces - 1)))
        return replace(self._with_booking(person), shows=True) if self._slots[service] else person

    def _minutes(self, low: float, high: float) -> int:
        """Between `low` and `high` minutes, in ms."""
        return int(self._chance.uniform(low, high) * MINUTE_MS)

    def _pick(self, weights: dict[T, float]) -> T:
        return self._chance.choices(list(weights), list(weights.values()))[0]
