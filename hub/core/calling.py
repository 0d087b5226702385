"""Who is next at a window, and why.

Everybody has one number that can be checked: the effective arrival (see hub.core.lines), less what the window prefers.
The smallest is next: *the order*. Above it stand, first to last:

    reserved   a window that is kept for some classes calls these, and others only if it may and none of these wait
    condition  "the first in X has waited over 60 minutes: X first"; at most so many times in a row at one window
    ratio      while people of several groups wait, each group gets its share of each cycle of calls

Nobody starves. Whoever comes more than the largest credit (and preference) after somebody is behind them in the order;
of every `at_most` + 1 calls of a window one follows the ratio, and of every cycle of it each group gets its share. So a
person is called after at most (at_most + 1) x cycle x (tickets before theirs in the order + 1) presses of *next* at any
window that takes their service and is not reserved for others (a group that is split has a ticket for each part). What
a clerk picks by hand, with a reason, or takes back comes on top. tests/hub/core/test_properties.py holds every call
against it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hub.core import schedule
from hub.core.hall import MINUTE_MS, Condition, Hall, Ratio
from hub.core.lines import ALL, Lines, Place, for_clerk, for_window
from hub.core.state import State, Ticket, hall_of

ORDER = "order"
RESERVED = "reserved"
CONDITION = "condition"
RATIO = "ratio"
PICKED = "picked"
RESUMED = "resumed"
KINDS = (ORDER, RESERVED, CONDITION, RATIO, PICKED, RESUMED)
"""Kinds of reasons for a call. PICKED: by hand, with a reason; RESUMED: taken back from hold."""

PASSED = 3
"""How many of those who came earlier and still wait are named with a call."""


@dataclass(frozen=True, slots=True)
class Choice:
    """`visit` is next. `why` is kept with the call:

    kind, rule (id; of condition and ratio), waited_ms, waiting (people in the lines of this window, this one too), and,
    where they are not 0 or empty: lead_ms (how much earlier than they came they count as here), credit_ms (of the
    class), due_ms (of the appointment), prefer_ms (of the window), reason (of PICKED), first (number that would have
    been next by the order), passed (those who came earlier and still wait: [number, class, waited_ms, credit_ms]).
    """

    visit: str
    why: dict[str, Any]


def choose(state: State, window: str, now_ms: int) -> Choice | None:
    """Whom to call next at `window`, or None when nobody waits for it. Costs a few looks at sorted heads."""
    hall = hall_of(state)
    at = hall.windows[window]
    lines = lines_at(state, window, now_ms)
    kind, only = (RESERVED, at.only) if at.only else (ORDER, None)
    first = _first(state.lines, lines, at.prefer, only)
    if only and (sent := _first(state.lines, [line for line in lines if line.startswith("@")], {}, None)):
        first = min(first or sent, sent)  # who was sent here by name is not turned away
    if first is None and at.only and at.else_any:
        kind, only = ORDER, None
        first = _first(state.lines, lines, at.prefer, only)
    if first is None:
        return None
    chosen, rule = first, ""
    if by_condition := _by_condition(state, window, lines, only, now_ms):
        kind, (chosen, rule) = CONDITION, by_condition
    elif by_ratio := _by_ratio(state, window, lines, only, first):
        kind, (chosen, rule) = RATIO, by_ratio
    return Choice(chosen.visit, _why(state, window, lines, chosen, kind, rule, now_ms, first))


def by_hand(state: State, window: str, visit: str, kind: str, reason: str, now_ms: int) -> Choice:
    """The call of a chosen visit, with the same figures: whoever asks why gets an answer."""
    lines = lines_at(state, window, now_ms)
    at = hall_of(state).windows[window]
    first = _first(state.lines, lines, at.prefer, None)
    ticket = state.tickets[visit]
    why = _why(state, window, lines, ticket.place, kind, "", now_ms, first or ticket.place)
    return Choice(visit, why | ({"reason": reason} if reason else {}))


def lines_at(state: State, window: str, now_ms: int) -> Sequence[str]:
    """The lines from which the window calls now: its services by plan and clerk, and who was sent to it or to them."""
    clerk = state.windows[window].clerk
    services = services_at(state, window, now_ms)
    counts = state.lines.counts
    sent = [line for line in (for_window(window), for_clerk(clerk)) if line in counts]
    return (*services, *sent) if sent else services


def services_at(state: State, window: str, now_ms: int) -> tuple[str, ...]:
    """The services that may be called at the window now. Remembered until the plan changes: each call asks."""
    hall = hall_of(state)
    clerk = state.windows[window].clerk
    if not hall.shifts and clerk not in hall.clerks:
        return hall.windows[window].services
    minute = state.minute(now_ms)
    edges = _edges(state, hall)
    part = sum(1 for edge in edges if edge <= minute)
    key = ("services", window, clerk, part)
    found = state.memo.get(key)
    if found is None:
        found = schedule.offered(hall, window, clerk, state.day, state.kind, minute)
        state.memo[key] = found
    return found


def _edges(state: State, hall: Hall) -> list[int]:
    """The minutes of today at which some shift begins or ends."""
    found = state.memo.get("edges")
    if found is None:
        rows = schedule.shifts(hall, state.day, state.kind) if state.day else []
        found = sorted({edge for row in rows for edge in (row.begins, row.ends)})
        state.memo["edges"] = found
    return found


def _first(waiting: Lines, lines: Sequence[str], prefer: dict[str, int], classes: Sequence[str] | None) -> Place | None:
    """The smallest effective arrival in `lines` less what the window prefers, of `classes` (None: all)."""
    least = _least(waiting, lines, prefer, classes)
    return least[1] if least else None


Least = tuple[int, Place]
"""Effective arrival less the window's preference, and the place."""


