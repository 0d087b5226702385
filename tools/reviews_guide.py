"""docs/reviews.md: every step of a bad rating is really asked for in every state, and what came of it is written down."""

# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import fields, replace
from importlib import resources
from typing import Any

from hub.config import read_hall
from hub.core import applying, commands, deciding, events, limits, reviews, watching
from hub.core.commands import Moment
from hub.core.hall import OF_REVIEWS
from hub.core.ratings import NO_WORDS, TEXT_CHARS, Words
from hub.core.refusals import Refusal
from hub.core.state import ReviewNow, State
from hub.permissions import CLERK, ROLES, ROUTES
from hub.texts import say

DAY_MS = 24 * 3_600_000
OPENED_MS = 1_772_553_600_000
NOW_MS = OPENED_MS + 30 * DAY_MS
ENDS: limits.Moments = tuple(NOW_MS + days * DAY_MS for days in range(limits.MOST_DAYS + 1))
RATED, ANNA, BO = "clerk:li", "reviewer:anna", "manager:bo"
WHY = Words("why")

MEANING = {
    reviews.OPEN: "Nobody has looked into it yet.",
    reviews.VERIFYING: "Somebody finds out what happened.",
    reviews.LEDGER: "It cannot be put right at once; it has a limit of its own.",
    reviews.RECTIFIED: "It was put right.",
    reviews.EXPLAINED: "There is no ground for it, and why.",
    reviews.STRIKE_PROPOSED: "One person wants the rating struck out; another one must agree.",
    reviews.STRUCK: "The rating is in no figure but the one that says how it was with it.",
    reviews.ANSWERED: "The citizen was told what came out.",
    reviews.VISITED: "The citizen was asked again, and is content.",
    reviews.CLOSED: "It is over. A new word of the citizen reopens it.",
    reviews.WITHDRAWN: "The citizen corrected the rating at once, to one that is not bad.",
}

_MORE: dict[str, dict[str, Any]] = {
    "contact": {"how": "phone"},
    "ledger": {"days": 10},
    "strike": {"ground": reviews.MISTAKEN},
    "answer": {"how": "phone"},
    "visit": {"how": "face-to-face"},
    "uphold": {"ground": reviews.MALICIOUS},
}
"""What the steps ask for."""

OBJECTS = "visit, not content"
STEPS = [name for verb in commands.REVIEW_VERBS for name in ((verb, OBJECTS) if verb == "visit" else (verb,))]
_CARRIED = ("how", "ground", "days", "content")


def _state(**more: Any) -> State:
    """A hall with one review, all of whose limits are over. It is that of a named person, and R.2 is an order's."""
    hall = read_hall(resources.files("hub.halls").joinpath("zengcheng.toml").read_text("utf-8"))
    state = State(epoch=1, hall=hall, day="2026-04-03", midnight_ms=NOW_MS)
    due = (OPENED_MS, OPENED_MS + DAY_MS, OPENED_MS + 10 * DAY_MS)
    known: dict[str, Any] = {"proposed_by": BO, **more}
    state.reviews["R.1"] = ReviewNow("R.1", limits.BAD_RATING, "r", "v", 0, "3", "li", "registration", 1, True, *due)
    state.reviews["R.1"] = replace(state.reviews["R.1"], **known)
    state.reviews["R.2"] = replace(state.reviews["R.1"], review="R.2", rating="", orders=("12345-1",), named=False)
    return state


def _command(step: str, by: str, **more: Any) -> commands.ActOnReview:
    verb = "visit" if step == OBJECTS else step
    asked = {**_MORE.get(verb, {}), **({"content": False} if step == OBJECTS else {}), **more}
    given = {"words": WHY, "limits": ENDS, "seen": 0, **asked}
    return commands.REVIEW_VERBS[verb]("", given.pop("review", "R.1"), given.pop("seen"), by, **given)


def _done(state: State, command: commands.Command) -> tuple[str, State]:
    """What the rules say to it (empty: yes), and the state then."""
    decided = deciding.decide(state, command, Moment(NOW_MS, state.day))
    if isinstance(decided, Refusal):
        return decided.code, state
    after = deepcopy(state)
    for event in decided:
        applying.apply(after, after.seq + 1, NOW_MS, event)
    return "", after


def _try(step: str, state: str, **more: Any) -> tuple[str, State]:
    """The step by who may take it, in a state in which all that it asks for is there."""
    appeal = reviews.PENDING if step in ("uphold", "reject") else reviews.NO_APPEAL
    by = RATED if step == "appeal" else ANNA
    return _done(_state(state=state, appeal=appeal, **more), _command(step, by))


def _cell(step: str, state: str) -> str:
    code, after = _try(step, state)
    if not code:
        return after.reviews["R.1"].state
    unnamed, then = _try(step, state, named=False)
    if not unnamed:
        return f"{then.reviews['R.1'].state}; named: `{code}`"
    return "–" if code == "review-not-now" else f"`{code}`"


