"""Ratings, the reviews that bad ones open, and what displays report. The rules are in hub.core.ratings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from hub.core import commands, events, ratings, reviews, schedule
from hub.core.commands import Moment
from hub.core.deciding.decision import Decision
from hub.core.deciding.drawing import asker
from hub.core.limits import BAD_RATING, Limits, Moments
from hub.core.ratings import COUNTS, NO_VISIT, Words, cleaned
from hub.core.refusals import Refusal
from hub.core.state import ReviewNow, ServedAt, State, Stop, Ticket, WindowNow, case_at, stop_at
from protocol.ratings import BAD, LEVELS

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


class _At(NamedTuple):
    """What a rating is about."""

    number: int
    stop: Stop | ServedAt
    case: str


def _record_rating(state: State, command: commands.RecordRating, now: Moment) -> Decision:
    """A press is never refused: it was promised. One that nobody can place is kept apart from the figures."""
    at = _at(state, command)
    if not command.device and (refusal := _refusal(state, command, at)):
        return refusal
    rated = _rated(state, command, at)
    return [rated, *_following(state, rated, command.limits)]


def _rules(state: State) -> ratings.RatingRules:
    """The hall's. A pad may deliver before there is a hall."""
    return state.hall.ratings if state.hall else ratings.RatingRules()


def _at(state: State, command: commands.RecordRating) -> _At | None:
    """Which stop; None: the visit was not there, as far as the log knows."""
    stops = stops_of(state, command.visit)
    index = stop_at(stops, command.window) if command.stop < 0 else command.stop
    if index is None or index >= len(stops):
        return None
    case = case_at(state.cases.get(command.visit, ()), index) if command.case is None else command.case
    return _At(index, stops[index], case)


def stops_of(state: State, visit: str) -> Sequence[Stop | ServedAt]:
    """Where the visit, of today or of one of the days before, was served."""
    visited = state.tickets.get(visit) or state.past.get(visit)
    return visited.stops if visited else ()


def _refusal(state: State, command: commands.RecordRating, at: _At | None) -> Refusal | None:
    """What is wrong with a rating that somebody typed."""
    rules = _rules(state)
    if refusal := _visit_refusal(state, command.visit, rules.link_days):
        return refusal
    if at is None or (isinstance(at.stop, Stop) and not (at.stop.started_ms or at.stop.ended_ms)):
        return Refusal("not-served-yet")
    if command.level not in LEVELS:
        return Refusal("bad-level", {"allowed": ", ".join(map(str, LEVELS))})
    if unknown := ratings.unknown_reason(rules, command.level, command.reasons):
        return Refusal("unknown-reason", {"reason": unknown})
    known = {case for stop, case in state.cases.get(command.visit, ()) if stop <= at.number}
    if command.case and command.case not in known:
        return Refusal("unknown-case", {"case": command.case})
    if command.channel == ratings.STAFF and person(command.by) == at.stop.clerk:
        return Refusal("own-rating")
    return words_refusal(command.words)


def _visit_refusal(state: State, visit: str, link_days: int) -> Refusal | None:
    """A visit that there never was, or that was too long ago."""
    if visit in state.tickets:
        return None
    served = state.past.get(visit)
    if served is None:
        return Refusal("unknown-ticket")
    is_over = schedule.days_after(served.day, link_days) < state.day
    return Refusal("link-expired", {"days": str(link_days)}) if is_over else None


def words_refusal(words: Words, text_most: int = ratings.TEXT_CHARS) -> Refusal | None:
    """More than is kept. Nothing is cut off: who wrote it may shorten it."""
    most = (text_most, ratings.NAME_CHARS, ratings.CONTACT_CHARS)
    for text, limit in zip(cleaned(words), most, strict=True):
        if len(text) > limit:
            return Refusal("text-too-long", {"count": str(len(text)), "most": str(limit)})
    return None


def person(by: str) -> str:
    """The login in `by`; empty for what is no person's."""
    return by.partition(":")[2] if asker(by) in ("clerk", "reviewer", "manager", "admin") else ""


def _rated(state: State, command: commands.RecordRating, at: _At | None) -> events.RatingRecorded:
    rules = _rules(state)
    words = cleaned(command.words)
    counts = ratings.counting(state.given.get(command.visit, ()), at.number, at.case) if at else None
    span = (command.earliest_ms, command.latest_ms)
    standing = ratings.standing(counts, *span, rules.correction_s * 1000) if at else NO_VISIT
    replaced = counts if counts and standing == ratings.CORRECTION else None
    return events.RatingRecorded(
        command.device,
        command.epoch,
        command.seq,
        command.visit,
        at.stop.window if at else command.window,
        at.stop.clerk if at else "",
        at.stop.service if at else "",
        command.level,
        *span,
        standing,
        rating=command.id or f"{command.device}:{command.epoch}:{command.seq}",
        channel=command.channel,
        stop=at.number if at else -1,
        case=at.case if at else "",
        attempt=replaced.attempt + 1 if replaced else 1,
        replaces=replaced.rating if replaced else "",
        reasons=tuple(dict.fromkeys(command.reasons)),
        reasons_version=rules.reasons_version if command.reasons else "",
        named=bool(words.name or words.contact),
        words=any(words),
        by=command.by,
        sitting="" if at else state.windows.get(command.window, WindowNow()).clerk,
        sender=_sender(state, command, at),
    )


