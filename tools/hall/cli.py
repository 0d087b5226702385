"""`jiaohao hall`: check, apply, show, versions, diff, revert, export."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

import click

from hub.cli.options import hall_file
from hub.config import HallFileError, Problem, read_contacts, read_hall, without_contacts
from tools.hall import differences
from tools.hall.hub import FileRefused, HallApi
from tools.hub_client import REFUSED, fail, hub_options, print_json


@click.group()
def hall() -> None:
    """Check a hall file; apply, show, compare and take back versions at a running hub."""


def _at_hub(command: Callable[..., None]) -> Callable[..., None]:
    """Options of a command that asks the hub; it gets `api` first."""

    @hub_options
    @functools.wraps(command)
    def asked(url: str, key_file: Path | None, **given: Any) -> None:
        command(HallApi(url, key_file), **given)

    return asked


_FILE = click.argument("file", callback=hall_file)
_VERSION = click.option("--version", type=click.IntRange(min=0), help="Another version than the one in force.")


@hall.command()
@_FILE
@click.option("--json", "as_json", is_flag=True, help="Print one JSON value, and nothing else.")
def check(file: Path, as_json: bool) -> None:
    """Say what is wrong in a hall file, with lines; exit status 2 when anything is."""
    problems = _problems(_text(file))
    if as_json:
        print_json({"file": str(file), "problems": [_plain(problem) for problem in problems]})
    elif problems:
        _say_problems(file, problems)
    else:
        found = read_hall(_text(file))
        click.echo(f"{file}: good: {found.id}, services: {len(found.services)}, windows: {len(found.windows)}")
    raise SystemExit(REFUSED if problems else 0)


@hall.command()
@_FILE
@click.option("--note", default="", help="Why; kept with the version.")
@click.option("--dry", is_flag=True, help="Only say what would change.")
@_at_hub
def apply(api: HallApi, file: Path, note: str, dry: bool, as_json: bool) -> None:
    """Make a hall file the running hall, as a new version. Everybody who waits goes on waiting."""
    present = api.present()["source"]
    answer = _ask(api, file, note, as_json, dry=dry)
    changes = _in_words(present, _text(file))
    if as_json:
        print_json({**answer, "changes": changes})
        return
    click.echo("would change:" if dry else f"version {answer['version']} is in force")
    _say_changes(changes)
    if contacts := read_contacts(_text(file)):
        click.echo(
            f"hint: the contacts in {file} ({', '.join(contacts)}) are not applied: the hub tells people by those in "
            "the hall file that it was started with, and reads that file anew when it is changed"
        )


@hall.command()
@_VERSION
@_at_hub
def show(api: HallApi, version: int | None, as_json: bool) -> None:
    """Print the hall file in force, or another version, with when, by whom and why."""
    found = api.present() if version is None else api.version(version)
    if as_json:
        print_json(found)
        return
    click.echo(f"# {_about(found)}")
    click.echo(found["source"], nl=False)


@hall.command()
@_at_hub
def versions(api: HallApi, as_json: bool) -> None:
    """List the versions: when, by whom, why."""
    found = api.versions()
    if as_json:
        print_json(found)
        return
    for one in found:
        click.echo(_about(one))


@hall.command()
@click.argument("what", metavar="FILE|VERSION")
@click.argument("other", metavar="[VERSION]", type=click.IntRange(min=0), required=False)
@_at_hub
def diff(api: HallApi, what: str, other: int | None, as_json: bool) -> None:
    """Compare a FILE with the version in force (or VERSION): what applying it would change.

    With a VERSION first: what has changed from it to the version in force (or to the second VERSION).
    """
    stored = api.present() if other is None else api.version(other)
    kept = f"version {stored['version']}", stored["source"]
    if what.isdigit():
        before, after = (f"version {what}", api.version(int(what))["source"]), kept
    else:
        file = hall_file(None, None, what)
        _ask(api, file, "", as_json, dry=True)  # the hub knows the contacts, which an exported file does not have
        before, after = kept, (str(file), _text(file))
    texts = without_contacts(before[1]), without_contacts(after[1])
    lines = differences.as_diff(*texts, before[0], after[0])
    changes = differences.in_words(*texts)
    if as_json:
        print_json({"changes": changes, "diff": lines})
        return
    _say_changes(changes)
    click.echo(("\n" + lines) if lines else "", nl=False)


@hall.command()
@click.argument("version", type=click.IntRange(min=0))
@_at_hub
def revert(api: HallApi, version: int, as_json: bool) -> None:
    """Make an earlier version the running hall again, as a new version."""
    before = api.present()["source"]
    try:
        answer = api.revert(version)
    except FileRefused as refused:
        _refuse(Path(f"version {version}"), refused.problems, as_json)
    changes = _in_words(before, api.version(version)["source"])
    if as_json:
        print_json({**answer, "changes": changes})
        return
    click.echo(f"version {answer['version']} is in force, with what version {version} said")
    _say_changes(changes)


@hall.command()
@_VERSION
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file.")
@_at_hub
def export(api: HallApi, version: int | None, out: Path | None, as_json: bool) -> None:
    """Give the hall file in force, or another version, as it was applied, but without contacts."""
    found = api.present() if version is None else api.version(version)
    if out is None:
        print_json(found) if as_json else click.echo(found["source"], nl=False)
        return
    try:
        out.write_text(found["source"], "utf-8")
    except OSError as error:
        fail(f"cannot write {out}: {error.strerror}")
    written = {"file": str(out), "version": found["version"]}
    print_json(written) if as_json else click.echo(f"version {found['version']} is in {out}")


def _ask(api: HallApi, file: Path, note: str, as_json: bool, *, dry: bool) -> dict[str, Any]:
    """What the hub answers to the file; ends with its problems when it has some."""
    try:
        return api.apply(_text(file), note, dry=dry)
    except FileRefused as refused:
        _refuse(file, refused.problems, as_json)


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        fail(f"cannot read the hall file {file}: {error}")


def _problems(text: str) -> list[Problem]:
    try:
        read_hall(text)
    except HallFileError as error:
        return error.problems
    return []


def _in_words(before: str, after: str) -> list[str]:
    return differences.in_words(without_contacts(before), without_contacts(after))


def _about(version: dict[str, Any]) -> str:
    """One line about a version."""
    when = datetime.fromtimestamp(version["at_ms"] / 1000).astimezone().isoformat(" ", "minutes")
    note = f": {version['note']}" if version["note"] else ""
    return f"version {version['version']}, {when}, by {version['by']}{note}"


def _plain(problem: Problem) -> dict[str, Any]:
    return {"line": problem.line, "where": problem.where, "reason": problem.reason}


def _say_changes(changes: Iterable[str]) -> None:
    for line in list(changes) or ["nothing"]:
        click.echo(f"  {line}")


def _say_problems(file: Path, problems: Iterable[Problem]) -> None:
    for problem in problems:
        click.echo(f"error: {file}: {problem}", err=True)


def _refuse(file: Path, problems: list[Problem], as_json: bool) -> NoReturn:
    if as_json:
        print_json({"file": str(file), "problems": [_plain(problem) for problem in problems]})
    else:
        _say_problems(file, problems)
    raise SystemExit(REFUSED)
