"""Puts a report together from what the hub's tables say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from hub.core.commands import Moment
from hub.core.hall import Hall
from hub.core.reviews import ENDED, WITHDRAWN
from hub.ports import Answers, Figures, Row
from hub.reports.model import CLERK, TABLES, Report
from hub.reports.periods import Period, is_final
from hub.reports.ranking import ranked


def gather(
    figures: Figures, answers: Answers, hall: Hall, period: Period, now: Moment, with_clerks: bool = False
) -> Report:
    """The report as of `now`. Raises StoreError."""
    days = (period.first, period.last)
    tables = figures.tables(*days, (*TABLES[period.kind], *([CLERK] if with_clerks else [])))
    if with_clerks:
        tables[CLERK] = ranked(tables[CLERK])
    opened = answers.reviews(*days)
    return Report(
        period,
        hall.id,
        hall.names,
        hall.timezone,
        now.ms,
        is_final(period, now.day),
        tables,
        answers.review_sums(*days),
        missing(opened),
        [str(row["review"]) for row in opened if row["state"] not in ENDED],
        Counter(str(mark["rule"]) for mark in answers.marks(*days)),
    )


def missing(rows: Sequence[Row]) -> list[str]:
    """The named ones that are not answered, or not visited back. Who took the rating back at once is owed no answer."""
    owed = [row for row in rows if row["named"] and row["state"] != WITHDRAWN]
    return [str(row["review"]) for row in owed if not (row["answered_ms"] and row["visited_ms"])]
