"""The README says what is true: pictures, links and folders are there, commands exist, tables are the benches'."""

from __future__ import annotations

import re
from pathlib import Path

from click.testing import CliRunner

from tools.cli import COMMANDS, main

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def test_every_link_leads_somewhere():
    linked = re.findall(r"\]\(([^)#]+)\)", README)
    assert linked
    assert [link for link in linked if not (ROOT / link).exists()] == []


def test_every_folder_of_the_table_is_there():
    rows = re.findall(r"^\| (`[^|]+`) \|", README, re.MULTILINE)
    named = [name for row in rows for name in re.findall(r"`([^`]+)`", row)]
    assert "hub/core/" in named
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_command_exists():
    named = set(re.findall(r"jiaohao ([a-z]+)", README))
    assert {"hub", "bench"} <= named
    assert named <= set(COMMANDS)
    for name in COMMANDS:
        assert CliRunner().invoke(main, [name, "--help"]).exit_code == 0


def test_the_performance_tables_are_the_benches():
    for columns in (
        "| operation | clients | per_s | p50_ms | p99_ms | cpu_ms | doubles |",
        "| way | windows | presses | p50_ms | p99_ms |",
        "| waiting | next_us | sort_us | range_ms |",
        "| visits | events | played_s | replayed_s |",
        "| days | visits_a_day | events | log_mb | restart_s | events_of_day | read_day_s |",
        "| role | runtime | heap_bytes | heap_share | mpy_bytes | start_ms |",
    ):
        assert columns in README
