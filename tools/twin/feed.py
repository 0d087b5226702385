"""News for one page, as server-sent events. Only *what* changed is remembered, never each change.

A page that is slow, or asleep on a laptop, gets the newest state of each thing when it reads again, and costs no memory
meanwhile: there are only so many things.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

from tools.demo.stage import Stage
from tools.twin import views

PAUSE_S = 0.04
"""Between two deliveries to a page: 25 a second look like a moving picture."""

ALIVE_S = 10.0
"""A comment goes out at least this often, so that a page that is gone is noticed."""


class Feed:
    """What one page has not been told yet. In the beginning that is everything."""

    def __init__(self, stage: Stage):
        self._stage = stage
        self._news = dict.fromkeys(
            [("hall", ""), *(("window", w) for w in stage.desks), *(("device", d) for d in stage.devices)]
        )
        self._arrived = asyncio.Event()
        self._arrived.set()
        self._closed = False

    def note(self, kind: str, name: str) -> None:
        """Something changed. It is a Watcher of the stage."""
        self._news[kind, name] = None
        self._arrived.set()

    def close(self) -> None:
        """The demo is over; the page is let go."""
        self._closed = True
        self._arrived.set()

    async def lines(self) -> AsyncIterator[str]:
        """The events, until closed."""
        stop_watching = self._stage.watch(self.note)
        try:
            while not self._closed:
                yield self._take()
                await asyncio.sleep(PAUSE_S)
                await self._wait()
        finally:
            stop_watching()

    async def _wait(self) -> None:
        try:
            await asyncio.wait_for(self._arrived.wait(), ALIVE_S)
        except TimeoutError:
            return

    def _take(self) -> str:
        self._arrived.clear()
        news, self._news = self._news, {}
        return "".join(self._event(kind, name) for kind, name in news) or ": alive\n\n"

    def _event(self, kind: str, name: str) -> str:
        stage = self._stage
        if kind == "device":
            value = views.device_now(stage.devices[name])
        else:
            value = views.window_now(stage.desks[name]) if kind == "window" else views.hall_now(stage)
        return f"event: {kind}\ndata: {json.dumps(value, ensure_ascii=False)}\n\n"
