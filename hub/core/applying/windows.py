"""Who sits at a window, and whether it works."""

from __future__ import annotations

from hub.core import events
from hub.core.state import State


def _clerk_signed_in(state: State, seq: int, at_ms: int, event: events.ClerkSignedIn) -> None:
    window = state.windows[event.window]
    window.clerk = event.clerk
    window.before = window.missed = window.paused = ""
    window.free_ms = at_ms
    window.revision = seq


def _clerk_signed_out(state: State, seq: int, at_ms: int, event: events.ClerkSignedOut) -> None:
    window = state.windows[event.window]
    window.clerk = window.before = window.missed = window.paused = ""
    window.free_ms, window.left_ms = 0, at_ms
    window.automatic = False
    state.automatic.discard(event.window)
    window.revision = seq


def _window_paused(state: State, seq: int, at_ms: int, event: events.WindowPaused) -> None:
    window = state.windows[event.window]
    window.paused = event.reason
    window.free_ms, window.left_ms = 0, at_ms
    window.revision = seq


def _window_resumed(state: State, seq: int, at_ms: int, event: events.WindowResumed) -> None:
    window = state.windows[event.window]
    window.paused = ""
    window.free_ms = at_ms
    window.revision = seq


def _automatic_set(state: State, seq: int, at_ms: int, event: events.AutomaticSet) -> None:
    window = state.windows[event.window]
    window.automatic = event.on
    (state.automatic.add if event.on else state.automatic.discard)(event.window)
    window.revision = seq


APPLY = {
    events.ClerkSignedIn: _clerk_signed_in,
    events.ClerkSignedOut: _clerk_signed_out,
    events.WindowPaused: _window_paused,
    events.WindowResumed: _window_resumed,
    events.AutomaticSet: _automatic_set,
}
