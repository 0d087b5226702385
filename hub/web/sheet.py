"""Rows as CSV for a spreadsheet: RFC 4180 in UTF-8, and nothing in it is a formula.

A spreadsheet takes a cell that begins with one of FORMULA for a formula, even a quoted one, and runs it on the machine
of whoever opens the file. Such a cell gets an apostrophe in front, which shows it as text.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import Response

from hub.ports import Row
from hub.web.problems import json_answer

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a cell a formula, at its beginning; some programs take the wide forms too."""

MARK = "\ufeff"
"""Without it the usual spreadsheet reads Chinese as rubbish."""


def sheet(rows: Iterable[Mapping[str, object]]) -> str:
    """A line of names, then a line for each row. Numbers stay numbers; None is an empty cell."""
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_NONNUMERIC)
    names: list[str] = []
    for row in rows:
        if not names:
            names = list(row)
            writer.writerow(map(cell, names))
        writer.writerow(cell(row.get(name)) for name in names)
    return written.getvalue()


def cell(value: object) -> object:
    """The value as a cell that is never a formula."""
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    text = str(value)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) or text.startswith(FORMULA) else text


LINES: dict[int | str, dict[str, Any]] = {
    200: {"model": list[dict[str, Any]], "description": "The lines", "content": {"text/csv": {}}}
}
"""How the description of the API tells of `lines`."""


def lines(rows: list[Row], name: str, format: str) -> Response:
    """The rows as JSON, or with the format "csv" as a file `name`.csv."""
    if format != "csv":
        return json_answer(rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response((MARK + sheet(rows)).encode(), headers=headers, media_type="text/csv")
