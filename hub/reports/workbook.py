"""Reports and lines as XLSX. What people wrote is text, whatever it looks like: no cell is a formula or a link.

Rows are written as they come (`constant_memory`): two hundred thousand need no more memory than two.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from xlsxwriter import Workbook

from hub.ports import Row
from hub.reports.model import COUNT, MINUTES, POINTS, SHARE, TIMELINE, Column, Report, columns_of, heading, name_of
from hub.reports.words import about, answered_lines
from hub.texts import say

SHEET_ROWS = 1_048_576
"""What a sheet can hold; what is more goes on in the next one."""

CELL_CHARS = 32_767
"""What a cell can hold."""

FORMATS = {COUNT: "#,##0", SHARE: "0.00%", MINUTES: "0.0", POINTS: "0.00"}

_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": True,
}


def write_report(report: Report, file: Path | IO[bytes], language: str) -> None:
    """The report as a workbook with a sheet for each table, and charts."""
    with Workbook(file, _OPTIONS) as book:
        formats = {kind: book.add_format({"num_format": form}) for kind, form in FORMATS.items()}
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        _cover(book, report, language, bold)
        for by, rows in report.tables.items():
            title = say(f"report.by.{by}", language)
            page = book.add_worksheet(title)
            _table(page, rows, by, language, formats, bold)
            if by == TIMELINE[report.period.kind] and rows:
                _charts(book, page, title, rows, language)


def _cover(book: Workbook, report: Report, language: str, bold: Any) -> None:
    page = book.add_worksheet(say("report.cover", language))
    page.set_column(0, 0, 100)
    page.write_string(0, 0, say("report.title", language), bold)
    for at, line in enumerate([*about(report, language), *answered_lines(report, language)], 1):
        page.write_string(at, 0, line[:CELL_CHARS])


def _table(page: Any, rows: Sequence[Row], by: str, language: str, formats: Mapping[str, Any], bold: Any) -> None:
    columns = columns_of(rows)
    has_rank = bool(rows) and "rank" in rows[0]
    titles = [say(f"report.by.{by}", language), *([say("report.rank", language)] if has_rank else [])]
    titles += [heading(it, language) for it in columns]
    page.set_column(0, 0, 28)
    page.set_column(1, len(titles), 11)
    page.freeze_panes(1, 1)
    for at, title in enumerate([*titles, say("report.small", language)]):
        page.write_string(0, at, title, bold)
    for line, row in enumerate(rows, 1):
        page.write_string(line, 0, name_of(row, by, language)[:CELL_CHARS])
        if has_rank and row["rank"] is not None:
            page.write_number(line, 1, row["rank"])
        for at, column in enumerate(columns, 1 + has_rank):
            value = column.of(row)
            if value is not None:
                page.write_number(line, at, value, formats[column.kind])
        if row["small"]:
            page.write_string(line, 1 + has_rank + len(columns), say("report.yes", language))


def _charts(book: Workbook, page: Any, title: str, rows: Sequence[Row], language: str) -> None:
    """Beside the first screen of figures would hide them: the charts stand below."""
    columns = columns_of(rows)
    for place, (kind, keys) in enumerate((("column", ("served", "rated_stops")), ("line", ("wait_p50", "wait_p90")))):
        chart: Any = book.add_chart({"type": kind})
        for key in keys:
            at = _place(columns, key)
            chart.add_series(
                {
                    "name": [title, 0, at],
                    "categories": [title, 1, 0, len(rows), 0],
                    "values": [title, 1, at, len(rows), at],
                }
            )
        chart.set_size({"width": 900, "height": 320})
        chart.set_legend({"position": "bottom"})
        page.insert_chart(len(rows) + 2 + 18 * place, 0, chart, {"description": say("report.charts", language)})


def _place(columns: Sequence[Column], key: str) -> int:
    return 1 + next(at for at, column in enumerate(columns) if column.key == key)


def write_lines(rows: Iterable[Mapping[str, object]], file: Path, most: int = SHEET_ROWS) -> int:
    """Any rows, their names on top, on as many sheets as they need. How many rows."""
    count = 0
    with Workbook(file, _OPTIONS) as book:
        page, at, names = None, 0, []
        for row in rows:
            if page is None or at == most:
                names, at = names or list(row), 1
                page = book.add_worksheet()
                page.freeze_panes(1, 0)
                for place, name in enumerate(names):
                    page.write_string(0, place, name)
            for place, name in enumerate(names):
                _write(page, at, place, row.get(name))
            at, count = at + 1, count + 1
        if page is None:
            book.add_worksheet()
    return count


def _write(page: Any, line: int, place: int, value: object) -> None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        page.write_number(line, place, value)
    elif value not in (None, ""):
        page.write_string(line, place, str(value)[:CELL_CHARS])
