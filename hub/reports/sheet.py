"""Rows as CSV for a spreadsheet: RFC 4180 in UTF-8, and nothing in it is a formula.

A spreadsheet takes a cell that begins with one of FORMULA for a formula, even a quoted one, and runs it on the machine
of whoever opens the file. Such a cell gets an apostrophe in front, which shows it as text.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping

from hub.reports.model import Report, columns_of, heading, name_of
from hub.texts import say

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a cell a formula, at its beginning; some programs take the wide forms too."""

MARK = "\ufeff"
"""Without it the usual spreadsheet reads Chinese as rubbish."""

PIECE = 500
"""Lines that are written at once."""


def sheet(rows: Iterable[Mapping[str, object]]) -> str:
    """A line of names, then a line for each row. Numbers stay numbers; None is an empty cell."""
    return "".join(pieces(rows))


def pieces(rows: Iterable[Mapping[str, object]]) -> Iterator[str]:
    """The same bit by bit: however many rows there are, only some of them are in memory."""
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_NONNUMERIC)
    names: list[str] = []
    for count, row in enumerate(rows):
        if not names:
            names = list(row)
            writer.writerow(map(cell, names))
        writer.writerow(cell(row.get(name)) for name in names)
        if count % PIECE == PIECE - 1:
            yield written.getvalue()
            written.seek(0)
            written.truncate()
    yield written.getvalue()


def cell(value: object) -> object:
    """The value as a cell that is never a formula."""
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    text = str(value)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) or text.startswith(FORMULA) else text


def table_sheet(report: Report, by: str, language: str) -> str:
    """One of the report's tables, with headings for people. Raises KeyError when the report has no such table."""
    rows = report.tables[by]
    columns = columns_of(rows)
    return sheet(
        {
            say(f"report.by.{by}", language): name_of(row, by, language),
            **({say("report.rank", language): row["rank"]} if "rank" in row else {}),
            **{heading(it, language): it.of(row) for it in columns},
            say("report.small", language): say("report.yes", language) if row["small"] else "",
        }
        for row in rows
    )
