"""What all decisions share."""

from __future__ import annotations

from hub.core import events
from hub.core.hall import Hall
from hub.core.refusals import Refusal
from hub.core.state import State

Decision = list[events.Event] | Refusal


def hall_of(state: State) -> Hall:
    """The hall; nobody asks for anything before there is one."""
    assert state.hall is not None
    return state.hall
