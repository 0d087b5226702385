"""Alarms: what of the hall's rules is due now. Heads of lines and windows are looked at, never every ticket.

Kinds of rules (hub.core.hall.AlarmRule) each measure how long something lasts:

    wait        the first of a class in a line waits; subject: the service
    service     a visit is at a window; subject: the visit
    unstaffed   somebody waits and no window takes them; subject: the service
    idle        a staffed window is free although it could call somebody; subject: the window
    contact     the first word with whom a bad rating came from; subject: the review
    answer      the answer to it, or what is on the ledger; subject: the review

An alarm of the first four is due when that is as long as the rule says. It lasts until it is shorter than LASTS of
that, so that a line that hovers about the limit is one alarm and not a hundred. The last two are due so many minutes
before the limit, and last until it is done: so the first person is told before the limit, and the next ones after it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from hub.core import calling, events, schedule
from hub.core.hall import MINUTE_MS, OF_REVIEWS, AlarmRule, Hall
from hub.core.lines import DOOR, for_clerk, for_window
from hub.core.reviews import ANSWERED, ENDED, VISITED
from hub.core.state import AlarmNow, ReviewNow, State, Ticket, WindowNow

LASTS = 0.9
"""Share of the limit under which a lasting alarm is over."""

ANY_CLASS = "*"


class Measure(NamedTuple):
    """How long it has lasted, in ms, and how many wait for it (0: nobody, or not asked)."""

    ms: int
    waiting: int


class Due(NamedTuple):
    """An alarm that is due: its rule, what it is about, and what was measured, for the words."""

    rule: AlarmRule
    subject: str
    figures: dict[str, int]


class Head(NamedTuple):
    """The first of a class in a line, and for how many ms that person has waited."""

    line: str
    ticket: Ticket
    waited_ms: int


class Look:
    """One look around: what several rules ask for is worked out once."""

    def __init__(self, state: State, hall: Hall, now_ms: int):
        self.state = state
        self.hall = hall
        self.now_ms = now_ms
        tickets = state.tickets
        self.heads = [
            Head(line, ticket, self.since(waits_from(ticket)))
            for of_class in map(state.lines.heads, state.lines.classes())
            for line, place in of_class.items()
            if (ticket := tickets[place.visit])
        ]

    def since(self, ms: int) -> int:
        """For how many ms; never negative, when the clock was set back."""
        return max(0, self.now_ms - ms)

    def staffed(self) -> Iterator[tuple[str, WindowNow]]:
        """The windows at which a clerk sits who does not pause."""
        return ((window, now) for window, now in self.state.windows.items() if now.clerk and not now.paused)


def waits_from(ticket: Ticket) -> int:
    """Since when a waiting person waits for what is next: not before the time of the appointment."""
    return max(ticket.since_ms if ticket.stops else ticket.drawn_ms, ticket.due_ms)


def due(state: State, now_ms: int) -> dict[str, Due]:
    """Every alarm that is due at `now_ms`, by its key."""
    if state.hall is None or not state.day:
        return {}
    look = Look(state, state.hall, now_ms)
    found: dict[str, Due] = {}
    for rule in state.hall.alarms:
        for subject, measure in _MEASURE[rule.kind](look, rule).items():
            key = f"{rule.id} {subject}"
            if measure.ms >= _limit_ms(rule, key in state.alarms):
                figures = {"minutes": measure.ms // MINUTE_MS, "waiting": measure.waiting}
                found[key] = Due(rule, subject, figures)
    return found


def _limit_ms(rule: AlarmRule, lasts: bool) -> float:
    if rule.kind in OF_REVIEWS:
        return -rule.minutes * MINUTE_MS
    return rule.minutes * MINUTE_MS * (LASTS if lasts else 1)


def changes(state: State, now_ms: int) -> list[events.Event]:
    """What is newly due, what is told to the next person, and what is over."""
    found = due(state, now_ms)
    over: list[events.Event] = [events.AlarmCleared(alarm) for alarm in state.alarms if alarm not in found]
    raised = [
        events.AlarmRaised(key, each.rule.id, each.subject, level, _person(each.rule, level), each.figures)
        for key, each in found.items()
        if (level := _level(each.rule, state.alarms.get(key), now_ms)) is not None
    ]
    return [*over, *raised]


def _level(rule: AlarmRule, lasting: AlarmNow | None, now_ms: int) -> int | None:
    """Whom of the rule's people to tell now, counted from 0; None: nobody."""
    if lasting is None:
        return 0
    level = lasting.level + 1
    is_time = now_ms - lasting.told_ms >= rule.next_after_min * MINUTE_MS
    return level if is_time and level < len(rule.to) else None


def _person(rule: AlarmRule, level: int) -> str:
    """Whom to tell; nobody when the rule names nobody: the alarm is then only shown."""
    return rule.to[level] if level < len(rule.to) else ""


def _is_about(rule: AlarmRule, service: str) -> bool:
    return not rule.services or service in rule.services


def _wait(look: Look, rule: AlarmRule) -> dict[str, Measure]:
    return _longest(look, (head for head in look.heads if _is_about(rule, head.ticket.service)))


