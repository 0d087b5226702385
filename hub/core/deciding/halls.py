"""The hall's configuration, and its days."""

from __future__ import annotations

from collections import Counter

from hub.core import commands, events, marking, restoring, schedule, tickets
from hub.core.commands import Moment
from hub.core.deciding import bookings
from hub.core.deciding.decision import Decision, text_refusal
from hub.core.hall import to_dict
from hub.core.refusals import Refusal
from hub.core.state import BOOKED, State, hall_of


def _configure_hall(state: State, command: commands.ConfigureHall, now: Moment) -> Decision:
    """Every waiting ticket is kept: what people wait for, or have booked, must still be there."""
    if refusal := text_refusal(command.note):
        return refusal
    known = command.hall.services
    for ticket in state.tickets.values():
        if ticket.finished_ms == 0 and (gone := {ticket.service, *ticket.plan} - known.keys()):
            count = sum(1 for other in state.tickets.values() if not other.finished_ms and other.service in gone)
            return Refusal("service-has-waiting", {"service": min(gone), "count": str(max(1, count))})
    for booking in state.bookings.values():
        if booking.state == BOOKED and booking.service not in known:
            count = sum(1 for b in state.bookings.values() if b.state == BOOKED and b.service == booking.service)
            return Refusal("service-has-bookings", {"service": booking.service, "count": str(count)})
    for window, held in state.windows.items():
        if window not in command.hall.windows and (held.visit or held.clerk):
            return Refusal("window-in-use", {"window": window})
    return [events.HallConfigured(to_dict(command.hall), command.source, command.by, command.note)]


def _open_day(state: State, command: commands.OpenDay, now: Moment) -> Decision:
    if command.day <= state.day:
        return Refusal("day-over", {"day": command.day})
    closing: list[events.Event] = []
    for window, held in state.windows.items():
        if held.visit:
            closing.append(events.TicketFinished(held.visit, window, "hub", implicit=True))
        if held.clerk:
            closing.append(events.ClerkSignedOut(held.clerk, window))
    for ticket in state.tickets.values():
        if (ticket.state, events.TicketExpired) in tickets.TRANSITIONS:
            closing.append(events.TicketExpired(ticket.visit))
    kind = schedule.kind_of(hall_of(state), command.day, command.kind)
    opened = events.DayOpened(command.day, kind, command.midnight_ms)
    return [*closing, *_marks(state), *bookings.lapsed(state, Moment(now.ms, command.day)), opened]


def _marks(state: State) -> list[events.Event]:
    """What of the ratings of the day that is over looks as if nobody had meant it."""
    served = Counter(stop.window for ticket in state.tickets.values() for stop in ticket.stops if stop.ended_ms)
    found = marking.marking_of(state.pressed, served)
    return [
        events.RatingsMarked(f"{state.day}-{number}", mark.rule, mark.window, mark.clerk, mark.ratings, mark.evidence)
        for number, mark in enumerate(found, start=1)
    ]


def _note_restored(state: State, command: commands.NoteRestored, now: Moment) -> Decision:
    counts = restoring.counts_after(state, command.since_ms, now, command.per_hour) if state.hall else {}
    return [events.HubRestored(command.epoch, command.since_ms, counts)]


DECIDE = {commands.ConfigureHall: _configure_hall, commands.OpenDay: _open_day, commands.NoteRestored: _note_restored}
