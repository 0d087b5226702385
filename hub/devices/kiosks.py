"""What applicants press at kiosks: tickets, and those that nobody has.

A draw is a command with the id that the kiosk made, so a draw that comes twice is one ticket. A draw of which the kiosk
says that nobody has its ticket is forbidden first, under that very id: if it was carried out, its ticket is cancelled;
if it is still on its way, it finds itself refused (docs/decisions/0020-no-number-that-never-comes.md).
"""

from __future__ import annotations

import logging
import secrets
from collections import deque

from hub.core import commands
from hub.core.hall import Hall
from hub.core.state import hall_of
from hub.devices.slip import escpos
from hub.devices.slips import SlipWriter
from hub.ports import Clock, Device, Outcome, Publisher
from hub.service import HallService
from hub.views import refusal_words
from protocol import kiosk, topics
from protocol.kiosk import LINES, Draw, Unprinted, encode_ticket
from protocol.limits import TEXT_CHARS

ROLE = "kiosk"

VISIT_BYTES = 16
"""As for a ticket that is drawn on a page: 128 random bits."""

CODES_WRONG = 10
CODES_SPAN_MS = 60_000
"""Wrong codes from one kiosk within this; then it waits, as a page does (hub.web.guesses): codes are short."""

WRONG_CODE = frozenset({"unknown-code", "unknown-check"})

log = logging.getLogger(__name__)


class Kiosks:
    """`pages`: where holders reach the hub's pages, such as "https://hall.example"; empty: slips have no code."""

    def __init__(self, service: HallService, publisher: Publisher, clock: Clock, pages: str = ""):
        self._service = service
        self._publisher = publisher
        self._clock = clock
        self._writer = SlipWriter(service, clock, pages)
        self._wrong_ms: dict[str, deque[int]] = {}

    async def draw(self, device: Device, epoch: int, press: Draw) -> None:
        """Answers on the kiosk's down/ticket. Raises StoreError; then the kiosk asks again."""
        outcome = await self._outcome(device, f"{device.id}:{epoch}:{press.seq}", press)
        if outcome.refused == "busy":  # was not decided, so it may be tried again
            return
        answer = self._refused(outcome, press) if outcome.refused else self._given(device, outcome, press)
        hall = hall_of(self._service.state)
        payload = encode_ticket(kiosk.Ticket((epoch, press.seq), *answer))
        self._publisher.publish(topics.down(hall.id, device.id, "ticket"), payload, retain=False)

    async def unprinted(self, device: Device, epoch: int, press: Unprinted) -> Outcome:
        """The ticket of the draw is cancelled, if there is one and it still waits. Raises StoreError."""
        identity = f"{device.id}:{epoch}:{press.seq}"
        drawn = await self._service.handle(commands.ForbidDraw(identity))
        if drawn.refused or not drawn.detail:
            return drawn
        cancel = commands.CancelTicket(f"{identity}:unprinted", drawn.detail["visit"], _by(device), "unprinted")
        return await self._service.handle(cancel)

    async def _outcome(self, device: Device, identity: str, press: Draw) -> Outcome:
        if press.code and self._guesses_too_much(device):
            return await self._service.handle(commands.ForbidDraw(identity))
        visit = secrets.token_urlsafe(VISIT_BYTES)
        if press.service:
            command = commands.DrawTicket(
                identity, visit, press.service, _by(device), klass=press.klass, check=press.code
            )
        else:
            command = commands.CheckIn(identity, visit, press.code, _by(device))
        outcome = await self._service.handle(command)
        if outcome.refused in WRONG_CODE:
            self._wrong_ms.setdefault(device.id, deque(maxlen=CODES_WRONG)).append(self._clock.now().ms)
        return outcome

    def _guesses_too_much(self, device: Device) -> bool:
        wrong_ms = self._wrong_ms.get(device.id, ())
        return len(wrong_ms) == CODES_WRONG and self._clock.now().ms - wrong_ms[0] < CODES_SPAN_MS

    def _refused(self, outcome: Outcome, press: Draw) -> tuple[str, list[str], bytes]:
        words = refusal_words(outcome.refused, outcome.detail or {}, self._service.state.hall)
        return "", [words[press.language][:TEXT_CHARS]], b""

    def _given(self, device: Device, outcome: Outcome, press: Draw) -> tuple[str, list[str], bytes]:
        """(number, lines for the glass, slip)."""
        assert outcome.detail
        number, hall = outcome.detail["number"], hall_of(self._service.state)
        where = _where(hall, device, press.language)
        slip = self._writer.slip(outcome.detail["visit"], number, press.language, where)
        glass = [line[:TEXT_CHARS] for line in (slip.service, *slip.lines) if line]
        return number, glass[:LINES], escpos(slip, press.paper)


def _by(device: Device) -> str:
    return f"{ROLE}:{device.id}"


def _where(hall: Hall, device: Device, language: str) -> list[str]:
    """The part of the hall where the kiosk stands, if it has a name."""
    names = hall.zone_names.get(device.zone)
    return [names[language]] if names else []
