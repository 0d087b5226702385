"""Server-sent events: what changed, to every page that watches.

Each page has a queue with one place for each window and board, and the newest takes it: a slow page gets fewer states,
never a backlog, and memory is bounded. After each piece a page rests for PACE_S, so that a rush of presses is not a
rush of packets. An event is encoded once, whoever gets it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager

from hub.web.picture import Picture
from hub.web.problems import Problem, encode

PACE_S = 0.1
"""Least time between two pieces to one page: people cannot tell it from at once."""

BEAT_S = 15
"""Silence after which a sign of life is sent, so that proxies and pages can tell quiet from dead."""

CHECK_S = 40
"""How often it is asked again whether the page's login is still good. A quiet page is asked about after the next sign
of life, so a login that ended shows nothing new after a minute."""

PAGES = 2000
"""Pages that may watch at once: a clerk's page at each of 222 windows and a board in every corner, several times."""

PAGES_OF_OTHERS = PAGES // 2
"""Of these, pages of whoever has no login: where the board is open to all, nobody shall take the places of the hall's
own boards and clerks."""

RETRY = b"retry: 1000\n\n"
BEAT = b": still here\nevent: beat\ndata: {}\n\n"
"""A comment for whoever reads the stream, an event for pages: a browser hides comments from them."""


class Page:
    """One page that watches: all of the hall, or one `window`, or one `zone`; empty: all. `known`: of somebody with a
    login or a key; `staff`: who sees, too, who serves where."""

    def __init__(self, known: bool, staff: bool, window: str, zone: str):
        self.known = known
        self.staff = staff
        self.window = window
        self.zone = zone
        self.ready = asyncio.Event()
        self._waiting: dict[str, bytes] = {}

    def put(self, key: str, event: bytes) -> None:
        """The newest of `key`; it goes to the end, so that order is kept."""
        self._waiting.pop(key, None)
        self._waiting[key] = event
        self.ready.set()

    def take(self) -> bytes:
        """Everything that waits."""
        piece = b"".join(self._waiting.values())
        self._waiting.clear()
        self.ready.clear()
        return piece


class Feed:
    """All pages that watch."""

    def __init__(self, picture: Picture):
        self._picture = picture
        self._pages: set[Page] = set()
        self._closed = False
        picture.on_change = self._changed

    def check_room(self, known: bool) -> None:
        """Raises Problem when no more pages may watch."""
        others = sum(not page.known for page in self._pages)
        if self._closed or len(self._pages) >= PAGES or (not known and others >= PAGES_OF_OTHERS):
            raise Problem(503, "busy")

    def close(self) -> None:
        """Ends every stream, so that a server that stops need not wait for pages that never go."""
        self._closed = True
        for page in self._pages:
            page.ready.set()

    async def stream(
        self, known: bool, staff: bool, window: str, zone: str, is_still_good: Callable[[], bool]
    ) -> AsyncIterator[bytes]:
        """The whole picture first, then what changes, until the login ends or the hub stops."""
        loop = asyncio.get_running_loop()
        check_at = loop.time() + CHECK_S
        with self._watching(Page(known, staff, window, zone)) as page:
            yield RETRY + page.take()
            while not self._closed:
                is_quiet = await _is_quiet(page)
                if loop.time() >= check_at:
                    if not is_still_good():
                        return
                    check_at = loop.time() + CHECK_S
                yield BEAT if is_quiet else page.take()
                await asyncio.sleep(PACE_S)

    @contextmanager
    def _watching(self, page: Page) -> Iterator[Page]:
        self._send([page], self._picture.windows_in_order(), self._picture.boards)
        self._pages.add(page)
        try:
            yield page
        finally:
            self._pages.discard(page)

    def _changed(self, windows: frozenset[str], zones: frozenset[str]) -> None:
        if self._pages:
            self._send(self._pages, windows, zones)

    def _send(self, pages, windows, zones) -> None:
        picture = self._picture
        zone_of = picture.hall.windows if picture.hall else {}
        for window in windows:
            for_staff = _event("window", picture.window(window, staff=True))
            for_all = _event("window", picture.window(window, staff=False))
            for page in pages:
                if page.window in ("", window) and page.zone in ("", zone_of[window].zone):
                    page.put(f"window {window}", for_staff if page.staff else for_all)
        for zone in zones:
            event = _event("board", picture.boards[zone])
            for page in pages:
                if not page.window and page.zone in ("", zone):
                    page.put(f"board {zone}", event)
        event = _event("waiting", encode(picture.waiting))
        for page in pages:
            page.put("waiting", event)


async def _is_quiet(page: Page) -> bool:
    """Waits for something to send; True when nothing came for BEAT_S."""
    try:
        async with asyncio.timeout(BEAT_S):
            await page.ready.wait()
    except TimeoutError:
        return True
    return False


def _event(name: str, data: bytes) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (name.encode(), data)
