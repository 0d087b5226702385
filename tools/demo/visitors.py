"""What somebody does at the entrance: books, checks in, shows papers, draws. Asks the hub as kiosks and counters do."""

from __future__ import annotations

import secrets
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any, NamedTuple

from hub.core import schedule
from hub.core.commands import Moment
from hub.core.hall import MINUTE_MS, Hall
from tools.demo.crowd import Arrival
from tools.demo.hub_api import HubApi, HubSaysNo
from tools.demo.plan import bookable

AHEAD_MOST = 200
"""Appointments that were booked for later, of each service: nobody waits longer for their time than a demo lasts."""


class Drawn(NamedTuple):
    """A ticket that was handed out."""

    visit: str
    number: str


class Booked(NamedTuple):
    """An appointment: its day, the minute of the day, and the code to check in with."""

    day: str
    minute: int
    code: str


class Visitors:
    """The entrance of `hall`. `now` is the hall's time, `midnight_ms` gives the moment at which a day's minutes begin,
    `kind_of` what the country's calendar calls a day."""

    def __init__(
        self,
        api: HubApi,
        hall: Hall,
        now: Callable[[], Moment],
        midnight_ms: Callable[[str], int],
        kind_of: Callable[[str], str],
    ):
        self._api = api
        self._hall = hall
        self._now = now
        self._midnight_ms = midnight_ms
        self._kind_of = kind_of
        self._later: defaultdict[str, deque[Booked]] = defaultdict(deque)

    async def come(self, arrival: Arrival) -> Drawn | None:
        """The ticket that somebody gets; None: they go away without. Raises HubSaysNo, HubIsGone."""
        if arrival.booked:
            return await self._with_appointment(arrival)
        check = ""
        if arrival.missing is not None:
            if arrival.missing:
                await self._show_papers(arrival.service, arrival.missing)
            check = await self._show_papers(arrival.service, ())
        body = {"service": arrival.service, "class": arrival.klass, "party": arrival.party}
        return await self._ticket("/tickets", {**body, "plan": arrival.plan, "check": check})

    async def draw(self, service: str) -> Drawn:
        """A ticket without anything else, as at a kiosk. Raises HubSaysNo, HubIsGone."""
        return await self._ticket("/tickets", {"service": service})

    async def _ticket(self, path: str, body: dict[str, Any]) -> Drawn:
        ticket = await self._api.post(path, body)
        return Drawn(ticket["visit"], ticket["number"])

    async def _show_papers(self, service: str, missing: tuple[str, ...]) -> str:
        """The desk looks at the papers; the code with which a ticket can be drawn when none is missing."""
        found = await self._api.post("/pre-checks", {"service": service, "missing": missing})
        return found["code"]

    async def _with_appointment(self, arrival: Arrival) -> Drawn | None:
        """Somebody books the next time and is here for it already; or checks in with what was booked earlier."""
        at = self._now()
        minute = (at.ms - self._midnight_ms(at.day)) // MINUTE_MS
        kind = schedule.kind_of(self._hall, at.day, self._kind_of(at.day))
        await self._book_for_later(arrival, at.day, kind, minute)
        soon = bookable(self._hall, arrival.service, at.day, kind, minute)
        booked = await self._book(arrival, at.day, soon) if soon is not None else None
        booked = booked or self._due(arrival.service, at.day, kind, minute)
        if booked is None:
            return None
        return await self._ticket("/check-in", {"code": booked.code})

    def _due(self, service: str, day: str, kind: str, minute: int) -> Booked | None:
        """The first of those who booked earlier, if it is their time now. Who is too late does not come any more."""
        rules = schedule.admission(self._hall, day, kind)
        later = self._later[service]
        while later and (later[0].day != day or later[0].minute + rules.late_min <= minute):
            later.popleft()
        return later.popleft() if later and later[0].minute - rules.early_min <= minute else None

    async def _book_for_later(self, arrival: Arrival, day: str, kind: str, minute: int) -> None:
        """Somebody books the next time, for then: or nobody would come once it has begun."""
        slots = schedule.slots(self._hall, arrival.service, day, kind)
        soon = next((slot.minute for slot in slots if slot.minute > minute), None)
        if soon is None or len(self._later[arrival.service]) >= AHEAD_MOST:
            return
        booked = await self._book(arrival, day, soon)
        if booked:
            self._later[arrival.service].append(booked)

    async def _book(self, arrival: Arrival, day: str, minute: int) -> Booked | None:
        """An appointment; None when all are taken."""
        body = {"day": day, "time": schedule.clock(minute), "service": arrival.service, "party": arrival.party}
        try:
            found = await self._api.post("/bookings", {**body, "id_number": secrets.token_hex(8)})
        except HubSaysNo as no:
            if no.code == "slot-full":
                return None
            raise
        return Booked(day, minute, found["code"])
