"""Appointments: free places, booking for somebody, and checking in.

Who somebody is comes as the number of their papers and is turned into a keyed hash here; it is never kept or logged.
"""

from __future__ import annotations

import secrets
from typing import Annotated, Any

from fastapi import Request, Response
from pydantic import Field

from hub.core import commands, schedule
from hub.core.state import Booking, State
from hub.web.api import new_router
from hub.web.api.fields import Body, Code, Date, Day, Id, Party
from hub.web.api.hot import command_id, described, read
from hub.web.api.outcomes import refused
from hub.web.api.services import hall_of
from hub.web.api.tickets import VISIT_BYTES, Drawn, drawn
from hub.web.context import TheWeb, Web, caller_of, web_of
from hub.web.problems import Problem, json_answer

router = new_router()


class Book(Body):
    """`time`: when the slot begins, "HH:MM". `id_number`: of the person's papers, so that nobody books twice; empty:
    not asked."""

    service: Id
    day: Date
    time: Annotated[str, Field(pattern=r"^[0-4][0-9]:[0-5][0-9]$")]
    party: Party = 1
    id_number: Annotated[str, Field(max_length=64)] = ""


class CheckIn(Body):
    code: Annotated[Code, Field(min_length=1)]


@router.get("/slots")
async def slots(web: TheWeb, service: str, day: Day = "") -> list[dict[str, Any]]:
    """The times that can still be booked that day, and how many people each still takes."""
    hall, state = hall_of(web), web.service.state
    day = day or state.day
    if service not in hall.services:
        raise Problem(404, "not-found")
    if not schedule.is_day(day):
        raise Problem(422, "invalid", where="day", reason="must be a day as YYYY-MM-DD")
    kind = schedule.kind_of(hall, day, web.clock.kind(day))
    over = state.minute(web.clock.now().ms) if day == state.day else -1
    left: dict[int, int] = {}
    for slot in schedule.slots(hall, service, day, kind):
        if slot.minute > over and day >= state.day:
            left[slot.minute] = max(left.get(slot.minute, 0), slot.quota - state.slots.get(slot.key, 0))
    return [{"time": schedule.clock(minute), "left": max(0, free)} for minute, free in sorted(left.items())]


@router.get("/bookings")
async def bookings(web: TheWeb, day: Day = "") -> list[dict[str, Any]]:
    """The day's appointments, in order of time."""
    state = web.service.state
    wanted = day or state.day
    found = [booking for booking in state.bookings.values() if booking.day == wanted]
    return [booking_json(state, booking) for booking in sorted(found, key=lambda booking: booking.minute)]


def booking_json(state: State, booking: Booking) -> dict[str, Any]:
    """An appointment for staff; `number` once the person is here. Not who it is: the hub does not know."""
    ticket = state.tickets.get(booking.visit)
    return {
        "booking": booking.booking,
        "code": booking.code,
        "day": booking.day,
        "time": schedule.clock(booking.minute),
        "service": booking.service,
        "party": booking.party,
        "state": booking.state,
        "number": ticket.number if ticket else "",
    }


@router.post("/bookings", status_code=201, openapi_extra=described(Book))
async def book(request: Request) -> Response:
    """201 and the appointment with its code. The same Idempotency-Key again: the same one."""
    web, caller = web_of(request), caller_of(request)
    body = await read(request, Book)
    asked = command_id(request, "book")
    booking = web.handles.token(f"{asked}:{body.day}")  # the day keeps it another one when the key is used again later
    if not schedule.is_day(body.day):
        raise Problem(422, "invalid", where="body.day", reason="must be a day as YYYY-MM-DD")
    hours, _, minutes = body.time.partition(":")
    command = commands.BookAppointment(
        id=asked,
        booking=booking,
        code=web.handles.code(asked),
        day=body.day,
        minute=60 * int(hours) + int(minutes),
        service=body.service,
        party=body.party,
        holder=await web.handles.holder(body.id_number, body.day),
        kind=web.clock.kind(body.day),
        by=caller.by,
    )
    outcome = await web.service.handle(command)
    return refused(web, outcome) if outcome.refused else _booked(web, booking, 201)


def _booked(web: Web, booking: str, status: int = 200) -> Response:
    """The appointment. Raises Problem when its day is over, and somebody asks again with an old key."""
    state = web.service.state
    if booking not in state.bookings:
        raise Problem(404, "not-found")
    return json_answer(booking_json(state, state.bookings[booking]), status)


@router.delete("/bookings/{booking}", openapi_extra={"parameters": []})
async def cancel(request: Request) -> Response:
    """Frees the places."""
    web, booking = web_of(request), request.path_params["booking"]
    asked = command_id(request, "cancel-booking", booking)
    outcome = await web.service.handle(commands.CancelBooking(asked, booking, caller_of(request).by))
    return refused(web, outcome) if outcome.refused else _booked(web, booking)


@router.post("/check-in", status_code=201, response_model=Drawn, openapi_extra=described(CheckIn))
async def check_in(request: Request) -> Response:
    """Somebody with an appointment is here: 201 and the ticket. After several wrong codes 429 for up to a minute."""
    web, caller = web_of(request), caller_of(request)
    body = await read(request, CheckIn)
    web.guesses.begin(caller, web.clock.now().ms)
    visit = secrets.token_urlsafe(VISIT_BYTES)
    code = "".join(body.code.split())
    outcome = await web.service.handle(commands.CheckIn(command_id(request, "check-in"), visit, code, caller.by))
    web.guesses.end(caller, outcome.refused)
    return drawn(web, outcome, visit)
