"""The life of a ticket: one table, and the table is the specification.

A ticket is born *waiting* by TicketDrawn. Every other event that touches it is looked up here; `decide` refuses what
is not in the table, `apply` follows it.
"""

from __future__ import annotations

from hub.core import events

WAITING = "waiting"
CALLED = "called"
RECALLED = "recalled"
SERVING = "serving"
DONE = "done"
MISSED = "missed"
EXPIRED = "expired"

TRANSITIONS: dict[tuple[str, type[events.Event]], str] = {
    (WAITING, events.TicketCalled): CALLED,
    (WAITING, events.TicketExpired): EXPIRED,
    (CALLED, events.TicketRecalled): RECALLED,
    (CALLED, events.ServiceStarted): SERVING,
    (CALLED, events.TicketFinished): DONE,
    (CALLED, events.TicketMissed): MISSED,
    (RECALLED, events.TicketRecalled): RECALLED,
    (RECALLED, events.ServiceStarted): SERVING,
    (RECALLED, events.TicketFinished): DONE,
    (RECALLED, events.TicketMissed): MISSED,
    (SERVING, events.TicketFinished): DONE,
}

AT_WINDOW = (CALLED, RECALLED, SERVING)
"""States in which a ticket holds a window. In all others it holds none."""
