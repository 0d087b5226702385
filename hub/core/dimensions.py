"""What figures can be by, and to which of it a cell of figures belongs: one table.

Window, clerk and zone are of a hall; services, groups, departments, halls and regions of one id are the same
everywhere, and are added up over several halls.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from hub.core.hall import Hall, Names
from hub.core.tallies import Scale


@dataclass(frozen=True, slots=True)
class Halls:
    """The hall as it was: `versions`: day -> those that were in force on it, the last one last."""

    versions: Mapping[str, Sequence[Hall]] = field(default_factory=dict)

    @property
    def ids(self) -> list[str]:
        return list(dict.fromkeys(halls[-1].id for halls in self.versions.values()))

    @property
    def scale(self) -> Scale:
        """How the newest of them tells ratings."""
        newest = self.versions[max(self.versions)][-1] if self.versions else None
        return Scale(newest.ratings.scores, newest.ratings.small) if newest else Scale()

    def names(self, by: str) -> dict[str, Names]:
        """id -> what it was called last. Clerks, hours and days have no names here."""
        names: dict[str, Names] = {}
        for day in sorted(self.versions):
            for hall in self.versions[day]:
                names.update(_named(hall).get(by, {}))
        return names

    def of_service(self, day: str, service: str, what: str) -> str:
        """The "group" or "department" of the service on that day: a service that was taken away stays where it was."""
        found = [hall.services[service] for hall in self.versions[day] if service in hall.services]
        return getattr(found[-1], what) if found else ""

    def zone(self, day: str, window: str) -> str:
        found = [hall.windows[window] for hall in self.versions[day] if window in hall.windows]
        return found[-1].zone if found else ""

    def of_day(self, day: str) -> Hall:
        return self.versions[day][-1]


def _named(hall: Hall) -> dict[str, Mapping[str, Names]]:
    return {
        "window": {key: window.names for key, window in hall.windows.items()},
        "service": {key: service.names for key, service in hall.services.items()},
        "group": hall.groups,
        "department": {key: department.names for key, department in hall.departments.items()},
        "zone": hall.zone_names,
        "hall": {hall.id: hall.names},
        "region": {hall.region.code: hall.region.names} if hall.region.code else {},
    }


SEATS = ("window", "clerk", "zone")
"""Where somebody sits: nobody drew a ticket for them."""

SERVICES = ("service", "group", "department")
"""What people come for: nobody sits there overtime."""

NAMED = ("window", "service", "group", "department", "zone", "hall", "region")

APART = SEATS
"""Window 1 of one hall is not window 1 of another."""

Place = tuple[str, int, str | None, str | None, str | None]
"""Day, hour, window, clerk and service; None: it is of none."""

_KEYS: dict[str, Callable[[Place, Halls], str | None]] = {
    "clerk": lambda at, halls: at[3],
    "window": lambda at, halls: at[2],
    "zone": lambda at, halls: None if at[2] is None else halls.zone(at[0], at[2]),
    "service": lambda at, halls: at[4],
    "group": lambda at, halls: None if at[4] is None else halls.of_service(at[0], at[4], "group"),
    "department": lambda at, halls: None if at[4] is None else halls.of_service(at[0], at[4], "department"),
    "hall": lambda at, halls: halls.of_day(at[0]).id,
    "region": lambda at, halls: halls.of_day(at[0]).region.code,
    "hour": lambda at, halls: f"{at[1]:02}",
    "day": lambda at, halls: at[0],
    "week": lambda at, halls: week_of(at[0]),
    "month": lambda at, halls: at[0][:7],
}

BY = tuple(_KEYS)
"""All that figures can be by."""


def key_of(by: str, place: Place, halls: Halls) -> str | None:
    """To which of `by` the place belongs; None: to none of them."""
    return _KEYS[by](place, halls)


def week_of(day: str) -> str:
    """The week as ISO 8601 names it: it begins on a Monday, and the first one has the year's first Thursday."""
    year, week, _ = date.fromisoformat(day).isocalendar()
    return f"{year}-W{week:02}"
