"""Ratings, marks on them, and what displays report."""

from __future__ import annotations

from hub.core import events, marks, ratings
from hub.core.state import MarkNow, Pressed, State, Stop, stop_at


def _rating_recorded(state: State, seq: int, at_ms: int, event: events.RatingRecorded) -> None:
    index = _stop_of(state, event)
    if event.standing in ratings.COUNTS and index >= 0:
        _count(state, event, index)
    state.pressed.append(_pressed(state, event, index))
    state.contacts.pop(event.visit, None)
    for review in state.reviews.values():
        if event.visit and (review.visit, review.stop) == (event.visit, index):
            review.named = review.named or event.named
            if event.standing in ratings.COUNTS:
                review.rating, review.level = event.rating, event.level


def _stop_of(state: State, event: events.RatingRecorded) -> int:
    """In logs of before it was not noted: then it was the last one at the window."""
    if event.stop >= 0 or event.standing == ratings.NO_VISIT:
        return event.stop
    visited = state.tickets.get(event.visit) or state.past.get(event.visit)
    index = stop_at(visited.stops, event.window) if visited else None
    return -1 if index is None else index


def _count(state: State, event: events.RatingRecorded, index: int) -> None:
    before = state.given.get(event.visit, ())
    replaced = ratings.counting(before, index, event.case)
    first_ms = replaced.first_ms if replaced else event.earliest_ms
    rating = event.rating or f"{event.device}:{event.epoch}:{event.seq}"
    given = ratings.Given(rating, index, event.case, event.level, first_ms, event.attempt)
    state.given[event.visit] = (*(each for each in before if each is not replaced), given)


def _pressed(state: State, event: events.RatingRecorded, index: int) -> Pressed:
    ticket = state.tickets.get(event.visit)
    stop = ticket.stops[index] if ticket and 0 <= index < len(ticket.stops) else None
    replaced = (
        next((press for press in state.pressed if press.rating == event.replaces), None) if event.replaces else None
    )
    return Pressed(
        event.rating or f"{event.device}:{event.epoch}:{event.seq}",
        event.channel,
        event.device,
        event.window,
        event.clerk or event.sitting,
        event.visit,
        event.level,
        event.standing,
        event.latest_ms,
        stop.ended_ms if isinstance(stop, Stop) else 0,
        replaced.level if replaced else 0,
        event.sender,
    )


def _contact_left(state: State, seq: int, at_ms: int, event: events.ContactLeft) -> None:
    state.contacts[event.visit] = (0, 0)


def _rating_invited(state: State, seq: int, at_ms: int, event: events.RatingInvited) -> None:
    served_ms, asked = state.contacts[event.visit]
    state.contacts[event.visit] = (served_ms, asked + 1)


def _call_listed(state: State, seq: int, at_ms: int, event: events.CallListed) -> None:
    state.contacts.pop(event.visit, None)


def _ratings_marked(state: State, seq: int, at_ms: int, event: events.RatingsMarked) -> None:
    state.marks[event.mark] = MarkNow(
        event.mark,
        event.rule,
        event.window,
        event.clerk,
        event.ratings,
        event.evidence,
        at_ms,
        marks.MARKED,
    )


def _mark_moved(state: State, seq: int, at_ms: int, event: events.ExclusionAgreed | events.ExclusionDeclined) -> None:
    mark = state.marks[event.mark]
    mark.state = marks.TRANSITIONS[mark.state, type(event)]
    mark.decided_by = event.by


def _exclusion_proposed(state: State, seq: int, at_ms: int, event: events.ExclusionProposed) -> None:
    mark = state.marks[event.mark]
    mark.state = marks.TRANSITIONS[mark.state, type(event)]
    mark.proposed_by, mark.decided_by = event.by, ""


def _number_shown(state: State, seq: int, at_ms: int, event: events.NumberShown) -> None:
    state.tickets[event.visit].shown = True


APPLY = {
    events.RatingRecorded: _rating_recorded,
    events.ContactLeft: _contact_left,
    events.RatingInvited: _rating_invited,
    events.CallListed: _call_listed,
    events.RatingsMarked: _ratings_marked,
    events.ExclusionProposed: _exclusion_proposed,
    events.ExclusionAgreed: _mark_moved,
    events.ExclusionDeclined: _mark_moved,
    events.NumberShown: _number_shown,
}
