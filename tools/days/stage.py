"""Simulated time and the real core: what is due is done in order of time, and each event is told to whoever listens."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any

from hub.core import applying, commands, deciding
from hub.core.commands import Moment
from hub.core.events import Event
from hub.core.refusals import Refusal
from hub.core.state import State
from hub.ports import Entry


class Stage:
    """`state` is the hall's; `log` what happened; `refused`: how often each refusal was given. `now_ms` only grows."""

    def __init__(self, state: State, now_ms: int):
        self.state = state
        self.now_ms = now_ms
        self.log: list[Entry] = []
        self.refused: Counter[str] = Counter()
        self._due: list[tuple[int, int, Callable[..., Any], tuple[Any, ...]]] = []
        self._count = 0
        self._listeners: defaultdict[type[Event], list[Callable[[Any], None]]] = defaultdict(list)

    def at(self, ms: int, action: Callable[..., Any], *args: Any) -> None:
        """Does `action` at `ms`, or now if that is over; what is due at the same time goes in the order of asking."""
        self._count += 1
        heappush(self._due, (max(ms, self.now_ms), self._count, action, args))

    def after(self, ms: int, action: Callable[..., Any], *args: Any) -> None:
        self.at(self.now_ms + ms, action, *args)

    def on(self, kind: type[Event], listener: Callable[[Any], None]) -> None:
        """Tells `listener` of each event of `kind`, when it has been applied."""
        self._listeners[kind].append(listener)

    @property
    def pending(self) -> int:
        """How much is still due."""
        return len(self._due)

    def run(self, until_ms: int) -> None:
        """Until nothing is due any more, at most until `until_ms`."""
        while self._due and self._due[0][0] <= until_ms:
            self.now_ms, _, action, args = heappop(self._due)
            action(*args)

    def do(self, command: commands.Command) -> list[Event] | Refusal:
        """Decides and applies `command`, and what follows from it by itself."""
        decision = deciding.decide(self.state, command, Moment(self.now_ms, self.state.day))
        if isinstance(decision, Refusal):
            self.refused[decision.code] += 1
            return decision
        self._apply(decision)
        while more := deciding.follow(self.state, Moment(self.now_ms, self.state.day)):
            self._apply(more)
        return decision

    def _apply(self, happened: list[Event]) -> None:
        for event in happened:
            entry = Entry(self.state.seq + 1, self.now_ms, "", event)
            self.log.append(entry)
            applying.apply(self.state, entry.seq, entry.at_ms, event)
        for event in happened:
            for listener in self._listeners.get(type(event), ()):
                listener(event)
