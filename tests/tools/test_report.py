"""The end of a demo: a line for programs whose keys are promised, and a table that lines up."""

import json
import unicodedata
from itertools import repeat
from pathlib import Path

from tests.tools.test_accounting import record, witness
from tests.tools.test_robot import ORDINARY
from tools.demo.accounting import figures
from tools.demo.report import as_json, as_table
from tools.demo.robot import Robot
from tools.demo.stage import Desk, Login, VirtualDevice

KEYS = ["hall", "runtime", "windows", "seconds", "drawn", "called", "shown", "rated", "lost", "doubled"]


def desk(window, display):
    device = VirtualDevice(f"display-{window}", "window_display", window, Path())
    return Desk(window, Login(f"clerk-{window}", "", display), Robot(repeat(ORDINARY), 1), {"window_display": device})


def test_the_keys_of_the_json_are_promised():
    said = json.loads(as_json("songshan-lake", "micropython", 4, 60.4, figures(witness(), record())))
    assert list(said) == [*KEYS, "differing_displays", "press_to_display_ms"]
    assert said["press_to_display_ms"] == {"p50": 30.0, "p99": 30.0}
    assert (said["seconds"], said["drawn"], said["lost"]) == (60, 2, 0)


def test_without_a_call_there_is_no_time_to_tell():
    said = json.loads(as_json("h", "cpython", 1, 1, figures(witness(press_to_display_ms={}), record())))
    assert said["press_to_display_ms"] == {"p50": None, "p99": None}


def test_the_table_has_a_row_for_each_clerk():
    desks = [desk("1", "陈静"), desk("2", "Anna")]
    _, first, second, *rest = as_table(desks, record(), {"1": [30.0]}, figures(witness(), record())).splitlines()
    assert first.split() == ["1", "陈静", "(clerk-1)", "1", "1", "1", "100", "%", "30"]
    assert second.split() == ["2", "Anna", "(clerk-2)", "0", "0", "0", "-", "-"]
    assert any("lost 0" in line for line in rest)


def test_the_columns_line_up_on_a_terminal():
    desks = [desk("1", "陈静"), desk("2", "Anna"), desk("10", "张敏")]
    rows = as_table(desks, record(), {}, figures(witness(), record())).splitlines()[:4]
    assert len({columns(row) for row in rows}) == 1


def columns(text):
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def test_what_went_wrong_is_written_out():
    found = figures(witness(), record(tickets=[]))
    assert "ticket A001 was handed out, the hub lacks it" in as_table([], record(), {}, found)
