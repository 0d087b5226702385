"""What each event does to the projections: plain SQL, in the transaction of the event, repeatable from the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hub.core import events, tickets
from hub.ports import Entry

TABLES = ("tickets", "calls", "ratings")

Execute = Callable[[str, tuple], Any]


def project(execute: Execute, entry: Entry) -> None:
    """Brings the tables up to `entry`. Events that no table shows are passed over."""
    step = _PROJECT.get(type(entry.event))
    if step:
        step(execute, entry, entry.event)


def _drawn(execute: Execute, entry: Entry, event: events.TicketDrawn) -> None:
    execute(
        "insert into tickets (visit, day, number, service, state, drawn_ms) values (?, ?, ?, ?, ?, ?)",
        (event.visit, event.day, event.number, event.service, tickets.WAITING, entry.at_ms),
    )


def _called(execute: Execute, entry: Entry, event: events.TicketCalled) -> None:
    execute(
        "update tickets set state = ?, window = ?, clerk = ?, called_ms = ? where visit = ?",
        (tickets.CALLED, event.window, event.clerk, entry.at_ms, event.visit),
    )
    _insert_call(execute, entry, event.visit, event.window, event.by)


def _recalled(execute: Execute, entry: Entry, event: events.TicketRecalled) -> None:
    _set(execute, event.visit, tickets.RECALLED, "called_ms", entry.at_ms)
    _insert_call(execute, entry, event.visit, event.window, event.by)


def _insert_call(execute: Execute, entry: Entry, visit: str, window: str, by: str) -> None:
    execute(
        "insert into calls (revision, visit, window, clerk, by, at_ms) "
        "select ?, visit, ?, clerk, ?, ? from tickets where visit = ?",
        (entry.seq, window, by, entry.at_ms, visit),
    )


def _started(execute: Execute, entry: Entry, event: events.ServiceStarted) -> None:
    _set(execute, event.visit, tickets.SERVING, "started_ms", entry.at_ms)


def _finished(execute: Execute, entry: Entry, event: events.TicketFinished) -> None:
    _set(execute, event.visit, tickets.DONE, "finished_ms", entry.at_ms)


def _missed(execute: Execute, entry: Entry, event: events.TicketMissed) -> None:
    _set(execute, event.visit, tickets.MISSED, "finished_ms", entry.at_ms)


def _expired(execute: Execute, entry: Entry, event: events.TicketExpired) -> None:
    _set(execute, event.visit, tickets.EXPIRED, "finished_ms", entry.at_ms)


def _set(execute: Execute, visit: str, state: str, time: str, at_ms: int) -> None:
    execute(f"update tickets set state = ?, {time} = ? where visit = ?", (state, at_ms, visit))


def _rated(execute: Execute, entry: Entry, event: events.RatingRecorded) -> None:
    execute(
        "insert into ratings values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            event.device,
            event.epoch,
            event.seq,
            event.visit,
            event.window,
            event.clerk,
            event.service,
            event.level,
            event.earliest_ms,
            event.latest_ms,
            entry.at_ms,
            event.standing,
        ),
    )


def _shown(execute: Execute, entry: Entry, event: events.NumberShown) -> None:
    execute("update calls set shown_ms = ?, device = ? where revision = ?", (entry.at_ms, event.device, event.revision))


_PROJECT: dict[type[events.Event], Callable[[Execute, Entry, Any], None]] = {
    events.TicketDrawn: _drawn,
    events.TicketCalled: _called,
    events.TicketRecalled: _recalled,
    events.ServiceStarted: _started,
    events.TicketFinished: _finished,
    events.TicketMissed: _missed,
    events.TicketExpired: _expired,
    events.RatingRecorded: _rated,
    events.NumberShown: _shown,
}
