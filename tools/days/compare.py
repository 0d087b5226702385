"""The same recorded day by two sets of rules, both played by the same player: what differs comes from the rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from statistics import mean

import plotext

from hub.core import schedule
from hub.core.hall import Hall
from tools.bench.figures import table
from tools.days import staff
from tools.days.facts import TOTAL, Facts, Row, measure
from tools.days.journeys import Happened
from tools.days.people import Day
from tools.days.player import play
from tools.days.recorded import Recorded, day_of

PLOT_EVERY_MIN = 30
PLOT_SIZE = (100, 20)
"""Columns and lines of the plot: it fits a terminal of 24 lines."""


class NotComparable(Exception):
    """The new hall cannot take the people of that day; the text says why."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """`recorded`: what was; `before`: the same day played by the old hall; `after`: by the new one. `away`: reason ->
    people who got no ticket under the new rules but did under the old ones."""

    day: str
    recorded: Facts
    before: Facts
    after: Facts
    away: dict[str, int]


def compare(recorded: Recorded, new: Hall, *, by_plan: bool) -> Comparison:
    """Plays the recorded day by its own hall and staff, and by `new`; with `by_plan` at the windows sit those whom the
    new hall's shifts name, else those who sat there. Raises NotComparable."""
    old, opened = recorded.hall, recorded.opened
    _check(recorded, new)
    day = day_of(recorded, opened.kind)
    kind = schedule.kind_of(new, opened.day, opened.kind)
    sitting = staff.planned(new, opened.day, kind) if by_plan else day.staff
    was = measure(old, opened.day, opened.kind, opened.midnight_ms, recorded.happened)
    before, away_before = _played(old, day, opened.kind)
    after, away_after = _played(new, replace(day, staff=sitting), kind)
    away: dict[str, int] = {}
    for person, code in away_after.items():
        if person not in away_before:
            away[code] = away.get(code, 0) + 1
    return Comparison(opened.day, was, before, after, away)


def _check(recorded: Recorded, new: Hall) -> None:
    used = {span.service for journey in recorded.happened.journeys.values() for span in journey.spans}
    used |= {service for journey in recorded.happened.journeys.values() for service in journey.plan}
    if missing := sorted(used - new.services.keys()):
        there = ", ".join(sorted(new.services))
        raise NotComparable(f"people came for {', '.join(missing)}, which the new file does not have; it has: {there}")
    if not used:
        raise NotComparable(f"nobody came on {recorded.opened.day}")


def _played(hall: Hall, day: Day, kind: str) -> tuple[Facts, dict[str, str]]:
    played = play(hall, day)
    return measure(hall, day.day, kind, day.midnight_ms, Happened(played.log)), played.away


def as_text(comparison: Comparison) -> str:
    """Tables and sentences for people; the plot is `plot`."""
    before, after = comparison.before, comparison.after
    rows = {row.service: row for row in before.rows}, {row.service: row for row in after.rows}
    services = [*dict.fromkeys(row.service for facts in (before, after) for row in facts.rows if row.service != TOTAL)]
    shown = [_compared(service, rows[0].get(service), rows[1].get(service)) for service in [*services, TOTAL]]
    lines = [f"{comparison.day}: before → after, minutes", "", table(shown), "", _distance(comparison)]
    lines += [f"No ticket under the new rules: {count} ({reason})" for reason, count in sorted(comparison.away.items())]
    return "\n".join(lines)


def _compared(service: str, before: Row | None, after: Row | None) -> dict[str, str]:
    def pair(name: str, digits: int) -> str:
        values = [f"{getattr(row, name):.{digits}f}" if row else "-" for row in (before, after)]
        return " → ".join(values)

    return {
        "service": "all" if service == TOTAL else service,
        "calls": pair("calls", 0),
        "mean wait": pair("mean_min", 1),
        "p90": pair("p90_min", 1),
        "worst": pair("worst_min", 1),
        "overtime": pair("overtime_min", 0),
        "idle": pair("idle_min", 0),
    }


def _distance(comparison: Comparison) -> str:
    """How well the player imitates the day that was: differences smaller than this mean nothing."""
    was, played = comparison.recorded.total, comparison.before.total
    return (
        f"Played by the rules of that day, the mean wait is {played.mean_min:.1f} min and the worst"
        f" {played.worst_min:.1f}; recorded were {was.mean_min:.1f} and {was.worst_min:.1f}"
        f" ({played.mean_min - was.mean_min:+.1f} min; {played.calls} calls played, {was.calls} recorded)."
        " Both columns are played alike, so what differs between them comes from the rules and the staff."
    )


def as_json(comparison: Comparison) -> dict:
    """The same as JSON values."""
    halves = {"recorded": comparison.recorded, "before": comparison.before, "after": comparison.after}
    shown = {name: [asdict(row) for row in facts.rows] for name, facts in halves.items()}
    return {"day": comparison.day, "away": comparison.away, **shown}


def plot(comparison: Comparison) -> str:
    """Mean waits by the time at which waiting began, before and after, for a terminal."""
    figure = plotext.figure
    figure.clear()
    figure.theme("colorless")
    figure.plot_size(*PLOT_SIZE)
    hours: set[int] = set()
    for label, marker, facts in (("before", "o", comparison.before), ("after", "x", comparison.after)):
        minutes, waits = _by_time(facts.waits)
        figure.draw(figure.signal(minutes, waits, marker=marker).label(label).lines())
        hours.update(minute // 60 for minute in minutes)
    shown = sorted(hours)
    figure.ruler("x").ticks([hour * 60 for hour in shown], [f"{hour}:00" for hour in shown])
    figure.title("mean wait in minutes, by the time of the ticket")
    return figure.build().string(colorless=True)


def _by_time(waits: Sequence[tuple[int, float]]) -> tuple[list[int], list[float]]:
    groups: dict[int, list[float]] = {}
    for minute, wait in waits:
        groups.setdefault(minute // PLOT_EVERY_MIN * PLOT_EVERY_MIN, []).append(wait)
    return sorted(groups), [mean(groups[minute]) for minute in sorted(groups)]
