"""The hall as devices and pages see it: pure functions from the state to what is sent."""

from __future__ import annotations

from collections.abc import Mapping

from hub import texts
from hub.core import tickets
from hub.core.commands import Version
from hub.core.hall import Hall
from hub.core.lines import for_clerk, for_window
from hub.core.ratings import counting
from hub.core.state import State, Ticket, WindowNow, case_at, hall_of, stop_at
from protocol.board import BoardState
from protocol.downward import LANGUAGES, WindowState
from protocol.limits import TEXT_CHARS

_MODES = {tickets.CALLED: "called", tickets.SERVING: "serving"}
_TEXTS = {"closed": "window.closed", "open": "window.open", "called": "window.call", "serving": "window.serving"}
_PAUSED = "window.paused"


def window_state(state: State, window: str) -> WindowState:
    """The whole state of `window`, as its display, its pads and the pages get it."""
    hall = hall_of(state)
    now = state.windows[window]
    ticket = state.tickets.get(now.visit)
    number = ticket.number if ticket else ""
    mode = window_mode(state, now)
    rate, before = _rateable(now, mode)
    words = {"number": dict.fromkeys(LANGUAGES, number), "window": hall.windows[window].names}
    if now.clerk and now.paused:
        words["reason"] = hall.pauses.get(now.paused) or dict.fromkeys(LANGUAGES, now.paused)
        without = texts.say_all(_TEXTS["closed"], **words)
        said = {
            language: _fitting(text, without[language]) for language, text in texts.say_all(_PAUSED, **words).items()
        }
    else:
        said = texts.say_all(_TEXTS[mode], **words)
    calls, about = ticket.calls if ticket else 0, _about(state, now, ticket)
    return WindowState(state.version(window), window, mode, number, calls, said, rate, before, about)


def _about(state: State, now: WindowNow, ticket: Ticket | None) -> texts.Text:
    """What is served, and the number of who serves, as far as the hall tells it; empty at a window that is closed."""
    if not now.clerk or now.paused:
        return {}
    hall = hall_of(state)
    service = hall.services.get(ticket.service) if ticket else None
    number = hall.clerk_numbers.get(now.clerk, "")
    clerk = texts.say_all("window.clerk", number=dict.fromkeys(LANGUAGES, number)) if number else {}
    said = {it: f"{service.names[it] if service else ''} {clerk.get(it, '')}".strip() for it in LANGUAGES}
    return {language: text for language, text in said.items() if text}


def _fitting(text: str, shorter: str) -> str:
    """`text` if displays take it: they refuse the whole state for one text that is too long."""
    return text if len(text) <= TEXT_CHARS else shorter


def window_mode(state: State, now: WindowNow) -> str:
    """One of protocol.downward.MODES. For displays a window that pauses is closed; its text tells why."""
    if not now.clerk or now.paused:
        return "closed"
    ticket = state.tickets.get(now.visit)
    return _MODES[ticket.state] if ticket else "open"


def _rateable(now: WindowNow, mode: str) -> tuple[str, str]:
    """Whose visit a press belongs to: who is at the window, and who may still stand there after the next call."""
    if mode == "open":
        return now.before, ""
    if mode == "closed":
        return "", ""
    return now.visit, now.before if mode == "called" else ""


def to_rate(state: State, window: str) -> str:
    """The visit of whoever is served at `window`, or was last, if what was done there can be rated by phone and was not
    yet; empty: none."""
    now = state.windows[window]
    visit, _ = _rateable(now, window_mode(state, now))
    ticket = state.tickets.get(visit)
    index = stop_at(ticket.stops, window) if ticket else None
    if ticket is None or index is None or not (ticket.stops[index].started_ms or ticket.stops[index].ended_ms):
        return ""
    case = case_at(state.cases.get(visit, ()), index)
    return "" if counting(state.given.get(visit, ()), index, case) else visit


def wanted_version(state: State, window: str, zone: str, role: str) -> Version | None:
    """What the glass of a device of the window, or of the zone, should show; None: the hall has neither today, or the
    glass shows no state of the hall, as that of a kiosk does."""
    if role == "kiosk":
        return None
    if window in state.windows:
        return state.version(window)
    return (state.epoch, state.boards[zone].revision) if zone in state.boards else None


def waiting_at(state: State, window: str) -> int:
    """People whom `window` could call: in the lines of its services, or sent to it or to its clerk."""
    lines = (*hall_of(state).windows[window].services, for_window(window), for_clerk(state.windows[window].clerk))
    return sum(state.lines.counts.get(line, 0) for line in lines)


def board_state(state: State, zone: str) -> BoardState:
    """The last calls of `zone`, newest first."""
    board = state.boards[zone]
    called = [state.tickets[visit] for visit in board.visits]
    calls = [(ticket.number, ticket.window, ticket.calls) for ticket in called]
    return BoardState((state.epoch, board.revision), zone, calls)


def refusal_words(code: str, detail: Mapping[str, str], hall: Hall | None) -> texts.Text:
    """Why the rules said no, in every language, with names instead of ids."""
    words = {name: _name(name, value, hall) for name, value in detail.items()}
    if code in _STATES:
        words["state"] = texts.say_all(f"{_STATES[code]}.{detail['state']}")
    return texts.say_all(f"refusal.{code}", **words)


_STATES = {"review-not-now": "review.state", "review-changed": "review.state", "mark-not-now": "mark.state"}
"""Refusals that name a state -> where the names of such states are."""


def _name(kind: str, value: str, hall: Hall | None) -> texts.Text:
    if hall and kind == "service" and value in hall.services:
        return hall.services[value].names
    return dict.fromkeys(LANGUAGES, value)
