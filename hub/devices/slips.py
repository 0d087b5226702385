"""What stands on a slip, in the applicant's language; for boards, and for kiosks whose page is in a browser."""

from __future__ import annotations

from collections.abc import Sequence

from hub import texts
from hub.core import tickets
from hub.core.hall import MINUTE_MS
from hub.core.lines import DOOR
from hub.core.state import Ticket, hall_of
from hub.devices.slip import Slip, escpos
from hub.ports import Clock, NotPrinted, Printers
from hub.service import HallService


class SlipWriter:
    """`pages`: where holders reach the hub's pages, such as "https://hall.example"; empty: slips have no code."""

    def __init__(self, service: HallService, clock: Clock, pages: str = ""):
        self._service = service
        self._clock = clock
        self._pages = pages

    def slip(self, visit: str, number: str, language: str, where: Sequence[str] = ()) -> Slip:
        """Of the ticket as it is now. `where`: lines about the place at which it was drawn."""
        state = self._service.state
        hall, ticket = hall_of(state), state.tickets.get(visit)
        service = hall.services.get(ticket.service) if ticket else None
        return Slip(
            title=hall.names[language],
            number=number,
            service=service.names[language] if service else "",
            lines=self._waiting(ticket, language) if ticket else [],
            link=f"{self._pages}/t/{visit}" if self._pages else "",
            invitation=texts.say("slip.scan", language),
            ending=[*where, self._time(language)],
        )

    def _waiting(self, ticket: Ticket, language: str) -> list[str]:
        """How many are before the holder, and how long it takes, as far as somebody knows."""
        if ticket.state not in (tickets.WAITING, tickets.OUTSIDE):
            return []
        state = self._service.state
        found = self._service.waiting.of(ticket.visit, self._clock.now().ms)
        line = DOOR if ticket.state == tickets.OUTSIDE else ticket.line
        before, promised = found or (state.lines.before(line, ticket.place), None)
        said = [texts.say("page.ticket.before", language, count=str(before))]
        if ticket.state == tickets.OUTSIDE:
            said.append(texts.say("page.ticket.state-outside", language))
        if promised:
            low, high = promised.low_ms // MINUTE_MS, -(-promised.high_ms // MINUTE_MS)
            said.append(texts.say("page.common.range", language, low=str(low), high=str(high)))
        return said

    def _time(self, language: str) -> str:
        state = self._service.state
        minute = state.minute(self._clock.now().ms) % 1440
        clock = f"{minute // 60:02}:{minute % 60:02}"
        return texts.say("slip.drawn", language, day=state.day, time=clock)


class SlipCounter:
    """Where a page has the slip of a ticket printed."""

    def __init__(self, writer: SlipWriter, printers: Printers):
        self._writer = writer
        self._printers = printers

    def has_printer(self, kiosk: str) -> bool:
        return bool(self._printers.paper(kiosk))

    async def print(self, kiosk: str, visit: str, number: str, language: str) -> None:
        """Raises NotPrinted."""
        paper = self._printers.paper(kiosk)
        if not paper:
            raise NotPrinted("none")
        await self._printers.print(kiosk, escpos(self._writer.slip(visit, number, language), paper))
