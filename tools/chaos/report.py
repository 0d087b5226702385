"""The end of it, for people (a table) and for programs (one JSON object). Pure: results in, text out."""

from __future__ import annotations

import json
from collections.abc import Sequence

from tools.chaos import faults
from tools.chaos.options import Options
from tools.chaos.run import Result
from tools.columns import columns

CASES = 10
"""How many cases are written out for each broker."""

HEADER = (
    "broker",
    "devices",
    "faults",
    "promised",
    "tickets",
    "calls",
    "lost",
    "doubled",
    "altered",
    "displays differ",
)
MORE = ("unthanked", "seconds", "drain s")
TARGETS = (faults.HUB, faults.BROKER, faults.DEVICE, faults.WIRE)


def as_json(options: Options, results: Sequence[Result]) -> str:
    """One line; the keys are promised to whoever reads it by program."""
    said = {
        "seed": options.seed,
        "network": options.network,
        "mistake": options.mistake,
        "runs": [_facts(result) for result in results],
        "again": options.again,
    }
    return json.dumps(said)


def _facts(result: Result) -> dict[str, object]:
    verdict = result.verdict
    return {
        "broker": result.broker,
        "devices": result.runtime,
        "faults": result.done.total(),
        "missed": result.missed.total(),
        "by_kind": {f"{kind} {target}": times for (kind, target), times in sorted(result.done.items())},
        "promised": verdict.promised,
        "tickets": verdict.tickets,
        "calls": verdict.called,
        "unthanked": verdict.unthanked,
        "lost": len(verdict.lost),
        "doubled": len(verdict.doubled),
        "altered": len(verdict.altered),
        "differing_displays": len(verdict.differing),
        "damaged": len(verdict.damaged),
        "surprises": list(result.surprises),
        "disk_full_told": result.full_told,
        "seconds": round(result.seconds, 1),
        "drain_s": round(result.drain_s, 1),
    }


def as_table(options: Options, results: Sequence[Result]) -> str:
    """A row for each broker, which faults these were, what is wrong, and how to run it again."""
    rows = [_row(result) for result in results]
    lines = [*columns([(*HEADER, *MORE), *rows], left=2), ""]
    kinds = [("fault", *TARGETS)] + [_kind(kind, results) for kind in faults.KINDS]
    lines += [*columns(kinds, left=1), ""]
    for result in results:
        lines += _problems(result)
    return "\n".join([*lines, f"seed {options.seed}, network {options.network}; again: {options.again}"])


def _row(result: Result) -> tuple[str, ...]:
    verdict = result.verdict
    wrong = (verdict.lost, verdict.doubled, verdict.altered, verdict.differing)
    return (
        *(result.broker, result.runtime, f"{result.done.total()}", f"{verdict.promised:,}", f"{verdict.tickets:,}"),
        *(f"{verdict.called:,}", *(str(len(cases)) for cases in wrong)),
        *(str(verdict.unthanked), f"{result.seconds:.0f}", f"{result.drain_s:.1f}"),
    )


def _kind(kind: str, results: Sequence[Result]) -> tuple[str, ...]:
    counts = [sum(result.done[kind, target] for result in results) for target in TARGETS]
    return kind, *(str(count) if count else "" for count in counts)


def _problems(result: Result) -> list[str]:
    cases = (*result.verdict.wrong, *result.surprises)
    more = [f"  ... and {len(cases) - CASES} more"] if len(cases) > CASES else []
    told = f"{result.broker}: of {result.done[faults.DISK_FULL, faults.HUB]} full disks the hub told {result.full_told}"
    away = ", ".join(f"{code} {count}" for code, count in result.turned_away.most_common())
    lines = [told] if result.done[faults.DISK_FULL, faults.HUB] else []
    lines += [f"{result.broker}: turned away: {away}"] if away else []
    return lines + [f"{result.broker}: {case}" for case in cases[:CASES]] + more
