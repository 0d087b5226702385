"""Which statements of firmware/ the tests reach on MicroPython, which has no `sys.settrace`.

The sources are copied with a call before each statement: `hit(7)`. The first time that one is reached, the
interpreter writes its number to a file at once, so that a process that is killed has told what it did until then.
"""

from __future__ import annotations

import ast
import json
import shutil
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from tools.shrink import without_collector

ROOT = Path(__file__).parent.parent

MODULE = "covered_hits"

HITS = '''
"""Made by tests/covered.py."""

import os

_seen = bytearray({statements})
_file = open({folder!r} + "/hits-" + "".join("%02x" % byte for byte in os.urandom(8)), "w")


def hit(number):
    if not _seen[number]:
        _seen[number] = 1
        _file.write(str(number) + " ")
        _file.flush()
'''


class _Marker(ast.NodeTransformer):
    """Puts `hit(number)` before each statement. `lines` has the line of each number."""

    def __init__(self, first: int):
        self.first = first
        self.lines: list[int] = []

    def visit(self, node: ast.AST) -> ast.AST:
        self.generic_visit(node)
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list):
                setattr(node, field, self._marked(block))
        return node

    def _marked(self, block: list[ast.stmt]) -> list[ast.stmt]:
        marked = []
        for statement in block:
            if not _is_text(statement):
                number = ast.Constant(self.first + len(self.lines))
                marked.append(ast.Expr(ast.Call(ast.Name("hit", ast.Load()), [number], [])))
                self.lines.append(statement.lineno)
            marked.append(statement)
        return marked


def _is_text(statement: ast.stmt) -> bool:
    """A docstring, or the text below a constant: nothing is done there."""
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def copy(target: Path) -> None:
    """A tree in `target` that runs as the checkout does and keeps count of firmware/."""
    shutil.copytree(ROOT / "firmware", target / "firmware", ignore=shutil.ignore_patterns("__pycache__"))
    places: list[tuple[str, int]] = []
    for path in sorted((ROOT / "firmware").rglob("*.py")):
        name = str(path.relative_to(ROOT))
        marker = _Marker(len(places))
        with without_collector():
            tree = ast.fix_missing_locations(marker.visit(ast.parse(path.read_text())))
        (target / name).write_text(f"from {MODULE} import hit\n" + ast.unparse(tree))
        places += [(name, line) for line in marker.lines]
    for folder in ("protocol", "tests"):
        (target / folder).symlink_to(ROOT / folder)
    (target / f"{MODULE}.py").write_text(HITS.format(statements=len(places), folder=str(target)))
    (target / "places.json").write_text(json.dumps(places))


class OfFile(NamedTuple):
    """Of one source: how many statements it has, and the lines of those that nothing reached."""

    statements: int
    missed: list[int]


def counted(target: Path) -> dict[str, OfFile]:
    """What ran in the tree `target`, by the source's path in the checkout."""
    reached = {int(number) for path in target.glob("hits-*") for number in path.read_text().split()}
    lines = defaultdict(list)
    for number, (name, line) in enumerate(json.loads((target / "places.json").read_text())):
        lines[name].append((line, number in reached))
    return {
        name: OfFile(len(of_file), sorted(line for line, hit in of_file if not hit)) for name, of_file in lines.items()
    }
