"""`jiaohao replay`: what if the rules, or the staff, had been others on that day?"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import click

from hub.cli.options import hall_file
from hub.config import HallFileError, read_hall
from tools.days.compare import NotComparable, as_json, as_text, compare, plot
from tools.days.recorded import NoSuchDay, read


@click.command()
@click.option("--hall", required=True, callback=hall_file, help="The new hall file, or one that comes along.")
@click.option("--day", required=True, help="A recorded day, YYYY-MM-DD.")
@click.option("--data", required=True, type=click.Path(path_type=Path, exists=True), help="Data folder of the hub.")
@click.option(
    "--staff",
    type=click.Choice(["recorded", "shifts"]),
    default="recorded",
    show_default=True,
    help="Who sits at the windows: those who sat there that day, or those whom the new file's shifts name.",
)
@click.option("--json", "as_json_", is_flag=True, help="One JSON object instead of tables and a plot.")
def replay(hall: Path, day: str, data: Path, staff: str, as_json_: bool) -> None:
    """Play a recorded day by other rules, and compare the waiting. The log is only read, also while the hub runs."""
    try:
        new = read_hall(hall.read_text("utf-8"))
        comparison = compare(read(data, day), new, by_plan=staff == "shifts")
    except HallFileError as error:
        raise click.ClickException(f"{hall}:\n{error}") from error
    except (NoSuchDay, NotComparable) as error:
        raise click.ClickException(str(error)) from error
    except sqlite3.Error as error:
        raise click.ClickException(f"cannot read {data / 'hall.db'}: {error}") from error
    if as_json_:
        click.echo(json.dumps(as_json(comparison), ensure_ascii=False))
    else:
        click.echo(f"{as_text(comparison)}\n\n{plot(comparison)}")