def _least(waiting: Lines, lines: Sequence[str], prefer: dict[str, int], classes: Sequence[str] | None) -> Least | None:
    found = [_least_of(waiting, lines, prefer, klass) for klass in ((ALL,) if classes is None else classes)]
    return min([least for least in found if least], default=None)


def _least_of(waiting: Lines, lines: Sequence[str], prefer: dict[str, int], klass: str) -> Least | None:
    """The first of one class."""
    first = waiting.first(lines, klass)
    least = (first.ms, first) if first else None
    for line, minutes in prefer.items():
        if line in lines and (head := waiting.head(line, klass)):
            preferred = (head.ms - minutes * MINUTE_MS, head)
            least = min(least or preferred, preferred)
    return least


def _by_condition(
    state: State, window: str, lines: Sequence[str], only: Sequence[str] | None, now_ms: int
) -> tuple[Place, str] | None:
    """(who is next, the rule) by the first condition that holds at the window now."""
    hall, now = hall_of(state), state.windows[window]
    for rule in hall.conditions:
        if now.in_a_row >= rule.at_most or (rule.windows and window not in rule.windows):
            continue
        of_rule = [line for line in lines if line in rule.services] if rule.services else lines
        classes = _both(rule.classes, only)
        first = _first(state.lines, of_rule, hall.windows[window].prefer, classes)
        if first and _holds(state, rule, first, of_rule, classes, now_ms):
            return first, rule.id
    return None


def _both(classes: Sequence[str], only: Sequence[str] | None) -> Sequence[str] | None:
    """The classes that a rule and the window both allow; None: all."""
    if only is None:
        return classes or None
    return [klass for klass in only if klass in classes] if classes else only


def _holds(
    state: State, rule: Condition, first: Place, lines: Sequence[str], classes: Sequence[str] | None, now_ms: int
) -> bool:
    if rule.waits_over_min and now_ms - state.tickets[first.visit].since_ms <= rule.waits_over_min * MINUTE_MS:
        return False
    if rule.waiting_over and _count(state.lines, lines, classes) <= rule.waiting_over:
        return False
    return not (rule.begins or rule.ends) or rule.begins <= state.minute(now_ms) < rule.ends


def _count(waiting: Lines, lines: Sequence[str], classes: Sequence[str] | None) -> int:
    if classes is None:
        return sum([waiting.counts.get(line, 0) for line in lines])
    return sum(len(waiting.lists(line).get(klass, ())) for line in lines for klass in classes)


def ratio_at(hall: Hall, window: str) -> Ratio | None:
    """The ratio that holds at the window; there is one at most."""
    return next((ratio for ratio in hall.ratios if not ratio.windows or window in ratio.windows), None)


def share_of(ratio: Ratio, klass: str, service: str) -> int | None:
    """The group of the ratio that somebody belongs to; None: none."""
    for index, share in enumerate(ratio.shares):
        if (not share.classes or klass in share.classes) and (not share.services or service in share.services):
            return index
    return None


def _by_ratio(
    state: State, window: str, lines: Sequence[str], only: Sequence[str] | None, first: Place
) -> tuple[Place, str] | None:
    """(who is next, the rule) when the group of who is `first` has had its share and another one has not."""
    hall = hall_of(state)
    ratio, counts = ratio_at(hall, window), state.windows[window].cycle
    if ratio is None or not counts:
        return None
    ticket = state.tickets[first.visit]
    share = share_of(ratio, ticket.klass, ticket.service)
    if share is None or counts[share] < ratio.shares[share].count:
        return None
    heads = []
    for index, other in enumerate(ratio.shares):
        if counts[index] < other.count:
            of_share = [line for line in lines if line in other.services] if other.services else lines
            heads.append(_least(state.lines, of_share, hall.windows[window].prefer, _both(other.classes, only)))
    least = min([head for head in heads if head], default=None)
    return (least[1], ratio.id) if least else None


def _why(
    state: State, window: str, lines: Sequence[str], chosen: Place, kind: str, rule: str, now_ms: int, first: Place
) -> dict[str, Any]:
    """See Choice. What is 0 or empty is left out: this is stored with every call."""
    ticket = state.tickets[chosen.visit]
    why: dict[str, Any] = {
        "kind": kind,
        "waited_ms": max(0, now_ms - ticket.since_ms),
        "waiting": _count(state.lines, lines, None),
    }
    if rule:
        why["rule"] = rule
    if first.visit != chosen.visit:
        why["first"] = state.tickets[first.visit].number
    prefer_ms = hall_of(state).windows[window].prefer.get(ticket.line, 0) * MINUTE_MS
    lead_ms = ticket.since_ms - chosen.ms
    more = {"lead_ms": lead_ms, "credit_ms": ticket.credit_ms, "prefer_ms": prefer_ms, "due_ms": ticket.due_ms}
    why.update((key, value) for key, value in more.items() if value)
    if kind != ORDER or chosen.ms < ticket.since_ms or hall_of(state).windows[window].prefer:
        why.update(_passed(state, lines, ticket, now_ms))
    return why


def _passed(state: State, lines: Sequence[str], chosen: Ticket, now_ms: int) -> dict[str, Any]:
    """Who came earlier than the chosen one and still waits; of each line and class only its first is looked at."""
    earlier = []
    for klass in state.lines.classes():
        for head in state.lines.firsts(lines, klass, PASSED + 1):
            other = state.tickets[head.visit]
            if head.visit != chosen.visit and other.since_ms < chosen.since_ms:
                earlier.append((other.since_ms, other.number, other.klass, other.credit_ms))
    named = [[number, klass, now_ms - since, credit] for since, number, klass, credit in sorted(earlier)[:PASSED]]
    return {"passed": named} if named else {}