def _by_itself(event: type[events.Event], state: str) -> str:
    return reviews.TRANSITIONS.get((state, event), "–")


def _where(step: str) -> str:
    """A state in which it can be done."""
    return next(state for state in reviews.STATES if not _try(step, state, named=False)[0])


def _carries(step: str) -> str:
    appeal = reviews.PENDING if step in ("uphold", "reject") else reviews.NO_APPEAL
    by = RATED if step == "appeal" else ANNA
    before = _state(state=_where(step), appeal=appeal, named=False)
    needs = _done(before, _command(step, by, words=NO_WORDS))[0] == "words-needed"
    command = type(_command(step, by))
    asked = [f"`{it.name}`" for it in fields(command) if it.name in _CARRIED]
    return ", ".join([*(["`text`"] if needs else []), *asked]) or "nothing"


def _who(step: str) -> str:
    route = ROUTES["POST /api/v1/reviews/{review}/{verb}"]
    appeal = reviews.PENDING if step in ("uphold", "reject") else reviews.NO_APPEAL
    before = _state(state=_where(step), appeal=appeal, named=False)
    if _done(before, _command(step, ANNA))[0] == "not-your-review":
        return "the rated clerk"
    offices = ", ".join(role for role in ROLES if role in route - {CLERK})
    is_second = _done(before, _command(step, BO))[0] == "second-person"
    return offices + (", but not who proposed it" if is_second else "")


def _limits(step: str) -> str:
    """Which limits the alarms no longer look at, and which begin."""
    code, after = _try(step, _where(step), named=False)
    assert not code
    appeal = reviews.PENDING if step in ("uphold", "reject") else reviews.NO_APPEAL
    before = _state(state=_where(step), appeal=appeal, named=False)
    was, now = before.reviews["R.1"], after.reviews["R.1"]
    begins = [
        kind for kind in (*OF_REVIEWS, "ledger") if getattr(now, f"{kind}_due_ms") > getattr(was, f"{kind}_due_ms")
    ]
    gone = [kind for kind in OF_REVIEWS if kind in _watched(before) - _watched(after)]
    stops = [kind for kind in gone if kind not in begins and not (kind == "answer" and "ledger" in begins)]
    return "; ".join(f"{what} {' and '.join(kinds)}" for what, kinds in (("stops", stops), ("begins", begins)) if kinds)


def _watched(state: State) -> set[str]:
    return {due.rule.kind for due in watching.due(state, NOW_MS).values() if due.subject == "R.1"}


REFUSED: list[tuple[str, Callable[[], tuple[State, commands.Command]]]] = [
    ("There is no such case.", lambda: (_state(), _command("verify", ANNA, review="R.9"))),
    ("Somebody else took a step since it was looked at.", lambda: (_state(seen=7), _command("verify", ANNA, seen=3))),
    ("The rated clerk handles it, under whatever role.", lambda: (_state(), _command("verify", "admin:li"))),
    ("A reason must be given.", lambda: (_state(state=reviews.VERIFYING), _command("explain", ANNA, words=NO_WORDS))),
    (
        "More is written than is kept.",
        lambda: (_state(), _command("verify", ANNA, words=Words("x" * (TEXT_CHARS + 1)))),
    ),
    ("The step is not in the table above.", lambda: (_state(), _command("publish", ANNA))),
    ("Nobody is spoken to in such a way.", lambda: (_state(), _command("contact", ANNA, how="smoke"))),
    (
        "A limit of the ledger of no day, or of too many.",
        lambda: (_state(state=reviews.VERIFYING), _command("ledger", ANNA, days=limits.MOST_DAYS + 1)),
    ),
    (
        "Striking out where there is no rating, only an order.",
        lambda: (_state(state=reviews.VERIFYING), _command("strike", ANNA, review="R.2")),
    ),
    (
        "There is no such ground.",
        lambda: (_state(state=reviews.VERIFYING), _command("strike", ANNA, ground="unwelcome")),
    ),
    (
        "The same person proposes and agrees, under whatever role.",
        lambda: (_state(state=reviews.STRIKE_PROPOSED), _command("agree", "admin:bo")),
    ),
    (
        "Closing before the appeal is decided.",
        lambda: (_state(state=reviews.VISITED, appeal=reviews.PENDING), _command("close", ANNA)),
    ),
    ("Closing before who was named is answered.", lambda: (_state(state=reviews.RECTIFIED), _command("close", ANNA))),
    (
        "Closing before who was named is visited back.",
        lambda: (_state(state=reviews.ANSWERED), _command("close", ANNA)),
    ),
    ("An appeal of somebody else.", lambda: (_state(state=reviews.VERIFYING), _command("appeal", "clerk:wang"))),
    ("An order that is there already.", lambda: (_state(), _order("12345-1", limits.COMPLAINT))),
    ("An order of no known kind.", lambda: (_state(), _order("12345-2", "praise"))),
]
"""What is refused besides, each with what is really asked."""


