"""A report as a value, and the one table of its columns: every form of it is made from these."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from hub.core.dimensions import NAMED
from hub.core.hall import Names
from hub.ports import Row
from hub.reports.periods import DAY, MONTH, WEEK, YEAR, Period
from hub.texts import say
from protocol.ratings import LEVELS

COUNT, SHARE, MINUTES, POINTS = "count", "share", "minutes", "points"
"""What a figure is: a number, a share of 1, minutes, a mean of levels or of points."""

CLERK = "clerk"

TABLES: dict[str, tuple[str, ...]] = {
    DAY: ("hall", "hour", "service", "group", "department", "zone", "window"),
    WEEK: ("hall", "day", "hour", "service", "group", "department", "zone", "window"),
    MONTH: ("hall", "day", "hour", "service", "group", "department", "zone", "window"),
    YEAR: ("hall", "region", "month", "service", "group", "department", "zone", "window"),
}
"""Of which tables a report of each kind is; clerks are added for those who may see them."""

TIMELINE = {DAY: "hour", WEEK: "day", MONTH: "day", YEAR: "month"}
"""The table that the charts over time are drawn from."""


class Column(NamedTuple):
    """A figure of hub.core.tallies.row. `key`: its name, and that of its heading in the catalogue. `on_paper`: whether
    it stands on the page too, which has less room."""

    key: str
    kind: str
    of: Callable[[Row], Any]
    on_paper: bool = False


def _same(key: str, kind: str, on_paper: bool = False) -> Column:
    return Column(key, kind, lambda row: row.get(key), on_paper)


def _minutes(key: str, on_paper: bool = False) -> Column:
    """`key` without the unit: the row has milliseconds."""
    return Column(key, MINUTES, lambda row: _in_minutes(row.get(f"{key}_ms")), on_paper)


def _in_minutes(ms: Any) -> float | None:
    return None if ms is None else round(ms / 60_000, 2)


def _level(level: int) -> Column:
    return Column(f"level-{level}", COUNT, lambda row: _part(row["levels"], str(level)), True)


def _end(key: str, index: int) -> Column:
    return Column(key, SHARE, lambda row: _part(row["satisfied_range"], index), True)


def _part(of: Any, at: str | int) -> Any:
    return of[at] if of else None


COLUMNS = (
    _same("drawn", COUNT),
    _same("people", COUNT),
    _same("cancelled", COUNT),
    _same("expired", COUNT),
    _same("called", COUNT),
    _same("served", COUNT, on_paper=True),
    _same("missed", COUNT, on_paper=True),
    _same("rated_stops", COUNT, on_paper=True),
    _same("silent", COUNT),
    _same("active_share", SHARE, on_paper=True),
    *(_level(level) for level in LEVELS),
    _same("satisfied", SHARE, on_paper=True),
    _end("satisfied_low", 0),
    _end("satisfied_high", 1),
    _same("bad", COUNT),
    _same("bad_share", SHARE),
    _same("mean", POINTS),
    _same("score", POINTS, on_paper=True),
    _same("set_aside", COUNT, on_paper=True),
    _same("satisfied_with_all", SHARE, on_paper=True),
    _minutes("wait_mean", on_paper=True),
    _minutes("wait_p50", on_paper=True),
    _minutes("wait_p90", on_paper=True),
    _minutes("wait_worst"),
    _minutes("serve_mean", on_paper=True),
    _minutes("serve_p50"),
    _minutes("serve_p90", on_paper=True),
    _minutes("overtime"),
    _minutes("idle"),
    _same("promised", COUNT),
    _same("held_share", SHARE),
)
"""All figures, in the order in which they stand."""


@dataclass(frozen=True, slots=True)
class Report:
    """`as_of_ms`: when it was made; `is_final`: no rating for its days can come any more. `tables`: what it is by ->
    rows (hub.core.tallies.row); clerks among them only for those who may see them. `reviews`: how bad ratings were
    answered (hub.ports.Answers.review_sums), `missing`: ids of the named ones that are not answered and visited back,
    `unclosed`: of those that are not over. `marks`: rule -> how many ratings it marked."""

    period: Period
    hall: str
    hall_names: Names
    timezone: str
    as_of_ms: int
    is_final: bool
    tables: Mapping[str, Sequence[Row]]
    reviews: Row
    missing: Sequence[str] = ()
    unclosed: Sequence[str] = ()
    marks: Mapping[str, int] = field(default_factory=dict)

    @property
    def data(self) -> dict[str, Any]:
        """The whole of it as JSON values; times in milliseconds, shares of 1."""
        return {
            "period": self.period.name,
            "first": self.period.first,
            "last": self.period.last,
            "hall": self.hall,
            "names": dict(self.hall_names),
            "as_of_ms": self.as_of_ms,
            "final": self.is_final,
            "tables": {by: list(rows) for by, rows in self.tables.items()},
            "reviews": {**self.reviews, "missing": list(self.missing), "unclosed": list(self.unclosed)},
            "marks": dict(self.marks),
        }


def heading(column: Column, language: str) -> str:
    """The column's name, for people."""
    key = f"page.common.{column.key}" if column.key.startswith("level-") else f"report.column.{column.key}"
    return say(key, language)


def columns_of(rows: Iterable[Row], on_paper: bool = False) -> list[Column]:
    """Those that such rows have: nobody draws a ticket for a window, no service sits there overtime."""
    first = next(iter(rows), {})
    return [it for it in COLUMNS if (it.on_paper or not on_paper) and _has(first, it)]


def _has(row: Row, column: Column) -> bool:
    names = {f"{column.key}_ms", column.key}
    return bool(names & row.keys()) or column.key.startswith(("level-", "satisfied_"))


def name_of(row: Row, by: str, language: str) -> str:
    """What the row is about, for people."""
    names = row.get("names") if by in NAMED else None
    key = str(row[by])
    return str(names[language] if isinstance(names, dict) and names else key or say("report.no-name", language))
