"""Tells people what they are to know: takes what waits in the table `outbox`, tries, and tries again later.

The hall never waits for this: lines are written with their event, and everything here has its own connection and its
own threads. A delivery is told at least once: when the hub dies between telling and writing down that it did, it tells
again, under the same name (`Letter.delivery`), by which the other side knows it. Deliveries are retried after FIRST_S,
then twice as long each time, up to MOST_S, and given up after GIVE_UP_MS; the table says so, and why.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

from hub.adapters import sqlite_outbox as table
from hub.adapters.own_thread import in_own_thread
from hub.adapters.sqlite_outbox import Delivery
from hub.adapters.sqlite_store import connect
from hub.config import Contact
from hub.core.hall import Hall
from hub.texts import Text
from hub.texts.alarms import Case, alarm_text, alarm_title, told_before

log = logging.getLogger(__name__)

FIRST_S = 5
MOST_S = 3600
"""Pauses between attempts: a restart of the other side takes seconds, a night without network hours."""

GIVE_UP_MS = 24 * 3600 * 1000
"""After a day nobody can do anything about a long line any more."""

AT_ONCE = 4
"""Deliveries under way at the same time, so that one slow server does not hold up all others."""

POLL_S = 2
"""How often the table is looked at. One look at an index, over nothing in most cases."""

TROUBLE_S = 30
"""How long to leave the database alone after it refused."""

Answer = TypeVar("Answer")


class DeliveryError(Exception):
    """It could not be told now. The text says why."""


class Settled(NamedTuple):
    """What became of a delivery for good: a state of the table, and what an admin should know of it; or empty."""

    state: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """What is told to `to`. `delivery` is the same at each attempt, `now_ms` the time of this one; `facts` say the same
    as the texts, for machines."""

    delivery: str
    hall: str
    to: Contact
    title: Text
    text: Text
    facts: dict[str, Any]
    now_ms: int


class Connector(Protocol):
    """A way of telling. `address`: where to, empty if the contact has none. `send` may take seconds; it raises
    DeliveryError."""

    def address(self, contact: Contact) -> str: ...
    def send(self, letter: Letter) -> None: ...


class Outbox:
    """`connectors`: channel -> how it is told. `hall` and `contacts` are asked anew for each delivery, `contacts` in a
    thread; `now_ms` is asked in the loop only. Looks after the lines of its `channels`."""

    channels: tuple[str, ...] = table.CHANNELS

    def __init__(
        self,
        file: Path,
        connectors: Mapping[str, Connector],
        contacts: Callable[[], Mapping[str, Contact]],
        hall: Callable[[], Hall | None],
        now_ms: Callable[[], int],
        poll_s: float = POLL_S,
    ):
        self._file = file
        self._connectors = connectors
        self._contacts = contacts
        self._hall = hall
        self._now_ms = now_ms
        self._poll_s = poll_s
        self._reading = ThreadPoolExecutor(1, "outbox")
        self._under_way: dict[tuple[str, str], asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Delivers until cancelled. What is under way then is told again at the next start."""
        database = None
        try:
            database = await self._in_table(lambda: connect(self._file))
            while True:
                await self._look(database.conn)
                await asyncio.sleep(self._poll_s)
        finally:
            tasks = list(self._under_way.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._reading.shutdown(wait=True)
            if database:
                database.close()

    async def _look(self, connection: sqlite3.Connection) -> None:
        """Begins what is due and not under way, as far as there is room."""
        now_ms, most = self._now_ms(), AT_ONCE + len(self._under_way)
        found = await self._or_later(lambda: table.due(connection, self.channels, now_ms, most))
        for delivery in found or ():
            key = (delivery.delivery, delivery.channel)
            if key not in self._under_way and len(self._under_way) < AT_ONCE:
                task = asyncio.create_task(self._deliver(connection, delivery))
                self._under_way[key] = task
                task.add_done_callback(lambda _, key=key: self._under_way.pop(key, None))

    async def _deliver(self, connection: sqlite3.Connection, delivery: Delivery) -> None:
        """One attempt, and what became of it. Nothing that goes wrong here may stop the hall."""
        settled, error = None, ""
        try:
            settled = await self._attempt(connection, delivery)
        except DeliveryError as refused:
            error = str(refused)
        except Exception as unforeseen:
            log.exception("telling %s failed in an unforeseen way", self._whom(delivery))
            error = repr(unforeseen)
        now_ms = self._now_ms()
        await self._or_later(lambda: self._write(connection, delivery, settled, error, now_ms))

    def _whom(self, delivery: Delivery) -> str:
        """Who is told of what, for the log: nobody's address."""
        return f"{delivery.person} of an alarm"

    async def _attempt(self, connection: sqlite3.Connection, delivery: Delivery) -> Settled:
        """Tells it, unless there is no address for it. Raises DeliveryError."""
        contact = (await self._in_table(self._contacts)).get(delivery.person)
        connector = self._connectors.get(delivery.channel)
        if contact is None or connector is None or not connector.address(contact):
            return Settled(table.NO_ADDRESS)
        hall, now_ms = self._hall_of_now(), self._now_ms()
        subject = await self._in_table(lambda: table.number_of(connection, delivery.subject))
        case = await self._in_table(lambda: table.case_of(connection, delivery.subject))
        letter = _letter(hall, contact, delivery, subject, case, now_ms)
        await in_own_thread(lambda: connector.send(letter))
        return Settled(table.SENT)

    def _hall_of_now(self) -> Hall:
        """Raises DeliveryError."""
        hall = self._hall()
        if hall is None:
            raise DeliveryError("the hall is not configured yet")
        return hall

    def _write(
        self, connection: sqlite3.Connection, delivery: Delivery, settled: Settled | None, error: str, now_ms: int
    ) -> None:
        """`settled` None: it could not be told now, because of `error`."""
        if settled:
            table.settle(connection, delivery, settled.state, now_ms, settled.why)
        elif now_ms - delivery.raised_ms >= GIVE_UP_MS:
            log.warning("%s could not be told: %s", self._whom(delivery), error)
            table.settle(connection, delivery, table.GIVEN_UP, now_ms, error)
        else:
            table.put_off(connection, delivery, now_ms + pause_ms(delivery.attempts), error)

    async def _or_later(self, work: Callable[[], Answer]) -> Answer | None:
        """The answer of the table; None when the database refused, which is left alone for some time then."""
        try:
            return await self._in_table(work)
        except sqlite3.Error as error:
            log.warning("the outbox cannot be used: %s; people are told later, or twice", error)
            await asyncio.sleep(TROUBLE_S)
            return None

    async def _in_table(self, work: Callable[[], Answer]) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(self._reading, work)


def _letter(hall: Hall, contact: Contact, delivery: Delivery, subject: str, case: Case | None, now_ms: int) -> Letter:
    text = alarm_text(hall, delivery.rule, subject, delivery.figures, case)
    if delivery.level:
        again = told_before(delivery.level)
        text = {language: f"{line}\n{again[language]}" for language, line in text.items()}
    facts = {
        "rule": delivery.rule,
        "subject": subject,
        "level": delivery.level,
        "figures": delivery.figures,
        "raised_ms": delivery.raised_ms,
    }
    return Letter(delivery.delivery, hall.id, contact, alarm_title(hall, delivery.rule), text, facts, now_ms)


def pause_ms(attempts: int) -> int:
    """How long to wait after so many failed attempts before this one."""
    return 1000 * min(FIRST_S * 2 ** min(attempts, 20), MOST_S)
