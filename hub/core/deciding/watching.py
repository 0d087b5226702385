"""What became due by itself: alarms, appointments that nobody kept, and asking those who did not say how it was."""

from __future__ import annotations

from hub.core import commands, watching
from hub.core.commands import Moment
from hub.core.deciding import bookings
from hub.core.events import CallListed, Event, RatingInvited
from hub.core.state import State

HOUR_MS = 3_600_000


def _look_around(state: State, command: commands.LookAround, now: Moment) -> list[Event]:
    """Never refused: mostly there is nothing, and then nothing is written."""
    return [*bookings.lapsed(state, now), *watching.changes(state, now.ms), *_invitations(state, now)]


def _invitations(state: State, now: Moment) -> list[Event]:
    """Who left a contact and did not rate is asked by message, and later is to be called; each once."""
    if state.hall is None:
        return []
    rules = state.hall.ratings
    found: list[Event] = []
    for visit, (served_ms, asked) in state.contacts.items():
        passed_h = (now.ms - (served_ms or state.served_ms(visit) or now.ms)) / HOUR_MS
        if not asked and 0 < rules.invite_after_h <= passed_h:
            found.append(RatingInvited(visit))
        elif asked and 0 < rules.list_after_days <= passed_h / 24:
            found.append(CallListed(visit))
    return found


DECIDE = {commands.LookAround: _look_around}
