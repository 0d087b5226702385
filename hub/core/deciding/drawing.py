"""Who is given a ticket at the door, and which number.

What is asked, first to last: service, class, party, further services, kind of day, hours, limit of the day, papers,
numbers. Clerks and admins may give tickets outside the hours, since a person stands before them; the choices are in
docs/decisions/0003-who-gets-in.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

from hub.core import commands, events, schedule
from hub.core.commands import Moment, Promise
from hub.core.deciding.decision import Decision, service_of, text_refusal
from hub.core.hall import APPOINTMENT, WALK_IN, Admission, Service
from hub.core.lines import DOOR
from hub.core.refusals import Refusal
from hub.core.state import BOOKED, State, Ticket, hall_of
from protocol.numbers import format_number

STAFF = ("clerk", "admin")
HUB = "hub"
APPOINTMENT_ONLY = "appointment-only"

CASE_CHARS = 64
"""Longest number of a matter in another system."""

Number = tuple[int, str]
"""The count within a service, and what people see."""


def _draw_ticket(state: State, command: commands.DrawTicket, now: Moment) -> Decision:
    service = service_of(state, command.service)
    if service is None:
        return Refusal("unknown-service", {"service": command.service})
    refusal = (
        _class_refusal(state, command)
        or party_refusal(state, service, command.party, state.day, state.kind)
        or _plan_refusal(state, command)
        or case_refusal(command.case)
        or _mode_refusal(state)
        or hours_refusal(state, service, command.by, command.promise, now)
        or limit_refusal(state, service, state.day)
        or _check_refusal(state, service, command.check)
    )
    if refusal:
        return refusal
    return ticket(
        state, service, command, command.klass, command.party, plan=command.plan, check=command.check, case=command.case
    )


def _forbid_draw(state: State, command: commands.ForbidDraw, now: Moment) -> Decision:
    """The refusal is kept under the command's id, where the draw will find it."""
    return Refusal("not-taken")


def ticket(
    state: State,
    service: Service,
    command: commands.DrawTicket | commands.CheckIn,
    klass: str,
    party: int,
    **more: Any,
) -> Decision:
    """The ticket with the next number of `service`; `more` are further fields of TicketDrawn."""
    if command.visit in state.tickets:
        return Refusal("code-in-use")
    numbers = next_numbers(state, service, 1)
    if isinstance(numbers, Refusal):
        return numbers
    drawn = events.TicketDrawn(
        command.visit,
        state.day,
        service.id,
        *numbers[0],
        command.by,
        klass=klass,
        credit_ms=hall_of(state).credit_ms(klass),
        party=party,
        outside=is_full(state, party),
        promise=tuple(command.promise or ()),
        **more,
    )
    return [drawn]


def next_numbers(state: State, service: Service, count: int) -> list[Number] | Refusal:
    """The next `count` numbers of `service` that nobody has today."""
    shown = ((each, format_number(service.prefix, each, service.width)) for each in _series(state, service))
    free = list(islice((number for number in shown if number[1] not in state.numbers), count))
    return free if len(free) == count else Refusal("numbers-used-up", {"service": service.id})


