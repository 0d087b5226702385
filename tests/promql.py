"""As much of Prometheus's language as docs/monitoring/alerts.yml uses: series, numbers, sum, increase, time and
comparisons. It stands for promtool, which no package of ours has."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

MONITORING = Path(__file__).parent.parent / "docs" / "monitoring"

SERIES = re.compile(r"\b(up|jiaohao_\w+)(\{[^}]*\})?(\[\w+\])?")

Metrics = Mapping[str, float]
"""Series as they are written in the text format, and their values."""


def rules() -> dict[str, dict[str, Any]]:
    """Name -> alert."""
    groups = yaml.safe_load((MONITORING / "alerts.yml").read_text("utf-8"))["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


def panels() -> list[dict[str, Any]]:
    return json.loads((MONITORING / "grafana-dashboard.json").read_text("utf-8"))["panels"]


def names_in(expression: str) -> set[str]:
    return {found[1] for found in SERIES.finditer(expression)}


def firing(now: Metrics, before: Metrics) -> set[str]:
    """Alerts whose condition is true, whatever their `for` says. `before`: the metrics where `increase` begins."""
    return {name for name, rule in rules().items() if holds(rule["expr"], now, before)}


def holds(expression: str, now: Metrics, before: Metrics) -> bool:
    """Raises LookupError for a series that is not there: an alert about nothing never fires."""
    words = {
        "value": lambda series: _Value(_sum(series, now), _sum(series, before)),
        "increase": lambda value: value - value.before,
        "sum": lambda value: value,
        "time": time.time,
        "__builtins__": {},
    }
    return bool(eval(SERIES.sub(lambda found: f"value({found[1] + (found[2] or '')!r})", expression), words))


class _Value(float):
    """A value now, and the one before."""

    before: float

    def __new__(cls, now: float, before: float):
        made = super().__new__(cls, now)
        made.before = before
        return made


def _sum(series: str, metrics: Metrics) -> float:
    """All series of the name that have the labels."""
    name, _, labels = series.rstrip("}").partition("{")
    wanted = {label for label in labels.split(",") if label}
    found = [
        value
        for each, value in metrics.items()
        if each.rstrip("}").partition("{")[0] == name and wanted <= set(each.rstrip("}").partition("{")[2].split(","))
    ]
    if not found:
        raise LookupError(f"no series {series}")
    return sum(found)
