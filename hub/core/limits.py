"""Limits in working days, and until when somebody must have done something.

A limit of n working days ends when the hall closes on the n-th working day after the day on which it began, which is
not counted (as in the Civil Code of the PRC, articles 201 to 203: the day of the event is not counted, and where there
are business hours the last day ends with them). n = 0 is "the same day"; what begins on a day that is not worked, or
after closing, is due on the next day that is. What is worked is for the country's calendar to say, with the weekends
that are worked for a holiday (调休), and then for the hall's own exceptions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice

BAD_RATING = "bad-rating"
QUESTION = "question"
COMPLAINT = "complaint"
KINDS = (BAD_RATING, QUESTION, COMPLAINT)
"""What a review can be about: a rating of the hall's own, or an order that came from outside (12345 and its like)."""

MOST_DAYS = 60
"""The longest limit, in working days: three months. So far ahead moments are worked out."""

LOOK_DAYS = 366
"""In so many days that many are worked, whatever breaks there are."""


@dataclass(frozen=True, slots=True)
class Limits:
    """In working days: until the citizen was spoken to for the first time, and until the answer."""

    contact_days: int
    answer_days: int


@dataclass(frozen=True, slots=True)
class ReviewRules:
    """How bad ratings are answered: the limits of each of KINDS."""

    limits: dict[str, Limits] = field(default_factory=lambda: dict(DEFAULT_LIMITS))


DEFAULT_LIMITS = {BAD_RATING: Limits(1, 5), QUESTION: Limits(0, 1), COMPLAINT: Limits(1, 10)}
"""For halls that say nothing. Published limits run from one to fifteen days; these are in the middle."""

Moments = tuple[int, ...]
"""By number of working days from 0 to MOST_DAYS: the moment at which such a limit ends, in ms since 1970."""


def moments(is_worked: Callable[[str], bool], closes_ms: Callable[[str], int], day: str, now_ms: int) -> Moments:
    """When limits end that begin now, on `day`. `closes_ms`: when the hall closes on a day that is worked."""
    first = date.fromisoformat(day)
    following = ((first + timedelta(days=count)).isoformat() for count in range(1, LOOK_DAYS))
    ends = [closes_ms(each) for each in islice(filter(is_worked, following), MOST_DAYS)]
    is_in_time = is_worked(day) and now_ms < closes_ms(day)
    return (closes_ms(day) if is_in_time else ends[0], *ends)
