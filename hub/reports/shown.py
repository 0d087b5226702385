"""Figures as people read them. All of them are cut, never rounded up: 99.96 % is not everybody."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_DOWN, Decimal
from typing import Any

NOTHING = "–"
"""In place of a share or a mean of nothing."""


def percent(share: float | None) -> str:
    """A share of 1 with one decimal: 0.9996 is "99.9 %", and "100.0 %" only what is all of it."""
    if share is None:
        return NOTHING
    return f"{Decimal(str(share)).scaleb(2).quantize(Decimal('0.1'), ROUND_DOWN)} %"


def minutes(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.1f}"


def points(mean: float | None) -> str:
    return NOTHING if mean is None else f"{mean:.2f}"


def count(number: int | None) -> str:
    return NOTHING if number is None else str(number)


FORMS: dict[str, Callable[[Any], str]] = {"count": count, "share": percent, "minutes": minutes, "points": points}
"""Kind of a column (hub.reports.model) -> how it is written."""
