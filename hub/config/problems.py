"""What is wrong in a hall file, and in which line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

Path = tuple[str | int, ...]
"""Where a value is: keys of tables, and positions in arrays from 0, as in ("shifts", 2, "windows")."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a hall file. `line` counts from 1; 0 when it is nowhere in particular."""

    line: int
    where: str
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.where}: {self.reason}" if self.line else f"{self.where}: {self.reason}"


class HallFileError(Exception):
    """The hall file cannot be used; `problems` has all of it, in the order of the lines."""

    def __init__(self, problems: Iterable[Problem]):
        self.problems = sorted(problems, key=lambda problem: problem.line)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def shown(path: Path) -> str:
    """`path` for people, who count from 1: `shifts #3.windows`."""
    return "".join(f" #{part + 1}" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


class Lines:
    """Finds the line of a value: the first header or key line that matches its path. tomllib does not tell lines."""

    def __init__(self, text: str):
        self._lines: dict[Path, int] = {}
        self._lengths: dict[Path, int] = {}
        table: Path = ()
        for number, line in enumerate(text.splitlines(), 1):
            if header := re.match(r"\s*\[\[([^\[\]]+)\]\]", line):
                table = self._next_of_array(self._inside_arrays(_keys(header[1])))
                self._lines.setdefault(table, number)
            elif header := re.match(r"\s*\[([^\[\]]+)\]", line):
                table = self._inside_arrays(_keys(header[1]))
                for depth in range(1, len(table) + 1):
                    self._lines.setdefault(table[:depth], number)
            elif key := re.match(r"\s*([\w\-.\"]+)\s*=", line):
                self._lines.setdefault((*table, *_keys(key[1])), number)

    def of(self, path: Path) -> int:
        """The line of `path`, or of the nearest table around it; 0 when there is none."""
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, 0)

    def _next_of_array(self, array: Path) -> Path:
        position = self._lengths.get(array, 0)
        self._lengths[array] = position + 1
        return (*array, position)

    def _inside_arrays(self, keys: tuple[str, ...]) -> Path:
        """A header such as [shifts.clerks] is about the last of [[shifts]]."""
        path: Path = ()
        for index, key in enumerate(keys):
            path = (*path, key)
            if path in self._lengths and index < len(keys) - 1:
                path = (*path, self._lengths[path] - 1)
        return path


def _keys(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip('"') for part in dotted.split("."))
