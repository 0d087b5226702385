"""Every form of a report says the same as its data, and nothing in any of them runs."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, cast

import openpyxl
import pytest

from hub.reports.charts import charts
from hub.reports.model import COLUMNS, Report, columns_of, heading
from hub.reports.page import page
from hub.reports.sheet import pieces, table_sheet
from hub.reports.workbook import write_lines, write_report
from hub.texts import say
from protocol.downward import LANGUAGES
from tests.hub.reports.played import DAYS, report_of

FORMULA = '=HYPERLINK("http://evil.test","x")'


@pytest.fixture(scope="session")
def month(played: Path) -> Report:
    return report_of(played, "2026-03", with_clerks=True)


def evil(report: Report) -> Report:
    """The same hall, whose names are formulas and script."""
    names = dict.fromkeys(LANGUAGES, FORMULA)
    tables: dict[str, Any] = {
        by: [{**row, **({"names": names} if "names" in row else {})} for row in rows]
        for by, rows in report.tables.items()
    }
    tables["clerk"] = [{**tables["clerk"][0], "clerk": "<script>alert(1)</script>"}]
    return replace(report, hall_names=names, tables=tables, missing=[FORMULA])


def opened(report: Report, language: str = "zh-Hans") -> openpyxl.Workbook:
    file = io.BytesIO()
    write_report(report, file, language)
    return openpyxl.load_workbook(io.BytesIO(file.getvalue()))


def test_a_workbook_has_every_figure_of_every_table(month: Report):
    book = opened(month)
    assert cast("int", month.tables["hall"][0]["served"]) > 800
    for by, rows in month.tables.items():
        page = book[say(f"report.by.{by}", "zh-Hans")]
        head, *lines = page.iter_rows(values_only=True)
        assert len(lines) >= len(rows) > 0, by
        for column in columns_of(rows):
            at = head.index(heading(column, "zh-Hans"))
            for line, row in zip(lines, rows, strict=False):
                expected = column.of(row)
                assert line[at] == (pytest.approx(expected) if expected is not None else None), (by, column.key)


def test_a_workbook_has_charts_of_its_own(month: Report):
    page = opened(month)["日"]
    assert [type(chart).__name__ for chart in page._charts] == ["BarChart", "LineChart"]  # pyright: ignore[reportAttributeAccessIssue]
    assert page._charts[0].series[0].val.numRef.f == f"日!$G$2:$G${len(DAYS) + 1}"  # pyright: ignore[reportAttributeAccessIssue]
    assert page["G1"].value == heading(next(it for it in COLUMNS if it.key == "served"), "zh-Hans")


def test_in_a_workbook_nothing_is_a_formula_or_a_link(month: Report):
    book = opened(evil(month))
    found = [cell for page in book for row in page.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in found} == {"s", "n"}
    assert sum(cell.value == FORMULA for cell in found) > 5
    assert not [cell for cell in found if cell.hyperlink]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sheet_has_the_figures_of_its_table(month: Report, language: str):
    head, *lines = csv.reader(io.StringIO(table_sheet(month, "service", language)))
    rows = month.tables["service"]
    served = head.index(say("report.column.served", language))
    assert [int(line[served]) for line in lines] == [row["served"] for row in rows]
    ((_, name), *_) = zip(
        head, next(csv.reader([table_sheet(evil(month), "service", language).splitlines()[1]])), strict=False
    )
    assert name == "'" + FORMULA


class Read(HTMLParser):
    """Tags with what they have, and all text."""

    def __init__(self, html: str):
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_needs_nothing_else_and_runs_nothing(month: Report, language: str):
    read = Read(page(evil(month), language))
    assert {tag for tag, _ in read.tags}.isdisjoint({"script", "link", "iframe", "object", "a"})
    assert "<script>alert(1)</script>" in read.text
    images = [attributes for tag, attributes in read.tags if tag == "img"]
    assert len(images) == 3
    assert all(str(each["src"]).startswith("data:image/svg+xml;base64,") and each["alt"] for each in images)
    assert not [name for _, attributes in read.tags for name in attributes if name.startswith("on") or name == "style"]
    assert "{" not in read.text.replace(page_style(read), "")


def page_style(read: Read) -> str:
    from hub.reports.page import _style

    return _style()


def test_a_page_shows_how_many_really_rated_beside_how_many_were_content(month: Report):
    hall = cast("dict[str, Any]", month.tables["hall"][0])
    text = Read(page(month, "zh-Hans")).text
    assert 0 < hall["active_share"] < 0.6
    for share in (hall["active_share"], hall["satisfied"], hall["satisfied_range"][0]):
        assert f"{int(share * 1000) / 10:.1f} %" in text


def test_a_report_names_what_is_not_answered_or_closed(month: Report):
    assert month.unclosed and month.reviews["opened"] == len(month.unclosed)
    assert month.unclosed[0] in Read(page(month, "en")).text


def test_charts_have_no_script_and_words_of_their_language(month: Report):
    drawn = charts(month, "zh-Hant")
    assert set(drawn) == {"served", "waits", "levels"}
    assert "主動評價" in drawn["served"]
    assert "非常滿意" in drawn["levels"]


def test_a_day_without_anybody_is_a_report_too(played: Path):
    empty = report_of(played, "2026-01-10")
    html = page(empty, "en")
    assert "<img" not in html and say("report.nobody", "en") in html
    assert opened(empty)


def test_a_report_as_json_is_the_whole_of_it(month: Report):
    data = json.loads(json.dumps(month.data))
    assert data["tables"]["hall"] == json.loads(json.dumps(month.tables["hall"]))
    assert data["tables"]["hall"][0]["levels"]["5"] > 0
    assert (data["period"], data["first"], data["last"], data["final"]) == (
        "2026-03",
        "2026-03-01",
        "2026-03-31",
        False,
    )


ROWS = 200_000


def many():
    for number in range(ROWS):
        yield {
            "rating": f"pad:1:{number}",
            "level": number % 5 + 1,
            "text": FORMULA if number % 1000 == 0 else "",
            "at_ms": number,
        }


def test_two_hundred_thousand_lines_are_complete_in_a_workbook(tmp_path: Path):
    file = tmp_path / "lines.xlsx"
    assert write_lines(many(), file, most=120_000) == ROWS
    lines, formulas = 0, 0
    for sheet in openpyxl.load_workbook(file, read_only=True):
        head, *rows = sheet.iter_rows(values_only=True)
        assert head == ("rating", "level", "text", "at_ms")
        for row in rows:
            assert row[3] == lines and row[0] == f"pad:1:{lines}"
            formulas += row[2] == FORMULA
            lines += 1
    assert (lines, formulas) == (ROWS, ROWS // 1000)


def test_two_hundred_thousand_lines_are_complete_in_a_sheet():
    text = "".join(pieces(many()))
    head, *rows = csv.reader(io.StringIO(text))
    assert head == ["rating", "level", "text", "at_ms"]
    assert [int(row[3]) for row in rows] == list(range(ROWS))
    assert {row[2] for row in rows} == {"", "'" + FORMULA}
