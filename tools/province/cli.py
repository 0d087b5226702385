"""`jiaohao province-mock`: the far side of the exchange, to try a hall against."""

from __future__ import annotations

import json
import time
from importlib import resources
from pathlib import Path

import click

from hub.config.exchange_map import read_map
from tools.province.far_side import FarSide
from tools.province.server import Server

MAP = "guangdong-like"


@click.command("province-mock")
@click.option("--secret", "secret_file", required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--port", default=8090, show_default=True, type=click.IntRange(0, 65535))
@click.option("--file", default="province-mock.db", show_default=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--seed", default=1, show_default=True, help="What goes wrong, and when.")
@click.option("--faults", "share", default=0.3, show_default=True, type=click.FloatRange(0, 0.9), help="Share of it.")
@click.option("--late-s", default=15.0, show_default=True, help="After how long a late answer comes.")
def province_mock(secret_file: Path, port: int, file: Path, seed: int, share: float, late_s: float) -> None:
    """Play the platform of a province: take ratings, open orders for bad ones, and have bad days.

    It takes what the map guangdong-like makes, on loopback only. --secret is the file `province-secret` of the hall's
    data folder. http://127.0.0.1:PORT/ tells what it has; it has it still after a restart.
    """
    fields = read_map(resources.files("hub.halls").joinpath("maps", f"{MAP}.toml").read_text("utf-8"))
    far_side = FarSide(file, fields)
    server = Server(far_side, secret_file.read_text("utf-8").strip().encode(), port, seed, share, late_s)
    with server.serving():
        click.echo(f"{server.url} takes ratings as {MAP} makes them; Ctrl-C ends it")
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            click.echo(json.dumps(far_side.counts()._asdict()))
    far_side.close()
