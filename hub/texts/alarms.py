"""Alarms in words."""

from __future__ import annotations

from hub.core.hall import Hall
from hub.texts import Text, say_all
from protocol.downward import LANGUAGES

KINDS = ("wait", "service", "unstaffed", "idle")


def alarm_text(hall: Hall, rule: str, subject: str, figures: dict[str, int]) -> Text:
    """What lasts. `subject`: id of a service or a window, or the number of a visit. The rule may be gone by now."""
    kind = next((each.kind for each in hall.alarms if each.id == rule), "")
    return say_all(
        f"alarm.{kind if kind in KINDS else 'other'}",
        subject=_subject(hall, kind, subject),
        minutes=_same(str(figures.get("minutes", 0))),
        waiting=_same(str(figures.get("waiting", 0))),
    )


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
