"""Who sits at a window, and whether it works."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hub.core import commands, events
from hub.core.commands import Moment
from hub.core.deciding.decision import Decision
from hub.core.lines import for_clerk, for_window
from hub.core.refusals import Refusal
from hub.core.state import State, WindowNow, hall_of


def _sign_in(state: State, command: commands.SignIn, now: Moment) -> Decision:
    window = state.windows.get(command.window)
    if window is None:
        return Refusal("unknown-window", {"window": command.window})
    if window.clerk:
        return Refusal("window-taken", {"window": command.window, "clerk": window.clerk})
    signed_in = events.ClerkSignedIn(command.clerk, command.window)
    for other, held in state.windows.items():
        if held.clerk == command.clerk:
            if not command.move:
                return Refusal("clerk-elsewhere", {"window": other, "clerk": command.clerk})
            if held.visit:
                return Refusal("window-busy", {"number": state.tickets[held.visit].number})
            left = events.ClerkSignedOut(command.clerk, other)
            return [*_send_back(state, for_window(other), command.by), left, signed_in]
    return [signed_in]


def is_theirs(window: WindowNow, by: str) -> bool:
    """Whether `by` may act at the window: a clerk only where they sit."""
    kind, _, name = by.partition(":")
    return kind != "clerk" or name == window.clerk


def _of_own(decide: Callable[[State, WindowNow, Any, Moment], Decision]) -> Callable[[State, Any, Moment], Decision]:
    """The decision of a command that a clerk gives at their own window."""

    def decision(state: State, command: commands.OfWindow, now: Moment) -> Decision:
        window = state.windows.get(command.window)
        if window is None:
            return Refusal("unknown-window", {"window": command.window})
        if not window.clerk:
            return Refusal("nobody-signed-in", {"window": command.window})
        if not is_theirs(window, command.by):
            return Refusal("not-your-window", {"window": command.window, "clerk": window.clerk})
        return decide(state, window, command, now)

    return decision


def _sign_out(state: State, window: WindowNow, command: commands.SignOut, now: Moment) -> Decision:
    if window.visit:
        return Refusal("window-busy", {"number": state.tickets[window.visit].number})
    back = [
        *_send_back(state, for_window(command.window), command.by),
        *_send_back(state, for_clerk(window.clerk), command.by),
    ]
    return [*back, events.ClerkSignedOut(window.clerk, command.window)]


def _send_back(state: State, line: str, by: str) -> list[events.Event]:
    """Who was sent to somebody who leaves waits for the service again, with the same effective arrival."""
    waiting = [state.tickets[place.visit] for _, place in state.lines.of(line)]
    return [events.TicketMoved(ticket.visit, ticket.service, ticket.place_ms, by) for ticket in waiting]


def _pause_window(state: State, window: WindowNow, command: commands.PauseWindow, now: Moment) -> Decision:
    pauses = hall_of(state).pauses
    if command.reason not in pauses:
        return Refusal("unknown-pause", {"reason": command.reason, "allowed": ", ".join(pauses)})
    if window.visit:
        return Refusal("window-busy", {"number": state.tickets[window.visit].number})
    if window.paused:
        return Refusal("paused", {"window": command.window})
    return [events.WindowPaused(command.window, window.clerk, command.reason)]


def _resume_window(state: State, window: WindowNow, command: commands.ResumeWindow, now: Moment) -> Decision:
    if not window.paused:
        return Refusal("not-paused", {"window": command.window})
    return [events.WindowResumed(command.window, window.clerk)]


def _set_automatic(state: State, window: WindowNow, command: commands.SetAutomatic, now: Moment) -> Decision:
    return [events.AutomaticSet(command.window, command.on)] if window.automatic != command.on else []


DECIDE = {
    commands.SignIn: _sign_in,
    commands.SignOut: _of_own(_sign_out),
    commands.PauseWindow: _of_own(_pause_window),
    commands.ResumeWindow: _of_own(_resume_window),
    commands.SetAutomatic: _of_own(_set_automatic),
}
