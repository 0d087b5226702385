"""When everybody who waits will be called: the hall's rules, run forward once from now.

The window that is free first takes whom the rules choose (effective arrival less the window's preference, reserved
windows, shifts; see hub.core.calling), is busy for as long as that service usually takes, and so on until nobody waits
or no window is left. Conditions and ratios are left out, and so is everybody who is yet to come: the range around the
expected time (hub.core.pace) is made of what really came out, and covers it.

One pass costs the logarithm of the lines for each person. Windows that take the same people in the same order share
one heap, a *pool*. Nobody joins during a pass, so an entry of a heap is at worst too early: it is put right when it
comes up. What a pool called, in order, then tells when anybody would be called there who came now.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from heapq import heapify, heappop, heapreplace
from typing import NamedTuple

from hub.core import calling, staffing
from hub.core.hall import MINUTE_MS, WALK_IN, Window
from hub.core.lines import DOOR, Place, for_clerk, for_window
from hub.core.staffing import NEVER_MS, Stretch
from hub.core.state import State, hall_of

APART = 1 << 50
"""More than any effective arrival in ms: where a reserved window takes others too, they come this much later."""


OTHERS = ""
"""Stands for all classes for which no window is reserved."""


class Estimate(NamedTuple):
    """People who are called before, and the expected wait."""

    before: int
    wait_ms: int


class Kind(NamedTuple):
    """What makes windows equal: `lines` from which they call, `prefer` in ms, and the rest as in hall.Window."""

    lines: tuple[str, ...]
    prefer: tuple[tuple[str, int], ...]
    only: tuple[str, ...]
    else_any: bool

    def rank_ms(self, klass: str) -> int | None:
        """How much later people of the class come here; None: never."""
        if not self.only or klass in self.only:
            return 0
        return APART if self.else_any else None


class Lane:
    """People of one line, service and class, in the order in which they are called; `at`: who is first now."""

    __slots__ = ("at", "busy_ms", "klass", "line", "places")

    def __init__(self, line: str, klass: str, busy_ms: int, places: list[Place]):
        self.line = line
        self.klass = klass
        self.busy_ms = busy_ms
        self.places = places
        self.at = 0


class Pool:
    """Windows of one kind. `keys`: the effective arrivals, as they count here, of those who were called, in order;
    `calls`: which calls these were among all. `idle_ms`: when one of them first found nobody. `windows`: how many of
    them begin with this."""

    __slots__ = ("_heap", "_lanes", "calls", "idle_ms", "keys", "kind", "lines", "prefer", "windows")

    def __init__(self, kind: Kind, lanes: list[Lane], of_line: dict[str, list[int]]):
        self.kind = kind
        self.lines = frozenset(kind.lines)
        self.prefer = dict(kind.prefer)
        self.keys: list[int] = []
        self.calls: list[int] = []
        self.idle_ms = NEVER_MS
        self.windows = 0
        self._lanes = lanes
        # (effective arrival here, Place.ms, Place.seq, number of the lane, index in it)
        self._heap: list[tuple[int, int, int, int, int]] = []
        for line in kind.lines:
            for number in of_line.get(line, ()):
                rank_ms = kind.rank_ms(lanes[number].klass)
                if rank_ms is not None:
                    ms, seq, _ = lanes[number].places[0]
                    self._heap.append((ms + rank_ms - self.prefer.get(line, 0), ms, seq, number, 0))
        heapify(self._heap)

    def take(self, call: int) -> tuple[Lane, Place] | None:
        """Calls the first, as the call number `call` of all; None: nobody is left."""
        heap, lanes = self._heap, self._lanes
        while heap:
            key, ms, _, number, index = heap[0]
            lane = lanes[number]
            if lane.at == index:
                place = lane.places[index]
                lane.at = index + 1
                self.keys.append(key)
                self.calls.append(call)
                return lane, place
            if lane.at == len(lane.places):
                heappop(heap)
            else:
                head = lane.places[lane.at]
                heapreplace(heap, (key - ms + head.ms, head.ms, head.seq, number, lane.at))
        return None


class Desk:
    """A window on the way through the pass: its stretches of work, each with its pool, and when it is free first."""

    __slots__ = ("busy", "free_ms", "parts", "window")

    def __init__(self, window: str, parts: list[tuple[Stretch, Pool]], busy: bool, free_ms: int):
        self.window = window
        self.parts = parts
        self.busy = busy
        self.free_ms = free_ms


class Forecast:
    """What a pass at `made_ms`, at the position `made_seq` of the log, found. `free_ms`: window -> when it is expected
    to be free first; `gap_ms`: from the end of a visit to the next call."""

    def __init__(self, state: State, made_ms: int):
        self.made_ms = made_ms
        self.made_seq = state.seq
        self.free_ms: dict[str, int] = {}
        self._day = state.day
        self._hall = state.hall
        self.gap_ms = staffing.gap(state)
        self._usual_ms = (
            {service: staffing.usual(state, service) for service in state.hall.services} if state.hall else {}
        )
        self._pools: list[Pool] = []
        self._called_ms: list[int] = []
        self._call_of: dict[str, tuple[int, Lane]] = {}

    def is_of(self, state: State) -> bool:
        """Whether it is about the same day under the same rules."""
        return self._hall is state.hall and self._day == state.day

    def run(self, pools: list[Pool], desks: list[Desk]) -> None:
        """The pass."""
        self._pools = pools
        self.free_ms = {desk.window: desk.free_ms for desk in desks}
        turns = [(desk.free_ms, number, 0) for number, desk in enumerate(desks)]
        heapify(turns)
        gap_ms, called_ms, call_of = self.gap_ms, self._called_ms, self._call_of
        while turns:
            now_ms, number, part = turns[0]
            parts = desks[number].parts
            stretch, pool = parts[part]
            taken = pool.take(len(called_ms)) if now_ms < stretch.ends_ms else None
            if taken:
                lane, place = taken
                call_of[place.visit] = len(called_ms), lane
                called_ms.append(now_ms)
                heapreplace(turns, (now_ms + lane.busy_ms + gap_ms, number, part))
                continue
            if now_ms < stretch.ends_ms:
                pool.idle_ms = min(pool.idle_ms, now_ms)
            if part + 1 < len(parts):
                heapreplace(turns, (max(now_ms, parts[part + 1][0].begins_ms), number, part + 1))
            else:
                heappop(turns)

    def of(self, visit: str) -> Estimate | None:
        """For somebody who waits; None: nobody will call them."""
        found = self._call_of.get(visit)
        if found is None:
            return None
        call, lane = found
        return Estimate(_before(self._takers(lane.line, lane.klass), call), self._called_ms[call] - self.made_ms)

    def newcomer(self, service: str, klass: str = WALK_IN, due_ms: int = 0, since: int = 0) -> Estimate | None:
        """For somebody who came at the moment of the pass, or after `since` others for the service, with an appointment
        at `due_ms` or without."""
        if self._hall is None:
            return None
        found = self.at(service, klass, max(self.made_ms, due_ms) - self._hall.credit_ms(klass))
        if found is None or not since:
            return found
        windows = sum(pool.windows for pool in self._takers(service, klass))
        more_ms = since * (self._usual_ms[service] + self.gap_ms) // max(1, windows)
        return Estimate(found.before + since, found.wait_ms + more_ms)

    def at(self, line: str, klass: str, place_ms: int) -> Estimate | None:
        """For somebody who would have had this place in the line at the moment of the pass."""
        takers = self._takers(line, klass)
        calls = [call for pool in takers if (call := self._call_at(pool, line, klass, place_ms))]
        if not calls:
            return None
        called_ms, call = min(calls)
        return Estimate(_before(takers, call), called_ms - self.made_ms)

    def _call_at(self, pool: Pool, service: str, klass: str, place_ms: int) -> tuple[int, int] | None:
        """(ms, number) of the call that the pool would give to somebody with this place instead; None: none."""
        key = place_ms + (pool.kind.rank_ms(klass) or 0) - pool.prefer.get(service, 0)
        index = bisect_right(pool.keys, key)
        if index < len(pool.keys):
            return self._called_ms[pool.calls[index]], pool.calls[index]
        if pool.idle_ms == NEVER_MS:
            return None
        return pool.idle_ms, bisect_right(self._called_ms, pool.idle_ms)

    def _takers(self, line: str, klass: str) -> list[Pool]:
        return [pool for pool in self._pools if line in pool.lines and pool.kind.rank_ms(klass) is not None]


def _before(pools: list[Pool], call: int) -> int:
    """How many the pools call before the call `call`."""
    return sum(bisect_left(pool.calls, call) for pool in pools)


def forecast(state: State, now_ms: int) -> Forecast:
    """Runs the hall forward from `now_ms`. Without a hall or a day nobody is called."""
    told = Forecast(state, now_ms)
    if state.hall is None or not state.day:
        return told
    lanes = _lanes(state)
    of_line: dict[str, list[int]] = {}
    for number, lane in enumerate(lanes):
        of_line.setdefault(lane.line, []).append(number)
    sent_lines = {line for line in of_line if line not in state.hall.services}
    pools: dict[int, Pool] = {}
    desks = []
    for window in state.hall.windows.values():
        plan = _plan(state, window, now_ms)
        if sent_lines:
            plan = _with_sent(state, window, plan, sent_lines)
        for _, kind in plan:
            if id(kind) not in pools:
                pools[id(kind)] = Pool(kind, lanes, of_line)
        if plan:
            desks.append(_desk(state, window.id, [(stretch, pools[id(kind)]) for stretch, kind in plan], told))
    _spread(desks, now_ms)
    told.run(list(pools.values()), desks)
    return told


def _desk(state: State, window: str, parts: list[tuple[Stretch, Pool]], told: Forecast) -> Desk:
    now = state.windows[window]
    parts[0][1].windows += 1
    free_ms = staffing.free_ms(state, now, told.made_ms, told.gap_ms) if now.clerk else parts[0][0].begins_ms
    return Desk(window, parts, bool(now.visit), free_ms)


Plan = list[tuple[Stretch, Kind]]
"""The stretches of a window, and what it is then."""


class _Kept(NamedTuple):
    """The plan of a window that takes `services` now, which is good from `from_ms` to before `until_ms`."""

    services: tuple[str, ...]
    from_ms: int
    until_ms: int
    plan: Plan


def _plan(state: State, window: Window, now_ms: int) -> Plan:
    """Kept while a clerk sits there, takes the same and no stretch ends: it takes longer than all the rest of a
    window."""
    key, is_staffed = ("plan", window.id), bool(state.windows[window.id].clerk)
    services = calling.services_at(state, window.id, now_ms)
    found = state.memo.get(key) if is_staffed else None
    if isinstance(found, _Kept) and found.services == services and found.from_ms <= now_ms < found.until_ms:
        return found.plan
    stretches = staffing.stretches(state, window.id, now_ms)
    plan = [(stretch, _kind(state, window, stretch.services)) for stretch in stretches]
    if is_staffed:
        state.memo[key] = _Kept(services, now_ms, stretches[0].ends_ms, plan)
    return plan


def _with_sent(state: State, window: Window, plan: Plan, sent_lines: set[str]) -> Plan:
    """The plan with the lines of those who were sent to the window or its clerk."""
    own = (for_window(window.id), for_clerk(state.windows[window.id].clerk))
    sent = [line for line in own if line in sent_lines]
    return [(stretch, _kind(state, window, (*stretch.services, *sent))) for stretch, _ in plan] if sent else plan


def _kind(state: State, window: Window, lines: tuple[str, ...]) -> Kind:
    """The same object for windows of the same kind, so that it is quick to find."""
    prefer = tuple((service, minutes * MINUTE_MS) for service, minutes in window.prefer.items())
    kind = Kind(lines, prefer, window.only, window.else_any)
    return state.memo.setdefault(("kind", kind), kind)  # type: ignore[return-value]


def _spread(desks: list[Desk], now_ms: int) -> None:
    """Spreads the times at which the busy windows of a pool get free, as such times are spread.

    Of ten windows that each need eight more minutes *on average* the first is free after one minute, not after eight:
    the k-th of n needs 1/n + 1/(n-1) + ... (k terms) of the average, where what is left is exponential.
    """
    of_pool: dict[int, list[Desk]] = {}
    for desk in desks:
        if desk.busy:
            of_pool.setdefault(id(desk.parts[0][1]), []).append(desk)
    for busy in of_pool.values():
        busy.sort(key=lambda desk: desk.free_ms)
        share = 0.0
        for number, desk in enumerate(busy):
            share += 1 / (len(busy) - number)
            desk.free_ms = now_ms + round(share * (desk.free_ms - now_ms))


def _lanes(state: State) -> list[Lane]:
    """Everybody who waits; who is before the door of a full hall is taken to be inside. Only classes for which some
    window is reserved have lanes of their own: to all other windows a class is nothing but its credit."""
    hall = hall_of(state)
    apart = {klass for window in hall.windows.values() for klass in window.only}
    lanes = []
    for line in state.lines.names():
        of_class: dict[str, list[Place]] = {}
        for klass, places in state.lines.lists(line).items():
            of_class.setdefault(klass if klass in apart else OTHERS, []).extend(places)
        for klass, places in of_class.items():
            places.sort()
            if line in hall.services:
                lanes.append(Lane(line, klass, staffing.usual(state, line), places))
            else:
                lanes += _by_service(state, line, klass, places)
    return lanes


def _by_service(state: State, line: str, klass: str, places: list[Place]) -> list[Lane]:
    """The people of a line that is not a service's: by what they come for."""
    apart: dict[str, list[Place]] = {}
    for place in places:
        apart.setdefault(state.tickets[place.visit].service, []).append(place)
    return [
        Lane(service if line == DOOR else line, klass, staffing.usual(state, service), of_service)
        for service, of_service in apart.items()
    ]
