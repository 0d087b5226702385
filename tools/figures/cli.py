"""`jiaohao figures`: what one hall, or several together, came to."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import click

from hub.core.dimensions import BY
from hub.ports import StoreError
from protocol.downward import LANGUAGES
from tools.figures.joint import NoFigures, joint, sources
from tools.figures.show import as_json, as_text


def _day(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    """YYYY-MM-DD; empty: not said."""
    try:
        return value and date.fromisoformat(value).isoformat()
    except ValueError:
        raise click.BadParameter(f"{value!r} must be a day, for example 2026-03-04") from None


@click.command()
@click.option(
    "--data",
    "folders",
    required=True,
    multiple=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Data folder of a hub; once for each hall.",
)
@click.option("--day", callback=_day, default="", help="One day; without any: the newest one.")
@click.option("--from", "first", callback=_day, default="", help="The first of several days.")
@click.option("--to", "last", callback=_day, default="", help="The last one.")
@click.option("--by", type=click.Choice(BY), default="service", show_default=True, help="What each line is of.")
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Of the names.")
@click.option("--json", "as_json_", is_flag=True, help="One JSON object instead of tables.")
def figures(folders: tuple[Path, ...], day: str, first: str, last: str, by: str, language: str, as_json_: bool) -> None:
    """Tell what one or several halls came to: visits, waits, ratings. Folders are only read, also while hubs run."""
    if day and (first or last):
        raise click.UsageError("either --day, or --from and --to")
    if bool(first) != bool(last) or first > last:
        raise click.UsageError("--from and --to are the first and the last of several days")
    try:
        report = joint(sources(folders, first or day, last or day), by)
    except (NoFigures, StoreError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(json.dumps(as_json(report), ensure_ascii=False) if as_json_ else as_text(report, language))
