"""Ratings, and what displays report."""

from __future__ import annotations

from hub.core import commands, events
from hub.core.commands import Moment
from hub.core.deciding.decision import Decision
from hub.core.refusals import Refusal
from hub.core.state import State, Ticket, WindowNow, stop_at


def _record_rating(state: State, command: commands.RecordRating, now: Moment) -> Decision:
    """A rating is of one stop of the visit: one at each window where the person was."""
    clerk, service, standing = "", "", "no-visit"
    visited = state.tickets.get(command.visit) or state.past.get(command.visit)
    stop_index = stop_at(visited.stops, command.window) if visited else None
    if visited and stop_index is not None:
        stop = visited.stops[stop_index]
        clerk, service = stop.clerk, stop.service
        standing = "repeat" if stop.rated else "counted"
    press = (command.device, command.epoch, command.seq, command.visit)
    times = (command.earliest_ms, command.latest_ms)
    return [events.RatingRecorded(*press, command.window, clerk, service, command.level, *times, standing)]


def _confirm_shown(state: State, command: commands.ConfirmShown, now: Moment) -> Decision:
    ticket = _called_with(state, command)
    if ticket is None:
        return Refusal("too-late")
    if ticket.shown:
        return Refusal("already-shown")
    return [events.NumberShown(ticket.visit, command.window, command.device, ticket.revision)]


def _called_with(state: State, command: commands.ConfirmShown) -> Ticket | None:
    """The ticket whose call had that version, while it or its traces are at the window."""
    window = state.windows.get(command.window, WindowNow())
    for visit in (window.visit, window.before):
        ticket = state.tickets.get(visit)
        if ticket and command.version == (state.epoch, ticket.revision):
            return ticket
    return None


DECIDE = {commands.RecordRating: _record_rating, commands.ConfirmShown: _confirm_shown}
