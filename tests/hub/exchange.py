"""A rating as it is handed to the exchange, and the maps that come along."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hub.config.exchange_map import read_map
from hub.core.exchange import ExchangeMap

MAPS = Path(__file__).parents[2] / "hub" / "halls" / "maps"
RATED_MS = 1_772_586_900_000
"""2026-03-04 09:15 in Beijing."""


def given_map(name: str = "guangdong-like") -> ExchangeMap:
    return read_map((MAPS / f"{name}.toml").read_text("utf-8"))


def rating(**more: Any) -> dict[str, Any]:
    """A rating of level 5 with a value for each key; `more` replaces some."""
    return {
        "rating": "rating-pad-1:7:3",
        "case": "440125-0815",
        "item_code": "440125001000",
        "item_name": "企业开办",
        "step": 1,
        "channel": "pad",
        "level": 5,
        "reasons": [],
        "text": "",
        "rated_ms": RATED_MS,
        "clerk_number": "012",
        "clerk_name": "李敏",
        "window": "3",
        "department_code": "4401",
        "district_code": "441900",
        "named": False,
        "attempt": 1,
        **more,
    }


def order_state(**more: Any) -> dict[str, Any]:
    return {
        "order": "W-1",
        "rating": "rating-pad-1:7:3",
        "state": "closed",
        "result": "rectified",
        "text": "已整改",
        "by": "012",
        "due_ms": 0,
        "changed_ms": RATED_MS,
        **more,
    }
