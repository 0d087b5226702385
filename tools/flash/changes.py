"""Which files of a board are copied and which removed. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

START = "main.py"
"""What a board runs. It is taken away first and comes back last, so that a copy that is cut off leaves a board that
waits at its prompt, and not one that works with half of a new version."""

OURS = ("firmware/", "protocol/", "slots/")
"""Folders of programs. Updates over the air lie in the last one and would be started in place of what is flashed."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Paths, in the order in which they are done: first all of `remove`, then all of `copy`."""

    remove: tuple[str, ...]
    copy: tuple[str, ...]


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def changes(wanted: Mapping[str, bytes], found: Mapping[str, str]) -> Changes:
    """What makes a board with the files `found` (path -> SHA-256) have those that are `wanted`, and no other
    programs."""
    stale = [path for path in found if path.startswith(OURS) and path not in wanted]
    copy = [path for path, data in wanted.items() if found.get(path) != digest(data)]
    is_program = any(path.startswith(OURS) for path in (*stale, *copy))
    if START in wanted and START in found and is_program:
        stale.append(START)
    if START in stale and START not in copy:
        copy.append(START)
    return Changes(
        tuple(sorted(stale, key=lambda path: (path != START, path))),
        tuple(sorted(copy, key=lambda path: (path == START, path))),
    )


def wrong(wanted: Mapping[str, bytes], found: Mapping[str, str]) -> list[str]:
    """Paths that are not as they are wanted."""
    return [path for path, data in wanted.items() if found.get(path) != digest(data)]
