"""What ends a part of the demo before its time."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any


class Stops:
    """Ctrl-C, SIGTERM and a closed terminal: each one ends what is under way, and only that."""

    def __init__(self) -> None:
        self._stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, self._stop.set)

    async def first(self, work: Coroutine[Any, Any, None]) -> bool:
        """Does `work` until it is done (True) or until somebody wants it to stop (False)."""
        working, stopping = asyncio.create_task(work), asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
        finally:
            await cancel(stopping, working)
        self._stop.clear()
        if working.cancelled():
            return False
        working.result()
        return True


async def cancel(*tasks: asyncio.Task[Any]) -> None:
    """Cancels those that are not done, and waits for their end."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
