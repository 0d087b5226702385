"""A bad rating is looked into, answered, and followed up: every way through the table, and who may go it."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from hub.core import commands, events, reviews
from hub.core.limits import COMPLAINT, QUESTION, Moments
from hub.core.ratings import NO_WORDS, Words
from hub.core.refusals import Refusal
from hub.core.state import ReviewNow
from tests.hub.core.test_days import next_day
from tests.hub.core.test_ratings import by_phone, press, served
from tests.hub.halls import Play, refused

WHY = Words("因为窗口排队太久")
DAY_MS = 24 * 3_600_000
ENDS: Moments = tuple(1_800_000_000_000 + days * DAY_MS for days in range(61))
NAMED = Words("等了太久", "王芳", "13800138000")


class Reviewed(Play):
    """A hall with one bad rating, of clerk li."""

    def __init__(self, words: Words = NO_WORDS):
        super().__init__()
        self.visit = served(self)
        by_phone(self, self.visit, 1, words=words, limits=ENDS)

    @property
    def review(self) -> ReviewNow:
        return self.state.reviews["R.1"]

    def act(self, verb: str, by: str = "reviewer:anna", **more: Any):
        command = commands.REVIEW_VERBS[verb]
        said = {"words": WHY, "limits": ENDS, **_DEFAULTS.get(verb, {}), **more}
        return self.do(command("", "R.1", said.pop("seen", self.review.seen), by, **said))

    def walk(self, *verbs: str) -> str:
        """Takes the steps one after the other; the state after them. "agree" is by another person."""
        for verb in verbs:
            done = self.act(verb, _WHO.get(verb, "reviewer:anna"))
            assert not isinstance(done, Refusal), (verb, done)
        return self.review.state


_DEFAULTS: dict[str, dict[str, Any]] = {
    "contact": {"how": "phone"},
    "ledger": {"days": 10},
    "strike": {"ground": "mistaken"},
    "answer": {"how": "phone"},
    "visit": {"how": "face-to-face"},
    "uphold": {"ground": "malicious"},
}
_WHO = {"agree": "manager:boss", "appeal": "clerk:li"}


def test_a_bad_rating_opens_a_review_at_once_with_its_limits():
    play = Play()
    visit = served(play)
    rated, opened = by_phone(play, visit, 2, words=NAMED, limits=ENDS)
    assert isinstance(opened, events.ReviewOpened)
    assert (opened.review, opened.kind, opened.rating, opened.clerk) == ("R.1", "bad-rating", rated.rating, "li")
    assert (opened.named, opened.contact_due_ms, opened.answer_due_ms) == (True, ENDS[1], ENDS[5])


def test_a_rating_that_is_not_bad_opens_none():
    play = Play()
    assert len(by_phone(play, served(play), 3)) == 1


@pytest.mark.parametrize(
    "path",
    [
        ("verify", "rectify", "close"),
        ("verify", "ledger", "ledger", "rectify", "close"),
        ("verify", "explain", "close"),
        ("verify", "strike", "agree", "close"),
        ("verify", "strike", "decline", "explain", "close"),
        ("verify", "verify", "contact", "rectify", "answer", "close"),
        ("contact", "verify", "rectify", "answer", "visit", "close", "publish"),
        ("verify", "rectify", "answer", "visit", "close", "reopen", "verify", "explain", "close"),
    ],
)
def test_ways_from_open_to_closed(path):
    assert Reviewed().walk(*path) == reviews.CLOSED


def test_every_step_is_in_the_table_and_every_line_of_the_table_is_a_step():
    """All states that can be reached, and every verb in each of them: what happens is what the tables say, and each of
    their lines happens."""
    seen: set[tuple[str, str]] = set()
    took: set[tuple[str, type]] = set()
    todo = [Reviewed(), withdrawn_review()]
    while todo:
        play = todo.pop()
        state, appeal = play.review.state, play.review.appeal
        if (state, appeal) in seen:
            continue
        seen.add((state, appeal))
        for verb in commands.REVIEW_VERBS:
            for more in ({"content": True}, {"content": False}) if verb == "visit" else ({},):
                tried = deepcopy(play)
                done = tried.act(verb, _WHO.get(verb, "reviewer:anna"), **more)
                if isinstance(done, Refusal):
                    assert done.code in ("review-not-now", "appeal-pending"), (state, appeal, verb, done)
                    continue
                step = type(done[0])
                took |= {(now, step) for now in (state, appeal)}
                assert tried.review.state == reviews.TRANSITIONS.get((state, step), state)
                assert tried.review.appeal == reviews.APPEALS.get((appeal, step), appeal)
                todo.append(tried)
    lines = {*reviews.TRANSITIONS, *reviews.APPEALS}
    of_the_citizen = {line for line in lines if line[1] is events.ReviewWithdrawn}
    assert lines - took == of_the_citizen
    assert {state for state, _ in seen} == set(reviews.STATES)


def withdrawn_review() -> Reviewed:
    play = Reviewed()
    by_phone(play, play.visit, 5, id="better")
    assert play.review.state == reviews.WITHDRAWN
    return play


def test_a_correction_at_once_withdraws_the_review_while_it_is_verified_too():
    play = Reviewed()
    play.walk("verify")
    (_, withdrawn) = by_phone(play, play.visit, 4, id="better")
    assert withdrawn == events.ReviewWithdrawn("R.1", "better")


def test_a_correction_from_bad_to_worse_keeps_the_review():
    play = Play()
    visit = served(play)
    by_phone(play, visit, 2)
    assert len(by_phone(play, visit, 1, id="worse")) == 1
    assert (play.state.reviews["R.1"].level, play.state.reviews["R.1"].rating) == (1, "worse")


def test_a_correction_from_good_to_bad_opens_one():
    play = Play()
    visit = served(play)
    by_phone(play, visit, 5)
    by_phone(play, visit, 1, id="worse")
    assert play.state.reviews["R.1"].state == reviews.OPEN


def test_a_bad_remark_opens_one_though_it_is_not_counted():
    play = Play()
    visit = served(play)
    by_phone(play, visit, 5)
    play.ms += 3_600_000
    rated, opened = by_phone(play, visit, 1, id="later")
    assert rated.standing == "remark"
    assert isinstance(opened, events.ReviewOpened)


def test_a_new_word_of_the_citizen_reopens_what_was_closed_with_new_limits():
    play = Reviewed()
    play.walk("verify", "explain", "close")
    play.ms += DAY_MS
    later = tuple(end + DAY_MS for end in ENDS)
    _, reopened = by_phone(play, play.visit, 1, id="again", words=NAMED, limits=later)
    assert reopened == events.ReviewReopened("R.1", "hub", later[1], later[5], "again")
    assert (play.review.state, play.review.named, play.review.answer_due_ms) == (reviews.OPEN, True, later[5])


def test_a_bad_press_without_a_visit_opens_none():
    play = Play()
    assert press(play, "", 1).standing == "no-visit"
    assert not play.state.reviews


@pytest.mark.parametrize("verb", [verb for verb in commands.REVIEW_VERBS if verb != "appeal"])
def test_the_rated_clerk_does_nothing_but_appeal(verb):
    play = Reviewed()
    for role in ("clerk", "reviewer", "manager", "admin"):
        assert refused(play.act(verb, f"{role}:li")) == "own-review"


def test_striking_out_needs_a_second_person():
    play = Reviewed()
    play.walk("verify", "strike")
    for role in ("reviewer", "manager"):
        assert refused(play.act("agree", f"{role}:anna")) == "second-person"
    play.walk("agree")
    assert (play.review.state, play.review.struck) == (reviews.STRUCK, True)


def test_an_upheld_appeal_needs_a_second_person_too():
    play = Reviewed()
    play.walk("verify", "rectify", "answer", "visit", "close", "appeal", "uphold")
    assert play.review.state == reviews.STRIKE_PROPOSED
    assert refused(play.act("agree", "reviewer:anna")) == "second-person"
    assert play.walk("agree") == reviews.STRUCK


def test_only_the_rated_clerk_appeals_and_once():
    play = Reviewed()
    assert refused(play.act("appeal", "clerk:wang")) == "not-your-review"
    play.walk("appeal", "reject")
    assert refused(play.act("appeal", "clerk:li")) == "review-not-now"


def test_nobody_appeals_where_no_clerk_is_known():
    play = Play()
    play.do(order())
    appeal = commands.Appeal("", "R.1", play.state.reviews["R.1"].seen, "clerk:", WHY)
    assert refused(play.do(appeal)) == "not-your-review"


def test_nothing_is_closed_while_an_appeal_is_pending():
    play = Reviewed()
    play.walk("verify", "explain", "appeal")
    assert refused(play.act("close")) == "appeal-pending"
    play.walk("reject", "close")


def test_who_gave_a_name_is_answered_and_visited_back_before_it_is_closed():
    play = Reviewed(NAMED)
    play.walk("verify", "rectify")
    assert refused(play.act("close")) == "answer-first"
    play.walk("answer")
    assert refused(play.act("close")) == "visit-first"
    assert play.walk("visit", "close") == reviews.CLOSED


def test_who_is_not_content_with_the_answer_is_looked_after_again_with_a_new_limit():
    play = Reviewed(NAMED)
    play.walk("verify", "rectify", "answer")
    later = tuple(end + DAY_MS for end in ENDS)
    play.act("visit", content=False, limits=later)
    assert (play.review.state, play.review.answered_ms, play.review.answer_due_ms) == (reviews.VERIFYING, 0, later[5])


def test_a_struck_rating_that_is_reopened_stands_again():
    play = Reviewed()
    play.walk("verify", "strike", "agree", "close", "reopen")
    assert not play.review.struck


@pytest.mark.parametrize(
    ("verb", "more", "reason"),
    [
        ("explain", {"words": Words("  \x00 ")}, "words-needed"),
        ("rectify", {"words": Words("长" * 1001)}, "text-too-long"),
        ("ledger", {"days": 0}, "days-out-of-range"),
        ("ledger", {"days": 61}, "days-out-of-range"),
        ("strike", {"ground": "unfair"}, "unknown-ground"),
        ("contact", {"how": "telepathy"}, "unknown-way"),
        ("rectify", {"seen": 1}, "review-changed"),
    ],
)
def test_a_wrong_step_is_refused(verb, more, reason):
    play = Reviewed()
    play.walk("verify")
    before = play.state.seq
    assert refused(play.act(verb, **more)) == reason
    assert play.state.seq == before


def test_a_review_that_is_not_there():
    play = Play()
    assert refused(play.do(commands.BeginVerification("", "R.9", 0, "reviewer:anna"))) == "unknown-review"


def test_the_ledger_has_a_limit_in_working_days():
    play = Reviewed()
    play.walk("verify", "ledger")
    assert play.review.ledger_due_ms == ENDS[10]


def order(kind: str = COMPLAINT, **more: Any) -> commands.OpenReview:
    return commands.OpenReview("", "12345-1", kind, True, "exchange", limits=ENDS, **more)


@pytest.mark.parametrize(("kind", "contact", "answer"), [(QUESTION, 0, 1), (COMPLAINT, 1, 10)])
def test_an_order_from_outside_has_the_limits_of_its_kind(kind, contact, answer):
    play = Play()
    (opened,) = play.do(order(kind))
    assert (opened.contact_due_ms, opened.answer_due_ms) == (ENDS[contact], ENDS[answer])
    assert (opened.order, opened.named) == ("12345-1", True)


def test_an_order_comes_once():
    play = Play()
    play.do(order())
    assert refused(play.do(order(QUESTION))) == "order-known"
    assert refused(play.do(replace(order("nonsense"), order="other"))) == "unknown-kind"


def test_an_order_about_a_rating_goes_to_its_review_and_the_earlier_limit_counts():
    play = Reviewed()
    (attached,) = play.do(order(QUESTION, rating="phone-1"))
    assert isinstance(attached, events.OrderAttached)
    assert (play.review.orders, play.review.named) == (("12345-1",), True)
    assert (play.review.contact_due_ms, play.review.answer_due_ms) == (ENDS[0], ENDS[1])
    assert refused(play.do(order())) == "order-known"


def test_an_order_about_a_rating_of_long_ago_goes_to_its_review_too():
    play = Reviewed()
    next_day(play)
    play.ms += 200 * DAY_MS
    next_day(play, "2026-07-20")
    assert not play.state.given
    (attached,) = play.do(order(rating="phone-1"))
    assert isinstance(attached, events.OrderAttached)
    assert list(play.state.reviews) == ["R.1"]


def test_an_order_about_what_was_closed_reopens_it():
    play = Reviewed()
    play.walk("verify", "explain", "close")
    play.do(order(rating="phone-1"))
    assert (play.review.state, play.review.orders, len(play.state.reviews)) == (reviews.OPEN, ("12345-1",), 1)
    assert play.review.answer_due_ms == ENDS[10]


def test_an_order_has_no_rating_that_could_be_struck_out():
    play = Play()
    play.do(order())
    play.do(commands.BeginVerification("", "R.1", play.state.reviews["R.1"].seen, "reviewer:anna"))
    strike = commands.ProposeStrike("", "R.1", play.state.reviews["R.1"].seen, "reviewer:anna", WHY, ground="mistaken")
    assert refused(play.do(strike)) == "no-rating"


def test_reviews_go_on_over_night_and_are_forgotten_long_after_their_end():
    play = Reviewed()
    next_day(play)
    play.walk("verify", "explain", "close")
    play.ms += 89 * DAY_MS
    next_day(play, "2026-04-01")
    assert "R.1" in play.state.reviews
    play.ms += 2 * DAY_MS
    next_day(play, "2026-04-03")
    assert not play.state.reviews
    assert play.state.reviews_made == 1
