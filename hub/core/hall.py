"""What a hall is made of: services with their numbers, windows, zones. Checked elsewhere; here it is only held."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

Names = dict[str, str]
"""Language ('zh-Hans', 'zh-Hant', 'en') -> name."""


@dataclass(frozen=True, slots=True)
class Service:
    """What people come for. Each day its numbers run from `start` to `end` by `step`, in `width` digits."""

    id: str
    names: Names
    prefix: str
    start: int
    end: int
    step: int
    width: int


@dataclass(frozen=True, slots=True)
class Window:
    """A place where a clerk serves. `services` are the ids of the services that may be called here."""

    id: str
    names: Names
    zone: str
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hall:
    """A hall as its file describes it.

    `day_starts` is "HH:MM" in `timezone`: when the business day changes. `slip_guard_ms` is how soon after a call
    another *next* at the same window counts as a slip of the finger.
    """

    id: str
    names: Names
    timezone: str
    day_starts: str
    slip_guard_ms: int
    services: dict[str, Service]
    windows: dict[str, Window]

    @property
    def zones(self) -> list[str]:
        """Ids of the zones, in the order of the windows."""
        return list(dict.fromkeys(window.zone for window in self.windows.values()))


def to_dict(hall: Hall) -> dict[str, Any]:
    """`hall` as JSON values, for the log."""
    return asdict(hall)


def from_dict(value: dict[str, Any]) -> Hall:
    """The hall that `to_dict` wrote."""
    services = {key: Service(**service) for key, service in value["services"].items()}
    windows = {
        key: Window(**{**window, "services": tuple(window["services"])}) for key, window in value["windows"].items()
    }
    return Hall(**{**value, "services": services, "windows": windows})
