"""Who waits, in the order in which they are called.

A line belongs to a service (its id), to one window (`for_window`), to one clerk (`for_clerk`), or is the one before the
door (DOOR). Within a line each class has a sorted list of its own, so that the first of a class is as quick to find as
the first of all: adding and taking out cost the logarithm of the list, looking at a head costs one look.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sortedcontainers import SortedList

DOOR = "@door"
"""The line of those who wait outside because the hall is full."""


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


class Lines:
    """All lines. `heads`: line -> its first place; `heads_of`: class -> line -> the first place of that class;
    `counts`: line -> how many wait. What is empty is not in them. They are for reading only."""

    __slots__ = ("_lists", "counts", "heads", "heads_of")

    def __init__(self) -> None:
        self._lists: dict[str, dict[str, SortedList]] = {}
        self.heads: dict[str, Place] = {}
        self.heads_of: dict[str, dict[str, Place]] = {}
        self.counts: dict[str, int] = {}

    def add(self, line: str, klass: str, place: Place) -> None:
        of_class = self._lists.setdefault(line, {}).setdefault(klass, SortedList())
        of_class.add(place)
        self.counts[line] = self.counts.get(line, 0) + 1
        if of_class[0] is place:
            self.heads_of.setdefault(klass, {})[line] = place
            if line not in self.heads or place < self.heads[line]:
                self.heads[line] = place

    def remove(self, line: str, klass: str, place: Place) -> None:
        """Takes `place` out, which must be there."""
        lists = self._lists[line]
        of_class = lists[klass]
        of_class.remove(place)
        self.counts[line] -= 1
        if self.heads_of[klass][line] != place:
            return
        if of_class:
            self.heads_of[klass][line] = of_class[0]
        else:
            del lists[klass], self.heads_of[klass][line]
        if self.heads[line] == place:
            if lists:
                self.heads[line] = min(other[0] for other in lists.values())
            else:
                del self._lists[line], self.heads[line], self.counts[line]

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
