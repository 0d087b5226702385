"""A report as one HTML file: it needs no other file, no script and no network, and is made for paper.

What it may do stands in `POLICY`, which whoever serves it sends along: its own style, its own pictures, nothing else.
"""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from hub.reports.charts import charts
from hub.reports.model import Report, columns_of, heading, name_of
from hub.reports.shown import FORMS
from hub.reports.words import about, answered_lines
from hub.texts import say


@cache
def _style() -> str:
    return files("hub.reports").joinpath("report.css").read_text("utf-8")


@cache
def policy() -> str:
    """The Content-Security-Policy of the page."""
    digest = b64encode(sha256(_style().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )


@cache
def _template() -> Any:
    environment = Environment(
        loader=PackageLoader("hub.reports", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html")


def page(report: Report, language: str, links: list[tuple[str, str]] | None = None) -> str:
    """The report in one language. `links`: (address, text) of what leads elsewhere when it is read in a browser."""
    return _template().render(
        language=language,
        say=lambda key: say(f"report.{key}", language),
        style=_style(),
        lines=[*about(report, language)],
        reviews=answered_lines(report, language),
        charts=[
            (_address(svg), say(f"report.chart.{name}", language)) for name, svg in charts(report, language).items()
        ],
        tables=[_table(report, by, language) for by in report.tables],
        links=links or [],
    )


def _address(svg: str) -> str:
    """The picture inside its own address: as an image none of it can run."""
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"


def _table(report: Report, by: str, language: str) -> dict[str, Any]:
    rows = report.tables[by]
    columns = columns_of(rows, on_paper=True)
    return {
        "title": say(f"report.by.{by}", language),
        "has_rank": any("rank" in row for row in rows),
        "heads": [heading(it, language) for it in columns],
        "rows": [
            {
                "name": name_of(row, by, language),
                "rank": row.get("rank"),
                "small": row["small"],
                "cells": [FORMS[it.kind](it.of(row)) for it in columns],
            }
            for row in rows
        ],
    }
