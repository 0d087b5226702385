"""The state as JSON values and back, so that a hub that starts need not read the whole log.

Lines are not stored: they are made again from the tickets. Of earlier days, which are most of it, each way of having
been served (by whom, where) is stored once, and a visit is a number that points to it.
"""

from __future__ import annotations

import hashlib
from dataclasses import fields, is_dataclass, replace
from typing import Any, get_args, get_type_hints

from hub.core import hall, tickets
from hub.core.applying.moving import stand_in_line
from hub.core.events import KINDS
from hub.core.lines import Lines
from hub.core.plain import from_plain, to_plain
from hub.core.state import Served, State

MEANING = 1
"""Raised when the same fields come to mean something else, so that snapshots of before are not read."""

_DERIVED = ("lines", "memo")
_APART = (*_DERIVED, "hall", "past")


def copy_of(state: State) -> State:
    """A copy that later events leave alone, without lines and memo. A few milliseconds: it is made between two presses,
    and all the rest can be done elsewhere."""
    return replace(
        state,
        lines=Lines(),
        memo={},
        tickets={
            key: replace(each, stops=[replace(stop) for stop in each.stops]) for key, each in state.tickets.items()
        },
        numbers=set(state.numbers),
        counts=dict(state.counts),
        drawn=dict(state.drawn),
        windows={key: replace(each) for key, each in state.windows.items()},
        automatic=set(state.automatic),
        boards={key: replace(each, visits=list(each.visits)) for key, each in state.boards.items()},
        past=dict(state.past),
        bookings={key: replace(each) for key, each in state.bookings.items()},
        codes=dict(state.codes),
        slots=dict(state.slots),
        checks={key: replace(each) for key, each in state.checks.items()},
        alarms={key: replace(each) for key, each in state.alarms.items()},
        pace={key: replace(each, recent_ms=list(each.recent_ms)) for key, each in state.pace.items()},
        trust={key: replace(each, errors=list(each.errors)) for key, each in state.trust.items()},
    )


def to_dict(state: State) -> dict[str, Any]:
    """`state` as JSON values."""
    plain = {each.name: to_plain(getattr(state, each.name)) for each in fields(State) if each.name not in _APART}
    ways: dict[Served, int] = {}
    visits = {visit: ways.setdefault(served, len(ways)) for visit, served in state.past.items()}
    return {
        **plain,
        "hall": hall.to_dict(state.hall) if state.hall else None,
        "past": {"ways": to_plain(list(ways)), "visits": visits},
    }


def from_dict(value: dict[str, Any]) -> State:
    """The state that `to_dict` wrote. Raises TypeError, KeyError, ValueError, IndexError or AttributeError for anything
    else."""
    state = from_plain(State, {name: item for name, item in value.items() if name not in _APART})
    if value["hall"]:
        state.hall = hall.from_dict(value["hall"])
    ways = [from_plain(Served, way) for way in value["past"]["ways"]]
    state.past = {visit: ways[index] for visit, index in value["past"]["visits"].items()}
    for ticket in state.tickets.values():
        if ticket.state in (tickets.WAITING, tickets.OUTSIDE):
            stand_in_line(state, ticket)
    return state


def _shape() -> str:
    """A digest over the names and types of everything that a state and the events are made of: a program with another
    one must not read the snapshot."""
    kinds: dict[str, list[tuple[str, str]]] = {}
    todo: list[Any] = [State, *KINDS.values()]
    while todo:
        kind = todo.pop()
        if isinstance(kind, type) and is_dataclass(kind) and kind.__name__ not in kinds:
            kinds[kind.__name__] = [(each.name, str(each.type)) for each in fields(kind)]
            todo.extend(get_type_hints(kind).values())
        else:
            todo.extend(get_args(kind))
    return hashlib.sha256(repr((MEANING, sorted(kinds.items()))).encode()).hexdigest()[:16]


SHAPE = _shape()
"""Names the form of a snapshot. Another one: written by another version of the program, and not to be read."""
