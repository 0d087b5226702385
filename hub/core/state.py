"""The hall as it is now. Only `apply` changes it; everybody else reads."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from hub.core.hall import Hall


@dataclass(slots=True)
class Ticket:
    """One person's place today. Times in ms since 1970; 0: not yet. `revision`: of the window, at the last call."""

    visit: str
    number: str
    service: str
    state: str
    drawn_ms: int
    window: str = ""
    clerk: str = ""
    calls: int = 0
    revision: int = 0
    called_ms: int = 0
    started_ms: int = 0
    finished_ms: int = 0
    shown: bool = False
    rated: bool = False


@dataclass(slots=True)
class WindowNow:
    """A window: who sits there (`clerk`), the visit it holds (`visit`), the one before (`before`); empty: none.

    `revision` is the log position of the last event that changed what the window shows.
    """

    clerk: str = ""
    visit: str = ""
    before: str = ""
    called_ms: int = 0
    revision: int = 0


@dataclass(slots=True)
class BoardNow:
    """The visits last called in a zone, newest first."""

    visits: list[str] = field(default_factory=list)
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Served:
    """What is remembered of a visit of an earlier day, so that a late press still finds it."""

    day: str
    window: str
    clerk: str
    service: str
    rated: bool


@dataclass(slots=True)
class State:
    """`epoch` is the hub's; `seq` the last log position that was applied; `waiting` is in order of arrival.

    The lines are OrderedDicts because taking the first one out of a plain dict again and again costs more each time.
    """

    epoch: int = 0
    seq: int = 0
    hall: Hall | None = None
    day: str = ""
    tickets: dict[str, Ticket] = field(default_factory=dict)
    numbers: set[str] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=dict)
    waiting: dict[str, OrderedDict[str, int]] = field(default_factory=dict)
    windows: dict[str, WindowNow] = field(default_factory=dict)
    boards: dict[str, BoardNow] = field(default_factory=dict)
    past: dict[str, Served] = field(default_factory=dict)

    def version(self, window: str) -> tuple[int, int]:
        """What a display, a pad or a page must have seen to act on the window as it is now."""
        return self.epoch, self.windows[window].revision