def _longest(look: Look, heads: Iterator[Head]) -> dict[str, Measure]:
    """Service -> the longest wait of its heads, and how many stand in its line."""
    longest: dict[str, int] = {}
    for head in heads:
        service = head.ticket.service
        longest[service] = max(head.waited_ms, longest.get(service, 0))
    counts = look.state.lines.counts
    return {service: Measure(ms, max(1, counts.get(service, 0))) for service, ms in longest.items()}


def _service(look: Look, rule: AlarmRule) -> dict[str, Measure]:
    """At a window a visit takes from *start* on; where nobody presses it, from the call."""
    held = (look.state.tickets[now.visit] for now in look.state.windows.values() if now.visit)
    return {
        ticket.visit: Measure(look.since(ticket.started_ms or ticket.stops[-1].called_ms), 0)
        for ticket in held
        if _is_about(rule, ticket.service)
    }


def _unstaffed(look: Look, rule: AlarmRule) -> dict[str, Measure]:
    """It lasts since the person waits, but not since before the last window that could have taken them stopped."""
    taken = _taken(look)
    left = [head for head in look.heads if _is_about(rule, head.ticket.service) and not _is_taken(head, taken)]
    alone = (head._replace(waited_ms=min(head.waited_ms, look.since(_stopped_ms(look, head)))) for head in left)
    return _longest(look, alone)


def _taken(look: Look) -> dict[str, set[str]]:
    """Line -> the classes that some staffed window takes from it now. ANY_CLASS: all."""
    taken: dict[str, set[str]] = {}
    for window, now in look.staffed():
        plan = look.hall.windows[window]
        classes = plan.only if plan.only and not plan.else_any else (ANY_CLASS,)
        lines = calling.services_at(look.state, window, look.now_ms)
        for line in (*lines, for_window(window), for_clerk(now.clerk)):
            taken.setdefault(line, set()).update(classes)
    return taken


def _is_taken(head: Head, taken: dict[str, set[str]]) -> bool:
    """Whoever waits before the door waits for room, not for a window."""
    classes = taken.get(head.line, ())
    return head.line == DOOR or ANY_CLASS in classes or head.ticket.klass in classes


def _stopped_ms(look: Look, head: Head) -> int:
    """When the last window that takes the service was left, paused, or by the plan went over to other services."""
    service = head.ticket.service
    windows = [plan.id for plan in look.hall.windows.values() if service in plan.services]
    left = max((look.state.windows[window].left_ms for window in windows), default=0)
    sits = [window for window in windows if look.state.windows[window].clerk]
    minute = look.state.minute(look.now_ms)
    turns = [
        edge
        for row in schedule.shifts(look.hall, look.state.day, look.state.kind)
        if not set(sits).isdisjoint(row.windows)
        for edge in (row.begins, row.ends)
        if edge <= minute
    ]
    return max(left, look.state.midnight_ms + max(turns, default=0) * MINUTE_MS)


def _idle(look: Look, rule: AlarmRule) -> dict[str, Measure]:
    """A window that is free for less than the limit is not asked whom it would call: that costs more than the look."""
    found = {}
    least_ms = rule.minutes * MINUTE_MS * LASTS
    for window, now in look.staffed():
        if now.visit or not now.free_ms or look.since(now.free_ms) < least_ms:
            continue
        choice = calling.choose(look.state, window, look.now_ms)
        if choice and _is_about(rule, look.state.tickets[choice.visit].service):
            waited_ms = look.since(waits_from(look.state.tickets[choice.visit]))
            found[window] = Measure(min(look.since(now.free_ms), waited_ms), choice.why["waiting"])
    return found


def _contact(look: Look, rule: AlarmRule) -> dict[str, Measure]:
    """Before the limit the time that it lasts is negative."""
    return {
        review.review: Measure(look.now_ms - review.contact_due_ms, 0)
        for review in _unanswered(look, rule)
        if review.contact_due_ms and not review.contacted_ms
    }


def _answer(look: Look, rule: AlarmRule) -> dict[str, Measure]:
    """What is on the ledger has a limit of its own."""
    dues = ((review, review.ledger_due_ms or review.answer_due_ms) for review in _unanswered(look, rule))
    return {review.review: Measure(look.now_ms - due_ms, 0) for review, due_ms in dues if due_ms}


def _unanswered(look: Look, rule: AlarmRule) -> Iterator[ReviewNow]:
    """Reviews of which the citizen, if there is one to be told, has no answer yet. An order that names no service is
    everybody's: of nobody's, nobody would be told."""
    waits = (it for it in look.state.reviews.values() if it.state not in (ANSWERED, VISITED, *ENDED))
    return (review for review in waits if not review.service or _is_about(rule, review.service))


_MEASURE: dict[str, Callable[[Look, AlarmRule], dict[str, Measure]]] = {
    "wait": _wait,
    "service": _service,
    "unstaffed": _unstaffed,
    "idle": _idle,
    "contact": _contact,
    "answer": _answer,
}
"""Kind of a rule -> what it measures, by subject."""
