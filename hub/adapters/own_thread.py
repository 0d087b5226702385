"""Work that may hang, such as a talk with a far server, in a thread that nobody waits for at the end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

Answer = TypeVar("Answer")


async def in_own_thread(work: Callable[[], Answer]) -> Answer:
    """Runs `work` in a thread that does not keep the hub from stopping, as one of a pool would."""
    done: Future[Answer] = Future()
    done.set_running_or_notify_cancel()

    def run() -> None:
        try:
            done.set_result(work())
        except BaseException as error:  # noqa: BLE001  handed to whoever waits
            done.set_exception(error)

    threading.Thread(target=run, name="telling", daemon=True).start()
    return await asyncio.wrap_future(done)
