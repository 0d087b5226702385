"""The end of a demo, for people (a table) and for programs (one JSON object). Pure: figures in, text out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from tools.columns import columns
from tools.demo.accounting import Figures, Record, percentile
from tools.demo.stage import Desk

CASES = 10
"""How many cases of loss are written out; a run that lost hundreds says the same thing hundreds of times."""

HEADER = ("window", "clerk", "called", "shown", "rated", "satisfied", "median ms")


def as_json(hall: str, runtime: str, windows: int, seconds: float, result: Figures) -> str:
    """One line of JSON; the keys are promised to whoever reads it by program."""
    times = result.press_to_display_ms
    said = {
        "hall": hall,
        "runtime": runtime,
        "windows": windows,
        "seconds": round(seconds),
        "drawn": result.drawn,
        "called": result.called,
        "shown": result.shown,
        "rated": result.rated,
        "lost": len(result.lost),
        "doubled": len(result.doubled),
        "differing_displays": len(result.differing),
        "press_to_display_ms": {"p50": _rounded(percentile(times, 0.5)), "p99": _rounded(percentile(times, 0.99))},
    }
    return json.dumps(said)


def _rounded(ms: float | None) -> float | None:
    return None if ms is None else round(ms, 1)


def as_table(desks: Sequence[Desk], record: Record, times_ms: Mapping[str, Sequence[float]], result: Figures) -> str:
    """A row for each clerk at each window, the sums, and what is wrong, if anything is."""
    rows = [_row(desk, record, sorted(times_ms.get(desk.window, ()))) for desk in desks]
    times = result.press_to_display_ms
    return "\n".join([*columns([HEADER, *rows], left=2), "", *_sums(result, times), *_problems(result)])


def _row(desk: Desk, record: Record, times_ms: Sequence[float]) -> tuple[str, ...]:
    mine = [call for call in record.calls if (call.window, call.clerk) == (desk.window, desk.clerk.name)]
    levels = [r.level for r in record.ratings if (r.window, r.clerk, r.standing) == (*_at(desk), "counted")]
    satisfied = f"{100 * sum(level >= 3 for level in levels) / len(levels):.0f} %" if levels else "-"
    called, shown = {call.visit for call in mine}, {call.visit for call in mine if call.shown}
    who = f"{desk.clerk.display} ({desk.clerk.name})"
    return desk.window, who, str(len(called)), str(len(shown)), str(len(levels)), satisfied, _ms(times_ms, 0.5)


def _at(desk: Desk) -> tuple[str, str]:
    return desk.window, desk.clerk.name


def _ms(ordered: Sequence[float], share: float) -> str:
    value = percentile(ordered, share)
    return "-" if value is None else f"{value:.0f}"


def _sums(result: Figures, times: Sequence[float]) -> list[str]:
    return [
        f"drawn {result.drawn}   called {result.called}   shown {result.shown}   rated {result.rated}",
        f"from the press on next to the glass: p50 {_ms(times, 0.5)} ms, p99 {_ms(times, 0.99)} ms",
        f"lost {len(result.lost)}   doubled {len(result.doubled)}   displays that differ {len(result.differing)}",
    ]


def _problems(result: Figures) -> list[str]:
    cases = (*result.lost, *result.doubled, *result.differing)
    more = [f"  ... and {len(cases) - CASES} more"] if len(cases) > CASES else []
    return [f"  {case}" for case in cases[:CASES]] + more
