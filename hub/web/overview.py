"""The hall at a glance, for whoever runs it: pure functions of its state; what they give is shown by pages/manager.py.

A window is as it is now, with how bad that is. What is bad: a visit over the minutes of an alarm of kind "service"; a
window where by the plan somebody should sit, and nobody does while people wait for what is done there; a free window
while people wait for it; people who wait for what no window does. These are the rules of the hall file; nothing here is
measured that it does not ask for.
"""

from __future__ import annotations

from typing import NamedTuple

from hub.core import calling, schedule, tickets
from hub.core.hall import MINUTE_MS, AlarmRule, Hall
from hub.core.state import State, Ticket, hall_of

CLOSED, PAUSED, CALLED, SERVING, FREE = "closed", "paused", "called", "serving", "free"
STATES = (FREE, CALLED, SERVING, PAUSED, CLOSED)

GOOD, WARN, BAD, INFO, OFF = "good", "warn", "bad", "info", "off"


class WindowNow(NamedTuple):
    """`minutes`: for how long it has been so; None: nobody knows. `is_missing`: by the plan somebody should sit there.
    `waiting`: people whom it could call."""

    id: str
    state: str
    tone: str
    clerk: str
    number: str
    minutes: int | None
    is_missing: bool
    waiting: int


class ServiceNow(NamedTuple):
    """`longest`: minutes for which the one who came first waits; None: nobody does. `target`: minutes after which the
    hall file wants somebody to be told; None: it does not say. `is_taken`: some window calls people for it now."""

    id: str
    waiting: int
    longest: int | None
    target: int | None
    is_taken: bool
    tone: str


def window_now(state: State, window: str, now_ms: int) -> WindowNow:
    hall, held = hall_of(state), state.windows[window]
    ticket = state.tickets.get(held.visit)
    waiting = sum(state.lines.counts.get(service, 0) for service in hall.windows[window].services)
    is_missing = not held.clerk and schedule.is_staffed(hall, window, state.day, state.kind, state.minute(now_ms))
    how, since_ms = _how(state, window, ticket)
    minutes = (now_ms - since_ms) // MINUTE_MS if since_ms else None
    tone = _tone(hall, how, ticket, minutes or 0, waiting, is_missing)
    number = ticket.number if ticket else ""
    return WindowNow(window, how, tone, held.clerk, number, minutes, is_missing, waiting)


def _how(state: State, window: str, ticket: Ticket | None) -> tuple[str, int]:
    """(state, since when)."""
    held = state.windows[window]
    if not held.clerk:
        return CLOSED, held.left_ms
    if ticket:
        return (SERVING if ticket.state == tickets.SERVING else CALLED), ticket.since_ms
    if held.paused:
        return PAUSED, held.left_ms
    return FREE, held.free_ms


def _tone(hall: Hall, how: str, ticket: Ticket | None, minutes: int, waiting: int, is_missing: bool) -> str:
    if how == CLOSED:
        return WARN if is_missing and waiting else OFF
    if how == PAUSED:
        return WARN if waiting else OFF
    if ticket and how == SERVING and minutes >= _least(hall, "service", ticket.service, minutes + 1):
        return BAD
    if how == FREE:
        return WARN if waiting else GOOD
    return INFO if how == CALLED else GOOD


def service_now(state: State, service: str, now_ms: int, first_ms: int | None, taken: frozenset[str]) -> ServiceNow:
    """`first_ms`: when the one who waits longest came, from `came_first`; `taken`: from `services_taken`."""
    longest = None if first_ms is None else (now_ms - first_ms) // MINUTE_MS
    target = _least(hall_of(state), "wait", service, 0) or None
    is_late = longest is not None and target is not None and longest >= target
    is_left = longest is not None and service not in taken
    tone = BAD if is_late or is_left else GOOD
    return ServiceNow(service, state.lines.counts.get(service, 0), longest, target, service in taken, tone)


def services_taken(state: State, now_ms: int) -> frozenset[str]:
    """Services for which some window calls people now."""
    open_now = (window for window, held in state.windows.items() if held.clerk and not held.paused)
    return frozenset(service for window in open_now for service in calling.services_at(state, window, now_ms))


def came_first(state: State) -> dict[str, int]:
    """Service -> when the one who waits longest for it began to wait, in ms. One look at all tickets of the day."""
    found: dict[str, int] = {}
    for ticket in state.tickets.values():
        if ticket.state == tickets.WAITING:
            found[ticket.service] = min(ticket.since_ms, found.get(ticket.service, ticket.since_ms))
    return found


def _least(hall: Hall, kind: str, service: str, otherwise: int) -> int:
    """The fewest minutes of the hall's alarms of `kind` for the service."""
    return min((rule.minutes for rule in hall.alarms if _is_for(rule, kind, service)), default=otherwise)


def _is_for(rule: AlarmRule, kind: str, service: str) -> bool:
    return rule.kind == kind and (not rule.services or service in rule.services)


ORDER = (BAD, WARN, INFO, GOOD, OFF)


def wrong(windows: list[WindowNow]) -> list[WindowNow]:
    """Those with which something is wrong, the worst first, then those of which more people wait."""
    found = [window for window in windows if window.tone in (BAD, WARN)]
    return sorted(found, key=lambda window: (ORDER.index(window.tone), -window.waiting))
