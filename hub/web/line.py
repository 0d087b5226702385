"""A window as its clerk works with it: who is there, who waits for it and in which order, who stepped aside.

Numbers only: the secrets of visits stay with their holders.
"""

from __future__ import annotations

from typing import Any

from hub.core import calling, tickets
from hub.core.hall import MINUTE_MS, Window
from hub.core.lines import Place
from hub.core.state import State, Ticket, hall_of
from hub.web import expected, why
from hub.web.context import Web
from hub.web.visits import row

SHOWN = 30
"""Waiting people who are listed; further down nobody chooses by hand."""


def line_now(web: Web, window: str) -> dict[str, Any]:
    """See GET /windows/{window}/line. `window` must be one of the hall."""
    state, now_ms = web.service.state, web.clock.now().ms
    held = state.windows[window]
    here = state.tickets.get(held.visit)
    aside = web.aside.of(state)
    lines = calling.lines_at(state, window, now_ms)
    return {
        "version": state.version(window),
        "services": calling.services_at(state, window, now_ms),
        "paused": held.paused,
        "automatic": held.automatic,
        "here": _here(state, here, now_ms) if here else None,
        "take_back": _steps_back(state, window),
        "count": sum(state.lines.counts.get(line, 0) for line in lines),
        "waiting": [
            {**row(state, ticket, now_ms), "range": expected.told(expected.of(web, ticket)[1])}
            for ticket in in_order(state, window, now_ms)
        ],
        "hold": [row(state, ticket, now_ms) for ticket in aside[tickets.ON_HOLD][:SHOWN]],
        "missed": [row(state, ticket, now_ms) for ticket in aside[tickets.MISSED][:SHOWN]],
    }


def _here(state: State, ticket: Ticket, now_ms: int) -> dict[str, Any]:
    return {
        **row(state, ticket, now_ms),
        "why": why.words(hall_of(state), why.called_at(state, ticket, ticket.stops[-1])),
    }


def in_order(state: State, window: str, now_ms: int) -> list[Ticket]:
    """Who waits for the window: who is next by all rules, then the others by the order alone."""
    at = hall_of(state).windows[window]
    waiting: list[tuple[int, Place]] = []
    for line in calling.lines_at(state, window, now_ms):
        for klass, places in state.lines.lists(line).items():
            rank = _rank(at, line, klass)
            if rank is not None:
                prefer_ms = at.prefer.get(line, 0) * MINUTE_MS
                waiting += [(rank + place.ms - prefer_ms, place) for place in places[:SHOWN]]
    visits = [place.visit for _, place in sorted(waiting)[:SHOWN]]
    choice = calling.choose(state, window, now_ms)
    if choice:
        visits = [choice.visit, *(visit for visit in visits if visit != choice.visit)]
    return [state.tickets[visit] for visit in visits[:SHOWN]]


_AFTER_ALL = 1 << 50
"""More than any effective arrival in ms."""


def _rank(at: Window, line: str, klass: str) -> int | None:
    """How far after the others somebody comes at a window that may be reserved; None: not called there."""
    if not at.only or klass in at.only or line.startswith("@"):
        return 0
    return _AFTER_ALL if at.else_any else None


def _steps_back(state: State, window: str) -> dict[str, str]:
    """Verb -> number: what can be taken back at the window now."""
    held = state.windows[window]
    here = state.tickets.get(held.visit)
    if here:
        verb = "take-back-call" if here.state == tickets.CALLED else "take-back-start"
        return {verb: here.number}
    ended = (("take-back-finish", held.before, tickets.DONE), ("take-back-missed", held.missed, tickets.MISSED))
    return {
        verb: last.number
        for verb, visit, wanted in ended
        if (last := state.tickets.get(visit)) and last.state == wanted and last.window == window
    }
