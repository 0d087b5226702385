"""Who stepped aside today: on hold, or called and not come."""

from __future__ import annotations

from hub.core import tickets
from hub.core.state import State, Ticket


class Aside:
    """Who is on hold, and who missed their call today. All tickets are looked through once for each change."""

    def __init__(self) -> None:
        self._seq = -1
        self._state: State | None = None
        self._found: dict[str, list[Ticket]] = {}

    def of(self, state: State) -> dict[str, list[Ticket]]:
        """State (on hold, missed) -> its tickets, who came there last first."""
        if state is not self._state or state.seq != self._seq:
            self._state, self._seq = state, state.seq
            self._found = {tickets.ON_HOLD: [], tickets.MISSED: []}
            for ticket in state.tickets.values():
                if ticket.state in self._found:
                    self._found[ticket.state].append(ticket)
            for aside in self._found.values():
                aside.sort(key=lambda ticket: -ticket.since_ms)
        return self._found
