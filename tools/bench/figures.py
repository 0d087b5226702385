"""Rows of figures: percentiles, and how they are printed."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from pathlib import Path


def percentile(sorted_values: Sequence[float], share: float) -> float:
    """The value below which `share` (0 to 1) of `sorted_values` lie; 0.0 when there are none."""
    if not sorted_values:
        return 0.0
    return sorted_values[min(len(sorted_values) - 1, int(share * len(sorted_values)))]


def machine() -> str:
    """The machine in a few words: figures mean nothing without it."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        models = [line.partition(":")[2].strip() for line in info.read_text().splitlines() if "model name" in line]
        if models:
            cpu = f"{len(models)} x {models[0]}"
    return f"{cpu}, {platform.system()} {platform.release()}, Python {platform.python_version()}"


def table(rows: Sequence[dict]) -> str:
    """`rows` as a Markdown table; all have the same keys."""
    if not rows:
        return ""
    head = list(rows[0])
    lines = [
        "| " + " | ".join(head) + " |",
        "|" + "|".join("---:" if _is_number(rows[0][k]) else "---" for k in head) + "|",
    ]
    lines += ["| " + " | ".join(_shown(row[key]) for key in head) + " |" for row in rows]
    return "\n".join(lines)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)


def _shown(value: object) -> str:
    return f"{value:,.2f}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)
