"""What an admin does with the data of a hall: `jiaohao rebuild`."""

from __future__ import annotations

from pathlib import Path

import click

from hub.bootstrap import StartError


@click.command()
@click.option("--data", required=True, type=click.Path(path_type=Path, exists=True), help="Folder of a stopped hub.")
def rebuild(data: Path) -> None:
    """Make the tables of tickets, calls and ratings again from the log."""
    from hub.adapters.sqlite_store import SqliteStore
    from hub.bootstrap import only_hub_of

    try:
        with only_hub_of(data):
            store = SqliteStore(data / "hall.db")
            click.echo(f"read {store.rebuild()} events")
            store.close()
    except StartError as error:
        click.echo(f"error: {error}", err=True)
        raise SystemExit(2) from None
