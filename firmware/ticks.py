"""Time on both interpreters: whole milliseconds since start that never go back and never wrap, and time-outs.

A board's `ticks_ms` wraps after 12.4 days. Everything above this file subtracts plain numbers instead; only `Uptime`
knows about the wrap. It must be asked more often than half a wrap, which the main loop does ten times a second.
"""

import asyncio

try:
    from time import ticks_diff, ticks_ms  # pyright: ignore[reportAssignmentType] - named types in place of int
except ImportError:  # CPython
    from time import monotonic  # pyright: ignore[reportAttributeAccessIssue] - no board has it

    def ticks_ms() -> int:
        return int(monotonic() * 1000)

    def ticks_diff(later: int, earlier: int) -> int:
        return later - earlier


if hasattr(asyncio, "timeout"):

    async def within(awaitable, seconds: float):
        """The result of `awaitable`. Raises asyncio.TimeoutError after so many seconds. CPython 3.11's wait_for
        swallows a cancellation that comes just as its task ends; this does not."""
        async with asyncio.timeout(seconds):
            return await awaitable

else:
    within = asyncio.wait_for  # pyright: ignore[reportAssignmentType] - the same but for names


class Uptime:
    """Call it for the milliseconds since it was made."""

    def __init__(self, ticks=ticks_ms, diff=ticks_diff):
        self._ticks = ticks
        self._diff = diff
        self._last = ticks()
        self._now_ms = 0

    def __call__(self) -> int:
        ticks = self._ticks()
        # The PC build's ticks follow the wall clock, which may be set back: time then stands still for a moment.
        self._now_ms += max(0, self._diff(ticks, self._last))
        self._last = ticks
        return self._now_ms
