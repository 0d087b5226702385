"""What an admin does with the data of a hall: `jiaohao verify`, `jiaohao rebuild`."""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from hub.adapters.sqlite_chain import Head, Verdict, read_head, verify_file
from hub.bootstrap import StartError, only_hub_of
from hub.ports import StoreError

DATABASE = "hall.db"
ADVICE = (
    "what to do: leave the folder as it is, copy it away, and find out who could write to it; then restore the newest "
    "backup that holds: `jiaohao restore --check --from FOLDER` tells which one does"
)


@contextmanager
def told() -> Iterator[None]:
    """What is wrong in a line, and status 2."""
    try:
        yield
    except (StartError, StoreError, sqlite3.Error, OSError) as error:
        for line in str(error).splitlines():
            click.echo(f"error: {line}", err=True)
        sys.exit(2)


def _expected(_ctx, _param, value: str | None) -> Head | None:
    try:
        return read_head(value) if value else None
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def _database(data: Path) -> Path:
    """The database in the folder. Raises StartError when there is none."""
    file = data / DATABASE
    if not file.exists():
        raise StartError(f"there is no {DATABASE} in {data}; --data must be the data folder of a hub")
    return file


DATA = click.option(
    "--data", required=True, type=click.Path(path_type=Path, exists=True), help="The hub's data folder."
)


@click.command()
@DATA
@click.option("--expect", callback=_expected, metavar="SEQ:HEX", help="A head of the log that was noted before.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for a program.")
def verify(data: Path, expect: Head | None, as_json: bool) -> None:
    """Check that nobody altered, removed or added rows of log and audit; works while the hub runs.

    Prints the head of each chain. Whoever can write the whole database can also make a chain anew: note the head of the
    log elsewhere from time to time, and give it with --expect later.
    """
    with told():
        verdicts = verify_file(_database(data), expect)
    broken = [verdict.broken for verdict in verdicts if verdict.broken]
    if as_json:
        click.echo(json.dumps([_plain(verdict) for verdict in verdicts]))
    else:
        for verdict in verdicts:
            click.echo(f"{verdict.table}: {verdict.rows} rows hold, head {verdict.head}")
        for each in broken:
            click.echo(f"broken: {each.words}", err=True)
        if broken:
            click.echo(ADVICE, err=True)
    sys.exit(1 if broken else 0)


def _plain(verdict: Verdict) -> dict[str, object]:
    broken = verdict.broken
    wrong = {"what": broken.what, "row": broken.key, "words": broken.words} if broken else None
    return {"table": verdict.table, "rows": verdict.rows, "head": str(verdict.head), "broken": wrong}


@click.command()
@DATA
@click.option("--check", is_flag=True, help="Change nothing; exit with 1 when a table is not as the log says.")
def rebuild(data: Path, check: bool) -> None:
    """Make the tables of tickets, calls and ratings again from the log, and tell what was wrong with them.

    The hub must be stopped.
    """
    from hub.adapters.sqlite_store import SqliteStore

    with told(), only_hub_of(data):
        store = SqliteStore(_database(data))
        rebuilt = store.rebuild_and_compare(keep=not check)
        store.close()
    click.echo(f"read {rebuilt.events} events")
    for difference in rebuilt.differences:
        click.echo(str(difference))
    if not rebuilt.differences:
        click.echo("every table was as the log says")
    sys.exit(1 if check and rebuilt.differences else 0)
