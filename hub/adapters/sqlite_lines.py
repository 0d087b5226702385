"""The lines that figures are made from, of some days: tickets, calls, ratings. Read as they are asked for, so that
their number does not matter.

A sheet of them is written by a process of its own (`python -m hub.adapters.sqlite_lines`), with a low priority: to
write two hundred thousand lines takes half a minute, in which every press in the hall would have to wait for its turn.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from hub.ports import Row, StoreError
from hub.reports.workbook import write_lines

BUSY_S = 5
"""How long to wait for a lock. Readers of a WAL database wait only while it is being recovered."""

NICE = 10
"""How much the process that writes a sheet stands back."""

WHAT = {
    "tickets": """
        select visit, number, service, klass, party, state, coalesce(window, '') window, coalesce(clerk, '') clerk,
               drawn_ms, called_ms, started_ms, finished_ms, due_ms, booking, origin, case_number
        from tickets where day between :first and :last order by day, drawn_ms, number
    """,
    "calls": """
        select c.revision, c.stop, c.visit, t.number, c.service, c.window, c.clerk, c.by, c.at_ms, c.shown_ms, c.device,
               c.waited_ms, c.started_ms, c.ended_ms, c.ended, c.why
        from tickets t join calls c using (visit) where t.day between :first and :last order by c.revision
    """,
    "ratings": """
        select r.rating, r.device, r.epoch, r.seq, r.visit, r.window, r.clerk, r.service, r.case_number, r.level,
               r.standing, r.channel, r.by, r.attempt, r.replaces, r.replaced_by, r.reasons, r.reasons_version, r.named,
               r.struck, r.excluded, r.earliest_ms, r.latest_ms
        from ratings r where r.day between :first and :last order by r.at_ms, r.rowid
    """,
}


class SqliteLines:
    """Lines of the database `file`."""

    def __init__(self, file: Path):
        self._file = file

    def lines(self, what: str, first: str, last: str) -> Iterator[Row]:
        """Each ticket, call or rating of the days from `first` to `last`. Raises StoreError."""
        days = {"first": first, "last": last}
        try:
            address = f"{self._file.resolve().as_uri()}?mode=ro"
            with closing(sqlite3.connect(address, uri=True, timeout=BUSY_S)) as connection:
                connection.row_factory = sqlite3.Row
                for row in connection.execute(WHAT[what], days):
                    yield dict(row)
        except sqlite3.Error as error:
            raise StoreError(f"cannot read the database {self._file}: {error}") from error

    async def workbook(self, what: str, first: str, last: str, to: Path) -> None:
        """The same as XLSX in the file `to`. Raises StoreError."""
        asked = [str(self._file), what, first, last, str(to)]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", __name__, *asked, stderr=asyncio.subprocess.PIPE
        )
        try:
            _, said = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
        if process.returncode:
            raise StoreError(f"the sheet could not be written: {said.decode('utf-8', 'replace').strip()[-500:]}")


def main(file: str, what: str, first: str, last: str, to: str) -> None:
    """What the process does."""
    with contextlib.suppress(PermissionError):  # a hardened unit of systemd forbids it, and needs it less
        os.nice(NICE)
    write_lines(SqliteLines(Path(file)).lines(what, first, last), Path(to))


if __name__ == "__main__":
    main(*sys.argv[1:])
