"""The steps of a review of a bad rating: the table (hub.core.reviews) says which may come, this who may take them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hub.core import commands, events, reviews
from hub.core.commands import Moment
from hub.core.deciding.decision import Decision
from hub.core.deciding.ratings import due, next_id, person, words_refusal
from hub.core.limits import KINDS, MOST_DAYS
from hub.core.ratings import cleaned
from hub.core.refusals import Refusal
from hub.core.state import ReviewNow, State, earlier

ORDER_CHARS = 5000
"""Of the text of an order, which was written elsewhere and must be answered however long it is."""

Decide = Callable[[State, ReviewNow, Any], Decision]


def _of_review(decide: Decide, needs_words: bool = False) -> Callable[[State, Any, Moment], Decision]:
    """The decision of a step. Nobody handles the rating that they were given themselves."""

    def decision(state: State, command: commands.ActOnReview, now: Moment) -> Decision:
        review = state.reviews.get(command.review)
        if review is None:
            return Refusal("unknown-review")
        if command.seen != review.seen:
            return Refusal("review-changed", {"state": review.state})
        if review.clerk and person(command.by) == review.clerk and not isinstance(command, commands.Appeal):
            return Refusal("own-review")
        if needs_words and not cleaned(command.words).text:
            return Refusal("words-needed")
        if refusal := words_refusal(command.words):
            return refusal
        decided = decide(state, review, command)
        return decided if isinstance(decided, Refusal) else _possible(review, decided)

    return decision


def _possible(review: ReviewNow, decided: list[events.Event]) -> Decision:
    """The step, if both tables allow it."""
    step = type(decided[0])
    for known, now, table in (
        (_OF_REVIEW, review.state, reviews.TRANSITIONS),
        (_OF_APPEAL, review.appeal, reviews.APPEALS),
    ):
        if step in known and (now, step) not in table:
            return Refusal("review-not-now", {"state": review.state})
    return decided


_OF_REVIEW = frozenset(event for _, event in reviews.TRANSITIONS)
_OF_APPEAL = frozenset(event for _, event in reviews.APPEALS)


def _has_words(command: commands.ActOnReview) -> bool:
    return any(cleaned(command.words))


def _verify(state: State, review: ReviewNow, command: commands.BeginVerification) -> Decision:
    return [events.VerificationBegun(review.review, command.by)]


def _contact(state: State, review: ReviewNow, command: commands.ContactCitizen) -> Decision:
    return _way_refusal(command.how) or [
        events.CitizenContacted(review.review, command.by, command.how, _has_words(command))
    ]


def _way_refusal(how: str) -> Refusal | None:
    return None if how in reviews.WAYS else Refusal("unknown-way", {"allowed": ", ".join(reviews.WAYS)})


def _rectify(state: State, review: ReviewNow, command: commands.RectifyFault) -> Decision:
    return [events.FaultRectified(review.review, command.by, _has_words(command))]


def _ledger(state: State, review: ReviewNow, command: commands.PutFaultOnLedger) -> Decision:
    if not 0 < command.days <= MOST_DAYS:
        return Refusal("days-out-of-range", {"days": str(command.days), "most": str(MOST_DAYS)})
    due_ms = command.limits[command.days] if command.limits else 0
    return [events.FaultPutOnLedger(review.review, command.by, due_ms, _has_words(command))]


def _explain(state: State, review: ReviewNow, command: commands.ExplainFault) -> Decision:
    return [events.FaultExplained(review.review, command.by, _has_words(command))]


def _propose_strike(state: State, review: ReviewNow, command: commands.ProposeStrike) -> Decision:
    return _ground_refusal(review, command.ground) or [
        events.StrikeProposed(review.review, command.by, command.ground, _has_words(command))
    ]


def _ground_refusal(review: ReviewNow, ground: str) -> Refusal | None:
    if not review.rating:
        return Refusal("no-rating")
    return None if ground in reviews.GROUNDS else Refusal("unknown-ground", {"allowed": ", ".join(reviews.GROUNDS)})


def _agree(state: State, review: ReviewNow, command: commands.AgreeToStrike) -> Decision:
    if person(command.by) == person(review.proposed_by):
        return Refusal("second-person")
    return [events.StrikeAgreed(review.review, command.by)]


def _decline(state: State, review: ReviewNow, command: commands.DeclineStrike) -> Decision:
    return [events.StrikeDeclined(review.review, command.by, _has_words(command))]


def _answer(state: State, review: ReviewNow, command: commands.AnswerCitizen) -> Decision:
    return _way_refusal(command.how) or [
        events.CitizenAnswered(review.review, command.by, command.how, _has_words(command))
    ]


def _visit(state: State, review: ReviewNow, command: commands.VisitCitizen) -> Decision:
    if refusal := _way_refusal(command.how):
        return refusal
    said = (review.review, command.by, command.how)
    if command.content:
        return [events.CitizenVisited(*said, _has_words(command))]
    return [events.CitizenObjected(*said, due(state, review.kind, command.limits)[1], _has_words(command))]


def _close(state: State, review: ReviewNow, command: commands.CloseReview) -> Decision:
    """Who can be spoken to is answered and visited back first, and the clerk's appeal is decided."""
    if review.appeal == reviews.PENDING:
        return Refusal("appeal-pending")
    if review.named and review.state in (*reviews.VERDICTS, reviews.ANSWERED):
        return Refusal("visit-first" if review.state == reviews.ANSWERED else "answer-first")
    return [events.ReviewClosed(review.review, command.by)]


