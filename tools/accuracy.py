"""`jiaohao accuracy`: does the promised range of waiting hold? Plays days of the halls and counts.

The days are made from a seed (tools.days) and go through the real core; each ticket gets the promise that the hub would
print on it at that moment, and the log says whether it held. Each hall begins without any figures of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from importlib import resources
from statistics import median
from typing import NamedTuple

import click

from hub.adapters.calendar import Calendar
from hub.config import read_hall
from hub.core.accuracy import Row, accuracy
from hub.core.hall import MINUTE_MS
from hub.core.state import State
from hub.waiting import Waiting
from tools.days import generator
from tools.days.player import play
from tools.days.profiles import PROFILES

FIRST_DAY = date(2026, 3, 2)
"""A Monday, after the Spring Festival."""

ALL = "all"
"""The row for all services of a hall."""


HEAD = (
    "| hall | service | ranges promised | held | median width | at once promised | held |\n"
    "|---|---|---:|---:|---:|---:|---:|"
)


class Line(NamedTuple):
    """One line of the table: `promised` ranges, the share of 1 that held, their median width in minutes; how often
    somebody was told to be called at once, and the share of these that were."""

    hall: str
    service: str
    promised: int
    share: float
    width_min: float
    at_once: int
    at_once_share: float


def month(name: str, days: int, seed: int) -> Iterator[Row]:
    """The rows of so many days of the hall, one day after the other."""
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
        yield from accuracy(played.log)


def table(name: str, rows: list[Row]) -> list[Line]:
    """A line for each service that made promises, in their order, and one for all."""
    services = sorted({row.service for row in rows})
    return [
        *(_line(name, service, [row for row in rows if row.service == service]) for service in services),
        _line(name, ALL, rows),
    ]


def _line(name: str, service: str, rows: list[Row]) -> Line:
    promised, at_once = sum(row.promised for row in rows), sum(row.at_once for row in rows)
    widths_ms = [row.width_ms for row in rows for _ in range(row.promised)]
    return Line(
        name,
        service,
        promised,
        sum(row.held for row in rows) / max(1, promised),
        median(widths_ms or [0]) / MINUTE_MS,
        at_once,
        sum(row.at_once_held for row in rows) / max(1, at_once),
    )


@click.command("accuracy")
@click.option("--hall", "name", default="all", show_default=True, type=click.Choice(["all", *PROFILES]))
@click.option("--days", default=30, show_default=True, type=click.IntRange(1, 366))
@click.option("--seed", default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for scripts.")
def command(name: str, days: int, seed: int, as_json: bool) -> None:
    """Play days of a hall and count how often the promised range of waiting held (80 % are meant to)."""
    if not as_json:
        click.echo(HEAD)
    for hall in PROFILES if name == "all" else [name]:
        for line in table(hall, list(month(hall, days, seed))):
            click.echo(json.dumps(line._asdict()) if as_json else _text(line))


def _text(line: Line) -> str:
    """A row of a Markdown table: it goes into docs/waiting-time.md as it is."""
    return (
        f"| {line.hall} | {line.service} | {line.promised} | {line.share:.1%} | {line.width_min:.1f} min "
        f"| {line.at_once} | {line.at_once_share:.1%} |"
    )
