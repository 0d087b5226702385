"""What became due by itself: alarms, and appointments that nobody kept."""

from __future__ import annotations

from hub.core import commands, watching
from hub.core.commands import Moment
from hub.core.deciding import bookings
from hub.core.events import Event
from hub.core.state import State


def _look_around(state: State, command: commands.LookAround, now: Moment) -> list[Event]:
    """Never refused: mostly there is nothing, and then nothing is written."""
    return [*bookings.lapsed(state, now), *watching.changes(state, now.ms)]


DECIDE = {commands.LookAround: _look_around}
