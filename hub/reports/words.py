"""What a report says in sentences, in one language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from hub.reports.model import Report
from hub.reports.shown import percent
from hub.texts import say

LISTED = 200
"""Names of bad ratings that are not answered which a report lists; it says how many more there are."""


def about(report: Report, language: str) -> list[str]:
    """Which hall and days, and as of when."""
    days = report.period.first if report.period.first == report.period.last else None
    made = datetime.fromtimestamp(report.as_of_ms / 1000, ZoneInfo(report.timezone)).strftime("%Y-%m-%d %H:%M")
    return [
        f"{report.hall_names[language]} · {days or f'{report.period.first} – {report.period.last}'}",
        say("report.final" if report.is_final else "report.preliminary", language, made=made),
        say("report.how-to-read" if report.tables["hall"] else "report.nobody", language),
    ]


def answered_lines(report: Report, language: str) -> list[str]:
    """How bad ratings were answered, and by name those that were not; what was marked."""
    sums = report.reviews
    opened, ended, named = (int(str(sums[name])) for name in ("opened", "ended", "named"))
    counts = {name: str(count) for name, count in sums.items()}
    lines = [
        say("report.reviews", language, **counts, share=percent(_share(ended, opened))),
        say("report.named", language, **counts, share=percent(_share(named - len(report.missing), named))),
        say("report.in-time", language, **counts),
    ]
    for key, names in (("report.missing", report.missing), ("report.unclosed", report.unclosed)):
        if names:
            lines.append(say(key, language, count=str(len(names)), list=_listed(names)))
    if report.marks:
        marks = "; ".join(
            f"{say(f'mark.rule.{rule}', language)}: {count}" for rule, count in sorted(report.marks.items())
        )
        lines.append(say("report.marks", language, list=marks))
    return lines


def _listed(names: Sequence[str]) -> str:
    more = len(names) - LISTED
    return ", ".join(names[:LISTED]) + (f" … (+{more})" if more > 0 else "")


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
