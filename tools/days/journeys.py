"""What happened on a day, visit by visit and clerk by clerk, out of its part of the log.

The same for a recorded day and for a played one, so that both are measured alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from hub.core import events, tickets
from hub.core.hall import WALK_IN
from hub.ports import Entry

OPEN = ""
"""How a time at a window ends that has not ended yet."""

STEP = "step"
"""It was done, and the visit goes on to the next service of its plan."""


@dataclass(slots=True)
class Span:
    """Waiting for `service` since `since_ms`, then a call to a window, and the time there. 0: not yet. `end`: the event
    that ended it (class name), or STEP. `line`: where a transfer sent them. `recalls`: after the first call."""

    service: str
    since_ms: int
    window: str = ""
    clerk: str = ""
    called_ms: int = 0
    started_ms: int = 0
    ended_ms: int = 0
    end: str = OPEN
    line: str = ""
    level: int = 0
    by_hand: bool = True
    why: dict[str, Any] = field(default_factory=dict)

    @property
    def wait_ms(self) -> int:
        """From the beginning of waiting to the call."""
        return self.called_ms - self.since_ms


@dataclass(slots=True)
class Journey:
    """One ticket. `spans` in order; the last one may still be waiting. `left_ms`: cancelled or expired then."""

    visit: str
    number: str
    drawn_ms: int
    klass: str = WALK_IN
    party: int = 1
    plan: tuple[str, ...] = ()
    booking: str = ""
    check: str = ""
    origin: str = ""
    state: str = tickets.WAITING
    left_ms: int = 0
    admitted_ms: int = 0
    spans: list[Span] = field(default_factory=list)

    @property
    def calls(self) -> list[Span]:
        """The spans in which somebody was called."""
        return [span for span in self.spans if span.called_ms]


@dataclass(slots=True)
class Sat:
    """`clerk` sat at `window`; `to_ms` 0: until the end of the log. `working` are the times without pauses."""

    clerk: str
    window: str
    from_ms: int
    to_ms: int = 0
    working: list[tuple[int, int]] = field(default_factory=list)


class Happened:
    """`journeys`: visit -> what became of it; `sat`: who sat where; `bookings`: those not cancelled."""

    def __init__(self, entries: Iterable[Entry]):
        self.journeys: dict[str, Journey] = {}
        self.sat: list[Sat] = []
        self.bookings: dict[str, events.AppointmentBooked] = {}
        self.last_ms = 0
        self._seats: dict[str, Sat] = {}
        self._since: dict[str, int] = {}
        for entry in entries:
            if not isinstance(entry.event, events.DayOpened):
                self.last_ms = entry.at_ms
            if take := _TAKE.get(type(entry.event)):
                take(self, entry.at_ms, entry.event)
        for window in list(self._seats):
            self._stands_up(self.last_ms, window)

    def _drawn(self, at_ms: int, event: events.TicketDrawn) -> None:
        arrived_ms = event.arrival_ms or at_ms
        state = tickets.OUTSIDE if event.outside else tickets.WAITING
        self.journeys[event.visit] = Journey(
            event.visit,
            event.number,
            arrived_ms,
            event.klass,
            event.party,
            event.plan,
            event.booking,
            event.check,
            event.origin,
            state,
            spans=[Span(event.service, arrived_ms)],
        )

    def _moves(self, event: Any) -> tuple[Journey, Span]:
        """The journey of the event's visit, with its state after the event."""
        journey = self.journeys[event.visit]
        journey.state = tickets.TRANSITIONS[journey.state, type(event)]
        return journey, journey.spans[-1]

    def _admitted(self, at_ms: int, event: events.TicketAdmitted) -> None:
        self._moves(event)[0].admitted_ms = at_ms

    def _called(self, at_ms: int, event: events.TicketCalled) -> None:
        journey, span = self._moves(event)
        if span.end != OPEN:  # taken back from hold
            span = Span(span.service, at_ms)
            journey.spans.append(span)
        span.window, span.clerk, span.called_ms, span.why = event.window, event.clerk, at_ms, event.why

    def _started(self, at_ms: int, event: events.ServiceStarted) -> None:
        self._moves(event)[1].started_ms = at_ms

    def _changed(self, at_ms: int, event: events.ServiceChanged) -> None:
        self._moves(event)[1].service = event.service

    def _ended(self, at_ms: int, event: events.TicketFinished | events.TicketMissed | events.TicketHeld) -> None:
        _, span = self._moves(event)
        span.ended_ms, span.end = at_ms, type(event).__name__
        if isinstance(event, events.TicketFinished):
            span.by_hand = not event.implicit

    def _transferred(self, at_ms: int, event: events.TicketTransferred) -> None:
        journey, span = self._moves(event)
        span.ended_ms, span.line = at_ms, event.line
        span.end = STEP if event.step else type(event).__name__
        journey.spans.append(Span(event.service, at_ms))

    def _returned(self, at_ms: int, event: events.TicketReturned | events.TicketQueuedOutside) -> None:
        journey, span = self._moves(event)
        journey.spans.append(Span(span.service, at_ms))

    def _taken_back(self, at_ms: int, event: Any) -> None:
        """A slip of the finger: as if it had not been pressed."""
        _, span = self._moves(event)
        if isinstance(event, events.CallTakenBack):
            span.window, span.clerk, span.called_ms = "", "", 0
        elif isinstance(event, events.StartTakenBack):
            span.started_ms = 0
        else:
            span.ended_ms, span.end = 0, OPEN

    def _moved(self, at_ms: int, event: events.TicketMoved) -> None:
        self._moves(event)[1].service = event.service

    def _left(self, at_ms: int, event: events.TicketCancelled | events.TicketExpired) -> None:
        self._moves(event)[0].left_ms = at_ms

    def _service_added(self, at_ms: int, event: events.ServiceAdded) -> None:
        self.journeys[event.visit].plan += (event.service,)

    def _party_changed(self, at_ms: int, event: events.PartyChanged) -> None:
        self.journeys[event.visit].party = event.party

    def _rated(self, at_ms: int, event: events.RatingRecorded) -> None:
        if event.standing == "counted" and event.visit in self.journeys:
            of_window = [span for span in self.journeys[event.visit].calls if span.window == event.window]
            for span in of_window[-1:]:
                span.level = event.level

    def _booked(self, at_ms: int, event: events.AppointmentBooked) -> None:
        self.bookings[event.booking] = event

    def _booking_cancelled(self, at_ms: int, event: events.BookingCancelled) -> None:
        self.bookings.pop(event.booking, None)

    def _sits_down(self, at_ms: int, event: events.ClerkSignedIn) -> None:
        self._seats[event.window] = Sat(event.clerk, event.window, at_ms)
        self._since[event.window] = at_ms

    def _signed_out(self, at_ms: int, event: events.ClerkSignedOut) -> None:
        self._stands_up(at_ms, event.window)

    def _stands_up(self, at_ms: int, window: str) -> None:
        self._stops(at_ms, window)
        if sat := self._seats.pop(window, None):
            sat.to_ms = at_ms
            self.sat.append(sat)

    def _paused(self, at_ms: int, event: events.WindowPaused) -> None:
        self._stops(at_ms, event.window)

    def _resumed(self, at_ms: int, event: events.WindowResumed) -> None:
        self._since.setdefault(event.window, at_ms)

    def _stops(self, at_ms: int, window: str) -> None:
        since_ms = self._since.pop(window, None)
        if since_ms is not None and window in self._seats:
            self._seats[window].working.append((since_ms, at_ms))


