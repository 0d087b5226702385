"""The state as JSON values and back, so that a hub that starts need not read the whole log.

Lines are not stored: they are made again from the tickets. Visits of earlier days are most of it, so each of their
stops is only the number of a row (where, by whom, which service) that many share.
"""

from __future__ import annotations

import hashlib
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from hub.core import hall, tickets
from hub.core.applying.moving import stand_in_line
from hub.core.events import KINDS
from hub.core.lines import Lines
from hub.core.plain import from_plain, to_plain
from hub.core.state import Served, ServedAt, State

MEANING = 1
"""Raised when the same fields come to mean something else, so that snapshots of before are not read."""

_DERIVED = ("lines", "memo")
_APART = (*_DERIVED, "hall", "past")


def copy_of(state: State) -> State:
    """A copy that later events leave alone, without lines and memo. It is made between two presses, 0.1 s for 10,000
    tickets of a day; all the rest can be done elsewhere."""
    own = {name: _copied(getattr(state, name)) for name in _containers(State) if name not in _DERIVED}
    return replace(state, lines=Lines(), memo={}, **own)


def _copied(value: Any) -> Any:
    """A dict, list, set or changeable dataclass anew, as far down as it can change."""
    if isinstance(value, dict):
        return {key: _copied(item) if _can_change(item) else item for key, item in value.items()}
    if isinstance(value, list):
        return [_copied(item) if _can_change(item) else item for item in value]
    if isinstance(value, set):
        return set(value)
    return replace(value, **{name: _copied(getattr(value, name)) for name in _containers(type(value))})


def _can_change(value: Any) -> bool:
    if is_dataclass(value):
        return not value.__dataclass_params__.frozen  # type: ignore[attr-defined]
    return isinstance(value, (dict, list, set))


@cache
def _containers(kind: type) -> list[str]:
    """The fields of the dataclass `kind` that hold a dict, a list or a set."""
    hints = get_type_hints(kind)
    return [each.name for each in fields(kind) if get_origin(hints[each.name]) in (dict, list, set)]


def to_dict(state: State) -> dict[str, Any]:
    """`state` as JSON values."""
    plain = {each.name: to_plain(getattr(state, each.name)) for each in fields(State) if each.name not in _APART}
    return {
        **plain,
        "hall": hall.to_dict(state.hall) if state.hall else None,
        "past": _past_to_dict(state.past),
    }


def from_dict(value: dict[str, Any]) -> State:
    """The state that `to_dict` wrote. Raises TypeError, KeyError, ValueError, IndexError or AttributeError for anything
    else."""
    state = from_plain(State, {name: item for name, item in value.items() if name not in _APART})
    if value["hall"]:
        state.hall = hall.from_dict(value["hall"])
    state.past = _past_from_dict(value["past"])
    return with_lines(state)


def with_lines(state: State) -> State:
    """`state`, which has no lines, with those of its tickets."""
    for ticket in state.tickets.values():
        if ticket.state in (tickets.WAITING, tickets.OUTSIDE):
            stand_in_line(state, ticket)
    return state


def _past_to_dict(past: dict[str, Served]) -> dict[str, Any]:
    rows: dict[ServedAt, int] = {}
    days: dict[str, dict[str, int | list[int]]] = {}
    for visit, served in past.items():
        stops = [rows.setdefault(stop, len(rows)) for stop in served.stops]
        days.setdefault(served.day, {})[visit] = stops[0] if len(stops) == 1 else stops
    return {"stops": [to_plain(stop) for stop in rows], "days": days}


def _past_from_dict(value: dict[str, Any]) -> dict[str, Served]:
    rows = [from_plain(ServedAt, stop) for stop in value["stops"]]
    return {
        visit: Served(day, (rows[stops],) if isinstance(stops, int) else tuple(rows[stop] for stop in stops))
        for day, visits in value["days"].items()
        for visit, stops in visits.items()
    }


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
