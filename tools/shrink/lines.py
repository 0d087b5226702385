"""Where the lines of the smaller programs are from, and what a board's traceback means."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

Lines = dict[str, list[str]]
"""Path of a smaller program -> for each of its lines, `path:line` of the source; or empty."""

PLACE = re.compile(r'File "([^"]+)", line (\d+)(, in \S+)?')


def origins(tree: ast.Module, text: str) -> list[str]:
    """For each line of `text`, which was made of `tree`."""
    found = [""] * text.count("\n")
    for ours, theirs in _pairs(tree, ast.parse(text)):
        path, line = getattr(ours, "origin", ""), getattr(ours, "lineno", 0)
        for number in range(theirs.lineno, (theirs.end_lineno or theirs.lineno) + 1):
            if path:
                found[number - 1] = f"{path}:{line}"
    return found


def _pairs(ours: ast.AST, theirs: ast.AST) -> Iterator[tuple[ast.stmt, ast.stmt]]:
    """Statements that are the same, outer before inner."""
    for field in ("body", "orelse", "finalbody", "handlers"):
        mine, other = getattr(ours, field, None), getattr(theirs, field, None)
        if isinstance(mine, list) and isinstance(other, list):
            for one, same in zip(mine, other, strict=True):
                if isinstance(one, ast.stmt):
                    yield one, same
                yield from _pairs(one, same)


def explain(traceback: str, lines: Lines) -> str:
    """The traceback of a board with places in the sources."""

    def place(match: re.Match[str]) -> str:
        known = lines.get(match[1], [])
        number = int(match[2])
        origin = known[number - 1] if 0 < number <= len(known) else ""
        path, _, line = origin.rpartition(":")
        return f'File "{path}", line {line}' if origin else match[0]

    return PLACE.sub(place, traceback)
