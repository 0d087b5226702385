"""An event loop in virtual time: one heap, no thread, no waiting. What runs in it is the same for the same seed."""

from __future__ import annotations

import asyncio
import heapq
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import Context, ContextVar, copy_context
from typing import Any

LIFE: ContextVar[Life | None] = ContextVar("LIFE", default=None)
"""On which machine the running code runs; None: it is a person, or the world itself."""


class PowerCut(BaseException):
    """The machine on which this ran has no power any more. Nothing may catch it but the machine."""


class Life:
    """A machine from its start to its end: everything that runs on it ends with it, at once."""

    def __init__(self, loop: VirtualLoop):
        self._loop = loop
        self._tasks: dict[asyncio.Task, None] = {}  # a dict, not a set: they end in the order in which they began
        self.over = False

    def start(self, work: Coroutine) -> asyncio.Task:
        """Runs `work` on this machine."""
        context = copy_context()
        context.run(LIFE.set, self)
        return self._loop.create_task(work, context=context)

    def add(self, task: asyncio.Task) -> None:
        self._tasks[task] = None
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task) -> None:
        self._tasks.pop(task, None)

    def end(self) -> None:
        self.over = True
        for task in list(self._tasks):
            task.cancel()


class _Handle:
    """A call that will be made, unless it is cancelled."""

    __slots__ = ("_when", "args", "callback", "context")

    def __init__(self, when: float, callback: Callable, args: tuple, context: Context | None):
        self._when = when
        self.callback: Callable | None = callback
        self.args = args
        self.context = copy_context() if context is None else context  # an empty one is false

    def cancel(self) -> None:
        self.callback = None

    def cancelled(self) -> bool:
        return self.callback is None

    def when(self) -> float:
        return self._when


class VirtualLoop(asyncio.AbstractEventLoop):
    """`run(until)` runs everything up to a moment, in seconds. `job_s()` says how long a job for a thread takes before
    it is done, and before its asker hears of it. `errors` has what tasks failed with while nobody looked."""

    def __init__(self, job_s: Callable[[], tuple[float, float]] = lambda: (0.0, 0.0)):
        self.now = 0.0
        self.errors: list[BaseException] = []
        self.stopped = False
        self._job_s = job_s
        self._ready: deque[_Handle] = deque()
        self._later: list[tuple[float, int, _Handle]] = []
        self._count = 0

    def run(self, until: float) -> None:
        """Runs all that is due until then, or until `stopped`."""
        ready, later = self._ready, self._later
        asyncio._set_running_loop(self)
        try:
            while not self.stopped:
                if not ready:
                    if not later or later[0][0] > until:
                        break
                    self.now, _, handle = heapq.heappop(later)
                    ready.append(handle)
                handle = ready.popleft()
                if handle.callback is not None:
                    handle.context.run(handle.callback, *handle.args)
        finally:
            asyncio._set_running_loop(None)
        self.now = self.now if self.stopped else max(self.now, until)

    def time(self) -> float:
        return self.now

    def call_soon(self, callback: Callable, *args: Any, context: Context | None = None) -> _Handle:  # pyright: ignore
        handle = _Handle(self.now, callback, args, context)
        self._ready.append(handle)
        return handle

    def call_at(self, when: float, callback: Callable, *args: Any, context: Context | None = None) -> _Handle:  # pyright: ignore
        handle = _Handle(when, callback, args, context)
        self._count += 1
        heapq.heappush(self._later, (max(when, self.now), self._count, handle))
        return handle

    def call_later(self, delay: float, callback: Callable, *args: Any, context: Context | None = None) -> _Handle:  # pyright: ignore
        return self.call_at(self.now + delay, callback, *args, context=context)

    def create_future(self) -> asyncio.Future:
        return asyncio.Future(loop=self)

    def create_task(self, coro: Coroutine, *, name: str | None = None, context: Context | None = None) -> asyncio.Task:  # pyright: ignore
        task = asyncio.Task(coro, loop=self, name=name, context=context)
        life = context.get(LIFE) if context is not None else LIFE.get()
        if life is not None:
            life.add(task)
            if life.over:
                task.cancel()
        return task

    def run_in_executor(self, executor: Any, func: Callable, *args: Any) -> asyncio.Future:  # pyright: ignore
        """Does the job in one piece, a little later, and tells its result a little later again: between the two a
        machine can die with the job done and nobody told."""
        future, life = self.create_future(), LIFE.get()
        before_s, after_s = self._job_s()

        def work() -> None:
            if life is None or not life.over:
                try:
                    self.call_later(after_s, _tell, future.set_result, future, func(*args))
                except PowerCut:  # nothing was done, and nobody is there to hear of it
                    return
                except Exception as error:  # noqa: BLE001 - it is the asker's, as from a thread
                    self.call_later(after_s, _tell, future.set_exception, future, error)

        self.call_later(before_s, work)
        return future

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if error is not None and not isinstance(error, PowerCut | asyncio.CancelledError):
            self.errors.append(error)

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return True

    def is_closed(self) -> bool:
        return False


def _tell(settle: Callable, future: asyncio.Future, value: Any) -> None:
    if not future.done():
        settle(value)
