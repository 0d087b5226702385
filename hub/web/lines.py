"""Lines as JSON, or as a file for a spreadsheet, however many there are.

A file is written down as a whole before the first byte of it is sent: what arrives is complete, and a slow reader holds
nothing up but itself.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import IO, Any

from fastapi import Response
from fastapi.responses import StreamingResponse

from hub.ports import Row
from hub.reports.sheet import MARK, pieces
from hub.web.context import Web
from hub.web.days import moments_of
from hub.web.problems import Problem, json_answer

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

PIECE_BYTES = 65_536

LINES: dict[int | str, dict[str, Any]] = {
    200: {"model": list[dict[str, Any]], "description": "The lines", "content": {CSV: {}, XLSX: {}}}
}
"""How the description of the API tells of `lines_of_days`."""


async def lines_of_days(web: Web, what: str, first: str, last: str, format: str) -> Response:
    """The tickets, calls or ratings of the days from `first` to `last`; without them: of today."""
    first, last = first or last or web.clock.now().day, last or first or web.clock.now().day
    for each in (first, last):
        moments_of(each, web.picture.hall)
    if first > last:
        raise Problem(422, "invalid", where="last", reason=f"must not be before {first}")
    asked = (what, first, last)
    if format == "json":
        return json_answer(await asyncio.to_thread(lambda: list(web.lines.lines(*asked))))
    name = f"{what}-{first}" if first == last else f"{what}-{first}-{last}"
    if format == "csv":
        rows = web.lines.lines(*asked)
        return download(await asyncio.to_thread(written, lambda to: _write(rows, to)), f"{name}.csv", CSV)
    with tempfile.TemporaryDirectory(prefix="jiaohao-") as folder:
        made = Path(folder) / "lines.xlsx"
        await web.lines.workbook(*asked, made)
        file = await asyncio.to_thread(written, lambda to: _copy(made, to))
    return download(file, f"{name}.xlsx", XLSX)


def _write(rows: Iterable[Row], to: IO[bytes]) -> None:
    to.write(MARK.encode())
    for piece in pieces(rows):
        to.write(piece.encode())


def _copy(file: Path, to: IO[bytes]) -> None:
    with file.open("rb") as source:
        shutil.copyfileobj(source, to)


def written(write: Callable[[IO[bytes]], None]) -> IO[bytes]:
    """What `write` writes, in a file that has no name and is gone when it is closed."""
    file = tempfile.TemporaryFile(prefix="jiaohao-")  # noqa: SIM115  whoever sends it closes it
    try:
        write(file)
    except BaseException:
        file.close()
        raise
    return file


def csv_of(rows: list[Row], name: str, format: str) -> Response:
    """A few rows that are there already: as JSON, or as CSV called `name`."""
    return json_answer(rows) if format != "csv" else download(written(lambda to: _write(rows, to)), f"{name}.csv", CSV)


def download(file: IO[bytes], name: str, kind: str) -> Response:
    """The whole of the open `file`, to be kept as `name`."""
    file.seek(0, 2)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Length": str(file.tell())}
    file.seek(0)
    return StreamingResponse(_pieces(file), headers=headers, media_type=kind)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with closing(file):
        while piece := file.read(PIECE_BYTES):
            yield piece
