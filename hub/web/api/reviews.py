"""Bad ratings on their way to an answer, and marks on ratings: for those who look into them, by the tables of
hub.core.reviews and hub.core.marks. The rated clerk may appeal, and see no more than what is needed for that."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

from fastapi import Request, Response
from pydantic import Field

from hub.core import commands, marks, reviews
from hub.core.limits import KINDS
from hub.core.ratings import Words
from hub.core.state import ReviewNow
from hub.permissions import CLERK
from hub.ports import Row
from hub.reports.gather import missing
from hub.web.api import new_router
from hub.web.api.fields import Body, Day
from hub.web.api.hot import command_id, described, read
from hub.web.api.outcomes import refused
from hub.web.api.ratings import Typed
from hub.web.context import TheWeb, Web, WhoAsks, caller_of, web_of
from hub.web.problems import Problem, json_answer

router = new_router()

APPEAL = "appeal"
"""The one step that the rated clerk takes."""

Word = Annotated[str, Field(max_length=32)]


class Step(Body):
    """`seen`: what the asker saw (`seen` of the review). `text`: what was found, or said. `how` the citizen was
    reached, on which `ground` the rating is to be struck out, how many working `days` it takes, whether the citizen is
    `content`: as the step asks for."""

    seen: Annotated[int, Field(ge=0)]
    text: Typed = ""
    how: Word = ""
    ground: Word = ""
    days: Annotated[int, Field(ge=0, le=1000)] = 0
    content: bool = True


class NewReview(Body):
    """An order of another system that somebody enters by hand. `name` and `contact` of the citizen, if known."""

    order: Annotated[str, Field(min_length=1, max_length=64)]
    kind: Literal["bad-rating", "question", "complaint"]
    text: Typed
    window: Word = ""
    clerk: Word = ""
    service: Word = ""
    name: Annotated[str, Field(max_length=1000)] = ""
    contact: Annotated[str, Field(max_length=1000)] = ""


class MarkStep(Body):
    text: Typed = ""


@router.get("/reviews")
async def review_list(web: TheWeb, first: Day = "", last: Day = "") -> dict[str, Any]:
    """Those that are open, or without `first` and `last` opened on these days; and how they were answered, in figures:
    `named` ones are all to be answered and visited back, `missing` names those that are not."""
    today = web.clock.now().day
    first, last, only_open = first or today, last or today, not (first or last)
    rows = await asyncio.to_thread(web.answers.reviews, first, last, only_open)
    sums = await asyncio.to_thread(web.answers.review_sums, first if not only_open else "", last)
    return {"reviews": rows, "sums": sums, "missing": missing(rows)}


@router.get("/my-reviews")
async def my_reviews(web: TheWeb, caller: WhoAsks) -> list[dict[str, Any]]:
    """What the asking clerk was rated badly for, as far as somebody has begun to look into it: enough to appeal, and
    not what was pressed, by whom, or when."""
    found = [review for review in web.service.state.reviews.values() if review.clerk == caller.name]
    shown = ("review", "service", "state", "appeal", "seen")
    return [{name: getattr(it, name) for name in shown} for it in found if it.state != reviews.OPEN]


@router.get("/reviews/{review}")
async def one_review(web: TheWeb, review: str) -> dict[str, Any]:
    """One of them with every step, every word of the citizen, and what can be done with it now (`verbs`)."""
    return await review_with_verbs(web, review)


async def review_with_verbs(web: Web, review: str) -> dict[str, Any]:
    row = await asyncio.to_thread(web.answers.review, review)
    if row is None:
        raise Problem(404, "not-found")
    now = web.service.state.reviews.get(review)
    return {**row, "seen": now.seen if now else row["seen"], "verbs": possible(now) if now else []}


_STEPS = {
    "verify": "VerificationBegun",
    "contact": "CitizenContacted",
    "rectify": "FaultRectified",
    "ledger": "FaultPutOnLedger",
    "explain": "FaultExplained",
    "strike": "StrikeProposed",
    "agree": "StrikeAgreed",
    "decline": "StrikeDeclined",
    "answer": "CitizenAnswered",
    "visit": "CitizenVisited",
    "close": "ReviewClosed",
    "reopen": "ReviewReopened",
    "publish": "RectificationPublished",
    APPEAL: "ClerkAppealed",
    "uphold": "AppealUpheld",
    "reject": "AppealRejected",
}


def possible(review: ReviewNow) -> list[str]:
    """The verbs that the tables allow now; who may is another question."""
    main = {event.__name__ for state, event in reviews.TRANSITIONS if state == review.state}
    appeal = {event.__name__ for state, event in reviews.APPEALS if state == review.appeal}
    appeal -= {"AppealUpheld"} - main
    upheld = {"AppealUpheld"} - appeal
    return [verb for verb, step in _STEPS.items() if step in (main - upheld) | appeal]


@router.post("/reviews", status_code=201, openapi_extra=described(NewReview))
async def open_review(request: Request) -> Response:
    """201 and {review}: somebody enters an order that came by phone or on paper."""
    web, caller = web_of(request), caller_of(request)
    body = await read(request, NewReview)
    hall = web.picture.hall
    for kind, value, known in (
        ("window", body.window, hall and hall.windows),
        ("service", body.service, hall and hall.services),
    ):
        if value and value not in (known or ()):
            raise Problem(422, "invalid", where=f"body.{kind}", reason=f"there is no {kind} {value!r}")
    assert body.kind in KINDS
    words = Words(body.text, body.name, body.contact)
    command = commands.OpenReview(
        command_id(request, "review", body.order),
        body.order,
        body.kind,
        bool(body.name or body.contact),
        caller.by,
        window=body.window,
        clerk=body.clerk,
        service=body.service,
        words=words,
    )
    outcome = await web.service.handle(command)
    return refused(web, outcome) if outcome.refused else json_answer(outcome.detail, 201)


@router.post("/reviews/{review}/{verb}", openapi_extra=described(Step, "review", "verb"))
async def step(request: Request) -> Response:
    """The next step, if the tables allow it and the asker may take it; answers with the review as it is then."""
    web, caller = web_of(request), caller_of(request)
    review, verb = request.path_params["review"], request.path_params["verb"]
    kind = commands.REVIEW_VERBS.get(verb)
    if kind is None:
        raise Problem(404, "not-found")
    if caller.role == CLERK and verb != APPEAL:
        raise Problem(403, "forbidden")
    body = await read(request, Step)
    asks = {"how", "ground", "days", "content"} & set(kind.__dataclass_fields__)
    more = {name: getattr(body, name) for name in asks}
    asked = command_id(request, verb, review)
    outcome = await web.service.handle(kind(asked, review, body.seen, caller.by, Words(body.text), **more))
    if outcome.refused:
        return refused(web, outcome)
    return json_answer({} if caller.role == CLERK else await review_with_verbs(web, review))


_MARK_STEPS = {"exclude": "ExclusionProposed", "agree": "ExclusionAgreed", "decline": "ExclusionDeclined"}


def possible_with_mark(mark: Row, asker: str) -> list[str]:
    """The verbs that the table allows now, and that the rules do not refuse to `asker` in any case."""
    steps = {event.__name__ for state, event in marks.TRANSITIONS if state == mark["state"]}
    if mark["proposed_by"] == asker:
        steps -= {"ExclusionAgreed"}
    if not mark["ratings"]:
        steps -= {"ExclusionProposed"}
    return [verb for verb, step in _MARK_STEPS.items() if step in steps]


@router.get("/marks")
async def mark_list(web: TheWeb, first: Day = "", last: Day = "") -> list[Row]:
    """Ratings that look as if no applicant had pressed them: the rule that says so, its evidence, who proposed to leave
    them out, and who agreed to that or declined it."""
    today = web.clock.now().day
    return await asyncio.to_thread(web.answers.marks, first or today, last or first or today)


@router.post("/marks/{mark}/{verb}", openapi_extra=described(MarkStep, "mark", "verb"))
async def mark_step(request: Request) -> Response:
    """ "exclude" proposes to leave its ratings out, "agree" is for a second person, "decline" leaves them in."""
    web, caller = web_of(request), caller_of(request)
    mark, verb = request.path_params["mark"], request.path_params["verb"]
    kind = commands.MARK_VERBS.get(verb)
    if kind is None:
        raise Problem(404, "not-found")
    body = await read(request, MarkStep)
    outcome = await web.service.handle(kind(command_id(request, verb, mark), mark, caller.by, Words(body.text)))
    if outcome.refused:
        return refused(web, outcome)
    return json_answer({"mark": mark, "state": web.service.state.marks[mark].state})


@router.get("/to-call")
async def to_call(web: TheWeb) -> list[Row]:
    """Who left a contact, did not rate, and did not answer the invitation."""
    return await asyncio.to_thread(web.answers.to_call)
