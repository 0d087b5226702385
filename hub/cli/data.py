"""What an admin does with the data of a hall: `jiaohao verify`, `rebuild`, `backup` and `restore`."""

from __future__ import annotations

import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from hub.adapters import backup_restore
from hub.adapters.backup_file import BackupError, read_identities, read_recipients
from hub.adapters.backup_restore import Restored
from hub.adapters.sqlite_chain import Head, Verdict, read_head, verify_file
from hub.ports import StoreError
from hub.starting import StartError, only_hub_of

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
    except (StartError, StoreError, BackupError, sqlite3.Error, OSError) as error:
        for line in str(error).splitlines():
            click.echo(f"error: {line}", err=True)
        sys.exit(2)


def _expected(_ctx, _param, value: str | None) -> Head | None:
    try:
        return read_head(value) if value else None
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def database_in(data: Path) -> Path:
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
        verdicts = verify_file(database_in(data), expect)
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
        store = SqliteStore(database_in(data))
        rebuilt = store.rebuild_and_compare(keep=not check)
        store.close()
    click.echo(f"read {rebuilt.events} events")
    for difference in rebuilt.differences:
        click.echo(str(difference))
    if not rebuilt.differences:
        click.echo("every table was as the log says")
    sys.exit(1 if check and rebuilt.differences else 0)


@click.command()
@DATA
@click.option("--to", "folder", required=True, type=click.Path(path_type=Path), help="Folder for backups.")
@click.option("--recipient", "recipients", multiple=True, metavar="age1...", help="Encrypt for this public age key.")
@click.option("--hall", "hall_file", type=click.Path(path_type=Path, exists=True), help="The hall file, to go with it.")
def backup(data: Path, folder: Path, recipients: tuple[str, ...], hall_file: Path | None) -> None:
    """Write a backup of a hub, which may be running, and verify it as a restore would.

    A hub that is started with --backup does so by itself every hour, and writes down between them what happens.
    """
    with told():
        database_in(data)
        now_ms = time.time_ns() // 1_000_000
        made = backup_restore.make(data, folder, read_recipients(recipients), now_ms, hall_file, thorough=True)
    click.echo(f"wrote {made.file}, read back, restored and verified")


def _moment(_ctx, _param, value: str | None) -> int | None:
    """Milliseconds since 1970 of a time as people write it; without a zone it is the machine's."""
    if not value:
        return None
    try:
        return int(datetime.fromisoformat(value).astimezone(UTC).timestamp() * 1000)
    except ValueError:
        raise click.BadParameter(f"{value!r} must be a time like 2026-03-04T14:30:00 or ...+08:00") from None


@click.command()
@click.option(
    "--from", "source", required=True, type=click.Path(path_type=Path, exists=True), help="Backup, or folder."
)
@click.option("--data", type=click.Path(path_type=Path), help="Where the hub's data is to be: an empty or new folder.")
@click.option("--identity", type=click.Path(path_type=Path), help="File with the private age key (age-keygen).")
@click.option("--check", is_flag=True, help="Do all of it in a temporary folder, tell how it went, leave nothing.")
@click.option("--at", "until_ms", callback=_moment, metavar="TIME", help="As it was then, not as new as possible.")
def restore(source: Path, data: Path | None, identity: Path | None, check: bool, until_ms: int | None) -> None:
    """Restore a hub from the newest backup in a folder, with what was written down after it.

    The hub that is started on it has a new epoch: displays follow it, and pads hand in their presses again.
    """
    if data is None and not check:
        raise click.BadParameter("is needed, or --check", param_hint="--data")
    with told():
        identities = read_identities(identity) if identity else []
        now_ms = time.time_ns() // 1_000_000
        if check or data is None:
            done = backup_restore.check(source, Path(tempfile.gettempdir()), identities, now_ms, until_ms)
        else:
            with only_hub_of(data):
                done = backup_restore.restore(source, data, identities, now_ms, until_ms)
    _tell(done, check)
    sys.exit(1 if done.differences else 0)


def _tell(done: Restored, check: bool) -> None:
    tail = "no tail" if done.tail is None else f"{done.tail.events} events of its tail"
    click.echo(f"{'checked' if check else 'restored'} {done.backup.file.name} with {tail}")
    if done.tail and done.tail.torn:
        click.echo("the last piece of the tail was torn and is left out")
    click.echo(f"hall {done.manifest.hall}, last event {_clock(done.last_ms)}, head of the log {done.head}")
    for difference in done.differences:
        click.echo(f"not as the log says: {difference}")
    if not check:
        click.echo(f"epoch {done.epoch}; start the hub as ever. Everybody logs in again")


def _clock(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000).astimezone().isoformat(sep=" ", timespec="seconds")
