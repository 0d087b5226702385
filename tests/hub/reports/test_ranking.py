from __future__ import annotations

from typing import Any

from hub.core.tallies import wilson
from hub.reports.ranking import ranked
from hub.reports.shown import percent


def row(clerk: str, good: int, rated: int) -> dict[str, Any]:
    return {"clerk": clerk, "small": rated < 30, "satisfied_range": wilson(good, rated)}


def test_five_of_five_is_not_before_196_of_200():
    rows = ranked([row("lucky", 5, 5), row("steady", 196, 200), row("new", 30, 30), row("none", 0, 0)])
    assert [(each["clerk"], each["rank"]) for each in rows] == [
        ("steady", 1),
        ("new", 2),
        ("lucky", None),
        ("none", None),
    ]


def test_a_share_is_cut_and_never_says_all_of_what_is_not():
    assert [percent(share) for share in (1.0, 0.9999, 0.99995, 0.57, 0.0, 0.00001, None)] == [
        "100.0 %",
        "99.9 %",
        "99.9 %",
        "57.0 %",
        "0.0 %",
        "0.0 %",
        "–",
    ]
