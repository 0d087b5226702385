"""What becomes of a rating: the rules of the good/bad rating (好差评), as pure functions.

Designed after the State Council opinion 国办发〔2019〕51号 and the practice of 一次一评 (each visit is rated once at
the window) and 一事一评 (each case once). So a rating is of one *stop* of a visit, where one clerk served at one
window, and of one case there: a visit that was at two windows is rated at both, and a clerk who did two cases in one
stop can be rated for both, because the case was another one at the second press.

    counted      the first word of the applicant about that stop and case
    correction   a second word within the correction time of the first: it counts in its place
    remark       a later one (追评): kept, shown, answered when bad, and never counted
    no-visit     nobody was being served: kept apart, and in no figure

What the hub has on disk first is the first word: a press that a pad delivers days later, after its applicant has rated
by phone, is a remark whenever it was pressed. Where a pad was restarted and nobody knows when a second press was made,
it is a remark too. Nobody is ever taken to be satisfied because they said nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from unicodedata import category

from hub.core.limits import ReviewRules
from hub.core.plain import Names

COUNTED = "counted"
CORRECTION = "correction"
REMARK = "remark"
NO_VISIT = "no-visit"
COUNTS = (COUNTED, CORRECTION)
"""Standings of what is in figures, until a correction takes its place. Logs of before there were remarks say "repeat"
for what is one now."""

PAD = "pad"
KIOSK = "kiosk"
PHONE = "phone"
STAFF = "staff"
CHANNELS = (PAD, KIOSK, PHONE, STAFF)
"""How a rating came. STAFF: somebody of the hall entered what an applicant said."""

TEXT_CHARS = 1000
"""Of what somebody writes: a page of handwriting. More is refused with what was typed left where it is."""

NAME_CHARS = 40
CONTACT_CHARS = 60

PAST_DAYS = 10
"""Calendar days for which a served visit can still be rated: a pad may be without network over a holiday week."""

REASONS_MOST = 10
"""Reasons that one rating may give."""


class Given(NamedTuple):
    """What counts for the case `case` of the stop number `stop` of a visit. `first_ms`: when its first word was said;
    `attempt`: 1, and one more for each correction."""

    rating: str
    stop: int
    case: str
    level: int
    first_ms: int
    attempt: int = 1


class Words(NamedTuple):
    """What a person said in words. Never in the log: it may have anything in it, and must be deletable."""

    text: str = ""
    name: str = ""
    contact: str = ""


NO_WORDS = Words()

_KEPT = "\n\t"
_TURNS = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""They turn the direction of writing, so that a text reads otherwise than it is."""


def cleaned(words: Words) -> Words:
    """`words` without what cannot be seen: control characters but for new lines and tabs, halves of characters, turns
    of direction; and without blanks around."""
    return Words(*("".join(filter(_is_seen, text)).strip() for text in words))


def _is_seen(character: str) -> bool:
    return character in _KEPT or not (category(character) in ("Cc", "Cs") or character in _TURNS)


@dataclass(frozen=True, slots=True)
class Reason:
    """Something to tick after the level; for which `levels` it is offered."""

    id: str
    names: Names
    levels: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RatingRules:
    """How a hall is rated. `scores`: level, as text -> points, as cities count them. `reasons_version` names the list
    of `reasons`. `link_days`: how many days after the visit it can be rated by its link. `small`: with fewer ratings
    than this a figure is shown as small, and no clerk is ranked by it. `invite_after_h`, `list_after_days`: when
    somebody who left a contact and did not rate is asked by message, and then put on the list of those to be called;
    0: never.
    """

    correction_s: int = 60
    scores: dict[str, int] = field(default_factory=lambda: dict(SCORES))
    reasons_version: str = ""
    reasons: tuple[Reason, ...] = ()
    link_days: int = PAST_DAYS
    small: int = 30
    invite_after_h: int = 24
    list_after_days: int = 3
    reviews: ReviewRules = field(default_factory=ReviewRules)

    def reasons_of(self, level: int) -> list[Reason]:
        """What is offered with `level`."""
        return [reason for reason in self.reasons if level in reason.levels]


SCORES = {"5": 10, "4": 8, "3": 6, "2": 3, "1": 0}
"""Points of the levels as several cities publish them."""


def counting(given: Iterable[Given], stop: int, case: str) -> Given | None:
    """What counts for that case of that stop so far."""
    return next((each for each in given if (each.stop, each.case) == (stop, case)), None)


def standing(counts: Given | None, earliest_ms: int, latest_ms: int, correction_ms: int) -> str:
    """The standing of a word that was said between the two times, where `counts` is what has counted until now."""
    if counts is None:
        return COUNTED
    is_soon = counts.first_ms <= earliest_ms and latest_ms - counts.first_ms <= correction_ms
    return CORRECTION if is_soon else REMARK


def unknown_reason(rules: RatingRules, level: int, reasons: Sequence[str]) -> str:
    """The first of `reasons` that is not offered with `level`; empty: all are."""
    offered = {reason.id for reason in rules.reasons_of(level)}
    return next((reason for reason in reasons if reason not in offered), "")
