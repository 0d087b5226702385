"""Hall files: every problem is named with its line and with what would be right."""

from __future__ import annotations

from pathlib import Path

import pytest

import hub.halls
from hub.config import HallFileError, read_hall

GOOD = """\
[hall]
id = "hall"
name = { zh-Hans = "厅", zh-Hant = "廳", en = "Hall" }
timezone = "Asia/Shanghai"

[services.tax]
name = { zh-Hans = "税", zh-Hant = "稅", en = "Tax" }
prefix = "A"

[services.land]
name = { zh-Hans = "地", zh-Hant = "地", en = "Land" }
prefix = "B"

[windows.1]
name = { zh-Hans = "1号", zh-Hant = "1號", en = "1" }
services = ["*"]

[windows.2]
name = { zh-Hans = "2号", zh-Hant = "2號", en = "2" }
services = ["land"]
"""


def problems(old: str, new: str) -> list[str]:
    assert old in GOOD
    with pytest.raises(HallFileError) as caught:
        read_hall(GOOD.replace(old, new, 1))
    return [str(problem) for problem in caught.value.problems]


def test_a_good_file_is_a_hall():
    hall = read_hall(GOOD)
    assert hall.windows["1"].services == ("tax", "land")
    assert hall.windows["2"].services == ("land",)
    assert (hall.day_starts, hall.slip_guard_ms, hall.zones) == ("04:00", 1500, ["main"])


def test_an_unknown_key():
    assert problems('prefix = "A"', 'prefix = "A"\nprefx = "C"') == [
        "line 9: services.tax.prefx: unknown key; allowed here: name, prefix, start, end, step, width"
    ]


def test_an_unknown_table():
    (problem,) = problems("[windows.1]", "[windos.1]")
    assert problem == "line 14: windos: unknown key; allowed here: hall, services, windows"


def test_a_prefix_used_twice():
    assert problems('prefix = "B"', 'prefix = "A"') == [
        'line 12: services.land.prefix: "A" is the prefix of services.tax already; each service needs its own'
    ]


def test_a_window_with_an_unknown_service():
    assert problems('services = ["land"]', 'services = ["lnad"]') == [
        'line 20: windows.2.services: there is no service "lnad"; allowed: "tax", "land", "*"'
    ]


def test_several_problems_are_told_at_once_in_order():
    found = problems('timezone = "Asia/Shanghai"', 'timezone = "Moon"\nday_starts = "4 Uhr"')
    assert found == [
        'line 4: hall.timezone: must be a time zone such as "Asia/Shanghai"',
        'line 5: hall.day_starts: must be a time such as "04:00"',
    ]


def test_broken_toml_is_told_with_its_line():
    (problem,) = problems("[services.land]", "[services.land")
    assert problem.startswith("line 10: TOML: ")


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ('id = "hall"', 'id = "Hall/1"', "hall.id"),
        ('id = "hall"', "", "hall.id"),
        ('prefix = "A"', 'prefix = "a"', "services.tax.prefix"),
        ('prefix = "A"', 'prefix = "A"\nend = 0', "services.tax.end"),
        ('prefix = "A"', 'prefix = "A"\nstart = 5\nend = 4', "services.tax.end"),
        ('prefix = "A"', 'prefix = "AAA"\nend = 999999', "services.tax.end"),
        ('prefix = "A"', 'prefix = "A"\nstep = "1"', "services.tax.step"),
        ('services = ["*"]', "services = []", "windows.1.services"),
        ('en = "1"', 'en = ""', "windows.1.name.en"),
        ("[windows.1]", '[windows."Eins!"]', "windows.Eins!"),
    ],
)
def test_what_else_is_refused(old, new, where):
    (problem, *_) = problems(old, new)
    assert where in problem


@pytest.mark.parametrize("file", sorted(Path(hub.halls.__path__[0]).glob("*.toml")), ids=lambda file: file.stem)
def test_every_hall_file_that_we_give_is_good(file: Path):
    assert read_hall(file.read_text("utf-8")).id == file.stem