def _series(state: State, service: Service) -> Iterator[int]:
    """The counts that may come now: those after the last one, and with `wrap` the ones before it after these."""
    every = range(service.start, service.end + 1, service.step)
    last = state.counts.get(service.id, service.start - service.step)
    passed = max(0, (last - service.start) // service.step + 1)
    return chain(every[passed:], every[:passed] if service.wrap else ())


def asker(by: str) -> str:
    """What kind of asker `by` names: "clerk", "admin", "kiosk", "device", "visitor" or "hub"."""
    return by.partition(":")[0]


def _class_refusal(state: State, command: commands.DrawTicket) -> Refusal | None:
    if command.klass == APPOINTMENT:
        return Refusal("class-by-appointment")
    klass = hall_of(state).classes.get(command.klass)
    if klass is None:
        return None if command.klass == WALK_IN else Refusal("unknown-class", {"klass": command.klass})
    if asker(command.by) not in (HUB, *klass.by):
        return Refusal("class-by-staff")
    return None


def party_refusal(state: State, service: Service, party: int, day: str, kind: str) -> Refusal | None:
    """More people than one ticket of `service` is for, or than the hall takes that day: they would never get in."""
    capacity = schedule.admission(hall_of(state), day, kind).capacity
    most = min(service.party_max, capacity or service.party_max)
    return None if 1 <= party <= most else Refusal("party-size", {"most": str(most)})


def case_refusal(case: str, least: int = 0) -> Refusal | None:
    """A number that no other system gives: too long, with characters that cannot be seen, or a person's own."""
    fits = least <= len(case) <= CASE_CHARS and case.isprintable()
    return text_refusal(case) if fits else Refusal("bad-case", {"most": str(CASE_CHARS)})


def _plan_refusal(state: State, command: commands.DrawTicket) -> Refusal | None:
    """Further services are other ones that are there; what needs a pre-check needs a ticket of its own."""
    known = hall_of(state).services
    stops = (command.service, *command.plan)
    for service in command.plan:
        if service not in known:
            return Refusal("unknown-service", {"service": service})
        if stops.count(service) > 1:
            return Refusal("service-twice", {"service": service})
        if known[service].pre_check:
            return Refusal("check-needed", {"service": service})
    return None


def gone_refusal(state: State, ticket: Ticket) -> Refusal | None:
    """Why a visit that was over does not go on: something that it is for is no longer done in the hall."""
    gone = {ticket.service, *ticket.plan} - hall_of(state).services.keys()
    return Refusal("unknown-service", {"service": min(gone)}) if gone else None


def rules_of(state: State) -> Admission:
    """Who gets in today. Remembered until the plan changes: each draw asks several times."""
    found = state.memo.get("admission")
    if found is None:
        found = state.memo["admission"] = schedule.admission(hall_of(state), state.day, state.kind)
    return found


def _mode_refusal(state: State) -> Refusal | None:
    rules = rules_of(state)
    return Refusal("appointment-only") if rules.mode == APPOINTMENT_ONLY else None


def hours_refusal(state: State, service: Service, by: str, promise: Promise | None, now: Moment) -> Refusal | None:
    """Why nobody is sent to wait for `service` at this hour; staff may."""
    if asker(by) in STAFF:
        return None
    hall, minute = hall_of(state), state.minute(now.ms)
    if not schedule.is_open(hall, state.day, state.kind, minute):
        opens = schedule.next_open(hall, state.day, state.kind, minute)
        return Refusal("closed-until", {"from": schedule.clock(opens)}) if opens is not None else Refusal("closed")
    return _closing_refusal(state, promise, now) or _offer_refusal(state, service, minute)


def _closing_refusal(state: State, promise: Promise | None, now: Moment) -> Refusal | None:
    """The last minutes before closing; and a wait that is longer than what is left of the day."""
    hall = hall_of(state)
    closes = schedule.closing(hall, state.day, state.kind)
    if closes is None:
        return None
    rules = rules_of(state)
    if state.minute(now.ms) >= closes - rules.cut_off_min:
        last = schedule.clock(closes - rules.cut_off_min)
        return Refusal("cut-off", {"last": last, "closes": schedule.clock(closes)})
    ends_ms = state.midnight_ms + (closes + rules.overtime_min) * 60_000
    if rules.servable and promise and now.ms + promise.expected_ms > ends_ms:
        return Refusal("not-servable", {"closes": schedule.clock(closes)})
    return None


def _offer_refusal(state: State, service: Service, minute: int) -> Refusal | None:
    key = ("offered", service.id, minute)  # remembered for the minute: each draw asks, and it looks at every window
    if key not in state.memo:
        state.memo[key] = schedule.next_offered(hall_of(state), service.id, state.day, state.kind, minute)
    offered = state.memo[key]
    if offered is None:
        return Refusal("not-offered", {"service": service.id})
    if offered > minute:
        return Refusal("not-offered-until", {"service": service.id, "from": schedule.clock(offered)})
    return None


def limit_refusal(state: State, service: Service, day: str) -> Refusal | None:
    """The most tickets of a day; appointments that are still to come have theirs already."""
    if not service.per_day:
        return None
    booked = sum(1 for b in state.bookings.values() if (b.service, b.day, b.state) == (service.id, day, BOOKED))
    given = booked + (state.drawn.get(service.id, 0) if day == state.day else 0)
    if given < service.per_day:
        return None
    return Refusal("day-limit", {"service": service.id, "limit": str(service.per_day)})


def _check_refusal(state: State, service: Service, code: str) -> Refusal | None:
    """Whether the papers were looked at, today, for this service, and nothing was missing."""
    if not service.pre_check:
        return Refusal("no-check-here", {"service": service.id}) if code else None
    if not code:
        return Refusal("check-needed", {"service": service.id})
    check = state.checks.get(code)
    if check is None:
        return Refusal("unknown-check")
    if check.service != service.id:
        return Refusal("check-of-other", {"service": check.service})
    if check.missing:
        return Refusal("check-failed", {"count": str(len(check.missing))})
    return Refusal("check-used") if check.used else None


def is_full(state: State, party: int) -> bool:
    """Whether the party must wait before the door; also when they would fit, but others wait there already."""
    return DOOR in state.lines.counts or not has_room(state, party)


def has_room(state: State, party: int) -> bool:
    """Whether so many more people may be in the hall. An empty hall takes a party of any size: after the cap was made
    smaller than a party that waits, nobody behind it would ever get in."""
    capacity = rules_of(state).capacity
    return not capacity or not state.inside or state.inside + party <= capacity


DECIDE = {commands.DrawTicket: _draw_ticket, commands.ForbidDraw: _forbid_draw}
