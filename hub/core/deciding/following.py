"""What happens by itself after each command: people come in from before the door, and windows call on their own."""

from __future__ import annotations

from heapq import merge

from hub.core import calling, events
from hub.core.commands import Moment
from hub.core.deciding.drawing import has_room
from hub.core.lines import DOOR
from hub.core.state import State

BY = "hub"


def follow(state: State, now: Moment) -> list[events.Event]:
    """The next thing that happens by itself; to be asked again, after it was applied, until there is nothing."""
    if state.hall is None:
        return []
    if DOOR in state.lines.counts and (admitted := _admit(state)):
        return [admitted]
    for window in sorted(state.automatic):
        held = state.windows[window]
        if held.clerk and not held.visit and not held.paused and (choice := calling.choose(state, window, now.ms)):
            return [events.TicketCalled(choice.visit, window, held.clerk, BY, choice.why)]
    return []


def _admit(state: State) -> events.Event | None:
    """Lets in who is first before the door, when all of the party fit."""
    first = next(merge(*state.lines.lists(DOOR).values()))
    return events.TicketAdmitted(first.visit) if has_room(state, state.tickets[first.visit].party) else None
