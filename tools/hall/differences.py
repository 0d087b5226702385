"""What is different between two hall files: line by line, and in words. Pure: two texts in, text out.

The words are made from what is written in the files, not from the checked hall: a stored version has no contacts (they
are kept out of the log), so it could not be checked again.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from hub.config.words import window_ids

NOUNS = {"services": "service", "classes": "class", "conditions": "condition", "ratios": "ratio", "alarms": "alarm"}
NOUNS |= {"groups": "group", "zones": "zone", "pauses": "pause", "clerks": "clerk", "contacts": "contact"}
"""Tables whose entries have an id -> what one of them is called."""

ROWS = {"opening": "opening hours", "shifts": "shift", "admission": "admission", "slots": "slots"}
"""Arrays of rows without an id -> what one of them is called."""

VALUE_CHARS = 60
"""Of a value that is told; whoever wants all of it reads the diff."""

LANGUAGE = "en"
"""Of the names that are told, like all of the command line."""

Table = dict[str, Any]


def as_diff(before: str, after: str, before_name: str, after_name: str) -> str:
    """A unified diff; empty when the texts are equal."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), before_name, after_name, lineterm="")
    return "".join(f"{line}\n" for line in lines)


def in_words(before: str, after: str) -> list[str]:
    """What changes from one hall file to the other, a line for each thing. Raises tomllib.TOMLDecodeError."""
    old, new = tomllib.loads(before), tomllib.loads(after)
    return [*_settings(old, new), *_windows(old, new), *_named(old, new), *_rows(old, new)]


def _settings(old: Table, new: Table) -> Iterator[str]:
    for table in ("hall", "calendar", "calls"):
        for change in _changes(old.get(table, {}), new.get(table, {})):
            yield f"{table}: {change}"


def _windows(old: Table, new: Table) -> Iterator[str]:
    """Windows with the same change are told together, as `windows 101-142`."""
    before, after = _each_window(old), _each_window(new)
    said: dict[str, list[str]] = {}
    for window in {**before, **after}:
        for change in _about_window(before.get(window), after.get(window)):
            said.setdefault(change, []).append(window)
    for change, windows in said.items():
        yield f"{'window' if len(windows) == 1 else 'windows'} {_ranges(windows)} {change}"


def _each_window(hall: Table) -> dict[str, Table]:
    return {window: table for key, table in hall.get("windows", {}).items() for window in window_ids(key)}


def _about_window(before: Table | None, after: Table | None) -> list[str]:
    if before is None:
        return ["added"]
    if after is None:
        return ["closed: it is no longer in the file"]
    return [f"changed: {change}" for change in _changes(before, after)]


def _ranges(windows: list[str]) -> str:
    """`1-3, 7, green`."""
    numbers = [window for window in windows if re.fullmatch(r"[1-9]\d*", window)]
    spans = []
    for _, group in groupby(enumerate(sorted(map(int, numbers))), lambda each: each[1] - each[0]):
        run = [number for _, number in group]
        spans.append(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}")
    return ", ".join([*spans, *(window for window in windows if window not in numbers)])


def _named(old: Table, new: Table) -> Iterator[str]:
    for table, noun in NOUNS.items():
        before, after = _by_id(old.get(table, {})), _by_id(new.get(table, {}))
        for key in {**before, **after}:
            if key not in before:
                yield f"{noun} {key} added{_name(after[key])}"
            elif key not in after:
                yield f"{noun} {key} removed{_name(before[key])}"
            else:
                yield from (f"{noun} {key} changed: {change}" for change in _changes(before[key], after[key]))


def _by_id(entries: dict[str, Table] | list[Table]) -> dict[str, Table]:
    """Entries by id; conditions, ratios and alarms stand in an order and carry theirs with them."""
    return entries if isinstance(entries, dict) else {str(entry.get("id")): entry for entry in entries}


def _name(entry: Table) -> str:
    name = entry.get("name", "")
    text = name.get(LANGUAGE, "") if isinstance(name, dict) else name
    return f": {text}" if text else ""


def _rows(old: Table, new: Table) -> Iterator[str]:
    for table, noun in ROWS.items():
        before, after = old.get(table, []), new.get(table, [])
        yield from (f"{noun} removed: {_row(row)}" for row in before if row not in after)
        yield from (f"{noun} added: {_row(row)}" for row in after if row not in before)
        if before != after and all(row in after for row in before) and all(row in before for row in after):
            yield f"{noun}: the order of the rows changed"


def _row(row: Table) -> str:
    return ", ".join(f"{key} {_told(value)}" for key, value in row.items())


def _changes(before: Table, after: Table) -> Iterator[str]:
    """`key old -> new` for each key that is not the same."""
    for key in {**before, **after}:
        if before.get(key) != after.get(key):
            yield f"{key} {_told(before.get(key))} -> {_told(after.get(key))}"


def _told(value: Any) -> str:
    """A value for people."""
    if value is None:
        return "(not set)"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        text = ", ".join(_told(each) for each in value) or "(none)"
    elif isinstance(value, dict):
        text = ", ".join(f"{key} {_told(each)}" for key, each in value.items()) or "(none)"
    else:
        text = str(value)
    return text if len(text) <= VALUE_CHARS else text[: VALUE_CHARS - 1] + "…"
