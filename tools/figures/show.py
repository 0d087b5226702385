"""The joint report as tables for a terminal, and as JSON values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hub.core.dimensions import SEATS, SERVICES
from hub.core.hall import MINUTE_MS
from hub.core.tallies import OF_SEATS, OF_TICKETS, row
from hub.reports.shown import percent
from tools.columns import columns
from tools.figures.joint import Joint

PLACES = 2
"""Decimals of a share: halls are told apart by less than one of ten thousand."""

NOTHING = "-"
"""Where there is no figure: nobody pressed, nobody waited, or it is none of theirs."""

Cell = Callable[[Mapping[str, Any]], str]


def _without(by: str) -> Sequence[str]:
    """Figures that such a line does not have."""
    return OF_TICKETS if by in SEATS else OF_SEATS if by in SERVICES else ()


def as_json(report: Joint) -> dict[str, Any]:
    """All figures of all lines, and of all halls together (`total`)."""
    lines = [
        {"hall": line.hall, report.by: line.key, "names": line.names, **row(line.tally, _without(report.by))}
        for line in report.lines
    ]
    without = [str(folder) for folder in report.without]
    days = {hall: sorted(of) for hall, of in report.days.items()}
    return {"by": report.by, "days": days, "without": without, "rows": lines, "total": row(report.total)}


def as_text(report: Joint, language: str) -> str:
    """Three tables with the same lines: who came, how long it took, and what people said and were told."""
    heads = [[line.hall, line.key, line.names.get(language, "")] for line in report.lines]
    kept = [column for column in range(3) if any(head[column] for head in heads)] or [1]
    heads = [[report.by], *([head[column] or NOTHING for column in kept] for head in heads), ["total"]]
    for head in heads:
        head += [""] * (len(kept) - len(head))
    rows = [row(line.tally, _without(report.by)) for line in report.lines] + [row(report.total)]
    tables = []
    for title, of_table in _TABLES.items():
        shown = [[name for name, _ in of_table], *([cell(of) for _, cell in of_table] for of in rows)]
        lines = [[*head, *figures] for head, figures in zip(heads, shown, strict=True)]
        tables.append("\n".join([title, *columns(lines, left=len(kept))]))
    return "\n\n".join([_covered(report), *tables])


def _covered(report: Joint) -> str:
    """Which days of which halls, and which folders have none of them."""
    lines = [f"{hall}: {_range(sorted(days))}" for hall, days in sorted(report.days.items())]
    return "\n".join([*lines, *(f"{folder}: no such day, not in the figures" for folder in report.without)])


def _range(days: Sequence[str]) -> str:
    return days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}, {len(days)} days"


def _count(name: str) -> Cell:
    return lambda of: f"{of[name]:,}" if name in of else NOTHING


def _minutes(name: str) -> Cell:
    return lambda of: NOTHING if of.get(name) is None else f"{of[name] / MINUTE_MS:.1f}"


def _share(name: str) -> Cell:
    return lambda of: percent(of[name], PLACES) if of.get(name) is not None else NOTHING


def _between(of: Mapping[str, Any]) -> str:
    between = of["satisfied_range"]
    return " - ".join(percent(end, PLACES) for end in between) if between else NOTHING


def _pressed(of: Mapping[str, Any]) -> str:
    return f"{of['rated']:,} of {of['served']:,}"


_TABLES: dict[str, list[tuple[str, Cell]]] = {
    "Who came": [
        (name, _count(name)) for name in ("drawn", "people", "called", "served", "missed", "cancelled", "expired")
    ],
    "Minutes": [
        ("wait: mean", _minutes("wait_mean_ms")),
        ("half", _minutes("wait_p50_ms")),
        ("90 %", _minutes("wait_p90_ms")),
        ("worst", _minutes("wait_worst_ms")),
        ("at a window: mean", _minutes("serve_mean_ms")),
        ("90 %", _minutes("serve_p90_ms")),
        ("overtime", _minutes("overtime_ms")),
    ],
    "What people said, and what they were told": [
        ("pressed", _pressed),
        ("satisfied", _share("satisfied")),
        ("95 % sure", _between),
        ("ranges told", _count("promised")),
        ("held", _share("held_share")),
    ],
}
"""Table -> its columns, and how a cell of each is shown."""
