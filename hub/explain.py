"""Why somebody was called, in words for people who have never seen the rules. Pure: a call and the hall go in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hub.core import calling
from hub.core.hall import APPOINTMENT, MINUTE_MS, Hall
from hub.texts import say


@dataclass(frozen=True, slots=True)
class Called:
    """A call as the log has it. `midnight_ms`: from which the day's minutes are counted; `why`: see calling.Choice."""

    number: str
    service: str
    klass: str
    window: str
    at_ms: int
    midnight_ms: int
    why: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Waited:
    """Another ticket of that day: when it came, and its place then, both in ms."""

    number: str
    klass: str
    arrival_ms: int
    place_ms: int


def explain(hall: Hall, called: Called, language: str) -> str:
    """The sentences, in `language`. A class, window or rule that the hall no longer has is called by its id."""
    return ("" if language.startswith("zh") else " ").join(_Words(hall, called, language).sentences())


def compare(hall: Hall, called: Called, other: Waited, language: str) -> str:
    """Where the two stood in the order when the first was called: for whoever asks "why before me?"."""
    words = _Words(hall, called, language)
    key = "why.before" if words.place_ms < other.place_ms else "why.after"
    return words.beside(key, other)


class _Words:
    """What fills the sentences of one call."""

    def __init__(self, hall: Hall, called: Called, language: str):
        self._hall = hall
        self._called = called
        self._why = called.why
        self._language = language
        self._since_ms = called.at_ms - self._why.get("waited_ms", 0)
        self.place_ms = self._since_ms - self._why.get("lead_ms", 0)
        self._words = {
            "number": called.number,
            "window": self._name(hall.windows, called.window),
            "service": self._name(hall.services, called.service),
            "class": self._name(hall.classes, called.klass),
            "time": self._clock(called.at_ms),
            "arrival": self._clock(self._since_ms),
            "effective": self._clock(self.place_ms),
            "due": self._clock(self._why.get("due_ms", 0)),
            "minutes": _minutes(self._why.get("waited_ms", 0)),
            "credit": _minutes(self._why.get("credit_ms", 0)),
            "prefer": _minutes(self._why.get("prefer_ms", 0)),
            "waiting": str(self._why.get("waiting", 1)),
            "first": self._why.get("first", ""),
            "reason": self._why.get("reason", ""),
            "rule": self._rule(),
            "classes": self._and([self._name(hall.classes, klass) for klass in self._only()]),
        }

    def sentences(self) -> list[str]:
        said = [self._say("why.called"), *self._reason()]
        if self._why.get("first"):
            said.append(self._say("why.first"))
        if passed := self._why.get("passed"):
            said.append(say("why.passed", self._language, passed=self._and([self._one(*each) for each in passed])))
            said.append(say("why.bound", self._language, minutes=_minutes(self._hall.most_credit_ms)))
        return said

    def beside(self, key: str, other: Waited) -> str:
        theirs = {
            "other": other.number,
            "other_class": self._name(self._hall.classes, other.klass),
            "other_arrival": self._clock(other.arrival_ms),
            "other_effective": self._clock(other.place_ms),
        }
        return say(key, self._language, **self._words, **theirs)

    def _reason(self) -> list[str]:
        kind = self._why.get("kind", calling.ORDER)
        if kind in (calling.CONDITION, calling.RATIO, calling.PICKED, calling.RESUMED):
            return [self._say(f"why.{kind}")]
        said = [self._say("why.reserved")] if kind == calling.RESERVED else []
        if self._why.get("prefer_ms"):
            said.append(self._say("why.prefer"))
        return [*said, self._say(self._order())]

    def _order(self) -> str:
        """Which sentence says why this one was first in the order."""
        if self._called.klass == APPOINTMENT and self._why.get("due_ms"):
            return "why.appointment"
        if self._why.get("credit_ms"):
            return "why.class"
        return "why.kept" if self._why.get("lead_ms", 0) > 0 else "why.order"

    def _one(self, number: str, klass: str, waited_ms: int, _credit_ms: int) -> str:
        words = {"number": number, "class": self._name(self._hall.classes, klass), "minutes": _minutes(waited_ms)}
        arrival = self._clock(self._called.at_ms - waited_ms)
        return say("why.passed-one", self._language, arrival=arrival, **words)

    def _say(self, key: str) -> str:
        return say(key, self._language, **self._words)

    def _name(self, known: dict[str, Any], key: str) -> str:
        return known[key].names[self._language] if key in known else key

    def _rule(self) -> str:
        rules = {rule.id: rule for rule in (*self._hall.conditions, *self._hall.ratios)}
        return self._name(rules, self._why.get("rule", ""))

    def _only(self) -> tuple[str, ...]:
        window = self._hall.windows.get(self._called.window)
        return window.only if window else ()

    def _and(self, parts: list[str]) -> str:
        return say("why.and", self._language).join(parts)

    def _clock(self, ms: int) -> str:
        """HH:MM of the business day; after its midnight the hours begin again."""
        minute = (ms - self._called.midnight_ms) // MINUTE_MS
        return f"{minute // 60 % 24:02}:{minute % 60:02}"


def _minutes(ms: int) -> str:
    """Whole minutes, to the nearest."""
    return str((ms + MINUTE_MS // 2) // MINUTE_MS)
