"""The record of time: in which state each visit and each clerk was, from when to when; a fold over the log of a day.

A visit's states are DOOR, WAIT, WAY (called, on the way to the window), SERVICE, HOLD and MISSED; a clerk's are FREE,
WAY, SERVICE and PAUSED. What is taken back has not been: after a call that was taken back the wait goes on as if there
had been none, and so do the clerk's free minutes. A visit that is finished without *start* was served from the call on.
A missed person who never came back was not here: that period is left out.

Whatever lasts when the next day is opened (nobody pressed *finish*, a clerk forgot to sign out) ended at closing time.
Overtime of a clerk is the time after the end of the window's last shift, or after closing where no shift is planned, up
to the end of the last visit there; pauses are none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from hub.core import events, schedule
from hub.core.hall import MINUTE_MS, Hall, from_dict

DOOR = "door"
WAIT = "wait"
WAY = "way"
SERVICE = "service"
HOLD = "hold"
MISSED = "missed"
FREE = "free"
PAUSED = "paused"

BUSY = (WAY, SERVICE)
"""States in which somebody is at a window, or on the way to it."""


class VisitPeriod(NamedTuple):
    """`window` and `clerk` are empty where the visit is at no window. Times are ms since 1970."""

    day: str
    visit: str
    number: str
    service: str
    klass: str
    state: str
    window: str
    clerk: str
    start_ms: int
    end_ms: int


class ClerkPeriod(NamedTuple):
    """`reason`: why PAUSED. `overtime_ms`: how much of it is overtime."""

    day: str
    clerk: str
    window: str
    state: str
    reason: str
    start_ms: int
    end_ms: int
    overtime_ms: int


@dataclass(slots=True)
class _Period:
    """`end_ms` 0: it lasts. `about`: the service of a visit's period, the reason of a clerk's."""

    state: str
    start_ms: int
    about: str = ""
    window: str = ""
    clerk: str = ""
    end_ms: int = 0


class _Periods(list[_Period]):
    """One after the other. When the clock is set back a period has no length; it never has a negative one."""

    def turn(self, at_ms: int, period: _Period) -> None:
        self.end(at_ms)
        self.append(period)

    def end(self, at_ms: int) -> None:
        if self and not self[-1].end_ms:
            self[-1].end_ms = max(self[-1].start_ms, at_ms)

    def take_back(self, state: str) -> None:
        """The last period has not been: the one before goes on, or one of `state` was there instead."""
        last = self.pop()
        if self and self[-1].state == state and self[-1].end_ms == last.start_ms:
            self[-1].end_ms = 0
        else:
            self.append(_Period(state, last.start_ms, last.about))


@dataclass(slots=True)
class _Visit:
    number: str
    klass: str
    service: str
    periods: _Periods = field(default_factory=_Periods)


class DayFold:
    """One day: `tell` it the log from its DayOpened on, then ask. `hall` is the one in force when the day begins."""

    def __init__(self, hall: Hall | None):
        self.day = ""
        self._hall = hall
        self._kind = schedule.WORKDAY
        self._midnight_ms = 0
        self._visits: dict[str, _Visit] = {}
        self._windows: dict[str, _Periods] = {}

    def tell(self, at_ms: int, event: events.Event) -> None:
        if step := _STEP.get(type(event)):
            step(self, at_ms, event)

    def visit_periods(self, until_ms: int, is_over: bool) -> list[VisitPeriod]:
        """Every period of every visit; what lasts ends at `until_ms`, which is the end of the day if it `is_over`."""
        return [
            VisitPeriod(self.day, key, visit.number, p.about, visit.klass, p.state, p.window, p.clerk, p.start_ms, end)
            for key, visit in self._visits.items()
            for p in visit.periods
            if (end := self._end_ms(p, until_ms, is_over)) > p.start_ms and (p.state != MISSED or p.end_ms)
        ]

    def clerk_periods(self, until_ms: int, is_over: bool) -> list[ClerkPeriod]:
        """Every period of every clerk at every window, in the same way."""
        rows = []
        for window, periods in self._windows.items():
            limit_ms = self._overtime_from(window)
            ends = [self._end_ms(p, until_ms, is_over) for p in periods]
            last: dict[str, int] = {}
            for p, end in zip(periods, ends, strict=True):
                if p.state in BUSY:
                    last[p.clerk] = max(end, last.get(p.clerk, 0))
            for p, end in zip(periods, ends, strict=True):
                if end <= p.start_ms:
                    continue
                over_ms = 0
                if limit_ms is not None and p.state != PAUSED:
                    over_ms = max(0, min(end, last.get(p.clerk, 0)) - max(p.start_ms, limit_ms))
                rows.append(ClerkPeriod(self.day, p.clerk, window, p.state, p.about, p.start_ms, end, over_ms))
        return rows

    def _end_ms(self, period: _Period, until_ms: int, is_over: bool) -> int:
        end_ms = period.end_ms or max(period.start_ms, until_ms)
        closing_ms = self._closing_ms()
        if is_over and end_ms >= until_ms and closing_ms is not None:
            return max(period.start_ms, min(end_ms, closing_ms))
        return end_ms

    def _closing_ms(self) -> int | None:
        if self._hall is None or not self._midnight_ms:
            return None
        minute = schedule.closing(self._hall, self.day, self._kind)
        return None if minute is None else self._midnight_ms + minute * MINUTE_MS

    def _overtime_from(self, window: str) -> int | None:
        """The moment from which work at the window is overtime; None: never."""
        if self._hall is None or not self._midnight_ms:
            return None
        rows = schedule.shifts(self._hall, self.day, self._kind)
        ends = [row.ends for row in rows if window in row.windows]
        return self._midnight_ms + max(ends) * MINUTE_MS if ends else self._closing_ms()

    def _hall_configured(self, at_ms: int, event: events.HallConfigured) -> None:
        self._hall = from_dict(event.hall)

    def _day_opened(self, at_ms: int, event: events.DayOpened) -> None:
        self.day, self._kind, self._midnight_ms = event.day, event.kind, event.midnight_ms

    def _at(self, window: str) -> _Periods:
        return self._windows.setdefault(window, _Periods())

    def _sit(self, at_ms: int, window: str, state: str, about: str = "", clerk: str = "") -> None:
        """The clerk at `window` goes over to `state`."""
        periods = self._at(window)
        periods.turn(at_ms, _Period(state, at_ms, about, window, clerk or periods[-1].clerk))

    def _clerk_signed_in(self, at_ms: int, event: events.ClerkSignedIn) -> None:
        self._sit(at_ms, event.window, FREE, clerk=event.clerk)

    def _clerk_signed_out(self, at_ms: int, event: events.ClerkSignedOut) -> None:
        self._at(event.window).end(at_ms)

    def _window_paused(self, at_ms: int, event: events.WindowPaused) -> None:
        self._sit(at_ms, event.window, PAUSED, event.reason, event.clerk)

    def _window_resumed(self, at_ms: int, event: events.WindowResumed) -> None:
        self._sit(at_ms, event.window, FREE, clerk=event.clerk)

    def _ticket_drawn(self, at_ms: int, event: events.TicketDrawn) -> None:
        from_ms = event.arrival_ms or at_ms
        visit = _Visit(event.number, event.klass, event.service)
        visit.periods.append(_Period(DOOR if event.outside else WAIT, from_ms, event.service))
        self._visits[event.visit] = visit

    def _ticket_waits(self, at_ms: int, event: events.TicketAdmitted | events.TicketReturned) -> None:
        visit = self._visits[event.visit]
        visit.periods.turn(at_ms, _Period(WAIT, at_ms, visit.service))

    def _queued_outside(self, at_ms: int, event: events.TicketQueuedOutside) -> None:
        visit = self._visits[event.visit]
        visit.periods.turn(at_ms, _Period(DOOR, at_ms, visit.service))

    def _ticket_called(self, at_ms: int, event: events.TicketCalled) -> None:
        visit = self._visits[event.visit]
        visit.periods.turn(at_ms, _Period(WAY, at_ms, visit.service, event.window, event.clerk))
        self._sit(at_ms, event.window, WAY, clerk=event.clerk)

    def _service_started(self, at_ms: int, event: events.ServiceStarted) -> None:
        visit = self._visits[event.visit]
        last = visit.periods[-1]
        visit.periods.turn(at_ms, _Period(SERVICE, at_ms, visit.service, last.window, last.clerk))
        self._sit(at_ms, event.window, SERVICE)

    def _service_changed(self, at_ms: int, event: events.ServiceChanged) -> None:
        """The whole stop was for the other service."""
        visit = self._visits[event.visit]
        visit.service = event.service
        for period in reversed(visit.periods):
            if period.state not in BUSY:
                break
            period.about = event.service

    def _ticket_moved(self, at_ms: int, event: events.TicketMoved) -> None:
        visit = self._visits[event.visit]
        visit.service = visit.periods[-1].about = event.service

    def _ticket_finished(self, at_ms: int, event: events.TicketFinished) -> None:
        periods = self._served(event)
        periods.end(at_ms)
        self._sit(at_ms, event.window, FREE)

    def _served(self, event: events.TicketFinished | events.TicketTransferred) -> _Periods:
        """The visit's periods; the last one was service, whether *start* was pressed or not."""
        periods = self._visits[event.visit].periods
        periods[-1].state = self._at(event.window)[-1].state = SERVICE
        return periods

    def _ticket_transferred(self, at_ms: int, event: events.TicketTransferred) -> None:
        if event.step:
            self._served(event)
        visit = self._visits[event.visit]
        visit.service = event.service
        visit.periods.turn(at_ms, _Period(WAIT, at_ms, event.service))
        self._sit(at_ms, event.window, FREE)

    def _ticket_held(self, at_ms: int, event: events.TicketHeld) -> None:
        self._leave(at_ms, event, HOLD)

    def _ticket_missed(self, at_ms: int, event: events.TicketMissed) -> None:
        self._leave(at_ms, event, MISSED)

    def _leave(self, at_ms: int, event: events.TicketHeld | events.TicketMissed, state: str) -> None:
        visit = self._visits[event.visit]
        visit.periods.turn(at_ms, _Period(state, at_ms, visit.service))
        self._sit(at_ms, event.window, FREE)

    def _ticket_ended(self, at_ms: int, event: events.TicketCancelled | events.TicketExpired) -> None:
        self._visits[event.visit].periods.end(at_ms)

    def _call_taken_back(self, at_ms: int, event: events.CallTakenBack) -> None:
        self._visits[event.visit].periods.take_back(WAIT)
        self._free_again(event.window)

    def _free_again(self, window: str) -> None:
        periods = self._at(window)
        clerk = periods[-1].clerk
        periods.take_back(FREE)
        periods[-1].window, periods[-1].clerk = window, clerk

    def _start_taken_back(self, at_ms: int, event: events.StartTakenBack) -> None:
        for periods in (self._visits[event.visit].periods, self._at(event.window)):
            if len(periods) > 1 and periods[-2].state == WAY and periods[-2].end_ms == periods[-1].start_ms:
                periods.take_back(WAY)
            else:
                periods[-1].state = WAY

    def _end_taken_back(self, at_ms: int, event: events.FinishTakenBack | events.MissTakenBack) -> None:
        """The visit goes on as it was. The clerk's minutes since do not count as free, but a pause was one."""
        visit = self._visits[event.visit]
        if visit.periods[-1].state == MISSED:
            visit.periods.pop()
        visit.periods[-1].end_ms = 0
        periods = self._at(event.window)
        if len(periods) > 1 and periods[-1].state == FREE and periods[-2].state in BUSY:
            periods.pop()
            periods[-1].end_ms = 0
        else:
            self._sit(at_ms, event.window, visit.periods[-1].state)


