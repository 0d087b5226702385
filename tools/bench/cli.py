"""`jiaohao bench queue|latency|device|core|restart|reports`: rows of figures, as a table or as JSON."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine

import click

from tools.bench.figures import machine, table


@click.group()
def bench() -> None:
    """Measure what a press costs on this machine."""


def _numbers(_ctx, _param, value: str) -> list[int]:
    try:
        numbers = [int(part) for part in value.split(",")]
    except ValueError as error:
        raise click.BadParameter("must be whole numbers with commas, for example 1,8,64") from error
    if min(numbers) < 1:
        raise click.BadParameter("must be 1 or more")
    return numbers


def _show(name: str, as_json: bool, work: Coroutine) -> None:
    _show_rows(name, as_json, asyncio.run(work))


def _show_rows(name: str, as_json: bool, *tables: list[dict]) -> None:
    """Each of `tables` has rows with the same keys; as JSON they are one list."""
    if as_json:
        rows = [row for rows in tables for row in rows]
        click.echo(json.dumps({"bench": name, "machine": machine(), "rows": rows}))
    else:
        click.echo("\n\n".join([f"{name}, on {machine()}", *map(table, tables)]))


_AS_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")


@bench.command()
@click.option("--clients", default="1,8,64", show_default=True, callback=_numbers, help="Numbers of clients at once.")
@click.option("--seconds", default=5.0, show_default=True, help="How long each turn takes.")
@_AS_JSON
def queue(clients: list[int], seconds: float, as_json: bool) -> None:
    """Draw and call over HTTP, beside a bare endpoint with the same commit."""
    from tools.bench import queue as work

    _show("queue", as_json, work.run(clients, seconds))


@bench.command()
@click.option("--windows", default=222, show_default=True, help="Windows, each with a connected device.")
@click.option("--presses", default=1000, show_default=True, help="Presses of next.")
@_AS_JSON
def latency(windows: int, presses: int, as_json: bool) -> None:
    """From the press of next to the state at the window, beside the broker's raw round trip and an fsync."""
    from tools.bench import latency as work

    _show("latency", as_json, work.run(windows, presses, lambda text: click.echo(text, err=True)))


@bench.command()
@_AS_JSON
def device(as_json: bool) -> None:
    """Heap, size and start-up time of each device role on MicroPython."""
    from tools.bench import device as work

    _show("device", as_json, work.run())


@bench.command()
@_AS_JSON
def core(as_json: bool) -> None:
    """The rules alone: next with many waiting beside sorting them, a waiting range, a day of 10,000 visits."""
    from tools.bench import core as work
    from tools.bench import waiting

    _show_rows("core", as_json, work.run(), waiting.run(), work.run_day())


@bench.command()
@click.option("--days", default=365, show_default=True, help="Days in the log.")
@click.option("--visits", default=10_000, show_default=True, help="Visits on each of them.")
@_AS_JSON
def restart(days: int, visits: int, as_json: bool) -> None:
    """How long a hub takes to start with a long log (2 GB for a year), beside reading the log of one day."""
    from tools.bench import restart as work

    _show_rows("restart", as_json, work.run(days, visits))


@bench.command()
@click.option("--days", default=365, show_default=True, help="Days of the year that are played.")
@_AS_JSON
def reports(days: int, as_json: bool) -> None:
    """A year of 169,000 visitors, and how long each report of it takes."""
    from tools.bench import reports as work

    _show_rows("reports", as_json, work.run(days))
