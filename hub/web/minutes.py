"""A waiting time as people are told it: whole minutes, outwards."""

from __future__ import annotations

from hub.core.commands import Promise
from hub.core.hall import MINUTE_MS


def of_promise(promised: Promise | None) -> tuple[int, int] | None:
    """(least, most) minutes; None when nobody can say."""
    return (promised.low_ms // MINUTE_MS, -(-promised.high_ms // MINUTE_MS)) if promised else None
