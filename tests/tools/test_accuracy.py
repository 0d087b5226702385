"""Days of a real hall, played by the rules: what was promised holds as often as it should, and is counted right."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from hub.core.accuracy import Outcome
from tools import accuracy
from tools.days.profiles import PROFILES

DOC = Path(__file__).parents[2] / "docs" / "waiting-time.md"


@cache
def days() -> list[Outcome]:
    return list(accuracy.month("songshan-lake", days=3, seed=1))


def test_ranges_hold_from_the_first_days_on_and_are_not_wide():
    line = accuracy.by_service("songshan-lake", days())[-1]
    assert line.promised > 1000
    assert 0.75 <= line.share <= 0.90
    assert line.width_min < 6


def test_both_tables_count_everything_once():
    services, lengths = accuracy.by_service("x", days()), accuracy.by_length("x", days())
    for column in ("promised", "at_once"):
        total = getattr(services[-1], column)
        assert sum(getattr(line, column) for line in services[:-1]) == total
        assert sum(getattr(line, column) for line in lengths) == total


def test_the_same_seed_gives_the_same_figures():
    assert list(accuracy.month("songshan-lake", days=1, seed=1)) == days()[: len(first_day())]


def first_day() -> list[Outcome]:
    return [outcome for outcome in days() if outcome.day == str(accuracy.FIRST_DAY)]


def test_the_command_prints_a_line_for_each_service_and_length():
    result = CliRunner().invoke(accuracy.command, ["--hall", "songshan-lake", "--days", "1", "--json"])
    lines = [json.loads(line) for line in result.output.splitlines()]
    assert [line["of"] for line in lines[:5]] == ["company", "cross-city", "person", "social", "all"]
    assert len(lines) == 5 + len(accuracy.LENGTHS_MIN)


@pytest.mark.parametrize("hall", PROFILES)
def test_the_page_shows_a_month_in_which_ranges_held_in_each_hall(hall: str):
    row = re.search(rf"^\| {hall} \| all \| (\d+) \| ([\d.]+)% \|", DOC.read_text("utf-8"), re.MULTILINE)
    assert row, f"no total for {hall} in {DOC.name}"
    assert int(row[1]) > 1000
    assert 75 <= float(row[2]) <= 90
