"""Anything that can happen about ratings, by chance: what walks through a whole hall share."""

from __future__ import annotations

from random import Random

from hub.core import commands
from hub.core.limits import KINDS, Moments
from hub.core.ratings import Words
from tests.hub.halls import Play

PEOPLE = ("reviewer:anna", "manager:bo", "clerk:li", "clerk:wang")
DAY_MS = 24 * 3_600_000


def ends(play: Play) -> Moments:
    return tuple(play.ms + days * DAY_MS for days in range(61))


def something(play: Play, chance: Random) -> None:
    """One step of somebody, sensible or not; reviews go on more often than new ones come."""
    chance.choice((_rate, _type, _leave, _order, _mark, *[_review] * 6))(play, chance)


def _any_visit(play: Play, chance: Random) -> str:
    served = [visit for visit, ticket in play.state.tickets.items() if ticket.stops]
    return chance.choice([*served[-12:], *list(play.state.past)[-6:], "nobody"])


def _rate(play: Play, chance: Random) -> None:
    """Presses on a pad, often several at once."""
    window = chance.choice("1234")
    visit = _any_visit(play, chance)
    ticket = play.state.tickets.get(visit)
    at = ticket.window if ticket and chance.random() < 0.8 else window
    for _ in range(chance.choice((1, 1, 2, 4))):
        times = (play.ms, play.ms) if chance.random() < 0.8 else (play.ms - 600_000, play.ms)
        seq, level = len(play.log), chance.randint(1, 5)
        press = f"pad-{at}:9:{seq}"
        play.do(commands.RecordRating(press, f"pad-{at}", 9, seq, at, visit, level, *times, limits=ends(play)))


def _type(play: Play, chance: Random) -> None:
    said = commands.RecordRating(
        f"typed-{len(play.log)}",
        "",
        0,
        0,
        "",
        _any_visit(play, chance),
        chance.randint(1, 5),
        play.ms,
        play.ms,
        channel=chance.choice(("phone", "staff")),
        stop=chance.choice((0, 0, 1)),
        words=chance.choice((Words(), Words("谢谢", "王芳", "13800138000"))),
        by=chance.choice(PEOPLE),
        limits=ends(play),
    )
    play.do(said)


def _leave(play: Play, chance: Random) -> None:
    left = Words(contact="13800138000")
    play.do(commands.LeaveContact("", _any_visit(play, chance), left, "clerk:li"))


def _order(play: Play, chance: Random) -> None:
    ratings = [review.rating for review in play.state.reviews.values() if review.rating]
    order = commands.OpenReview(
        "",
        f"order-{chance.randrange(20)}",
        chance.choice(KINDS),
        chance.random() < 0.5,
        "exchange",
        rating=chance.choice([*ratings, ""]),
        limits=ends(play),
    )
    play.do(order)


def _mark(play: Play, chance: Random) -> None:
    mark = chance.choice([*play.state.marks, "none"])
    verb = chance.choice(list(commands.MARK_VERBS.values()))
    play.do(verb("", mark, chance.choice(PEOPLE), Words("nobody was there")))


_MORE = {
    "contact": {"how": "phone"},
    "ledger": {"days": 3},
    "strike": {"ground": "malicious"},
    "answer": {"how": "letter"},
    "uphold": {"ground": "mistaken"},
}


def _review(play: Play, chance: Random) -> None:
    """A few steps with one of them: reviewers look at one for a while."""
    for _ in range(3 if play.state.reviews else 0):
        review = chance.choice(list(play.state.reviews.values()))
        verb = chance.choice(list(commands.REVIEW_VERBS))
        more = {"how": "phone", "content": chance.random() < 0.7} if verb == "visit" else _MORE.get(verb, {})
        said = {"words": Words("因为"), "limits": ends(play), **more}
        by = f"clerk:{review.clerk}" if verb == "appeal" else chance.choice(PEOPLE)
        play.do(commands.REVIEW_VERBS[verb]("", review.review, review.seen, by, **said))
