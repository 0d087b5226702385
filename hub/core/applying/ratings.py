"""Ratings, and what displays report."""

from __future__ import annotations

from dataclasses import replace

from hub.core import events
from hub.core.state import State, stop_at


def _rating_recorded(state: State, seq: int, at_ms: int, event: events.RatingRecorded) -> None:
    if event.standing != "counted":
        return
    if ticket := state.tickets.get(event.visit):
        index = stop_at(ticket.stops, event.window)
        if index is not None:
            ticket.stops[index].rated = True
    elif served := state.past.get(event.visit):
        stops = list(served.stops)
        index = stop_at(stops, event.window)
        if index is not None:
            stops[index] = replace(stops[index], rated=True)
            state.past[event.visit] = replace(served, stops=tuple(stops))


def _number_shown(state: State, seq: int, at_ms: int, event: events.NumberShown) -> None:
    state.tickets[event.visit].shown = True


APPLY = {events.RatingRecorded: _rating_recorded, events.NumberShown: _number_shown}
