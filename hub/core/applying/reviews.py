"""Reviews of bad ratings: what each step does."""

from __future__ import annotations

from typing import Any

from hub.core import events, reviews
from hub.core.state import ReviewNow, State, earlier


def _opened(state: State, seq: int, at_ms: int, event: events.ReviewOpened) -> None:
    state.reviews_made += 1
    state.reviews[event.review] = ReviewNow(
        event.review,
        event.kind,
        event.rating,
        event.visit,
        event.stop,
        event.window,
        event.clerk,
        event.service,
        event.level,
        event.named,
        at_ms,
        event.contact_due_ms,
        event.answer_due_ms,
        orders=(event.order,) if event.order else (),
        seen=seq,
    )


def _move(state: State, seq: int, at_ms: int, event: Any) -> ReviewNow:
    """The event's review in its next state by the table."""
    review = state.reviews[event.review]
    review.state = reviews.TRANSITIONS[review.state, type(event)]
    review.seen = seq
    review.ended_ms = (review.ended_ms or at_ms) if review.state in reviews.ENDED else 0
    return review


def _moved(state: State, seq: int, at_ms: int, event: Any) -> None:
    _move(state, seq, at_ms, event)


def _order_attached(state: State, seq: int, at_ms: int, event: events.OrderAttached) -> None:
    review = state.reviews[event.review]
    review.orders += (event.order,)
    review.seen = seq
    review.named = review.named or event.named
    review.contact_due_ms = earlier(review.contact_due_ms, event.contact_due_ms)
    review.answer_due_ms = earlier(review.answer_due_ms, event.answer_due_ms)


def _verification_begun(state: State, seq: int, at_ms: int, event: events.VerificationBegun) -> None:
    _move(state, seq, at_ms, event).taken_by = event.by


def _contacted(state: State, seq: int, at_ms: int, event: events.CitizenContacted) -> None:
    review = _move(state, seq, at_ms, event)
    review.contacted_ms = review.contacted_ms or at_ms


def _put_on_ledger(state: State, seq: int, at_ms: int, event: events.FaultPutOnLedger) -> None:
    _move(state, seq, at_ms, event).ledger_due_ms = event.due_ms


def _strike_proposed(state: State, seq: int, at_ms: int, event: events.StrikeProposed) -> None:
    review = _move(state, seq, at_ms, event)
    review.proposed_by, review.ground = event.by, event.ground


def _strike_agreed(state: State, seq: int, at_ms: int, event: events.StrikeAgreed) -> None:
    _move(state, seq, at_ms, event).struck = True


def _answered(state: State, seq: int, at_ms: int, event: events.CitizenAnswered) -> None:
    """Who was answered was spoken to."""
    review = _move(state, seq, at_ms, event)
    review.answered_ms = at_ms
    review.contacted_ms = review.contacted_ms or at_ms


def _visited(state: State, seq: int, at_ms: int, event: events.CitizenVisited) -> None:
    _move(state, seq, at_ms, event).visited_ms = at_ms


def _objected(state: State, seq: int, at_ms: int, event: events.CitizenObjected) -> None:
    _begin_again(_move(state, seq, at_ms, event), event.answer_due_ms)


def _reopened(state: State, seq: int, at_ms: int, event: events.ReviewReopened) -> None:
    review = _move(state, seq, at_ms, event)
    review.contact_due_ms, review.contacted_ms = event.contact_due_ms, 0
    review.taken_by = ""
    _begin_again(review, event.answer_due_ms)


def _begin_again(review: ReviewNow, answer_due_ms: int) -> None:
    """It is answered anew, and a rating that was struck out stands again until that is decided once more."""
    review.answer_due_ms = answer_due_ms
    review.answered_ms = review.visited_ms = review.ledger_due_ms = 0
    review.struck = False


def _appealed(state: State, seq: int, at_ms: int, event: events.ClerkAppealed | events.AppealRejected) -> None:
    review = state.reviews[event.review]
    review.appeal = reviews.APPEALS[review.appeal, type(event)]
    review.seen = seq


def _upheld(state: State, seq: int, at_ms: int, event: events.AppealUpheld) -> None:
    review = _move(state, seq, at_ms, event)
    review.appeal = reviews.APPEALS[review.appeal, type(event)]
    review.proposed_by, review.ground = event.by, event.ground


APPLY = {
    events.ReviewOpened: _opened,
    events.ReviewWithdrawn: _moved,
    events.ReviewReopened: _reopened,
    events.OrderAttached: _order_attached,
    events.VerificationBegun: _verification_begun,
    events.CitizenContacted: _contacted,
    events.FaultRectified: _moved,
    events.FaultPutOnLedger: _put_on_ledger,
    events.FaultExplained: _moved,
    events.StrikeProposed: _strike_proposed,
    events.StrikeAgreed: _strike_agreed,
    events.StrikeDeclined: _moved,
    events.CitizenAnswered: _answered,
    events.CitizenVisited: _visited,
    events.CitizenObjected: _objected,
    events.ReviewClosed: _moved,
    events.RectificationPublished: _moved,
    events.ClerkAppealed: _appealed,
    events.AppealRejected: _appealed,
    events.AppealUpheld: _upheld,
}
