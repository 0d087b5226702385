"""`jiaohao why NUMBER`: why somebody was called, in words, from the hall's log; also while the hub runs."""

from __future__ import annotations

from pathlib import Path

import click

from hub.adapters.sqlite_archive import SqliteArchive
from hub.explain import compare, explain
from hub.ports import StoreError
from protocol.downward import LANGUAGES


@click.command()
@click.argument("number")
@click.option("--data", required=True, type=click.Path(path_type=Path, exists=True), help="The hub's data folder.")
@click.option("--day", default="", help="YYYY-MM-DD; without it: the newest day.")
@click.option("--before", "other", default="", metavar="NUMBER", help='Compare with this one: "why before me?"')
@click.option("--language", type=click.Choice(LANGUAGES), default=LANGUAGES[0], show_default=True)
def why(number: str, data: Path, day: str, other: str, language: str) -> None:
    """Tell why NUMBER was called when and where it was."""
    archive = SqliteArchive(data / "hall.db")
    try:
        for line in tell(archive, day or archive.last_day(), number, other, language):
            click.echo(line)
    except (StoreError, LookupError) as error:
        click.echo(f"error: {error.args[0]}", err=True)
        raise SystemExit(2) from None


def tell(archive: SqliteArchive, day: str, number: str, other: str, language: str) -> list[str]:
    """One text per call of `number`, each followed by its place beside `other`. Raises LookupError and StoreError."""
    calls = archive.called(day, number)
    if not calls:
        known = archive.waited(day, number)
        raise LookupError(f"{number} was not called on {day}" if known else f"there was no ticket {number} on {day}")
    beside = archive.waited(day, other) if other else None
    if other and beside is None:
        raise LookupError(f"there was no ticket {other} on {day}")
    lines = []
    for called in calls:
        hall = archive.hall_at(called.at_ms)
        assert hall is not None  # nobody is called before there is a hall
        lines.append(explain(hall, called, language))
        if beside:
            lines.append(compare(hall, called, beside, language))
    return lines