def _sender(state: State, command: commands.RecordRating, at: _At | None) -> str:
    """The role of a board that was not the rating pad of that window at any time at which this can have been pressed:
    not before the visit was called there, and for one of an earlier day, not before that day."""
    least_ms = command.earliest_ms
    if at:
        least_ms = max(least_ms, at.stop.called_ms if isinstance(at.stop, Stop) else _began_ms(state, command.visit))
    was_pad = any(from_ms <= command.latest_ms and least_ms <= to_ms for from_ms, to_ms in command.as_pad)
    return "" if was_pad else command.role


def _began_ms(state: State, visit: str) -> int:
    """When the day of a visit of `past` began at the earliest: where clocks are set, a day may have 25 hours."""
    days = (date.fromisoformat(state.day) - date.fromisoformat(state.past[visit].day)).days
    return state.midnight_ms - days * DAY_MS - HOUR_MS


def _following(state: State, rated: events.RatingRecorded, ends: Moments) -> list[events.Event]:
    """What a rating does to the review of its stop: a bad one has one."""
    review = review_of(state, rated)
    is_bad = rated.level in BAD and rated.standing != NO_VISIT
    if is_bad and review is None:
        return [opened(state, rated, ends)]
    if is_bad and review and review.state in reviews.ENDED:
        contact_ms, answer_ms = due(state, BAD_RATING, ends)
        return [events.ReviewReopened(review.review, "hub", contact_ms, answer_ms, rated.rating)]
    is_taken_back = review and rated.standing in COUNTS and not is_bad
    if review and is_taken_back and (review.state, events.ReviewWithdrawn) in reviews.TRANSITIONS:
        return [events.ReviewWithdrawn(review.review, rated.rating)]
    return []


def review_of(state: State, rated: events.RatingRecorded) -> ReviewNow | None:
    """The review of the rated stop, if there is one."""
    if not rated.visit or rated.stop < 0:
        return None
    about = (rated.visit, rated.stop)
    return next((review for review in state.reviews.values() if (review.visit, review.stop) == about), None)


def opened(state: State, rated: events.RatingRecorded, ends: Moments) -> events.ReviewOpened:
    return events.ReviewOpened(
        next_id(state),
        BAD_RATING,
        rated.rating,
        rated.visit,
        rated.stop,
        rated.window,
        rated.clerk,
        rated.service,
        rated.level,
        rated.named,
        *due(state, BAD_RATING, ends),
        words=rated.words,
    )


def next_id(state: State) -> str:
    """The name of the next review: short enough to be said on the phone, and unlike the id of anything else."""
    return f"R.{state.reviews_made + 1}"


def due(state: State, kind: str, ends: Moments) -> tuple[int, int]:
    """When the first contact and the answer are due; (0, 0) where nobody knows the days."""
    limits = _rules(state).reviews.limits.get(kind, Limits(0, 0))
    return (ends[limits.contact_days], ends[limits.answer_days]) if ends else (0, 0)


def _leave_contact(state: State, command: commands.LeaveContact, now: Moment) -> Decision:
    ticket = state.tickets.get(command.visit)
    if ticket is None:
        return Refusal("unknown-ticket")
    if not cleaned(command.words).contact:
        return Refusal("contact-needed")
    return words_refusal(command.words) or [events.ContactLeft(ticket.visit)]


def _confirm_shown(state: State, command: commands.ConfirmShown, now: Moment) -> Decision:
    ticket = _called_with(state, command)
    if ticket is None:
        return Refusal("too-late")
    if ticket.shown:
        return Refusal("already-shown")
    return [events.NumberShown(ticket.visit, command.window, command.device, ticket.revision)]


def _called_with(state: State, command: commands.ConfirmShown) -> Ticket | None:
    """The ticket whose call had that version, while it or its traces are at the window."""
    window = state.windows.get(command.window, WindowNow())
    for visit in (window.visit, window.before):
        ticket = state.tickets.get(visit)
        if ticket and command.version == (state.epoch, ticket.revision):
            return ticket
    return None


DECIDE = {
    commands.RecordRating: _record_rating,
    commands.LeaveContact: _leave_contact,
    commands.ConfirmShown: _confirm_shown,
}
