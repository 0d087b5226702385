"""Figures as people read them. Shares and means are cut, never rounded up: 99.96 % is not everybody."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_DOWN, Decimal
from typing import Any

NOTHING = "–"
"""In place of a share or a mean of nothing."""


def percent(share: float | None, places: int = 1) -> str:
    """A share of 1, with one decimal or more: 0.9996 is "99.9 %", and "100.0 %" only what is all of it."""
    return NOTHING if share is None else f"{_cut(Decimal(str(share)) * 100, places)} %"


def _cut(value: float | Decimal, places: int) -> Decimal:
    return Decimal(str(value)).quantize(Decimal(1).scaleb(-places), ROUND_DOWN)


def minutes(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.1f}"


def points(mean: float | None) -> str:
    return NOTHING if mean is None else f"{_cut(mean, 2)}"


def count(number: int | None) -> str:
    return NOTHING if number is None else str(number)


FORMS: dict[str, Callable[[Any], str]] = {"count": count, "share": percent, "minutes": minutes, "points": points}
"""Kind of a column (hub.reports.model) -> how it is written."""
