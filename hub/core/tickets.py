"""The life of a ticket: one table, and the table is the specification.

A ticket is born by TicketDrawn, *waiting*, or *outside* when the hall is full. Every other event that moves it is
looked up here; `decide` refuses what is not in the table, `apply` follows it. `docs/tickets.md` is made from it.
"""

from __future__ import annotations

from hub.core import events

OUTSIDE = "outside"
WAITING = "waiting"
CALLED = "called"
SERVING = "serving"
ON_HOLD = "on-hold"
DONE = "done"
MISSED = "missed"
CANCELLED = "cancelled"
EXPIRED = "expired"

TRANSITIONS: dict[tuple[str, type[events.Event]], str] = {
    (OUTSIDE, events.TicketAdmitted): WAITING,
    (OUTSIDE, events.TicketCancelled): CANCELLED,
    (OUTSIDE, events.TicketExpired): EXPIRED,
    (WAITING, events.TicketCalled): CALLED,
    (WAITING, events.TicketMoved): WAITING,
    (WAITING, events.TicketPostponed): WAITING,
    (WAITING, events.TicketCancelled): CANCELLED,
    (WAITING, events.TicketExpired): EXPIRED,
    (CALLED, events.TicketRecalled): CALLED,
    (CALLED, events.ServiceStarted): SERVING,
    (CALLED, events.TicketFinished): DONE,
    (CALLED, events.TicketMissed): MISSED,
    (CALLED, events.TicketHeld): ON_HOLD,
    (CALLED, events.TicketTransferred): WAITING,
    (CALLED, events.CallTakenBack): WAITING,
    (SERVING, events.ServiceChanged): SERVING,
    (SERVING, events.TicketFinished): DONE,
    (SERVING, events.TicketHeld): ON_HOLD,
    (SERVING, events.TicketTransferred): WAITING,
    (SERVING, events.StartTakenBack): CALLED,
    (ON_HOLD, events.TicketCalled): CALLED,
    (ON_HOLD, events.TicketReturned): WAITING,
    (ON_HOLD, events.TicketCancelled): CANCELLED,
    (ON_HOLD, events.TicketExpired): EXPIRED,
    (MISSED, events.TicketReturned): WAITING,
    (MISSED, events.TicketQueuedOutside): OUTSIDE,
    (MISSED, events.MissTakenBack): CALLED,
    (DONE, events.FinishTakenBack): SERVING,
}
"""(state, event) -> the state after it."""

STATES = (OUTSIDE, WAITING, CALLED, SERVING, ON_HOLD, DONE, MISSED, CANCELLED, EXPIRED)

AT_WINDOW = (CALLED, SERVING)
"""States in which a ticket holds a window. In all others it holds none."""

INSIDE = (WAITING, CALLED, SERVING, ON_HOLD)
"""States in which the people of a ticket count as being in the hall."""
