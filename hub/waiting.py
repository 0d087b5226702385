"""The waiting times that are told now: a forecast that is kept for a while, with the ranges around it.

A pass over the hall is made on demand, at most once a second and never for more than a fiftieth of the time, however
many wait. Between two passes a newcomer waits for those of the same service, too, who drew since then.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from hub.core import pace, schedule
from hub.core.commands import CheckIn, DrawTicket, Promise
from hub.core.forecast import Estimate, Forecast, forecast
from hub.core.hall import APPOINTMENT, MINUTE_MS, WALK_IN
from hub.core.state import State, Ticket

LEAST_MS = 1000
"""A pass is good for so long: nobody reads an estimate sooner again."""

SHARE = 50
"""A pass is good for so many times as long as it took."""


class Waiting:
    """`state` gives the hall's state, which is only read; `timer` counts seconds. `now_ms` is the hall's time."""

    def __init__(self, state: Callable[[], State], timer: Callable[[], float] = time.perf_counter):
        self._state = state
        self._timer = timer
        self._last: Forecast | None = None
        self._good_ms = LEAST_MS
        self._drawn: dict[str, int] = {}
        self._promised: dict[str, tuple[int, Promise]] = {}  # what was told to those who came since the last pass

    def promise(self, command: DrawTicket | CheckIn, now_ms: int) -> Promise | None:
        """What to tell somebody who gets a ticket by `command` now. None: as far as is known nobody will call them."""
        if isinstance(command, DrawTicket):
            found = self.for_newcomer(command.service, command.klass, now_ms)
        else:
            found = self._by_appointment(command.code, now_ms)
        if found is None:
            return None
        self._promised[command.visit] = found
        return found[1]

    def _by_appointment(self, code: str, now_ms: int) -> tuple[int, Promise] | None:
        state = self._state()
        booking = state.bookings.get(state.codes.get(code, ""))
        if booking is None or state.hall is None:
            return None
        due_ms = state.midnight_ms + booking.minute * MINUTE_MS
        late_ms = schedule.admission(state.hall, state.day, state.kind).late_min * MINUTE_MS
        if now_ms > due_ms + late_ms:
            return self.for_newcomer(booking.service, WALK_IN, now_ms)
        return self.for_newcomer(booking.service, APPOINTMENT, now_ms, due_ms)

    def for_newcomer(self, service: str, klass: str, now_ms: int, due_ms: int = 0) -> tuple[int, Promise] | None:
        """(people before by the rules, promise) for somebody who would get a ticket now (`due_ms`: the time of their
        appointment)."""
        last = self._forecast(now_ms)
        since = self._state().drawn.get(service, 0) - self._drawn.get(service, 0)
        return self._told(service, last.newcomer(service, klass, due_ms, since), 0)

    def of(self, visit: str, now_ms: int) -> tuple[int, Promise] | None:
        """(people before by the rules, promise from now on) for somebody who waits."""
        last = self._forecast(now_ms)
        ticket = self._state().tickets[visit]
        found = last.of(visit)
        if found and ticket.place_seq > last.made_seq:
            return self._told(ticket.service, _moved(last, found, ticket), now_ms - last.made_ms)
        if visit in self._promised:
            return self._promised[visit]
        if found is None and ticket.since_ms >= last.made_ms:
            found = last.newcomer(ticket.service, ticket.klass, ticket.due_ms, self._since_before(ticket))
            return self._told(ticket.service, found, 0)
        return self._told(ticket.service, found, now_ms - last.made_ms)

    def _since_before(self, ticket: Ticket) -> int:
        """How many drew for the same service since the pass, and stand before the ticket, which came since, too."""
        state = self._state()
        since = state.drawn.get(ticket.service, 0) - self._drawn.get(ticket.service, 0)
        not_behind = state.lines.before(ticket.line, ticket.place) + 1
        behind = state.lines.counts.get(ticket.line, 0) - not_behind
        return max(0, since - 1 - max(0, behind))

    def _told(self, service: str, found: Estimate | None, passed_ms: int) -> tuple[int, Promise] | None:
        if found is None:
            return None
        return found.before, pace.range_for(self._state().trust, service, max(0, found.wait_ms - passed_ms))

    def _forecast(self, now_ms: int) -> Forecast:
        """The last pass, or a new one: when that is too old, of another day or rules, or the clock was set back."""
        state, last = self._state(), self._last
        if last and last.is_of(state) and 0 <= now_ms - last.made_ms < self._good_ms:
            return last
        began_s = self._timer()
        self._last = last = forecast(state, now_ms)
        self._good_ms = max(LEAST_MS, round(1000 * SHARE * (self._timer() - began_s)))
        self._drawn = dict(state.drawn)
        self._promised = {}
        return last


def _moved(last: Forecast, before: Estimate, ticket: Ticket) -> Estimate | None:
    """For somebody who was postponed or moved since the pass, which has them at the place of `before`."""
    found = last.at(ticket.line, ticket.klass, ticket.place_ms)
    if found and found.wait_ms > before.wait_ms:
        return found._replace(before=found.before - 1)  # nobody is before themselves
    return found
