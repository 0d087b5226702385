"""docs/boards.md: the options that it names exist, and it leaves none of `jiaohao flash` out."""

from __future__ import annotations

import re
from pathlib import Path

from tools.flash.cli import flash
from tools.fleet.cli import fleet

PAGE = (Path(__file__).parents[2] / "docs" / "boards.md").read_text("utf-8")
FLEET = {"replace", "list", "show", "label", "revoke"}
"""What is done with boards in the hand."""


def test_every_named_option_exists_and_none_of_flash_is_left_out():
    flashing = {each for option in flash.params for each in option.opts}
    all_of_them = flashing | {each for command in fleet.commands.values() for o in command.params for each in o.opts}
    named = set(re.findall(r"(?<![-\w])--[a-z][a-z-]+", PAGE))
    assert named <= all_of_them
    assert flashing - named == {"--hub", "--wait", "--language"}


def test_the_fleets_commands_that_it_names_exist():
    named = set(re.findall(r"`jiaohao fleet (\w+)", PAGE))
    assert named >= FLEET and named <= set(fleet.commands)
