"""What follows from a command: events, or a refusal. Nothing is changed here.

One module for each thing that commands are about; each has a table `DECIDE`, command -> what follows from it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hub.core import commands
from hub.core.commands import Moment
from hub.core.deciding import bookings, drawing, halls, marks, ratings, reviews, serving, visits, watching, windows
from hub.core.deciding.decision import Decision
from hub.core.deciding.following import follow
from hub.core.state import State

__all__ = ["Decision", "decide", "follow"]

_DECIDE: dict[type[commands.Command], Callable[[State, Any, Moment], Decision]] = {
    **halls.DECIDE,
    **windows.DECIDE,
    **drawing.DECIDE,
    **bookings.DECIDE,
    **serving.DECIDE,
    **visits.DECIDE,
    **watching.DECIDE,
    **ratings.DECIDE,
    **reviews.DECIDE,
    **marks.DECIDE,
}


def decide(state: State, command: commands.Command, now: Moment) -> Decision:
    """The events that `command` causes in `state` at `now`, in order; or why not.

    The business day must be open: whoever calls this sends OpenDay first when `now.day` is a new one.
    """
    return _DECIDE[type(command)](state, command, now)