_STEP: dict[type[events.Event], Callable[[DayFold, int, Any], None]] = {
    events.HallConfigured: DayFold._hall_configured,
    events.DayOpened: DayFold._day_opened,
    events.ClerkSignedIn: DayFold._clerk_signed_in,
    events.ClerkSignedOut: DayFold._clerk_signed_out,
    events.WindowPaused: DayFold._window_paused,
    events.WindowResumed: DayFold._window_resumed,
    events.TicketDrawn: DayFold._ticket_drawn,
    events.TicketAdmitted: DayFold._ticket_waits,
    events.TicketReturned: DayFold._ticket_waits,
    events.TicketQueuedOutside: DayFold._queued_outside,
    events.TicketCalled: DayFold._ticket_called,
    events.ServiceStarted: DayFold._service_started,
    events.ServiceChanged: DayFold._service_changed,
    events.TicketMoved: DayFold._ticket_moved,
    events.TicketFinished: DayFold._ticket_finished,
    events.TicketTransferred: DayFold._ticket_transferred,
    events.TicketHeld: DayFold._ticket_held,
    events.TicketMissed: DayFold._ticket_missed,
    events.TicketCancelled: DayFold._ticket_ended,
    events.TicketExpired: DayFold._ticket_ended,
    events.CallTakenBack: DayFold._call_taken_back,
    events.StartTakenBack: DayFold._start_taken_back,
    events.FinishTakenBack: DayFold._end_taken_back,
    events.MissTakenBack: DayFold._end_taken_back,
}
