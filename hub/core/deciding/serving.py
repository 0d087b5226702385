"""What a clerk does at a window, having seen it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hub.core import calling, commands, events, tickets
from hub.core.commands import Moment
from hub.core.deciding import drawing, places
from hub.core.deciding.decision import Decision, text_refusal
from hub.core.deciding.windows import is_theirs
from hub.core.lines import for_clerk, for_window
from hub.core.refusals import Refusal
from hub.core.state import State, Ticket, WindowNow, hall_of


def _not_allowed(state: State, command: commands.AtWindow) -> Refusal | None:
    window = state.windows.get(command.window)
    if window is None:
        return Refusal("unknown-window", {"window": command.window})
    if command.seen != state.version(command.window):
        return Refusal("stale", {"window": command.window})
    if not window.clerk:
        return Refusal("nobody-signed-in", {"window": command.window})
    if not is_theirs(window, command.by):
        return Refusal("not-your-window", {"window": command.window, "clerk": window.clerk})
    return None


def _call_next(state: State, command: commands.CallNext, now: Moment) -> Decision:
    if refusal := _not_allowed(state, command) or _not_ready(state, command, now):
        return refusal
    choice = calling.choose(state, command.window, now.ms)
    if choice is None:
        return Refusal("nobody-waiting", {"window": command.window})
    return _call(state, command, choice, now)


def _pick_ticket(state: State, command: commands.PickTicket, now: Moment) -> Decision:
    if refusal := _not_allowed(state, command) or _not_ready(state, command, now):
        return refusal
    ticket = state.tickets.get(command.visit)
    if ticket is None:
        return Refusal("unknown-ticket")
    if (ticket.state, events.TicketCalled) not in tickets.TRANSITIONS:
        return Refusal("not-possible-now", {"number": ticket.number, "state": ticket.state})
    if not _may_be_served(state, ticket, command.window):
        return Refusal("not-served-here", {"number": ticket.number, "window": command.window})
    kind = calling.RESUMED if ticket.state == tickets.ON_HOLD else calling.PICKED
    if kind == calling.PICKED and not command.reason.strip():
        return Refusal("reason-needed", {"number": ticket.number})
    reason = command.reason.strip()
    if refusal := text_refusal(reason):
        return refusal
    return _call(state, command, calling.by_hand(state, command.window, ticket.visit, kind, reason, now.ms), now)


def _may_be_served(state: State, ticket: Ticket, window: str) -> bool:
    """Whether the window takes the service, or the visit was sent to it or its clerk, or was held at it."""
    sent = ticket.line in (for_window(window), for_clerk(state.windows[window].clerk))
    held = ticket.state == tickets.ON_HOLD and ticket.window == window
    return sent or held or ticket.service in hall_of(state).windows[window].services


def _not_ready(state: State, command: commands.CallNext | commands.PickTicket, now: Moment) -> Refusal | None:
    window = state.windows[command.window]
    if window.paused:
        return Refusal("paused", {"window": command.window})
    held = state.tickets.get(window.visit)
    if held and 0 <= now.ms - window.called_ms < hall_of(state).slip_guard_ms:
        return Refusal("slip", {"number": held.number})
    return None


def _call(
    state: State, command: commands.CallNext | commands.PickTicket, choice: calling.Choice, now: Moment
) -> list[events.Event]:
    """The call; whoever is still at the window is finished first."""
    window = state.windows[command.window]
    held = state.tickets.get(window.visit)
    ended = [_end(state, held, command, now, implicit=True)] if held else []
    return [*ended, events.TicketCalled(choice.visit, command.window, window.clerk, command.by, choice.why)]


def _end(state: State, ticket: Ticket, command: commands.AtWindow, now: Moment, *, implicit: bool) -> events.Event:
    """The end of the stop: with more in its plan the visit goes on to wait for that."""
    if not ticket.plan:
        return events.TicketFinished(ticket.visit, command.window, command.by, implicit)
    service = ticket.plan[0]
    place_ms = places.transferred(state, ticket, service, places.CREDIT, now.ms)
    return events.TicketTransferred(ticket.visit, command.window, service, service, place_ms, command.by, step=True)


Make = Callable[[State, Ticket, Any, Moment], events.Event | Refusal]


def _with_held_ticket(make: Make) -> Callable[[State, Any, Moment], Decision]:
    """The decision of a command about the ticket that the window holds; the table says whether it may."""

    def decision(state: State, command: commands.AtWindow, now: Moment) -> Decision:
        if refusal := _not_allowed(state, command):
            return refusal
        ticket = state.tickets.get(state.windows[command.window].visit)
        if ticket is None:
            return Refusal("nothing-called", {"window": command.window})
        made = make(state, ticket, command, now)
        if isinstance(made, Refusal):
            return made
        if (ticket.state, type(made)) not in tickets.TRANSITIONS:
            return Refusal("not-possible-now", {"number": ticket.number, "state": ticket.state})
        return [made]

    return decision


def _recall(state: State, ticket: Ticket, command: commands.Recall, now: Moment) -> events.Event:
    return events.TicketRecalled(ticket.visit, command.window, command.by)


def _start(state: State, ticket: Ticket, command: commands.StartService, now: Moment) -> events.Event:
    return events.ServiceStarted(ticket.visit, command.window, command.by)


def _finish(state: State, ticket: Ticket, command: commands.FinishService, now: Moment) -> events.Event:
    return _end(state, ticket, command, now, implicit=False)


def _missed(state: State, ticket: Ticket, command: commands.MarkMissed, now: Moment) -> events.Event | Refusal:
    calls = hall_of(state).calls
    if ticket.state == tickets.CALLED and ticket.calls < calls.min_calls:
        words = {"number": ticket.number, "calls": str(ticket.calls), "least": str(calls.min_calls)}
        return Refusal("call-again", words)
    left_ms = calls.min_s * 1000 - max(0, now.ms - ticket.called_ms)
    if ticket.state == tickets.CALLED and left_ms > 0:
        return Refusal("wait-for-them", {"number": ticket.number, "seconds": str(-(-left_ms // 1000))})
    return events.TicketMissed(ticket.visit, command.window, command.by)


def _hold(state: State, ticket: Ticket, command: commands.HoldTicket, now: Moment) -> events.Event | Refusal:
    reason = command.reason.strip()
    return text_refusal(reason) or events.TicketHeld(ticket.visit, command.window, command.by, reason)


def _transfer(state: State, ticket: Ticket, command: commands.TransferTicket, now: Moment) -> events.Event | Refusal:
    if (command.service != "") + (command.to_window != "") + (command.to_clerk != "") != 1:
        return Refusal("transfer-whereto")
    if command.place not in places.PLACES:
        return Refusal("unknown-place", {"place": command.place, "allowed": ", ".join(places.PLACES)})
    window = state.windows[command.window]
    if command.to_window == command.window or command.to_clerk == window.clerk or command.service == ticket.service:
        return Refusal("to-itself", {"number": ticket.number})
    if refusal := _not_there(state, command):
        return refusal
    line = command.service or (for_window(command.to_window) if command.to_window else for_clerk(command.to_clerk))
    place_ms = places.transferred(state, ticket, line, command.place, now.ms)
    service = command.service or ticket.service
    return events.TicketTransferred(ticket.visit, command.window, line, service, place_ms, command.by)


def _not_there(state: State, command: commands.TransferTicket) -> Refusal | None:
    """Nobody is sent to where nobody is."""
    if command.service and command.service not in hall_of(state).services:
        return Refusal("unknown-service", {"service": command.service})
    if command.to_window and command.to_window not in state.windows:
        return Refusal("unknown-window", {"window": command.to_window})
    if command.to_window and not state.windows[command.to_window].clerk:
        return Refusal("nobody-signed-in", {"window": command.to_window})
    if command.to_clerk and all(window.clerk != command.to_clerk for window in state.windows.values()):
        return Refusal("clerk-not-here", {"clerk": command.to_clerk})
    return None


def _change_service(
    state: State, ticket: Ticket, command: commands.ChangeService, now: Moment
) -> events.Event | Refusal:
    if command.service not in hall_of(state).services:
        return Refusal("unknown-service", {"service": command.service})
    if command.service == ticket.service:
        return Refusal("to-itself", {"number": ticket.number})
    return events.ServiceChanged(ticket.visit, command.window, command.service, command.by)


def _take_back_call(state: State, command: commands.TakeBackCall, now: Moment) -> Decision:
    """The window calls nobody by itself any more: it would call the same person again at once. Who was called from hold
    is on hold again, not in line: they are not here."""
    decided = _with_held_ticket(_call_taken_back)(state, command, now)
    if isinstance(decided, Refusal):
        return decided
    window = state.windows[command.window]
    ticket = state.tickets[window.visit]
    if isinstance(decided[0], events.CallTakenBack):
        decided += places.to_the_service(state, ticket, ticket.place_ms, command.by)
    return [*decided, events.AutomaticSet(command.window, False)] if window.automatic else decided


def _call_taken_back(state: State, ticket: Ticket, command: commands.TakeBackCall, now: Moment) -> events.Event:
    if ticket.state == tickets.CALLED and ticket.stops[-1].why.get("kind") == calling.RESUMED:
        return events.TicketHeld(ticket.visit, command.window, command.by)
    return events.CallTakenBack(ticket.visit, command.window, command.by)


def _take_back_start(state: State, ticket: Ticket, command: commands.TakeBackStart, now: Moment) -> events.Event:
    return events.StartTakenBack(ticket.visit, command.window, command.by)


def _with_last_ticket(
    last: Callable[[WindowNow], str], make: Callable[[str, str, str], events.Event]
) -> Callable[[State, Any, Moment], Decision]:
    """The decision of a command that takes back how the last visit here ended, while nobody came after it."""

    def decision(state: State, command: commands.AtWindow, now: Moment) -> Decision:
        if refusal := _not_allowed(state, command):
            return refusal
        window = state.windows[command.window]
        if window.paused:
            return Refusal("paused", {"window": command.window})
        ticket = state.tickets.get(last(window))
        if window.visit or ticket is None or ticket.window != command.window:
            return Refusal("nothing-to-take-back", {"window": command.window})
        made = make(ticket.visit, command.window, command.by)
        if (ticket.state, type(made)) not in tickets.TRANSITIONS:
            return Refusal("nothing-to-take-back", {"window": command.window})
        return drawing.gone_refusal(state, ticket) or [made]

    return decision


DECIDE = {
    commands.CallNext: _call_next,
    commands.PickTicket: _pick_ticket,
    commands.Recall: _with_held_ticket(_recall),
    commands.StartService: _with_held_ticket(_start),
    commands.FinishService: _with_held_ticket(_finish),
    commands.MarkMissed: _with_held_ticket(_missed),
    commands.HoldTicket: _with_held_ticket(_hold),
    commands.TransferTicket: _with_held_ticket(_transfer),
    commands.ChangeService: _with_held_ticket(_change_service),
    commands.TakeBackCall: _take_back_call,
    commands.TakeBackStart: _with_held_ticket(_take_back_start),
    commands.TakeBackFinish: _with_last_ticket(lambda window: window.before, events.FinishTakenBack),
    commands.TakeBackMissed: _with_last_ticket(lambda window: window.missed, events.MissTakenBack),
}