_TAKE: dict[type[events.Event], Callable[[Happened, int, Any], None]] = {
    events.TicketDrawn: Happened._drawn,
    events.TicketAdmitted: Happened._admitted,
    events.TicketCalled: Happened._called,
    events.ServiceStarted: Happened._started,
    events.ServiceChanged: Happened._changed,
    events.TicketFinished: Happened._ended,
    events.TicketMissed: Happened._ended,
    events.TicketHeld: Happened._ended,
    events.TicketTransferred: Happened._transferred,
    events.TicketReturned: Happened._returned,
    events.TicketQueuedOutside: Happened._returned,
    events.CallTakenBack: Happened._taken_back,
    events.StartTakenBack: Happened._taken_back,
    events.FinishTakenBack: Happened._taken_back,
    events.MissTakenBack: Happened._taken_back,
    events.TicketMoved: Happened._moved,
    events.TicketCancelled: Happened._left,
    events.TicketExpired: Happened._left,
    events.ServiceAdded: Happened._service_added,
    events.PartyChanged: Happened._party_changed,
    events.RatingRecorded: Happened._rated,
    events.AppointmentBooked: Happened._booked,
    events.BookingCancelled: Happened._booking_cancelled,
    events.ClerkSignedIn: Happened._sits_down,
    events.ClerkSignedOut: Happened._signed_out,
    events.WindowPaused: Happened._paused,
    events.WindowResumed: Happened._resumed,
}
