"""Clerks in an order, as far as figures can tell them apart.

Who has few ratings is in no order at all: five of five is not better than 196 of 200. The others are ordered by the
lower end of the interval in which their true share lies (Wilson), so that more ratings count for something; two whose
intervals overlap are not really different, and the interval stands beside the rank to say so.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hub.ports import Row


def ranked(rows: Iterable[Row]) -> list[Row]:
    """The rows with a `rank` from 1 on, None for those with few ratings, who come last, by name."""
    told, small = [], []
    for row in rows:
        (small if row["small"] else told).append(row)
    told.sort(key=_order)
    return [*({**row, "rank": place} for place, row in enumerate(told, 1)), *({**row, "rank": None} for row in small)]


def _order(row: Row) -> tuple[float, str]:
    ends: Any = row["satisfied_range"]
    return -ends[0], str(row["clerk"])
