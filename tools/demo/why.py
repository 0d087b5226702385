"""One call of the run in which somebody was called before others who came earlier, and why. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from hub.core.hall import WALK_IN, Hall
from hub.explain import Called, explain

Row = Mapping[str, Any]


def why_somebody_went_first(
    hall: Hall, tickets: Iterable[Row], calls: Iterable[Row], midnight_ms: int, language: str
) -> str:
    """About the last call in which somebody with an appointment or priority passed most; empty: nobody did."""
    klass = {row["visit"]: row["klass"] for row in tickets}
    passing = [row for row in calls if _passed(row) and klass.get(row["visit"], WALK_IN) != WALK_IN]
    if not passing:
        return ""
    row = max(passing, key=lambda row: (len(_passed(row)), row["at_ms"]))
    who = (row["number"], row["service"], klass[row["visit"]], row["window"])
    return explain(hall, Called(*who, row["at_ms"], midnight_ms, _why(row)), language)


def _passed(row: Row) -> list[Any]:
    return _why(row).get("passed", [])


def _why(row: Row) -> dict[str, Any]:
    """What decided the call; a recall has nothing there."""
    return json.loads(row["why"] or "{}")
