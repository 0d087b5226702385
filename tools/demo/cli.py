"""`jiaohao demo`: reads the command line, runs the demo, prints how it went."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import NoReturn

import click

from hub.cli.options import hall_file
from hub.config import HallFileError, read_hall
from hub.core.hall import Hall
from tools.demo import report, runtime, supervisor
from tools.demo.hub_api import HubIsGone, HubSaysNo
from tools.demo.place import StartFailed
from tools.demo.plan import at_pace
from tools.twin.server import twin_server

DEFAULT_WINDOWS = 4
"""As many as fit on one screen of the twin."""

LARGE_HALL = 100
"""A hall with more windows is run because it is large: all of them are open unless it is said otherwise."""

BUSY_WINDOWS = 40
"""With more windows open people are slower by default: two processors run the devices of so many at full speed."""

SPEED_MOST = 20.0
"""Faster than this the devices' own times (3 s of thank-you) are all that one sees."""

SECONDS_MOST = 7 * 86_400
CANNOT_START = 2
"""Exit status; 1 is for a run that lost, doubled or showed something wrong."""


@click.command()
@click.option(
    "--hall",
    default="songshan-lake",
    show_default=True,
    callback=hall_file,
    help="Hall file (TOML), or the name of one that comes along.",
)
@click.option(
    "--windows",
    type=click.IntRange(min=1),
    help=f"How many of the hall's windows are open.  [default: {DEFAULT_WINDOWS}; all of more than {LARGE_HALL}]",
)
@click.option("--seconds", type=click.FloatRange(1, SECONDS_MOST), help="How long.  [default: until Ctrl-C]")
@click.option(
    "--speed",
    type=click.FloatRange(0.1, SPEED_MOST),
    help=f"How fast people are.  [default: 1; less with more than {BUSY_WINDOWS} windows]",
)
@click.option("--seed", type=int, default=1, show_default=True, help="The same people come in the same order again.")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Keep the data in this folder.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object at the end, and nothing else.")
def demo(
    hall: Path,
    windows: int | None,
    seconds: float | None,
    speed: float | None,
    seed: int,
    data: Path | None,
    as_json: bool,
) -> None:
    """Run a whole hall with virtual devices, and look at it.

    A real hub, a real broker and three virtual devices for each window, with the firmware that a board runs. Robots
    come as the hall wants it (draw, book and check in, show papers first), press the keys and rate. The page that is
    printed first shows every device; press along.
    """
    source, found = _read_hall(hall)
    windows = _checked(windows, found)
    speed = speed or min(1.0, round(BUSY_WINDOWS / windows, 2))
    options = supervisor.Options(source, found, windows, seconds, speed, seed, data)
    try:
        devices = runtime.find()
        result = asyncio.run(
            supervisor.run(
                options, devices, twin_server(speed, devices.name), lambda line: click.echo(line, err=as_json)
            )
        )
    except (StartFailed, runtime.RuntimeProblem, HubSaysNo, HubIsGone) as error:
        _fail(str(error))
    if result is None:
        click.echo("stopped before it opened", err=True)
        raise SystemExit(CANNOT_START)
    _print(result, options, devices.name, as_json)
    raise SystemExit(0 if result.figures.is_good else 1)


def _read_hall(file: Path) -> tuple[str, Hall]:
    """The hall file at the demo's pace, and the hall that it describes."""
    try:
        text = file.read_text("utf-8")
        read_hall(text)  # what is wrong is told as it is in the file
        return at_pace(text), read_hall(at_pace(text))
    except HallFileError as error:
        _fail("\n".join(f"{file}: {problem}" for problem in error.problems))
    except (OSError, UnicodeDecodeError) as error:
        _fail(f"cannot read the hall file {file}: {error}")


def _checked(windows: int | None, hall: Hall) -> int:
    """How many windows are opened."""
    if windows is None:
        return len(hall.windows) if len(hall.windows) > LARGE_HALL else min(DEFAULT_WINDOWS, len(hall.windows))
    if windows > len(hall.windows):
        raise click.BadParameter(f"{hall.id} has {len(hall.windows)} windows", param_hint="--windows")
    return windows


def _fail(text: str) -> NoReturn:
    """Ends with the reason; the hub's own lines say already that they are errors."""
    for line in text.splitlines():
        click.echo(line if line.startswith("error: ") else f"error: {line}", err=True)
    raise SystemExit(CANNOT_START)


def _print(result: supervisor.Result, options: supervisor.Options, devices: str, as_json: bool) -> None:
    desks = list(result.stage.desks.values())
    if as_json:
        click.echo(report.as_json(options.hall.id, devices, len(desks), result.seconds, result.figures))
        return
    times = result.stage.witness.press_to_display_ms
    click.echo("\n" + report.as_table(desks, result.record, times, result.figures))
    if result.turned_away:
        reasons = ", ".join(f"{code} {count}" for code, count in result.turned_away.most_common())
        click.echo(f"turned away {result.turned_away.total()}: {reasons}")
    if result.why:
        click.echo(f"\nwhy somebody went first: {result.why}")
