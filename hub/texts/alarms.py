"""Alarms in words."""

from __future__ import annotations

from typing import NamedTuple

from hub.core.hall import OF_REVIEWS, Hall
from hub.texts import Text, say_all
from protocol.downward import LANGUAGES

KINDS = ("wait", "service", "unstaffed", "idle")
"""Of what happens in the hall now; those of hub.core.hall.OF_REVIEWS are about a limit."""


class Case(NamedTuple):
    """A review as far as an alarm may tell of it: no person, neither who asked nor who is asked about. `kind`: one of
    hub.core.limits.KINDS. `number`: of the ticket; empty, as `window` is too, when nobody knows it."""

    review: str
    kind: str
    window: str
    number: str


def alarm_text(hall: Hall, rule: str, subject: str, figures: dict[str, int], case: Case | None = None) -> Text:
    """What lasts, or is due. `subject`: id of a service, a window or a review, or the number of a visit; `case`: that
    review, if it is one. The rule may be gone by now."""
    kind = next((each.kind for each in hall.alarms if each.id == rule), "")
    minutes = figures.get("minutes", 0)
    if case:
        return _limit_text(case_names(hall, case), kind, minutes)
    return say_all(
        f"alarm.{kind if kind in KINDS else 'other'}",
        subject=_subject(hall, kind, subject),
        minutes=_same(str(minutes)),
        waiting=_same(str(figures.get("waiting", 0))),
    )


def _limit_text(case: Text, kind: str, minutes: int) -> Text:
    """`minutes`: since the limit; negative before it."""
    hours, rest = divmod(abs(minutes), 60)
    span = say_all("alarm.hours" if hours else "alarm.minutes", hours=_same(str(hours)), minutes=_same(str(rest)))
    due = say_all(f"alarm.due.{kind if kind in OF_REVIEWS else 'other'}")
    return say_all("alarm.before" if minutes < 0 else "alarm.after", subject=case, due=due, span=span)


def case_names(hall: Hall, case: Case) -> Text:
    """Which case it is: what kind, its id, and where and with which ticket it began, as far as that is known."""
    window = hall.windows.get(case.window)
    place = window.names if window else _same(case.window)
    what = say_all(f"alarm.case.{case.kind}", review=_same(case.review))
    parts = (what, place, _same(case.number))
    return {language: " · ".join(part[language] for part in parts if part[language]) for language in LANGUAGES}


def alarm_title(hall: Hall, rule: str) -> Text:
    """Hall and rule."""
    names = next((each.names for each in hall.alarms if each.id == rule), _same(rule))
    return say_all("alarm.title", hall=hall.names, rule=names)


def told_before(level: int) -> Text:
    """For whoever is told after `level` others."""
    return say_all("alarm.again", told=_same(str(level)))


def _subject(hall: Hall, kind: str, subject: str) -> Text:
    of = hall.windows if kind == "idle" else hall.services if kind in ("wait", "unstaffed") else {}
    return of[subject].names if subject in of else _same(subject)


def _same(text: str) -> Text:
    return dict.fromkeys(LANGUAGES, text)
