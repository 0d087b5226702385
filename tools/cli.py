"""The command `jiaohao`: the hub's commands, and beside them the demo and the benchmarks.

Each is loaded when it is used, so that `jiaohao --help` answers at once.
"""

from __future__ import annotations

import os
from importlib import import_module

import click

COMMANDS = {
    "accuracy": (
        "tools.accuracy:command",
        "Play days of a hall and count how often the promised range of waiting held",
    ),
    "bench": ("tools.bench.cli:bench", "Measure what a press costs on this machine."),
    "chaos": (
        "tools.chaos.cli:chaos",
        "Kill, stop and cut off everything, and count whether anything that was promised is lost.",
    ),
    "broker": ("hub.cli.broker:broker", "Make certificates for broker and pages, and check how safe a broker is"),
    "demo": ("tools.demo.cli:demo", "Run a whole hall with virtual devices, and look at it."),
    "exchange": (
        "hub.cli.exchange:exchange",
        "Check field maps; see what waits for a province or was refused by it, and send it again.",
    ),
    "figures": (
        "tools.figures.cli:figures",
        "Tell what one or several halls came to: visits, waits, ratings.",
    ),
    "fleet": (
        "tools.fleet.cli:fleet",
        "Look after the devices of a running hub: list, show, revoke, replace, label.",
    ),
    "flash": ("tools.flash.cli:flash", "Flash boards, register them at the hub, and wait until it sees them."),
    "hall": (
        "tools.hall.cli:hall",
        "Check a hall file; apply, show, compare and take back versions at a running hub.",
    ),
    "hub": ("hub.cli.serve:hub", "Run a hall: broker, tickets, calls, ratings, pages."),
    "privacy": ("hub.cli.privacy:privacy", "What a hall keeps of people"),
    "province-mock": (
        "tools.province.cli:province_mock",
        "Play the platform of a province: take ratings, open orders for bad ones, and have bad days.",
    ),
    "release": ("tools.release.cli:release", "Build signed releases of the firmware, and roll them out."),
    "replay": (
        "tools.days.cli:replay",
        "Play a recorded day by other rules, and compare the waiting.",
    ),
    "simulate": (
        "tools.simulate.cli:simulate",
        "Run devices, broker and hub in virtual time while everything fails, and check every promise.",
    ),
    "why": ("tools.why:why", "Tell why NUMBER was called when and where it was."),
    "backup": (
        "hub.cli.data:backup",
        "Write a backup of a hub, which may be running, and verify it as a restore would.",
    ),
    "restore": (
        "hub.cli.data:restore",
        "Restore a hub from the newest backup in a folder, with what was written down after it.",
    ),
    "verify": (
        "hub.cli.data:verify",
        "Check that nobody altered, removed or added rows of log and audit; works while the hub runs.",
    ),
    "rebuild": (
        "hub.cli.data:rebuild",
        "Make the tables of tickets, calls and ratings again from the log, and tell what was wrong with them.",
    ),
}


class Lazy(click.Group):
    """A group whose commands are imported when they are called; their one-line help is in COMMANDS."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        return getattr(import_module(module), name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_) for name, (_, help_) in sorted(COMMANDS.items())])


@click.group(cls=Lazy)
@click.version_option(package_name="jiaohao")
def main() -> None:
    """叫号: calls the next number in a service hall."""
    os.umask(0o077)  # what a hall keeps is its owner's to read, whoever made the folder


if __name__ == "__main__":
    main()
