"""Several halls together: each data folder is asked for its tallies, and tallies are added."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from hub.adapters.sqlite_figures import SqliteFigures
from hub.core.dimensions import APART
from hub.core.hall import Names
from hub.core.tallies import Tally

DATABASE = "hall.db"


class NoFigures(Exception):
    """There is nothing to report, or something would be counted twice; the text says which."""


@dataclass(frozen=True, slots=True)
class Source:
    """A data folder, and those of its days that are asked for."""

    folder: Path
    figures: SqliteFigures
    days: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the report. `hall` is "" where halls are added up."""

    hall: str
    key: str
    names: Names
    tally: Tally


@dataclass(frozen=True, slots=True)
class Joint:
    """`by`: what the lines are of. `days`: hall -> its days that are in it. `without`: folders that have none."""

    by: str
    days: dict[str, list[str]]
    without: tuple[Path, ...]
    lines: list[Line]
    total: Tally


def sources(folders: Sequence[Path], first: str, last: str) -> list[Source]:
    """The days from `first` to `last` of each folder; without them the newest day that any of the folders has. Raises
    NoFigures, and StoreError."""
    found = [_figures(folder) for folder in folders]
    days = [figures.days() for figures in found]
    newest = max((each for known in days for each in known), default="")
    begins, ends = first or newest, last or newest
    asked = [tuple(each for each in known if begins <= each <= ends) for known in days]
    if not any(asked):
        raise NoFigures(f"no folder has a day from {begins} to {ends}; the newest is {newest or 'none at all'}")
    return [Source(*each) for each in zip(folders, found, asked, strict=True)]


def _figures(folder: Path) -> SqliteFigures:
    if not (folder / DATABASE).exists():
        raise NoFigures(f"{folder} has no {DATABASE}: is it the data folder of a hub?")
    return SqliteFigures(folder / DATABASE)


def joint(asked: Sequence[Source], by: str) -> Joint:
    """One report of all of them. Raises NoFigures when a day of a hall is in two folders, and StoreError."""
    lines: dict[tuple[str, str], Line] = {}
    days: dict[str, list[str]] = {}
    total = Tally()
    for source, day in _each_day(asked):
        ((hall, whole),) = source.figures.tallies(day, day, "hall").items()
        if day in days.setdefault(hall, []):
            raise NoFigures(f"{hall} has {day} in two folders, of which {source.folder} is one: it would count twice")
        days[hall].append(day)
        total.add(whole)
        names = source.figures.names(day, day, by)
        for key, tally in source.figures.tallies(day, day, by).items():
            place = (hall if by in APART else "", key)
            lines.setdefault(place, Line(*place, names.get(key, {}), Tally())).tally.add(tally)
    without = tuple(source.folder for source in asked if not source.days)
    return Joint(by, days, without, [lines[place] for place in sorted(lines, key=_order)], total)


def _each_day(asked: Sequence[Source]) -> Iterator[tuple[Source, str]]:
    """The newest days first, so that what has been renamed is called what it is called now."""
    days = [(day, source) for source in asked for day in source.days]
    for day, source in sorted(days, key=lambda each: each[0], reverse=True):
        yield source, day


def _order(place: tuple[str, str]) -> tuple[str, int, str]:
    """By hall, and window 2 before window 10."""
    hall, key = place
    return hall, int(key) if key.isdecimal() else -1, key