def _reopen(state: State, review: ReviewNow, command: commands.ReopenReview) -> Decision:
    ends = due(state, review.kind, command.limits)
    return [events.ReviewReopened(review.review, command.by, *ends, words=_has_words(command))]


def _publish(state: State, review: ReviewNow, command: commands.PublishRectification) -> Decision:
    return [events.RectificationPublished(review.review, command.by, _has_words(command))]


def _appeal(state: State, review: ReviewNow, command: commands.Appeal) -> Decision:
    if not review.clerk or person(command.by) != review.clerk:
        return Refusal("not-your-review")
    if review.state in (reviews.STRUCK, reviews.WITHDRAWN):
        return Refusal("review-not-now", {"state": review.state})
    return [events.ClerkAppealed(review.review, command.by, _has_words(command))]


def _uphold(state: State, review: ReviewNow, command: commands.UpholdAppeal) -> Decision:
    return _ground_refusal(review, command.ground) or [
        events.AppealUpheld(review.review, command.by, command.ground, _has_words(command))
    ]


def _reject(state: State, review: ReviewNow, command: commands.RejectAppeal) -> Decision:
    return [events.AppealRejected(review.review, command.by, _has_words(command))]


def _open_review(state: State, command: commands.OpenReview, now: Moment) -> Decision:
    """An order that came before is there already, whatever it says now. One about a rating that has a review goes to
    that, and reopens it when it was over: a stop has one review, and its citizen is answered once."""
    if any(command.order in review.orders for review in state.reviews.values()):
        return Refusal("order-known")
    if command.kind not in KINDS:
        return Refusal("unknown-kind", {"allowed": ", ".join(KINDS)})
    if refusal := words_refusal(command.words, ORDER_CHARS):
        return refusal
    contact_ms, answer_ms = due(state, command.kind, command.limits)
    ends = (contact_ms, earlier(answer_ms, command.due_ms))
    words = any(cleaned(command.words))
    rated = _rated(state, command.rating)
    review = _review_of(state, command.rating, rated)
    if review:
        attached = events.OrderAttached(review.review, command.order, command.by, command.named, *ends, words=words)
        again = [events.ReviewReopened(review.review, command.by, *ends)] if review.state in reviews.ENDED else []
        return [attached, *again]
    about = (command.rating, *rated, command.window, command.clerk, command.service, 0, command.named)
    asked = (command.kind, *about, *ends)
    return [events.ReviewOpened(next_id(state), *asked, order=command.order, words=words, by=command.by)]


def _review_of(state: State, rating: str, rated: tuple[str, int]) -> ReviewNow | None:
    """The review of that very rating, which may be older than all visits that are still known, or of its stop."""
    known = state.reviews.values()
    own = (each for each in known if rating and each.rating == rating)
    return next(own, None) or next((each for each in known if rated[0] and (each.visit, each.stop) == rated), None)


def _rated(state: State, rating: str) -> tuple[str, int]:
    """Visit and stop of the rating that an order names; empty when it is not known here any more."""
    found = (
        (visit, each.stop) for visit, given in state.given.items() for each in given if rating and each.rating == rating
    )
    return next(found, ("", -1))


DECIDE = {
    commands.OpenReview: _open_review,
    commands.BeginVerification: _of_review(_verify),
    commands.ContactCitizen: _of_review(_contact),
    commands.RectifyFault: _of_review(_rectify, needs_words=True),
    commands.PutFaultOnLedger: _of_review(_ledger, needs_words=True),
    commands.ExplainFault: _of_review(_explain, needs_words=True),
    commands.ProposeStrike: _of_review(_propose_strike, needs_words=True),
    commands.AgreeToStrike: _of_review(_agree),
    commands.DeclineStrike: _of_review(_decline, needs_words=True),
    commands.AnswerCitizen: _of_review(_answer, needs_words=True),
    commands.VisitCitizen: _of_review(_visit),
    commands.CloseReview: _of_review(_close),
    commands.ReopenReview: _of_review(_reopen, needs_words=True),
    commands.PublishRectification: _of_review(_publish, needs_words=True),
    commands.Appeal: _of_review(_appeal, needs_words=True),
    commands.UpholdAppeal: _of_review(_uphold, needs_words=True),
    commands.RejectAppeal: _of_review(_reject, needs_words=True),
}
