"""Dataclasses to JSON values and back, by their type hints: for the log and for snapshots.

Handles what the core is made of: dataclasses, named tuples, str, int, bool, float, dict, list, tuple and set. Fields
that are missing get their default, so an old log reads with a newer core.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

Names = dict[str, str]
"""Language ('zh-Hans', 'zh-Hant', 'en') -> name."""


def to_plain(value: Any) -> Any:
    """`value` as JSON values. Sets become sorted lists, so that the same value always gives the same JSON."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {key: to_plain(item) for key, item in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(to_plain(item) for item in value)
    if isinstance(value, (list, tuple)):
        return [to_plain(item) for item in value]
    return value


def from_plain(kind: Any, value: Any) -> Any:
    """The `kind` that `to_plain` made `value` of. Raises TypeError for a key that the dataclass does not have."""
    return _reader(kind)(value)


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    """How to read a value of `kind`; worked out once for each."""
    origin, inner = get_origin(kind), get_args(kind)
    if is_dataclass(kind):
        return _dataclass_reader(kind)
    if isinstance(kind, type) and issubclass(kind, tuple) and hasattr(kind, "_fields"):
        return lambda value: kind(*value)
    if origin is dict:
        read = _reader(inner[1])
        return lambda value: {key: read(item) for key, item in value.items()}
    if origin in (list, set, frozenset):
        read, make = _reader(inner[0]), origin
        return lambda value: make(read(item) for item in value)
    if origin is tuple and inner[-1:] == (Ellipsis,):
        read = _reader(inner[0])
        return lambda value: tuple(read(item) for item in value)
    if origin is tuple:
        return tuple
    return lambda value: value


def _dataclass_reader(kind: Any) -> Callable[[Any], Any]:
    hints = get_type_hints(kind)
    readers: dict[str, Callable[[Any], Any]] = {}

    def read(value: dict[str, Any]) -> Any:
        if not readers:  # filled late: a dataclass may hold its own kind
            readers.update({field.name: _reader(hints[field.name]) for field in fields(kind)})
        return kind(**{name: readers[name](item) if name in readers else item for name, item in value.items()})

    return read
