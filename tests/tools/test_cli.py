"""The command `jiaohao`: quick to answer, the same help everywhere, and clear about what it does not take."""

import subprocess
import sys
from importlib import import_module
from pkgutil import iter_modules

import click
import pytest
from click.testing import CliRunner

import hub.cli
from tools.cli import COMMANDS, main

TOP = (click.Command, click.Group)


def run(*arguments):
    return CliRunner().invoke(main, arguments)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_short_help_is_the_commands_own(name):
    path, help_ = COMMANDS[name]
    module, _, attribute = path.partition(":")
    assert getattr(import_module(module), attribute).help.startswith(help_)


def test_every_command_of_the_hub_is_there():
    modules = [import_module(f"hub.cli.{found.name}") for found in iter_modules(hub.cli.__path__)]
    found = [command for module in modules for command in vars(module).values() if type(command) in TOP]
    inner = [command for group in found if isinstance(group, click.Group) for command in group.commands.values()]
    theirs = {command.name for command in found if command not in inner}
    assert {"hub", "broker"} <= theirs <= set(COMMANDS)


def test_help_does_not_load_the_hub():
    script = "import sys; from tools.cli import main; main(['--help'], standalone_mode=False); print(*sys.modules)"
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert "demo" in shown and "hub.cli" not in shown and "uvicorn" not in shown


def test_an_unknown_command_is_refused():
    shown = run("dmeo")
    assert shown.exit_code == 2 and "dmeo" in shown.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--hall", "nowhere"], "songshan-lake"),
        (["--windows", "0"], "--windows"),
        (["--windows", "13"], "songshan-lake has 12 windows"),
        (["--seconds", "0"], "--seconds"),
        (["--speed", "99"], "--speed"),
    ],
)
def test_the_demo_says_what_it_does_not_take(arguments, words):
    shown = run("demo", *arguments)
    assert shown.exit_code == 2 and words in shown.output


def test_a_hall_file_with_mistakes_is_refused_with_its_lines(tmp_path):
    file = tmp_path / "hall.toml"
    file.write_text("[hall]\nid = 3\n")
    shown = run("demo", "--hall", str(file))
    assert shown.exit_code == 2
    assert "error: " in shown.output and "line 2: hall.id" in shown.output and "Traceback" not in shown.output