def _order(order: str, kind: str) -> commands.OpenReview:
    return commands.OpenReview("", order, kind, True, ANNA, words=WHY, limits=ENDS)


def _refusal(when: str, made: Callable[[], tuple[State, commands.Command]]) -> str:
    state, command = made()
    refused = deciding.decide(state, command, Moment(NOW_MS, state.day))
    assert isinstance(refused, Refusal), when
    return f"| {when} | `{refused.code}` | {say(f'refusal.{refused.code}', 'en', **refused.detail)} |"


def reviews_page() -> str:
    """docs/reviews.md."""
    states = "\n".join(f"| {state} | {MEANING[state]} |" for state in reviews.STATES)
    heads = " | ".join(reviews.STATES)
    rows = "\n".join(f"| {step} | {' | '.join(_cell(step, it) for it in reviews.STATES)} |" for step in STEPS)
    alone = "\n".join(
        f"| *{what}* | {' | '.join(_by_itself(event, it) for it in reviews.STATES)} |"
        for what, event in (
            ("corrected, and not bad", events.ReviewWithdrawn),
            ("a new bad word", events.ReviewReopened),
        )
    )
    asked = "\n".join(f"| {step} | {_who(step)} | {_carries(step)} | {_limits(step)} |" for step in STEPS)
    appeals = "\n".join(f"| {was} | {event.__name__} | {then} |" for (was, event), then in reviews.APPEALS.items())
    refused = "\n".join(_refusal(*each) for each in REFUSED)
    days = "\n".join(
        f"| `{kind}` | {it.contact_days} | {it.answer_days} |" for kind, it in limits.DEFAULT_LIMITS.items()
    )
    return f"""# The life of a bad rating

Made by `python -m tools.guides`: every step was really asked for in every state, of the table in `hub/core/reviews.py`
and of the rules in `hub/core/deciding/reviews.py`, and this is what came of it.

A rating of the last two levels (差评) opens a case in the same step in which it is written down, also as a later remark;
so does an order of another system, such as the 12345 hotline. One stop of a visit has one case: a second bad word, or an
order about the same rating, goes to it, and reopens it when it was over. Somebody who is not the rated clerk looks into
it, and it is put right, put on the ledger, explained, or struck out by two people. Then the citizen is answered and
visited back. Who is named is always answered and visited back before it is closed; what was decided can be published.
Each step is in the log with who, when and what; what people wrote is kept apart, and can be deleted.

| state | meaning |
|---|---|
{states}

## Which step leads where

The cells say the state after it. `–` is refused with `review-not-now`; "named:" is what is refused for a citizen who can
be reached. The last two rows are no steps of somebody: the citizen said something.

| step | {heads} |
|---|{"---|" * len(reviews.STATES)}
{rows}
{alone}

## Who takes a step, with what, and which limit it touches

`text` must be given where it stands here, and may be given everywhere. `how` is {", ".join(reviews.WAYS)};
`ground` is {" or ".join(reviews.GROUNDS)}; `days` are working days from 1 to {limits.MOST_DAYS}; `content` says whether the citizen
is, at the visit back. A clerk may do nothing here but appeal.

| step | who | must carry | limits |
|---|---|---|---|
{asked}

## The appeal beside it

The rated clerk may appeal once, as the table above says; `GET /api/v1/my-reviews` shows what to, from when somebody looks
into it. Until that is decided nothing is closed. Upheld, it is a proposal to strike the rating out, to which a second
person must agree as to any other.

| appeal | event | then |
|---|---|---|
{appeals}

## What is refused besides

| when | code | what is said |
|---|---|---|
{refused}

## Limits

They count in working days, by the country's calendar with its shifted ones (调休) and the hall's own exceptions. The day on
which one begins is not counted. It ends when the hall closes on its last day; 0 days is the same day, and where that is
over or not worked, the next day that is. A hall says its own under `[limits.KIND]` in its [hall file](hall-file.md).

| kind | first contact | answer |
|---|---|---|
{days}

- *First contact* is the first word with the citizen. An answer is one too.
- *Answer* holds until the citizen is answered, or the case is over. On the ledger the ledger's own limit takes its place.
- Reopened, both begin again, and a rating that was struck out stands again. Who was answered and is not content is answered anew, with a new limit.
- When a limit is near, and when it is over, people are told one after the other: [alarms](alarms.md), `contact` and
  `answer`.

## The wall

`GET /api/v1/reviews` and the page `/reviews` have the figures of some days: how many were named, answered and visited
back. The report of a day or month has the share of those that are over and of the named ones that were answered and
visited back, and lists by number what is missing. Shares are cut, never rounded up: 1,999 of 2,000 is 99.9 %, and
100.0 % is all of them.
"""
