"""The charts of a report on paper, as SVG. Colours differ in lightness, lines in their dashes, bars have their number:
nothing is told by hue alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pygal
from pygal.style import Style

from hub.reports.model import TIMELINE, Report
from hub.texts import say
from protocol.ratings import LEVELS

FONT = "system-ui, 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"

COLOURS = ("#0b4f94", "#e08a00", "#6b7785")
"""Blue, orange and grey are told apart by all eyes, and in print by their lightness (after Okabe and Ito, 2008)."""

HEIGHT, WIDTH = 300, 900
MOST_LABELS = 16
"""More would overlap: then every second, third … one is written."""

_STYLE = Style(
    background="transparent",
    plot_background="transparent",
    foreground="#16202c",
    foreground_strong="#16202c",
    foreground_subtle="#47566a",
    colors=COLOURS,
    font_family=FONT,
    label_font_size=13,
    major_label_font_size=13,
    legend_font_size=14,
    value_font_size=12,
    title_font_size=16,
    opacity="1",
    opacity_hover="1",
    transition="0s",
)

_ALWAYS: dict[str, Any] = {
    "style": _STYLE,
    "js": (),
    "no_prefix": True,
    "disable_xml_declaration": True,
    "explicit_size": True,
    "width": WIDTH,
    "height": HEIGHT,
    "legend_at_bottom": True,
    "truncate_legend": -1,
    "truncate_label": -1,
    "show_y_guides": True,
}


def charts(report: Report, language: str) -> dict[str, str]:
    """Name -> SVG; none for a period in which nobody was served."""
    rows = report.tables[TIMELINE[report.period.kind]]
    hall = next(iter(report.tables["hall"]), {"rated": 0})
    drawn: dict[str, str] = {}
    if any(row["served"] for row in rows):
        drawn["served"] = _served(report, rows, language)
        drawn["waits"] = _waits(report, rows, language)
    if hall["rated"]:
        drawn["levels"] = _levels(hall, language)
    return drawn


def _served(report: Report, rows: Sequence[Any], language: str) -> str:
    """How many were served, and how many of them really rated."""
    chart = _along(pygal.Bar(**_ALWAYS), report, rows)
    for key in ("served", "rated_stops"):
        chart.add(say(f"report.column.{key}", language), [row[key] for row in rows])
    return _svg(chart)


def _waits(report: Report, rows: Sequence[Any], language: str) -> str:
    """Half and nine of ten waited no longer than this; the minutes."""
    chart = _along(pygal.Line(**_ALWAYS, dots_size=3), report, rows)
    for key, dashes in (("wait_p50", ""), ("wait_p90", "6,4")):
        values = [None if row[f"{key}_ms"] is None else round(row[f"{key}_ms"] / 60_000, 1) for row in rows]
        chart.add(say(f"report.column.{key}", language), values, stroke_style={"width": 2, "dasharray": dashes})
    return _svg(chart)


def _levels(hall: Any, language: str) -> str:
    """How often each level was given, with the number at the bar."""
    settings = {**_ALWAYS, "show_legend": False, "print_values": True, "print_values_position": "top", "height": 240}
    chart = pygal.HorizontalBar(**settings)
    chart.x_labels = [say(f"page.common.level-{level}", language) for level in reversed(LEVELS)]
    chart.add("", [hall["levels"][str(level)] for level in reversed(LEVELS)])
    return _svg(chart)


def _along(chart: Any, report: Report, rows: Sequence[Any]) -> Any:
    by = TIMELINE[report.period.kind]
    chart.x_labels = [str(row[by])[-2:] if by == "day" else str(row[by]) for row in rows]
    if len(rows) > MOST_LABELS:
        chart.x_labels_major_every = -(-len(rows) // MOST_LABELS)
        chart.show_minor_x_labels = False
    return chart


def _svg(chart: Any) -> str:
    return chart.render(is_unicode=True)
