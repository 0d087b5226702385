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
from hub.core.hall import Hall
from hub.core.state import State
from hub.waiting import Waiting
from tools.days import generator
from tools.days.player import play
from tools.days.profiles import PROFILES

FIRST_DAY = date(2026, 3, 2)
"""A Monday, after the Spring Festival."""

ALL = "*"
"""The row for all services of a hall."""


class Line(NamedTuple):
    """One line of the table. `share` of 1; `width_min`: median width of the ranges, in minutes."""

    hall: str
    service: str
    promised: int
    share: float
    width_min: float


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
    promised = sum(row.promised for row in rows)
    held = sum(row.held for row in rows)
    widths = [row.width_ms for row in rows for _ in range(row.promised)]
    return Line(name, service, promised, held / max(1, promised), median(widths or [0]) / 60_000)


@click.command("accuracy")
@click.option("--hall", "name", default="all", show_default=True, type=click.Choice(["all", *PROFILES]))
@click.option("--days", default=30, show_default=True, type=click.IntRange(1, 366))
@click.option("--seed", default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for scripts.")
def command(name: str, days: int, seed: int, as_json: bool) -> None:
    """Play days of a hall and count how often the promised range of waiting held (80 % are meant to)."""
    for hall in PROFILES if name == "all" else [name]:
        for line in table(hall, list(month(hall, days, seed))):
            click.echo(json.dumps(line._asdict()) if as_json else _text(line))


def _text(line: Line) -> str:
    return f"{line.hall:20} {line.service:14} {line.promised:7} {line.share:6.1%} {line.width_min:6.1f} min"
