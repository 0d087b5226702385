"""GET /reviews, /reviews/{review}: bad ratings and marks, for those who look into them. Plain lists and one form."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response

from hub import texts
from hub.core.hall import Hall
from hub.core.marks import PROPOSED
from hub.core.ratings import TEXT_CHARS
from hub.core.reviews import GROUNDS, WAYS
from hub.permissions import may
from hub.ports import Row
from hub.reports.gather import missing
from hub.reports.shown import percent
from hub.web.accounts import Caller
from hub.web.api.fields import Day
from hub.web.api.reviews import possible_with_mark, review_with_verbs
from hub.web.api.services import hall_of
from hub.web.context import TheWeb, Web, WhoAsks
from hub.web.days import local_time
from hub.web.language import language_of
from hub.web.pages import new_router, render

router = new_router()

MARK_DAYS = 30
"""Days of marks that are listed when nobody says which."""


@router.get("/reviews")
async def review_list(request: Request, web: TheWeb, caller: WhoAsks, first: Day = "", last: Day = "") -> Response:
    hall, spoken, now = hall_of(web), language_of(request), web.clock.now()
    last = last or now.day
    first = first or f"{last[:7]}-01"
    rows = await asyncio.to_thread(web.answers.reviews, first, last, True)
    of_days = await asyncio.to_thread(web.answers.reviews, first, last)
    sums = await asyncio.to_thread(web.answers.review_sums, first, last)
    marks = await asyncio.to_thread(web.answers.marks, first, last)
    named, visited = (int(str(sums[name])) for name in ("named", "named_visited"))
    return render(
        request,
        "reviews",
        caller,
        first=first,
        last=last,
        rows=[_line(web, hall, row, spoken, now.ms) for row in rows],
        sums=sums,
        share=percent(visited / named if named else None),
        missing=missing(of_days),
        marks=[_mark(hall, mark, spoken, caller) for mark in marks],
        most=TEXT_CHARS,
        calls=await _calls(web, spoken) if may(caller.role, "GET /api/v1/to-call") else [],
    )


async def _calls(web: Web, spoken: str) -> list[dict[str, Any]]:
    """Who is to be called, for those who may see contacts."""
    rows = await asyncio.to_thread(web.answers.to_call)
    return [{**row, "invited": texts.say(f"invitation.state.{row['invitation'] or 'none'}", spoken)} for row in rows]


def _line(web: Web, hall: Hall, row: Row, spoken: str, now_ms: int) -> dict[str, Any]:
    """A review for the list; what is over its limit says so in words."""
    due = {name: int(str(row[f"{name}_due_ms"])) for name in ("contact", "answer")}
    done = {"contact": row["contacted_ms"], "answer": row["answered_ms"]}
    return {
        **row,
        "service_name": _name(hall.services.get(str(row["service"])), row["service"], spoken),
        "window_name": _name(hall.windows.get(str(row["window"])), row["window"], spoken),
        "state_name": texts.say(f"review.state.{row['state']}", spoken),
        "due": {name: local_time(ms, hall) if ms else "–" for name, ms in due.items()},
        "over": {name: bool(ms and now_ms > ms and not done[name]) for name, ms in due.items()},
    }


def _name(of: Any, otherwise: object, spoken: str) -> str:
    return of.names[spoken] if of else str(otherwise)


def _mark(hall: Hall, mark: Row, spoken: str, caller: Caller) -> dict[str, Any]:
    may_act = may(caller.role, "POST /api/v1/marks/{mark}/{verb}")
    verbs = possible_with_mark(mark, caller.by) if may_act else []
    evidence: Any = mark["evidence"]
    return {
        **mark,
        "found": evidence_words(str(mark["rule"]), evidence, spoken),
        "verbs": [(verb, texts.say(f"mark.verb.{mark['state']}.{verb}", spoken)) for verb in verbs],
        "waits": may_act and mark["state"] == PROPOSED and mark["proposed_by"] == caller.by,
        "when": local_time(int(str(mark["marked_ms"])), hall),
        "rule_name": texts.say(f"mark.rule.{mark['rule']}", spoken),
        "state_name": texts.say(f"mark.state.{mark['state']}", spoken),
        "window_name": _name(hall.windows.get(str(mark["window"])), mark["window"], spoken),
    }


def evidence_words(rule: str, evidence: Mapping[str, int], spoken: str) -> str:
    """What the rule found, as a sentence."""
    key = f"mark.evidence.{rule}" + ("-served" if "served" in evidence else "")
    levels = {name: texts.say(f"page.common.level-{evidence[name]}", spoken) for name in _LEVELS if name in evidence}
    times = {
        "span": _span(evidence.get("span_s", 0), spoken),
        "delay": f"{evidence.get('delay_ms', 0) / 1000:.1f}",
    }
    return texts.say(key, spoken, **{name: str(value) for name, value in evidence.items()} | levels | times)


_LEVELS = ("level", "before", "after")


def _span(seconds: int, spoken: str) -> str:
    minutes, rest = divmod(seconds, 60)
    return texts.say("mark.minutes" if minutes else "mark.seconds", spoken, minutes=str(minutes), seconds=str(rest))


@router.get("/reviews/{review}")
async def one_review(request: Request, web: TheWeb, caller: WhoAsks, review: str) -> Response:
    hall, spoken = hall_of(web), language_of(request)
    row = await review_with_verbs(web, review)
    reasons = {reason.id: reason.names[spoken] for reason in hall.ratings.reasons}
    may_act = may(caller.role, "POST /api/v1/reviews/{review}/{verb}")
    return render(
        request,
        "review",
        caller,
        review=_line(web, hall, row, spoken, web.clock.now().ms),
        said=[
            {
                **each,
                "when": local_time(each["latest_ms"], hall),
                "why": [reasons.get(id, id) for id in each["reasons"]],
                "channel_name": texts.say(f"rating.channel.{each['channel']}", spoken),
                "standing_name": texts.say(f"rating.standing.{each['standing']}", spoken),
            }
            for each in row["said"]
        ],
        steps=[
            {
                **each,
                "when": local_time(each["at_ms"], hall),
                "step_name": texts.say(f"review.step.{each['step']}", spoken),
                "details": _details(hall, each, spoken),
            }
            for each in row["steps"]
        ],
        verbs=[(verb, texts.say(f"review.verb.{verb}", spoken)) for verb in row["verbs"] if verb != "appeal"]
        if may_act
        else [],
        ways=[(way, texts.say(f"review.way.{way}", spoken)) for way in WAYS],
        grounds=[(ground, texts.say(f"review.ground.{ground}", spoken)) for ground in GROUNDS],
        data={"review": review, "seen": row["seen"]},
    )


def _details(hall: Hall, step: Row, spoken: str) -> list[str]:
    """How somebody was reached, why it was struck out, until when it was put off: what the step has of it."""
    named = [texts.say(f"review.{what}.{step[key]}", spoken) for key, what in _DETAILS.items() if step[key]]
    due_ms = int(str(step["due_ms"]))
    return [*named, texts.say("review.until", spoken, when=local_time(due_ms, hall))] if due_ms else named


_DETAILS = {"how": "way", "ground": "ground"}
