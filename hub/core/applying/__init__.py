"""What each event does to the state. It never refuses: what is in the log has happened.

`apply` changes the state that it is given and returns it: copying a hall with ten thousand people for each press would
cost more than the press. Whoever needs the state from before replays the log.

One module for each thing that events are about; each has a table `APPLY`, event -> what it does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hub.core import events
from hub.core.applying import bookings, halls, ratings, reviews, serving, visits, watching, windows
from hub.core.state import State

_APPLY: dict[type[events.Event], Callable[[State, int, int, Any], None]] = {
    **halls.APPLY,
    **windows.APPLY,
    **visits.APPLY,
    **serving.APPLY,
    **bookings.APPLY,
    **watching.APPLY,
    **ratings.APPLY,
    **reviews.APPLY,
}


def apply(state: State, seq: int, at_ms: int, event: events.Event) -> State:
    """`state` after `event`, which is at position `seq` of the log and happened at `at_ms`."""
    _APPLY[type(event)](state, seq, at_ms, event)
    state.seq = seq
    return state
