"""What events about ratings, marks and reviews do to their tables: repeatable from the log.

ratings        a line for each rating. It counts when its standing says so, no correction took its place
               (`replaced_by`), and it is neither `struck` (by a review) nor `excluded` (by a mark)
marks, marked  what was marked, and the ratings of each mark
reviews        a line for each review: as the core has it, which is asked what each step does
review_steps   who did what, when
invitations    who left a contact, was asked, and is to be called
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, fields
from typing import Any

from hub.core import applying, events, marks, ratings
from hub.core.state import MarkNow, ReviewNow, State
from hub.ports import Entry

TABLES = ("ratings", "marks", "marked", "reviews", "review_steps", "invitations")

Execute = Callable[[str, tuple], Any]

_LAST_DAY = "select coalesce(max(day), '') from days"

_STOPS = "select revision, window from calls where visit = ? and revision = stop and ended <> 'taken-back' order by 1"


def _rated(execute: Execute, entry: Entry, event: events.RatingRecorded) -> None:
    rating = event.rating or f"{event.device}:{event.epoch}:{event.seq}"
    stop, stop_seq = _stop(execute, event)
    row = (
        rating,
        event.device,
        event.epoch,
        event.seq,
        event.visit,
        _day(execute, event.visit),
        stop,
        stop_seq,
        event.window,
        event.clerk,
        event.service,
        event.case,
        event.level,
        event.channel,
        ratings.REMARK if event.standing == "repeat" else event.standing,
        event.attempt,
        event.replaces,
        "",
        json.dumps(event.reasons, ensure_ascii=False) if event.reasons else "",
        event.reasons_version,
        event.named,
        event.words,
        event.by,
        event.sitting,
        event.earliest_ms,
        event.latest_ms,
        entry.at_ms,
        0,
        0,
    )
    execute(f"insert into ratings values ({', '.join('?' * len(row))})", row)
    if event.replaces:
        execute("update ratings set replaced_by = ? where rating = ?", (rating, event.replaces))
    if event.visit:
        _tell_review(execute, event, rating, stop)
    execute("delete from invitations where visit = ?", (event.visit,))


def _tell_review(execute: Execute, event: events.RatingRecorded, rating: str, stop: int) -> None:
    """A correction of what was struck out takes its place, struck out as well."""
    about = (event.visit, stop)
    execute("update reviews set named = max(named, ?) where visit = ? and stop = ?", (event.named, *about))
    if event.standing in ratings.COUNTS:
        execute("update reviews set rating = ?, level = ? where visit = ? and stop = ?", (rating, event.level, *about))
        struck = "exists (select 1 from reviews where reviews.rating = ratings.rating and struck)"
        execute(f"update ratings set struck = {struck} where rating = ?", (rating,))


def _stop(execute: Execute, event: events.RatingRecorded) -> tuple[int, int | None]:
    """(number, log position) of the rated stop. In logs of before it was not noted: then it was the last one there."""
    if event.standing == ratings.NO_VISIT:
        return -1, None
    stops = execute(_STOPS, (event.visit,)).fetchall()
    if event.stop >= 0:
        return event.stop, stops[event.stop][0] if event.stop < len(stops) else None
    at = [(number, seq) for number, (seq, window) in enumerate(stops) if window == event.window]
    return at[-1] if at else (-1, None)


def _day(execute: Execute, visit: str) -> str:
    """Of the visit; of the log, for what has none."""
    row = execute("select day from tickets where visit = ?", (visit,)).fetchone()
    return row[0] if row else execute(_LAST_DAY, ()).fetchone()[0]


def _contact_left(execute: Execute, entry: Entry, event: events.ContactLeft) -> None:
    row = (event.visit, _day(execute, event.visit), entry.at_ms)
    execute("insert or replace into invitations values (?, ?, ?, null, null)", row)


def _invited(execute: Execute, entry: Entry, event: events.RatingInvited) -> None:
    execute("update invitations set invited_ms = ? where visit = ?", (entry.at_ms, event.visit))


def _listed(execute: Execute, entry: Entry, event: events.CallListed) -> None:
    execute("update invitations set listed_ms = ? where visit = ?", (entry.at_ms, event.visit))


def _marked(execute: Execute, entry: Entry, event: events.RatingsMarked) -> None:
    row = (event.mark, event.mark[:10], event.rule, event.window, event.clerk, len(event.ratings))
    evidence = json.dumps(event.evidence)
    execute("insert into marks values (?, ?, ?, ?, ?, ?, ?, ?, ?, '', '')", (*row, evidence, entry.at_ms, marks.MARKED))
    for rating in event.ratings:
        execute("insert into marked values (?, ?)", (event.mark, rating))


def _mark_moved(execute: Execute, entry: Entry, event: Any) -> None:
    before, proposed_by = execute("select state, proposed_by from marks where mark = ?", (event.mark,)).fetchone()
    mark = MarkNow(event.mark, "", "", "", (), {}, 0, before, proposed_by)
    applying.apply(State(marks={event.mark: mark}), entry.seq, entry.at_ms, event)
    moved = (mark.state, mark.proposed_by, mark.decided_by, event.mark)
    execute("update marks set state = ?, proposed_by = ?, decided_by = ? where mark = ?", moved)
    excluded = "exists (select 1 from marked m join marks using (mark) where m.rating = ratings.rating and state = ?)"
    of_mark = "rating in (select rating from marked where mark = ?)"
    execute(f"update ratings set excluded = {excluded} where {of_mark}", (marks.EXCLUDED, event.mark))


_REVIEW = tuple(each.name for each in fields(ReviewNow))


def _opened(execute: Execute, entry: Entry, event: events.ReviewOpened) -> None:
    state = State()
    applying.apply(state, entry.seq, entry.at_ms, event)
    row = {"day": execute(_LAST_DAY, ()).fetchone()[0], "published": 0, **_columns(state.reviews[event.review])}
    execute(f"insert into reviews ({', '.join(row)}) values ({', '.join('?' * len(row))})", tuple(row.values()))
    _noted(execute, entry, event)


def _columns(review: ReviewNow) -> dict[str, Any]:
    return {**asdict(review), "orders": json.dumps(review.orders)}


def _stepped(execute: Execute, entry: Entry, event: Any) -> None:
    query = f"select {', '.join(_REVIEW)} from reviews where review = ?"
    row = dict(zip(_REVIEW, execute(query, (event.review,)).fetchone(), strict=True))
    flags = {"orders": tuple(json.loads(row["orders"])), "named": bool(row["named"]), "struck": bool(row["struck"])}
    review = ReviewNow(**{**row, **flags})
    applying.apply(State(reviews={event.review: review}), entry.seq, entry.at_ms, event)
    columns = _columns(review)
    changed = ", ".join(f"{column} = ?" for column in columns)
    execute(f"update reviews set {changed} where review = ?", (*columns.values(), event.review))
    if review.rating:
        execute("update ratings set struck = ? where rating = ?", (review.struck, review.rating))
    if isinstance(event, events.RectificationPublished):
        execute("update reviews set published = ? where review = ?", (entry.seq, event.review))
    _noted(execute, entry, event)


def _noted(execute: Execute, entry: Entry, event: Any) -> None:
    """A line of what was done."""
    said = [getattr(event, name, "") for name in ("by", "how", "ground")]
    due_ms = next((due for name in ("due_ms", "answer_due_ms") if (due := getattr(event, name, 0))), 0)
    more = (due_ms, getattr(event, "rating", ""), getattr(event, "words", False))
    execute(
        "insert into review_steps values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (entry.seq, event.review, entry.at_ms, type(event).__name__, *said, *more),
    )


PROJECT: dict[type[events.Event], Callable[[Execute, Entry, Any], None]] = {
    events.RatingRecorded: _rated,
    events.ContactLeft: _contact_left,
    events.RatingInvited: _invited,
    events.CallListed: _listed,
    events.RatingsMarked: _marked,
    events.ExclusionProposed: _mark_moved,
    events.ExclusionAgreed: _mark_moved,
    events.ExclusionDeclined: _mark_moved,
    events.ReviewOpened: _opened,
    **dict.fromkeys(
        (
            events.OrderAttached,
            events.ReviewWithdrawn,
            events.ReviewReopened,
            events.VerificationBegun,
            events.CitizenContacted,
            events.FaultRectified,
            events.FaultPutOnLedger,
            events.FaultExplained,
            events.StrikeProposed,
            events.StrikeAgreed,
            events.StrikeDeclined,
            events.CitizenAnswered,
            events.CitizenVisited,
            events.CitizenObjected,
            events.ReviewClosed,
            events.RectificationPublished,
            events.ClerkAppealed,
            events.AppealUpheld,
            events.AppealRejected,
        ),
        _stepped,
    ),
}
"""Event -> what it does to the tables."""
