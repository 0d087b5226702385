"""Invites by message who left a contact and did not rate: over the gateway of an SMS provider, or by e-mail.

Works as the outbox of alarms does, over lines of its own in the same table, and in its own time: a gateway that stalls
holds up no alarm. A line has the visit and nothing of a person. The contact is read when it is sent, from the table
`words`, and goes to the gateway or the mail server and nowhere else: who has rated meanwhile, or whose contact was
deleted, is not written to any more. What could not be sent in a day is given up; the call list has that person later.
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path

from hub.adapters import sqlite_outbox as table
from hub.adapters.outbox import POLL_S, Connector, DeliveryError, Letter, Outbox, Settled
from hub.adapters.own_thread import in_own_thread
from hub.adapters.sqlite_outbox import EMAIL, WEBHOOK, Delivery
from hub.adapters.transport import is_private
from hub.config import Contact
from hub.core.hall import Hall
from hub.core.personal import masked
from hub.texts import say_all
from protocol.downward import LANGUAGES

VISITOR = "visitor"
"""Who is written to, as far as anybody else needs to know."""

_PHONE = re.compile(r"\+?[0-9]{5,15}")
_BETWEEN = re.compile(r"[\s()-]")
"""What people put between the digits of a number."""

_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z]{2,24}")


class Invitations(Outbox):
    """`gateway`: address of the SMS provider's webhook, empty without one; `connectors` as for alarms. `link`: where a
    visit can be rated; empty: phones do not reach the hall's pages. Raises ValueError for a gateway on the way to which
    anybody could read along."""

    channels = (table.INVITATION,)

    def __init__(
        self,
        file: Path,
        connectors: Mapping[str, Connector],
        gateway: str,
        link: Callable[[str], str],
        hall: Callable[[], Hall | None],
        now_ms: Callable[[], int],
        poll_s: float = POLL_S,
    ):
        if gateway and not is_private(gateway):
            raise ValueError(f"{gateway!r} must begin with https://: numbers of people are sent there")
        super().__init__(file, connectors, dict, hall, now_ms, poll_s)
        self._gateway = gateway
        self._link = link

    def _whom(self, delivery: Delivery) -> str:
        return f"who was to be invited to rate ({delivery.delivery})"

    async def _attempt(self, connection: sqlite3.Connection, delivery: Delivery) -> Settled:
        is_open, left = await self._in_table(lambda: table.invited(connection, delivery.subject))
        link = self._link(delivery.subject)
        if not is_open:
            return Settled(table.RATED)
        if not left:
            return Settled(table.FORGOTTEN)
        if not link:
            return Settled(table.NO_ADDRESS, "phones do not reach the hall's pages: see --public-url")
        channel, to = _addressed(left, self._gateway)
        connector = self._connectors.get(channel)
        if connector is None or not connector.address(to):
            return Settled(table.NO_ADDRESS, _WITHOUT[channel])
        letter = _letter(self._hall_of_now(), to, delivery, link, left, self._now_ms())
        try:
            await in_own_thread(lambda: connector.send(letter))
        except DeliveryError as refused:
            raise DeliveryError(masked(str(refused))) from None
        return Settled(table.SENT)


_WITHOUT = {
    WEBHOOK: "there is no gateway for messages: see --invitations-webhook",
    EMAIL: "there is no mail server: see --mail",
    "": "the contact is neither a phone number nor an e-mail address",
}


def _addressed(left: str, gateway: str) -> tuple[str, Contact]:
    """(channel, to whom) for a contact as somebody typed it; an empty channel: it is none that a message can reach."""
    plain = unicodedata.normalize("NFKC", left).strip()
    if _PHONE.fullmatch(_BETWEEN.sub("", plain)):
        return WEBHOOK, Contact(VISITOR, "", webhook=gateway)
    return (EMAIL if _EMAIL.fullmatch(plain) else ""), Contact(VISITOR, "", email=plain)


def _letter(hall: Hall, to: Contact, delivery: Delivery, link: str, left: str, now_ms: int) -> Letter:
    """The contact is in what a gateway is told, and in no mail: there it is the address."""
    text = say_all("invitation.text", hall=hall.names, link=dict.fromkeys(LANGUAGES, link))
    facts = {"names": hall.names, "link": link, "raised_ms": delivery.raised_ms}
    if to.webhook:
        facts["contact"] = _BETWEEN.sub("", unicodedata.normalize("NFKC", left))
    return Letter(delivery.delivery, hall.id, to, say_all("invitation.title", hall=hall.names), text, facts, now_ms)
