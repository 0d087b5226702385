"""What follows from a command: events, or a refusal. Nothing is changed here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hub.core import calling, commands, events, hall, tickets
from hub.core.commands import Moment
from hub.core.refusals import Refusal
from hub.core.state import State, Ticket, WindowNow
from protocol.numbers import format_number

Decision = list[events.Event] | Refusal


def decide(state: State, command: commands.Command, now: Moment) -> Decision:
    """The events that `command` causes in `state` at `now`, in order; or why not.

    The business day must be open: whoever calls this sends OpenDay first when `now.day` is a new one.
    """
    return _DECIDE[type(command)](state, command, now)


def _configure_hall(state: State, command: commands.ConfigureHall, now: Moment) -> Decision:
    for service, line in state.waiting.items():
        if line and service not in command.hall.services:
            return Refusal("service-has-waiting", {"service": service, "count": str(len(line))})
    for window, held in state.windows.items():
        if window not in command.hall.windows and (held.visit or held.clerk):
            return Refusal("window-in-use", {"window": window})
    return [events.HallConfigured(hall.to_dict(command.hall))]


def _open_day(state: State, command: commands.OpenDay, now: Moment) -> Decision:
    if command.day <= state.day:
        return Refusal("day-over", {"day": command.day})
    closing: list[events.Event] = []
    for window, held in state.windows.items():
        if held.visit:
            closing.append(events.TicketFinished(held.visit, window, "hub", implicit=True))
        if held.clerk:
            closing.append(events.ClerkSignedOut(held.clerk, window))
    expired = [events.TicketExpired(visit) for line in state.waiting.values() for visit in line]
    return [*closing, *expired, events.DayOpened(command.day)]


def _draw_ticket(state: State, command: commands.DrawTicket, now: Moment) -> Decision:
    assert state.hall is not None
    service = state.hall.services.get(command.service)
    if service is None:
        return Refusal("unknown-service", {"service": command.service})
    count = state.counts.get(service.id, service.start - service.step) + service.step
    number = format_number(service.prefix, count, service.width)
    if count > service.end or number in state.numbers:
        return Refusal("numbers-used-up", {"service": service.id})
    return [events.TicketDrawn(command.visit, state.day, service.id, count, number, command.by)]


def _sign_in(state: State, command: commands.SignIn, now: Moment) -> Decision:
    window = state.windows.get(command.window)
    if window is None:
        return Refusal("unknown-window", {"window": command.window})
    if window.clerk:
        return Refusal("window-taken", {"window": command.window, "clerk": window.clerk})
    for other, held in state.windows.items():
        if held.clerk == command.clerk:
            return Refusal("clerk-elsewhere", {"window": other, "clerk": command.clerk})
    return [events.ClerkSignedIn(command.clerk, command.window)]


def _sign_out(state: State, command: commands.SignOut, now: Moment) -> Decision:
    window = state.windows.get(command.window)
    if window is None:
        return Refusal("unknown-window", {"window": command.window})
    if not window.clerk:
        return Refusal("nobody-signed-in", {"window": command.window})
    if not _is_theirs(window, command.by):
        return Refusal("not-your-window", {"window": command.window, "clerk": window.clerk})
    if window.visit:
        return Refusal("window-busy", {"number": state.tickets[window.visit].number})
    return [events.ClerkSignedOut(window.clerk, command.window)]


def _call_next(state: State, command: commands.CallNext, now: Moment) -> Decision:
    if refusal := _not_allowed(state, command):
        return refusal
    assert state.hall is not None
    window = state.windows[command.window]
    held = state.tickets.get(window.visit)
    if held and 0 <= now.ms - window.called_ms < state.hall.slip_guard_ms:
        return Refusal("slip", {"number": held.number})
    visit = calling.choose(state, command.window)
    if visit is None:
        return Refusal("nobody-waiting", {"window": command.window})
    called = events.TicketCalled(visit, command.window, window.clerk, command.by)
    if held is None:
        return [called]
    return [events.TicketFinished(held.visit, command.window, command.by, implicit=True), called]


def _with_held_ticket(make: Callable[[Ticket, Any], events.Event]) -> Callable[[State, Any, Moment], Decision]:
    """The decision of a command about the ticket that the window holds; the table says whether it may."""

    def decision(state: State, command: commands.AtWindow, now: Moment) -> Decision:
        if refusal := _not_allowed(state, command):
            return refusal
        ticket = state.tickets.get(state.windows[command.window].visit)
        if ticket is None:
            return Refusal("nothing-called", {"window": command.window})
        event = make(ticket, command)
        if (ticket.state, type(event)) not in tickets.TRANSITIONS:
            return Refusal("not-possible-now", {"number": ticket.number, "state": ticket.state})
        return [event]

    return decision


def _not_allowed(state: State, command: commands.AtWindow) -> Refusal | None:
    window = state.windows.get(command.window)
    if window is None:
        return Refusal("unknown-window", {"window": command.window})
    if command.seen != state.version(command.window):
        return Refusal("stale", {"window": command.window})
    if not window.clerk:
        return Refusal("nobody-signed-in", {"window": command.window})
    if not _is_theirs(window, command.by):
        return Refusal("not-your-window", {"window": command.window, "clerk": window.clerk})
    return None


def _is_theirs(window: WindowNow, by: str) -> bool:
    kind, _, name = by.partition(":")
    return kind != "clerk" or name == window.clerk


def _record_rating(state: State, command: commands.RecordRating, now: Moment) -> Decision:
    window, clerk, service, standing = command.window, "", "", "no-visit"
    visited = state.tickets.get(command.visit) or state.past.get(command.visit)
    if visited and visited.window:
        window, clerk, service = visited.window, visited.clerk, visited.service
        standing = "repeat" if visited.rated else "counted"
    press = (command.device, command.epoch, command.seq, command.visit)
    times = (command.earliest_ms, command.latest_ms)
    return [events.RatingRecorded(*press, window, clerk, service, command.level, *times, standing)]


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


_DECIDE: dict[type[commands.Command], Callable[[State, Any, Moment], Decision]] = {
    commands.ConfigureHall: _configure_hall,
    commands.OpenDay: _open_day,
    commands.DrawTicket: _draw_ticket,
    commands.SignIn: _sign_in,
    commands.SignOut: _sign_out,
    commands.CallNext: _call_next,
    commands.Recall: _with_held_ticket(lambda t, c: events.TicketRecalled(t.visit, c.window, c.by)),
    commands.StartService: _with_held_ticket(lambda t, c: events.ServiceStarted(t.visit, c.window, c.by)),
    commands.FinishService: _with_held_ticket(lambda t, c: events.TicketFinished(t.visit, c.window, c.by, False)),
    commands.MarkMissed: _with_held_ticket(lambda t, c: events.TicketMissed(t.visit, c.window, c.by)),
    commands.RecordRating: _record_rating,
    commands.ConfirmShown: _confirm_shown,
}
