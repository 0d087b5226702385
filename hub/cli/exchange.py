"""`jiaohao exchange`: field maps, and what a province refused, for an admin; works while the hub runs."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from hub.cli.data import DATA, database_in, told
from hub.cli.options import map_file

SAMPLE = {
    "rating": "rating-pad-3-000001:1772586900:42",
    "case": "440125-2026-000815",
    "item_code": "440125001000",
    "item_name": "企业开办",
    "step": 1,
    "channel": "pad",
    "level": 2,
    "reasons": ["slow"],
    "text": "等了两个小时",
    "rated_ms": 1_772_586_900_000,
    "clerk_number": "012",
    "clerk_name": "李敏",
    "window": "3",
    "department_code": "4401",
    "district_code": "441900",
    "named": True,
    "attempt": 1,
}
"""A rating, for whoever writes a map to see what becomes of it."""

DAY = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"])
SHOWN = 50


@click.group()
def exchange() -> None:
    """Check field maps; see what waits for a province or was refused by it, and send it again."""


@exchange.command()
@click.argument("file", callback=map_file)
def check(file: Path) -> None:
    """Say what is wrong in a field map, with lines and exit status 2; else show what a rating becomes."""
    from hub.config import HallFileError
    from hub.config.exchange_map import read_map
    from hub.core.exchange import apply_map

    try:
        made = apply_map(read_map(file.read_text("utf-8")), SAMPLE)
    except HallFileError as error:
        for problem in error.problems:
            click.echo(f"{file}: {problem}")
        raise SystemExit(2) from None
    if isinstance(made, list):
        for unfit in made:
            click.echo(f"{file}: with a rating such as {json.dumps(SAMPLE, ensure_ascii=False)}: {unfit}")
        raise SystemExit(2)
    click.echo(json.dumps(made, ensure_ascii=False, indent=2))


@exchange.command()
@DATA
def status(data: Path) -> None:
    """Say how much waits, since when, and how much was refused."""
    from hub.adapters import sqlite_exchange

    with _table(data) as ask:
        found = ask(sqlite_exchange.counts)
    since = f", the oldest since {_moment(found.oldest_ms)}" if found.waiting else ""
    click.echo(f"waiting: {found.waiting}{since}")
    click.echo(f"refused: {found.refused}")


@exchange.command()
@DATA
@click.option("--most", default=SHOWN, show_default=True, type=click.IntRange(1), help="How many at most.")
@click.option("--content", is_flag=True, help="With what was to be sent; it may have words of people.")
def refused(data: Path, most: int, content: bool) -> None:
    """List what was refused for good, the oldest first: id, since when, and why."""
    from hub.adapters import sqlite_exchange

    with _table(data) as ask:
        found = ask(lambda connection: sqlite_exchange.refused_parcels(connection, most))
    for parcel in found:
        click.echo(f"{parcel.id}  {_moment(parcel.made_ms)}  {parcel.kind}")
        for line in parcel.error.splitlines():
            click.echo(f"    {_printable(line)}")
        if content:
            click.echo(f"    {json.dumps(parcel.body)}")


@exchange.command()
@DATA
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--from", "begins", type=DAY, help="All that were made from this day on: YYYY-MM-DD[THH:MM] …")
@click.option("--to", "ends", type=DAY, help="… and before this one.")
def replay(data: Path, ids: tuple[str, ...], begins: datetime | None, ends: datetime | None) -> None:
    """Send refused things again: those named, or all of a span."""
    from hub.adapters import sqlite_exchange

    if bool(ids) == bool(begins and ends) or bool(begins) != bool(ends):
        raise click.UsageError("give ids, or --from and --to")
    now_ms = _now_ms()
    with _table(data) as ask:
        if begins and ends:
            span = (int(begins.timestamp() * 1000), int(ends.timestamp() * 1000))
            count = ask(lambda connection: sqlite_exchange.replay_between(connection, *span, now_ms))
        else:
            count = ask(lambda connection: sqlite_exchange.replay(connection, ids, now_ms))
    _note(data, "exchange replayed", f"{begins} to {ends}" if begins else ", ".join(ids), count)
    click.echo(f"{count} will be sent again")


@exchange.command("set-aside")
@DATA
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
def set_aside(data: Path, ids: tuple[str, ...]) -> None:
    """Decide that refused things are not sent, for instance because they were entered by hand. Nothing undoes this."""
    from hub.adapters import sqlite_exchange

    with _table(data) as ask:
        count = ask(lambda connection: sqlite_exchange.set_aside(connection, ids, _now_ms()))
    _note(data, "exchange set aside", ", ".join(ids), count)
    click.echo(f"{count} set aside")


@contextmanager
def _table(data: Path) -> Iterator[Callable[[Callable[..., Any]], Any]]:
    """Asks the table over a connection of its own."""
    from hub.adapters.sqlite_store import connect

    with told():
        database = connect(database_in(data))
        try:
            yield lambda work: work(database.conn)
        finally:
            database.close()


def _note(data: Path, action: str, subject: str, count: int) -> None:
    """A line of the audit, if anything was done."""
    from hub.adapters.sqlite_accounts import SqliteAccounts
    from hub.ports import Deed

    if count:
        with told():
            accounts = SqliteAccounts(database_in(data))
            accounts.note(Deed(_now_ms(), "machine", "", action, subject))
            accounts.close()


def _now_ms() -> int:
    return int(time.time() * 1000)


def _moment(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000).strftime("%Y-%m-%d %H:%M")


def _printable(text: str) -> str:
    """What somebody else wrote, without what a terminal would obey."""
    return "".join(character if character.isprintable() else "?" for character in text)
