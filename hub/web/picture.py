"""The hall as pages see it: each window and board as JSON, encoded once for each change, always of a commit.

The service decides ahead of its disk, so its state may show what is not stored yet. Pages must not: they read this
picture, which is brought up to date after each commit, before the command is answered.

Who serves where is for staff only; so each window has two encodings. How many wait changes with every ticket, so it is
not encoded with the window but put in when it is read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hub import views
from hub.core.hall import Hall
from hub.core.state import State, hall_of
from hub.service import Change, HallService
from hub.web.problems import encode


class Picture:
    """`on_change` is called after each commit with the windows and the zones that it changed."""

    def __init__(self, service: HallService):
        self._service = service
        self._hall: Hall | None = None
        self._staff: dict[str, bytes] = {}
        self._public: dict[str, bytes] = {}
        self._boards: dict[str, bytes] = {}
        self._waiting: dict[str, int] = {}
        self.on_change: Callable[[frozenset[str], frozenset[str]], None] = lambda windows, zones: None
        service.watch(self._changed)
        self._changed((frozenset(), frozenset()))

    def _changed(self, change: Change) -> None:
        state = self._service.state
        if state.hall is None:
            return
        windows, zones = change
        if state.hall is not self._hall:  # another hall file, or a state that was read back from the log
            windows, zones = frozenset(state.windows), frozenset(state.boards)
            self._hall, self._staff, self._public, self._boards = state.hall, {}, {}, {}
        for window in windows & state.windows.keys():
            shown = window_now(state, window)
            self._staff[window] = encode(shown)
            self._public[window] = encode({**shown, "clerk": ""})
        for zone in zones & state.boards.keys():
            self._boards[zone] = encode(board_now(state, zone))
        counts = state.lines.counts
        self._waiting = {service: counts.get(service, 0) for service in state.hall.services}
        self.on_change(windows, zones)

    @property
    def hall(self) -> Hall | None:
        return self._hall

    @property
    def boards(self) -> dict[str, bytes]:
        """Zone -> its last calls, as JSON."""
        return self._boards

    @property
    def waiting(self) -> dict[str, int]:
        """Service -> how many wait."""
        return self._waiting

    def __contains__(self, window: str) -> bool:
        return window in self._staff

    def window(self, window: str, *, staff: bool) -> bytes:
        """The window as JSON. Raises KeyError."""
        assert self._hall is not None
        encoded = (self._staff if staff else self._public)[window]
        count = sum(self._waiting[service] for service in self._hall.windows[window].services)
        return b'%b,"waiting":%d}' % (encoded[:-1], count)

    def windows_in_order(self) -> list[str]:
        """Ids of all windows, as in the hall file."""
        return list(self._hall.windows) if self._hall else []


def window_now(state: State, window: str) -> dict[str, Any]:
    """The window for pages. Without the tokens of visits: who has one can see, and rate, the visit."""
    about = hall_of(state).windows[window]
    shown = views.window_state(state, window)
    return {
        "id": window,
        "names": about.names,
        "zone": about.zone,
        "services": about.services,
        "clerk": state.windows[window].clerk,
        "paused": state.windows[window].paused,
        "automatic": state.windows[window].automatic,
        "state": {
            "version": shown.version,
            "window": window,
            "mode": shown.mode,
            "number": shown.number,
            "calls": shown.calls,
            "texts": shown.texts,
        },
    }


def board_now(state: State, zone: str) -> dict[str, Any]:
    """The last calls of a zone, newest first: [number, window, how often called]."""
    shown = views.board_state(state, zone)
    return {"zone": zone, "version": shown.version, "calls": shown.calls}
