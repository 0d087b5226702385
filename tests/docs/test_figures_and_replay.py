"""docs/figures.md and docs/replay.md: the options that they name exist, and their tables are those that are printed."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from tests.halls.days import the_hall
from tests.tools.joint_days import keep, played
from tools.days.cli import replay
from tools.days.compare import as_text, compare
from tools.days.recorded import read
from tools.figures.cli import figures
from tools.figures.joint import joint, sources
from tools.figures.show import as_text as joint_text

DOCS = Path(__file__).parent.parent.parent / "docs"


def text(name: str) -> str:
    return (DOCS / f"{name}.md").read_text("utf-8")


@pytest.mark.parametrize(("name", "command"), [("figures", figures), ("replay", replay)])
def test_every_option_is_named_and_every_named_one_exists(name: str, command: click.Command):
    options = {each for option in command.params for each in option.opts}
    assert set(re.findall(r"--[a-z]+", text(name))) == options


@pytest.fixture(scope="module")
def day(tmp_path_factory) -> Path:
    return keep(played("songshan-lake-south").played.log, tmp_path_factory.mktemp("docs") / "south")


def test_the_example_of_figures_has_the_columns_that_are_printed(day: Path):
    printed = joint_text(joint(sources([day], "", ""), "group"), "en")
    heads = [re.split(r" {2,}", line) for line in printed.splitlines() if line.startswith("group")]
    shown = [re.split(r" {2,}", line.strip()) for line in text("figures").splitlines() if line.startswith("    group")]
    assert shown == heads and len(heads) == 3


def test_the_example_of_replay_has_the_columns_that_are_printed(day: Path):
    printed = as_text(compare(read(day, "2026-03-04"), the_hall("songshan-lake-south"), by_plan=True))
    head = next(line for line in printed.splitlines() if line.startswith("| service"))
    assert head in text("replay")
