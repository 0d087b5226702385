"""The halls that come with jiaohao, for the tests of the demo."""

from __future__ import annotations

from importlib.resources import files

HALLS = ("binhai-bay", "changchun-jingkai", "dongguan-citizens", "songshan-lake", "zengcheng")


def source_of(name: str) -> str:
    return files("hub.halls").joinpath(f"{name}.toml").read_text("utf-8")
