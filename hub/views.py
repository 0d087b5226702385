"""The hall as devices and pages see it: pure functions from the state to what is sent."""

from __future__ import annotations

from hub import texts
from hub.core import tickets
from hub.core.state import State, WindowNow, hall_of
from protocol.downward import LANGUAGES, BoardState, WindowState
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
    return WindowState(state.version(window), window, mode, number, ticket.calls if ticket else 0, said, rate, before)


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


def board_state(state: State, zone: str) -> BoardState:
    """The last calls of `zone`, newest first."""
    board = state.boards[zone]
    called = [state.tickets[visit] for visit in board.visits]
    calls = [(ticket.number, ticket.window, ticket.calls) for ticket in called]
    return BoardState((state.epoch, board.revision), zone, calls)
