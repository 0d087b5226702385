"""Exchanges with the platform of a province: sends what waits in the table `exchange`, and fetches its orders into it.

The hall never waits for this: lines are written with their event, and everything here has its own connection and its
own threads. Nothing is given up: what fails is tried again after 5 s, then twice as long each time, up to an hour,
for as long as it takes. The far side gets a thing at least once under the same id, and counts it once; when the hub
dies between an answer and writing it down, the far side says at the next attempt that it had it, with the receipt.

Orders go the other way through the same table: they are on our disk before the cursor moves on, and then handed to
`take` one by one, at least once; it must know an order by its id.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlite_utils import Database

from hub.adapters import sqlite_exchange as table
from hub.adapters.own_thread import in_own_thread
from hub.adapters.province import NotNowError, Page, Province, RefusedError
from hub.adapters.sqlite_exchange import ORDER, Parcel
from hub.adapters.sqlite_store import connect
from hub.core.exchange import ExchangeMap, apply_map
from hub.core.exchange_orders import Order, read_order

log = logging.getLogger(__name__)

AT_ONCE = 8
"""Under way at the same time: a far side that answers in half a second still takes a thousand a minute."""


@dataclass(frozen=True, slots=True)
class Times:
    """In seconds. `first`, `most`: pauses between attempts; a restart of the far side takes seconds, its maintenance a
    night. `poll`: how often the table is looked at when nothing else happens. `fetch`: how often the far side is asked
    for orders, whose limits are days. `talk`: how long one talk may take, even if the far side says a byte now and
    then. `trouble`: how long the database is left alone after it refused."""

    first: float = 5
    most: float = 3600
    poll: float = 2
    fetch: float = 60
    talk: float = 60
    trouble: float = 30

    def pause_ms(self, attempts: int, chance: float) -> int:
        """How long to wait after so many failed attempts before this one. `chance` (0 to below 1) spreads it over the
        second half, so that what failed together does not come back together."""
        longest = min(self.first * 2 ** min(attempts, 20), self.most)
        return int(1000 * longest * (1 + chance) / 2)


Answer = TypeVar("Answer")


class Exchange:
    """`take` gets each order at least once, and may raise: then it gets it again later. `now_ms` and `chance` (0 to
    below 1) are asked in the loop only."""

    def __init__(
        self,
        file: Path,
        province: Province,
        fields: ExchangeMap,
        take: Callable[[Order], Awaitable[None]],
        now_ms: Callable[[], int],
        chance: Callable[[], float],
        times: Times = Times(),
    ):
        self._file = file
        self._province = province
        self._fields = fields
        self._take = take
        self._now_ms = now_ms
        self._chance = chance
        self._times = times
        self._reading = ThreadPoolExecutor(1, "exchange")
        self._database: Database | None = None
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._changed = asyncio.Event()

    async def run(self) -> None:
        """Sends and fetches until cancelled. What is under way then is sent again at the next start."""
        fetching = asyncio.create_task(self._fetch())
        try:
            while True:
                self._changed.clear()
                await self._look()
                await self._wait()
        finally:
            tasks = [fetching, *self._under_way.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._reading.shutdown(wait=True)
            if self._database:
                self._database.close()

    async def _wait(self) -> None:
        """Until there is room again, or something new may be there."""
        with contextlib.suppress(TimeoutError):  # not wait_for: in Python 3.11 it may swallow that we are cancelled
            async with asyncio.timeout(self._times.poll):
                await self._changed.wait()

    async def _look(self) -> None:
        """Begins what is due and not under way, as far as there is room."""
        now_ms, most = self._now_ms(), AT_ONCE + len(self._under_way)
        for parcel in await self._in_table(lambda connection: table.due(connection, now_ms, most)):
            if parcel.id not in self._under_way and len(self._under_way) < AT_ONCE:
                task = asyncio.create_task(self._deliver(parcel))
                self._under_way[parcel.id] = task
                task.add_done_callback(lambda _, id=parcel.id: self._over(id))

    def _over(self, id: str) -> None:
        del self._under_way[id]
        self._changed.set()

    async def _deliver(self, parcel: Parcel) -> None:
        """One attempt, and what became of it. Nothing that goes wrong here may stop the hall."""
        try:
            receipt = await self._attempt(parcel)
        except RefusedError as refused:
            error = str(refused)
            log.warning("%s cannot be exchanged and waits for a person: see `jiaohao exchange refused`", parcel.id)
            await self._in_table(lambda connection: table.refused(connection, parcel.id, error))
        except NotNowError as refused:
            await self._put_off(parcel, str(refused))
        except Exception as unforeseen:
            log.exception("exchanging %s failed in an unforeseen way", parcel.id)
            await self._put_off(parcel, repr(unforeseen))
        else:
            now_ms = self._now_ms()
            await self._in_table(lambda connection: table.delivered(connection, parcel.id, receipt, now_ms))

    async def _attempt(self, parcel: Parcel) -> dict[str, str]:
        """Its receipt. Raises NotNowError and RefusedError."""
        if parcel.kind == ORDER:
            order = read_order(self._fields, parcel.body)
            if isinstance(order, list):
                raise RefusedError("\n".join(str(problem) for problem in order))
            await self._take(order)
            return {"order_no": order.order, "state": "taken"}
        data = apply_map(self._fields, parcel.body, parcel.kind)
        if isinstance(data, list):
            raise RefusedError("\n".join(str(problem) for problem in data))
        now_ms = self._now_ms()
        return await self._talk(lambda: self._province.send(parcel.kind, parcel.id, data, now_ms))

    async def _put_off(self, parcel: Parcel, error: str) -> None:
        next_ms = self._now_ms() + self._times.pause_ms(parcel.attempts, self._chance())
        await self._in_table(lambda connection: table.put_off(connection, parcel.id, error, next_ms))

    async def _fetch(self) -> None:
        """Asks for orders again and again, after longer pauses while that fails; a map without orders asks for none."""
        failures = 0
        while self._fields.orders:
            try:
                while await self._fetch_page():
                    pass
                failures, pause_s = 0, self._times.fetch
            except Exception as error:
                is_foreseen = isinstance(error, NotNowError | RefusedError)
                log.warning("orders cannot be fetched: %r", error, exc_info=None if is_foreseen else error)
                pause_s = self._times.pause_ms(failures, self._chance()) / 1000
                failures += 1
            await asyncio.sleep(pause_s)

    async def _fetch_page(self) -> bool:
        """Keeps the next orders of the far side; whether there may be more. Raises NotNowError and RefusedError."""
        after, now_ms = await self._in_table(table.cursor), self._now_ms()
        page: Page = await self._talk(lambda: self._province.orders(after, now_ms))
        orders = [(raw, _readable(self._fields, raw)) for raw in page.orders]
        await self._in_table(lambda connection: table.keep_orders(connection, orders, page.cursor, now_ms))
        self._changed.set()
        return bool(page.orders) and page.cursor != after

    async def _talk(self, work: Callable[[], Answer]) -> Answer:
        """What the far side says. Raises NotNowError and RefusedError."""
        try:
            async with asyncio.timeout(self._times.talk):
                return await in_own_thread(work)
        except TimeoutError:
            raise NotNowError(f"its answer did not come to an end in {self._times.talk} s") from None

    async def _in_table(self, work: Callable[[sqlite3.Connection], Answer]) -> Answer:
        """The answer of the table. A database that refuses (locked, full) is left alone for some time, and asked again:
        nothing is sent twice only because an answer could not be written down."""
        while True:
            try:
                return await asyncio.get_running_loop().run_in_executor(self._reading, self._ask, work)
            except sqlite3.Error as error:
                log.warning("the exchange cannot use the database: %s; it waits", error)
                await asyncio.sleep(self._times.trouble)

    def _ask(self, work: Callable[[sqlite3.Connection], Answer]) -> Answer:
        if self._database is None:
            self._database = connect(self._file)
        return work(self._database.conn)


def _readable(fields: ExchangeMap, raw: Any) -> Order | None:
    order = read_order(fields, raw)
    return order if isinstance(order, Order) else None
