"""Alarms that last."""

from __future__ import annotations

from typing import Any

from hub.core.hall import Names
from hub.core.state import State
from hub.permissions import may
from hub.texts.alarms import Case, case_names
from hub.web.api import new_router
from hub.web.api.services import hall_of
from hub.web.context import TheWeb, WhoAsks
from protocol.downward import LANGUAGES

router = new_router()


@router.get("/alarms")
async def alarms(web: TheWeb, caller: WhoAsks) -> list[dict[str, Any]]:
    """What lasts now, oldest first, and who was told last. Limits of bad ratings are for those who may see these: a
    clerk could read out of them who rated."""
    hall, state = hall_of(web), web.service.state
    with_reviews = may(caller.role, "GET /api/v1/reviews/{review}")
    rules = {rule.id: rule for rule in hall.alarms}
    return [
        {
            "alarm": alarm.alarm,
            "rule": alarm.rule,
            "names": rules[alarm.rule].names if alarm.rule in rules else dict.fromkeys(LANGUAGES, alarm.rule),
            "kind": rules[alarm.rule].kind if alarm.rule in rules else "",
            "subject": subject_names(state, alarm.subject),
            "raised_ms": alarm.raised_ms,
            "level": alarm.level,
            "to": rules[alarm.rule].to[alarm.level]
            if alarm.rule in rules and alarm.level < len(rules[alarm.rule].to)
            else "",
        }
        for alarm in sorted(state.alarms.values(), key=lambda alarm: alarm.raised_ms)
        if with_reviews or alarm.subject not in state.reviews
    ]


def subject_names(state: State, subject: str) -> Names:
    """A service, a window, a visit (by its number) or a bad rating, for people."""
    assert state.hall is not None
    if review := state.reviews.get(subject):
        ticket = state.tickets.get(review.visit)
        return case_names(state.hall, Case(subject, review.kind, review.window, ticket.number if ticket else ""))
    if subject in state.tickets:
        return dict.fromkeys(LANGUAGES, state.tickets[subject].number)
    known = state.hall.services.get(subject) or state.hall.windows.get(subject)
    return known.names if known else dict.fromkeys(LANGUAGES, subject)
