"""`jiaohao chaos`: reads the command line, and runs the harness in namespaces of its own where that is allowed."""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click

from tools.chaos import netns
from tools.chaos.faults import GAP_S
from tools.chaos.options import BROKERS, MISTAKES, NETNS, PROXY, Options
from tools.demo.stage import ROLES

ROOT = Path(__file__).parent.parent.parent
END_S = 90
"""How long the harness may take to end everything, when it is told to stop."""

DEVICES_MOST = 90


def _devices(_ctx, _param, value: int) -> int:
    if value % len(ROLES):
        raise click.BadParameter(f"must be a multiple of {len(ROLES)}: a display and two pads stand at every window")
    return value


@click.command()
@click.option("--broker", type=click.Choice([*BROKERS, "both"]), default="both", show_default=True)
@click.option("--faults", type=click.IntRange(1, 100_000), default=600, show_default=True, help="All together.")
@click.option(
    "--devices",
    type=click.IntRange(len(ROLES), DEVICES_MOST),
    default=30,
    show_default=True,
    callback=_devices,
    help="Three at each window.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="The same faults come at the same times again.")
@click.option(
    "--gap",
    type=click.FloatRange(0.1, 60),
    default=GAP_S,
    show_default=True,
    help="Seconds from one fault to the next, on average.",
)
@click.option(
    "--network",
    type=click.Choice(["auto", NETNS, PROXY]),
    default="auto",
    show_default=True,
    help="Lose packets in a network namespace (needs nftables, and root or user namespaces), or by a proxy.",
)
@click.option("--device-mistake", type=click.Choice(MISTAKES), help="Run devices with a mistake: it must be found.")
@click.option(
    "--data", type=click.Path(path_type=Path, file_okay=False), help="Keep logs and databases in this folder."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object at the end, and nothing else.")
def chaos(
    broker: str,
    faults: int,
    devices: int,
    seed: int,
    gap: float,
    network: str,
    device_mistake: str | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Kill, stop and cut off everything, and count whether anything that was promised is lost.

    A real hub, a real broker and real devices, whose people and clerks go on pressing, while processes are killed with
    -9 or stopped, packets vanish, the disk gets full and the clock jumps. At the end the hub's database is compared
    with what pads thanked for and what people were given. The faults are drawn from the seed before the run.
    """
    network = _network(network)
    brokers: list[str] = [*BROKERS] if broker == "both" else [broker]
    click.echo(f"{faults} faults in about {faults * gap / 60:.1f} min, network {network}", err=True)
    with _folder(data) as folder:
        options = Options(
            *(brokers, faults, devices, seed, network, str(folder), gap, device_mistake or "", as_json),
            keep=data is not None,
        )
        raise SystemExit(_run(options))


def _network(wanted: str) -> str:
    """netns or proxy; says why when it is not the better one."""
    if wanted == PROXY:
        return wanted
    missing = netns.missing()
    if missing and wanted == NETNS:
        raise click.UsageError(f"no network namespace: {missing}; --network proxy needs none of it")
    if missing:
        click.echo(f"no network namespace, so a proxy before the broker: {missing}", err=True)
    return PROXY if missing else NETNS


@contextlib.contextmanager
def _folder(data: Path | None) -> Iterator[Path]:
    """A new folder, which is removed unless somebody wants to keep it."""
    if data is not None:
        try:
            data.mkdir(mode=0o700, parents=True)
        except FileExistsError as error:
            raise click.BadParameter(f"{data} exists already; give a new folder", param_hint="--data") from error
        yield data.resolve()
        return
    folder = Path(tempfile.mkdtemp(prefix="jiaohao-chaos-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(options: Options) -> int:
    """Runs the harness until its end; its exit status. Ctrl-C and SIGTERM end it in order."""
    command = [sys.executable, "-m", "tools.chaos.harness", options.to_json()]
    if options.network == NETNS:
        command = [*netns.enter(), sys.executable, "-m", "tools.chaos.inside", *command]
    harness = subprocess.Popen(command, stdin=subprocess.PIPE, cwd=ROOT)
    assert harness.stdin is not None
    leash = harness.stdin
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: leash.close())
    try:
        return harness.wait()
    finally:
        leash.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            harness.wait(END_S)
        harness.kill()
