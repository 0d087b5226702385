"""Who waits, in the order in which they are called.

A line belongs to a service (its id), to one window (`for_window`), to one clerk (`for_clerk`), or is the one before the
door (DOOR). Within a line each class has a sorted list of its own, and the heads of all lines are sorted too, for each
class and for all of them: so the first of a class, and the first of many lines, are found without looking at everybody.
Adding and taking out cost the logarithm of the list.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from sortedcontainers import SortedList

DOOR = "@door"
"""The line of those who wait outside because the hall is full."""

ALL = ""
"""In place of a class: everybody."""

FEW = 12
"""So many lines are looked at one by one; of more, the sorted heads are gone through until one is among them."""


def for_window(window: str) -> str:
    """The line of those who were sent to one window."""
    return f"@window:{window}"


def for_clerk(clerk: str) -> str:
    """The line of those who were sent to one clerk."""
    return f"@clerk:{clerk}"


class Place(NamedTuple):
    """A place in a line: effective arrival in ms, then the log position at which it was taken."""

    ms: int
    seq: int
    visit: str


class _Heads:
    """The first place of each line, by line and in order."""

    __slots__ = ("by_line", "in_order")

    def __init__(self) -> None:
        self.by_line: dict[str, Place] = {}
        self.in_order: SortedList = SortedList()  # of (ms, seq, visit, line)

    def put(self, line: str, place: Place | None) -> None:
        """`place` is now the first in `line`; None: nobody is."""
        if before := self.by_line.get(line):
            self.in_order.remove((*before, line))
        if place:
            self.by_line[line] = place
            self.in_order.add((*place, line))
        else:
            self.by_line.pop(line, None)


@lru_cache(1024)
def _as_set(lines: tuple[str, ...]) -> frozenset[str]:
    return frozenset(lines)


def _head(places: SortedList) -> Place | None:
    return next(iter(places), None)


class Lines:
    """All lines. `counts`: line -> how many wait; what is empty is not in it. For reading only."""

    __slots__ = ("_heads", "_lists", "counts")

    def __init__(self) -> None:
        self._lists: dict[str, dict[str, SortedList]] = {}
        self._heads: dict[str, _Heads] = {ALL: _Heads()}
        self.counts: dict[str, int] = {}

    def add(self, line: str, klass: str, place: Place) -> None:
        of_class = self._lists.setdefault(line, {}).setdefault(klass, SortedList())
        of_class.add(place)
        self.counts[line] = self.counts.get(line, 0) + 1
        if of_class[0] is place:
            self._heads.setdefault(klass, _Heads()).put(line, place)
            first = self.head(line)
            if first is None or place < first:
                self._heads[ALL].put(line, place)

    def remove(self, line: str, klass: str, place: Place) -> None:
        """Takes `place` out, which must be there."""
        lists = self._lists[line]
        of_class = lists[klass]
        of_class.remove(place)
        self.counts[line] -= 1
        if self._heads[klass].by_line[line] != place:
            return
        self._heads[klass].put(line, _head(of_class))
        if not of_class:
            del lists[klass]
        if self.head(line) == place:
            heads = [head for places in lists.values() if (head := _head(places))]
            self._heads[ALL].put(line, min(heads, default=None))
        if not lists:
            del self._lists[line], self.counts[line]

    def head(self, line: str, klass: str = ALL) -> Place | None:
        """The first in `line`, of `klass`."""
        heads = self._heads.get(klass)
        return heads.by_line.get(line) if heads else None

    def heads(self, klass: str = ALL) -> dict[str, Place]:
        """Line -> its first place of `klass`. For reading only."""
        return self._heads[klass].by_line if klass in self._heads else {}

    def classes(self) -> list[str]:
        """The classes of which somebody waits or waited today."""
        return [klass for klass in self._heads if klass != ALL]

    def first(self, lines: Sequence[str], klass: str = ALL) -> Place | None:
        """The smallest place of `klass` in `lines`."""
        return next(iter(self.firsts(lines, klass, 1)), None)

    def firsts(self, lines: Sequence[str], klass: str, most: int) -> list[Place]:
        """The first places of the `most` lines that come first, of `lines` and `klass`, in order."""
        heads = self._heads.get(klass)
        if heads is None:
            return []
        if len(lines) <= FEW:
            return sorted([heads.by_line[line] for line in lines if line in heads.by_line])[:most]
        wanted = _as_set(tuple(lines))
        return [Place(*head[:3]) for head in islice((h for h in heads.in_order if h[3] in wanted), most)]

    def of(self, line: str) -> Iterator[tuple[str, Place]]:
        """(class, place) of everybody in `line`; in order within each class."""
        for klass, places in self._lists.get(line, {}).items():
            for place in places:
                yield klass, place

    def lists(self, line: str) -> dict[str, SortedList]:
        """Class -> its places in `line`, in order. For reading only."""
        return self._lists.get(line, {})

    def names(self) -> list[str]:
        """Every line in which somebody waits."""
        return list(self._lists)

    def before(self, line: str, place: Place) -> int:
        """How many in `line` have a place before `place`."""
        return sum(places.bisect_left(place) for places in self._lists.get(line, {}).values())

    def __len__(self) -> int:
        return sum(self.counts.values())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Lines) and sorted(self._all()) == sorted(other._all())

    def _all(self) -> Iterator[tuple[str, str, Place]]:
        return ((line, klass, place) for line in self._lists for klass, place in self.of(line))
