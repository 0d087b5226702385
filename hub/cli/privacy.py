"""`jiaohao privacy scan`: whether anything of people lies where it must not, or for longer than it may."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from datetime import date
from pathlib import Path

import click

BEYOND = 1

_Folder = click.Path(path_type=Path, exists=True, file_okay=False)
_File = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.group()
def privacy() -> None:
    """What a hall keeps of people; docs/privacy.md tells all of it."""


@privacy.command()
@click.option("--data", type=_Folder, help="The hall's data folder; its hub may run.")
@click.option("--backups", type=_Folder, help="Folder with backups of it.")
@click.option("--logs", type=_File, multiple=True, help="A file with what the hub logged; may be given several times.")
@click.option("--exports", type=_Folder, help="Folder with figures and reports that were saved.")
@click.option("--find", "find_file", type=_File, help="File with values to look for besides, one a line.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def scan(data, backups, logs, exports, find_file, as_json) -> None:
    """Look for mobile numbers, ID numbers and e-mail addresses: in rows, deleted pages, logs, backups, exports.

    Says where, never the value. Exit code 1: something lies where it must not, or for longer than it may.
    """
    from hub.adapters.privacy_scan import Scan

    if not (data or backups or logs or exports):
        raise click.UsageError("give at least one of --data, --backups, --logs, --exports")
    known = find_file.read_text("utf-8").split("\n") if find_file else []
    now_ms = int(time.time() * 1000)
    looking = Scan(now_ms, date.fromtimestamp(now_ms / 1000).isoformat(), (line.strip() for line in known))
    if data:
        looking.data(data)
    if backups:
        looking.backups(backups)
    for file in [*logs, *(sorted(f for f in exports.rglob("*") if f.is_file()) if exports else ())]:
        looking.file(file, now_ms)
    report = looking.report
    if as_json:
        click.echo(json.dumps({**asdict(report), "beyond": len(report.beyond)}, ensure_ascii=False))
    else:
        _print(report)
    raise SystemExit(BEYOND if report.beyond else 0)


def _print(report) -> None:
    for finding in report.findings:
        verdict = "BEYOND" if finding.is_beyond else "within its time"
        click.echo(f"{verdict}: {finding.kind} {finding.hint} in {finding.file}, {finding.where}")
    for file, why in report.unreadable.items():
        click.echo(f"not read: {file}: {why}")
    within = len(report.findings) - len(report.beyond)
    click.echo(f"{report.files} files read, {len(report.beyond)} findings beyond their limit, {within} within")
