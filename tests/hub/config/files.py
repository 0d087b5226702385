"""A small hall file, and what is said of it when something is changed."""

from __future__ import annotations

import pytest

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

NAME = 'name = { zh-Hans = "名", zh-Hant = "名", en = "Name" }\n'

CONTACT = '\n[contacts.li]\nname = "Li"\nemail = "li@hall.example"\n'


def problems_of(text: str) -> list[str]:
    """What is wrong with the hall file `text`; something is."""
    with pytest.raises(HallFileError) as caught:
        read_hall(text)
    return [str(problem) for problem in caught.value.problems]


def replaced(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new, 1)


def row(table: str, *lines: str) -> str:
    """GOOD and one more row or table, whose first key is in line 22."""
    return GOOD + f"{table}\n" + "\n".join(lines) + "\n"
