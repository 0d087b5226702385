"""`jiaohao accuracy`: does the promised range of waiting hold? Plays days of the halls and counts.

The days are made from a seed (tools.days) and go through the real core; each ticket gets the promise that the hub would
print on it at that moment, and the log says whether it held. Each hall begins without any figures of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from importlib import resources
from typing import NamedTuple

import click

from hub.adapters.calendar import Calendar
from hub.config import read_hall
from hub.core.accuracy import Outcome, figures, outcomes
from hub.core.hall import MINUTE_MS
from hub.core.state import State
from hub.waiting import Waiting
from tools.days import generator
from tools.days.player import play
from tools.days.profiles import PROFILES

FIRST_DAY = date(2026, 3, 2)
"""A Monday, after the Spring Festival."""

LENGTHS_MIN = (0, 2, 5, 10, 20, 40)
"""Where the groups of expected waits begin in the table by length."""

ALL = "all"

HEAD = (
    "| hall | {what} | ranges promised | held | median width | at once promised | held |\n"
    "|---|---|---:|---:|---:|---:|---:|"
)


class Line(NamedTuple):
    """One line of a table, `of` a service, a length, or ALL: `promised` ranges, the share of 1 that held, their median
    width in minutes; how often somebody was told to be called at once, and the share of these that were."""

    hall: str
    of: str
    promised: int
    share: float
    width_min: float
    at_once: int
    at_once_share: float


def month(name: str, days: int, seed: int) -> Iterator[Outcome]:
    """What came out on so many days of the hall, one day after the other."""
    hall = read_hall(resources.files("hub.halls").joinpath(f"{name}.toml").read_text("utf-8"))
    state = State(epoch=1)
    waiting = Waiting(lambda: state, timer=lambda: 0.0)  # a simulated second passes in no time
    calendar = Calendar(hall.country)
    for number in range(days):
        day = str(FIRST_DAY + timedelta(number))
        played = play(
            hall,
            generator.make(hall, PROFILES[name], day, calendar.kind(day), seed),
            state=state,
            promises=lambda _, command, now_ms: waiting.promise(command, now_ms),
        )
        yield from outcomes(played.log)


def by_service(name: str, found: Sequence[Outcome]) -> list[Line]:
    """A line for each service, in their order, and one for all."""
    services = sorted({each.service for each in found})
    lines = [_line(name, service, [each for each in found if each.service == service]) for service in services]
    return [*lines, _line(name, ALL, found)]


def by_length(name: str, found: Sequence[Outcome]) -> list[Line]:
    """A line for each length of the expected wait, shortest first; who is called at once is in the first one."""
    lines = []
    for begins, ends in zip(LENGTHS_MIN, (*LENGTHS_MIN[1:], None), strict=True):
        group = [each for each in found if _is_within(each.promise[0] / MINUTE_MS, begins, ends)]
        lines.append(_line(name, f"{begins}-{ends} min" if ends else f"over {begins} min", group))
    return lines


def _is_within(minutes: float, begins: int, ends: int | None) -> bool:
    return begins <= minutes and (ends is None or minutes < ends)


def _line(name: str, of: str, group: Sequence[Outcome]) -> Line:
    found = figures(group)
    return Line(
        name,
        of,
        found.promised,
        found.held / max(1, found.promised),
        found.width_ms / MINUTE_MS,
        found.at_once,
        found.at_once_held / max(1, found.at_once),
    )


@click.command("accuracy")
@click.option("--hall", "name", default="all", show_default=True, type=click.Choice(["all", *PROFILES]))
@click.option("--days", default=30, show_default=True, type=click.IntRange(1, 366))
@click.option("--seed", default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for scripts.")
def command(name: str, days: int, seed: int, as_json: bool) -> None:
    """Play days of a hall and count how often the promised range of waiting held (80 % are meant to)."""
    found = {hall: list(month(hall, days, seed)) for hall in (PROFILES if name == "all" else [name])}
    tables = {
        "service": [line for hall in found for line in by_service(hall, found[hall])],
        "expected wait": [line for hall in found for line in by_length(hall, found[hall])],
    }
    for what, lines in tables.items():
        if as_json:
            click.echo("\n".join(json.dumps(line._asdict()) for line in lines))
        else:
            click.echo("\n".join([HEAD.format(what=what), *map(_text, lines), ""]))


def _text(line: Line) -> str:
    """A row of a Markdown table: it goes into docs/waiting-time.md as it is."""
    held = f"{line.share:.1%}" if line.promised else "-"
    at_once = f"{line.at_once_share:.1%}" if line.at_once else "-"
    width = f"{line.width_min:.1f} min" if line.promised else "-"
    return f"| {line.hall} | {line.of} | {line.promised} | {held} | {width} | {line.at_once} | {at_once} |"
