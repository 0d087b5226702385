"""What each event does to the projections: plain SQL, in the transaction of the event, repeatable from the log.

tickets    a line for each visit: where it is now
calls      a line for each call and recall; the first call of a stop (`stop` = `revision`) carries the stop: for
           which service, how long the person had waited, when service began, when and how it ended
bookings, alarms, days
visit_periods, clerk_periods, promises     see hub.adapters.sqlite_periods
ratings, marks, reviews …                  see hub.adapters.sqlite_rating_tables
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hub.adapters import sqlite_periods, sqlite_rating_tables
from hub.core import events, state, tickets
from hub.ports import Entry

TABLES = ("tickets", "calls", "bookings", "alarms", "days", *sqlite_periods.TABLES, *sqlite_rating_tables.TABLES)

Execute = Callable[[str, tuple], Any]

DONE = "done"
STEP = "step"
MISSED = "missed"
HELD = "held"
TRANSFERRED = "transferred"
TAKEN_BACK = "taken-back"
"""How a stop ended (calls.ended); empty while it lasts. STEP: done here, and on to the next service of the visit."""


def project(execute: Execute, entry: Entry) -> None:
    """Brings the tables up to `entry`. Events that no table shows are passed over."""
    step = _PROJECT.get(type(entry.event))
    if step:
        step(execute, entry, entry.event)


def _day_opened(execute: Execute, entry: Entry, event: events.DayOpened) -> None:
    """Keeps how the time of the day before was spent: the log is whole up to here, in this very transaction."""
    before = execute("select max(seq) from days", ()).fetchone()[0]
    if before is not None:
        sqlite_periods.keep_day(execute, before, entry.seq, entry.at_ms)
    of_the_day = "subject not in (select review from reviews)"  # a bad rating's limits go on over night
    execute(f"update alarms set cleared_ms = ? where cleared_ms is null and {of_the_day}", (entry.at_ms,))
    execute(
        "insert into days values (?, ?, ?, ?, ?)", (event.day, entry.seq, event.kind, event.midnight_ms, entry.at_ms)
    )


def _drawn(execute: Execute, entry: Entry, event: events.TicketDrawn) -> None:
    from_ms = event.arrival_ms or entry.at_ms
    execute(
        "insert into tickets (visit, day, number, service, state, drawn_ms, klass, credit_ms, due_ms, since_ms, party, "
        "booking, origin, case_number, drawn_for) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            event.visit,
            event.day,
            event.number,
            event.service,
            tickets.OUTSIDE if event.outside else tickets.WAITING,
            from_ms,
            event.klass,
            event.credit_ms,
            event.due_ms,
            from_ms,
            event.party,
            event.booking,
            event.origin,
            event.case,
            event.service,
        ),
    )
    if event.booking:
        execute("update bookings set state = ?, visit = ? where booking = ?", (state.KEPT, event.visit, event.booking))


def _admitted(execute: Execute, entry: Entry, event: events.TicketAdmitted) -> None:
    execute("update tickets set state = ? where visit = ?", (tickets.WAITING, event.visit))


def _called(execute: Execute, entry: Entry, event: events.TicketCalled) -> None:
    """The wait is that for this stop, and not longer than since the time of the appointment."""
    why = json.dumps(event.why, ensure_ascii=False, separators=(",", ":")) if event.why else ""
    execute(
        "insert into calls (revision, stop, visit, day, window, clerk, by, at_ms, why, service, waited_ms) "
        "select ?, ?, visit, day, ?, ?, ?, ?, ?, service, case state when ? then max(0, ? - max(since_ms, due_ms)) end "
        "from tickets where visit = ?",
        (
            entry.seq,
            entry.seq,
            event.window,
            event.clerk,
            event.by,
            entry.at_ms,
            why,
            tickets.WAITING,
            entry.at_ms,
            event.visit,
        ),
    )
    execute(
        "update tickets set since_ms = case state when ? then since_ms else ? end, state = ?, window = ?, clerk = ?, "
        "called_ms = ?, started_ms = null, stop = ? where visit = ?",
        (
            tickets.WAITING,
            entry.at_ms,
            tickets.CALLED,
            event.window,
            event.clerk,
            entry.at_ms,
            entry.seq,
            event.visit,
        ),
    )


def _recalled(execute: Execute, entry: Entry, event: events.TicketRecalled) -> None:
    execute("update tickets set called_ms = ? where visit = ?", (entry.at_ms, event.visit))
    execute(
        "insert into calls (revision, stop, visit, day, window, clerk, by, at_ms, service) "
        "select ?, stop, visit, day, ?, clerk, ?, ?, service from tickets where visit = ?",
        (entry.seq, event.window, event.by, entry.at_ms, event.visit),
    )


def _started(execute: Execute, entry: Entry, event: events.ServiceStarted) -> None:
    _at_window(execute, event.visit, tickets.SERVING, entry.at_ms)


def _start_taken_back(execute: Execute, entry: Entry, event: events.StartTakenBack) -> None:
    _at_window(execute, event.visit, tickets.CALLED, None)


def _at_window(execute: Execute, visit: str, now: str, started_ms: int | None) -> None:
    execute("update tickets set state = ?, started_ms = ? where visit = ?", (now, started_ms, visit))
    execute(f"update calls set started_ms = ? where {_ITS_STOP}", (started_ms, visit))


_ITS_STOP = "revision = (select stop from tickets where visit = ?)"


def _end_stop(execute: Execute, visit: str, ended: str, at_ms: int) -> None:
    execute(f"update calls set ended = ?, ended_ms = ? where {_ITS_STOP}", (ended, at_ms, visit))


def _finished(execute: Execute, entry: Entry, event: events.TicketFinished) -> None:
    _end_stop(execute, event.visit, DONE, entry.at_ms)
    _over(execute, event.visit, tickets.DONE, entry.at_ms)


def _missed(execute: Execute, entry: Entry, event: events.TicketMissed) -> None:
    _end_stop(execute, event.visit, MISSED, entry.at_ms)
    _over(execute, event.visit, tickets.MISSED, entry.at_ms)


def _cancelled(execute: Execute, entry: Entry, event: events.TicketCancelled) -> None:
    _over(execute, event.visit, tickets.CANCELLED, entry.at_ms)


def _expired(execute: Execute, entry: Entry, event: events.TicketExpired) -> None:
    _over(execute, event.visit, tickets.EXPIRED, entry.at_ms)


def _over(execute: Execute, visit: str, now: str, at_ms: int) -> None:
    execute("update tickets set state = ?, finished_ms = ? where visit = ?", (now, at_ms, visit))


def _held(execute: Execute, entry: Entry, event: events.TicketHeld) -> None:
    _end_stop(execute, event.visit, HELD, entry.at_ms)
    execute("update tickets set state = ? where visit = ?", (tickets.ON_HOLD, event.visit))


def _transferred(execute: Execute, entry: Entry, event: events.TicketTransferred) -> None:
    _end_stop(execute, event.visit, STEP if event.step else TRANSFERRED, entry.at_ms)
    execute("update tickets set service = ? where visit = ?", (event.service, event.visit))
    _waits(execute, event.visit, entry.at_ms)


def _returned(execute: Execute, entry: Entry, event: events.TicketReturned) -> None:
    _waits(execute, event.visit, entry.at_ms)


def _queued_outside(execute: Execute, entry: Entry, event: events.TicketQueuedOutside) -> None:
    _waits(execute, event.visit, entry.at_ms, tickets.OUTSIDE)


def _waits(execute: Execute, visit: str, since_ms: int, where: str = tickets.WAITING) -> None:
    query = "update tickets set state = ?, since_ms = ?, finished_ms = null where visit = ?"
    execute(query, (where, since_ms, visit))


def _call_taken_back(execute: Execute, entry: Entry, event: events.CallTakenBack) -> None:
    """The stop before, if there was one, is the last again."""
    _end_stop(execute, event.visit, TAKEN_BACK, entry.at_ms)
    execute(
        "update tickets set state = ?, called_ms = null, "
        "stop = (select max(revision) from calls where visit = ? and revision = stop and ended != ?) where visit = ?",
        (tickets.WAITING, event.visit, TAKEN_BACK, event.visit),
    )
    execute(
        "update tickets set (window, clerk) = (select window, clerk from calls where revision = tickets.stop) "
        "where visit = ?",
        (event.visit,),
    )


def _finish_taken_back(execute: Execute, entry: Entry, event: events.FinishTakenBack) -> None:
    """Without *start* it was served from the call on."""
    execute(
        "update tickets set state = ?, finished_ms = null, started_ms = coalesce(started_ms, called_ms) "
        "where visit = ?",
        (tickets.SERVING, event.visit),
    )
    execute(
        "update calls set ended = '', ended_ms = null, started_ms = (select started_ms from tickets where visit = ?) "
        f"where {_ITS_STOP}",
        (event.visit, event.visit),
    )


def _miss_taken_back(execute: Execute, entry: Entry, event: events.MissTakenBack) -> None:
    execute("update tickets set state = ?, finished_ms = null where visit = ?", (tickets.CALLED, event.visit))
    execute(f"update calls set ended = '', ended_ms = null where {_ITS_STOP}", (event.visit,))


def _service_changed(execute: Execute, entry: Entry, event: events.ServiceChanged) -> None:
    execute("update tickets set service = ? where visit = ?", (event.service, event.visit))
    execute(f"update calls set service = ? where {_ITS_STOP}", (event.service, event.visit))


def _moved(execute: Execute, entry: Entry, event: events.TicketMoved) -> None:
    execute("update tickets set service = ? where visit = ?", (event.service, event.visit))


def _party_changed(execute: Execute, entry: Entry, event: events.PartyChanged) -> None:
    execute("update tickets set party = ? where visit = ?", (event.party, event.visit))


def _case_noted(execute: Execute, entry: Entry, event: events.CaseNoted) -> None:
    execute("update tickets set case_number = ? where visit = ?", (event.case, event.visit))


def _booked(execute: Execute, entry: Entry, event: events.AppointmentBooked) -> None:
    about = (event.booking, event.day, event.minute, event.service, event.party, event.by)
    execute("insert into bookings values (?, ?, ?, ?, ?, ?, ?, '', ?)", (*about, state.BOOKED, entry.at_ms))


def _booking_cancelled(execute: Execute, entry: Entry, event: events.BookingCancelled) -> None:
    execute("update bookings set state = ? where booking = ?", (state.CANCELLED, event.booking))


def _booking_lapsed(execute: Execute, entry: Entry, event: events.BookingLapsed) -> None:
    execute("update bookings set state = ? where booking = ?", (state.LAPSED, event.booking))


def _alarm_raised(execute: Execute, entry: Entry, event: events.AlarmRaised) -> None:
    """The same line for every person who is told of it: `level` and `person` are of the last one."""
    figures = json.dumps(event.figures)
    if event.level:
        execute(
            "update alarms set level = ?, person = ?, figures = ?, told_ms = ? where alarm = ? and cleared_ms is null",
            (event.level, event.to, figures, entry.at_ms, event.alarm),
        )
        return
    execute(
        "insert into alarms select ?, ?, coalesce(max(day), ''), ?, ?, 0, ?, ?, ?, ?, null from days",
        (entry.seq, event.alarm, event.rule, event.subject, event.to, figures, entry.at_ms, entry.at_ms),
    )


def _alarm_cleared(execute: Execute, entry: Entry, event: events.AlarmCleared) -> None:
    execute("update alarms set cleared_ms = ? where alarm = ? and cleared_ms is null", (entry.at_ms, event.alarm))


def _shown(execute: Execute, entry: Entry, event: events.NumberShown) -> None:
    execute("update calls set shown_ms = ?, device = ? where revision = ?", (entry.at_ms, event.device, event.revision))


_PROJECT: dict[type[events.Event], Callable[[Execute, Entry, Any], None]] = {
    events.DayOpened: _day_opened,
    events.TicketDrawn: _drawn,
    events.TicketAdmitted: _admitted,
    events.TicketCalled: _called,
    events.TicketRecalled: _recalled,
    events.ServiceStarted: _started,
    events.ServiceChanged: _service_changed,
    events.TicketFinished: _finished,
    events.TicketMissed: _missed,
    events.TicketHeld: _held,
    events.TicketTransferred: _transferred,
    events.TicketMoved: _moved,
    events.TicketReturned: _returned,
    events.TicketQueuedOutside: _queued_outside,
    events.CallTakenBack: _call_taken_back,
    events.StartTakenBack: _start_taken_back,
    events.FinishTakenBack: _finish_taken_back,
    events.MissTakenBack: _miss_taken_back,
    events.TicketCancelled: _cancelled,
    events.TicketExpired: _expired,
    events.PartyChanged: _party_changed,
    events.CaseNoted: _case_noted,
    events.AppointmentBooked: _booked,
    events.BookingCancelled: _booking_cancelled,
    events.BookingLapsed: _booking_lapsed,
    events.AlarmRaised: _alarm_raised,
    events.AlarmCleared: _alarm_cleared,
    events.NumberShown: _shown,
    **sqlite_rating_tables.PROJECT,
}
