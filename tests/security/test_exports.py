"""What somebody typed into the hall must not run on the machine of whoever opens a report."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.reports.sheet import FORMULA, MARK, cell, sheet
from tests.hub.web.conftest import *  # noqa: F403 - the hall
from tests.hub.web.test_windows import draw, press, sit_down
from tests.hub.web.web_hall import WebHall

FORMULAS = ("=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1", '=HYPERLINK("http://evil.test")')


@pytest.mark.parametrize("text", FORMULAS)
def test_12_formula_in_export(text: str):
    ((written,),) = list(csv.reader(io.StringIO(sheet([{"name": text}]))))[1:]
    assert written == "'" + text


@given(st.lists(st.dictionaries(st.just("a"), st.text(), min_size=1, max_size=1), min_size=1))
def test_12_formula_in_export_of_any_text(rows: list[dict[str, str]]):
    """Nothing begins like a formula, and what was no formula comes back as it was."""
    read = list(csv.reader(io.StringIO(sheet(rows), newline="")))[1:]
    assert len(read) == len(rows)
    for (written,), row in zip(read, rows, strict=True):
        assert not written.lstrip(" ").startswith(FORMULA)
        assert written in (row["a"], "'" + row["a"])


def test_numbers_stay_numbers():
    assert [cell(value) for value in (-5, 2.5, None, True)] == [-5, 2.5, "", "True"]


async def test_12_formula_in_export_of_the_hall(hall: WebHall):
    """The case number is typed in at a counter."""
    await draw(hall)
    clerk, seen = await sit_down(hall)
    await press(clerk, "next", seen)
    assert (await clerk.post("/api/v1/tickets/A001/case", json={"case": "=1+1"})).status_code == 200
    manager = await hall.machine("manager")
    for report in ("tickets", "calls", "ratings"):
        answer = await manager.get(f"/api/v1/{report}?format=csv")
        assert answer.headers["content-type"].startswith("text/csv"), answer.text
        assert "attachment" in answer.headers["content-disposition"]
        text = answer.content.decode()
        assert not text or text.startswith(MARK)
        cells = [each for row in csv.reader(io.StringIO(text.removeprefix(MARK))) for each in row]
        assert not [each for each in cells if each.startswith(FORMULA)]
        assert report != "tickets" or "'=1+1" in cells


async def test_12_formula_injection_a_day_is_written_in_plain_digits(hall: WebHall):
    """It becomes the name of the file, in a header."""
    manager = await hall.machine("manager")
    for report in ("calls", "ratings", "tickets"):
        answer = await manager.get(f"/api/v1/{report}", params={"format": "csv", "day": "٢٠٢٣-١١-١٥"})
        assert answer.status_code == 422
