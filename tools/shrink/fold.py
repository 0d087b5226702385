"""Puts constants in the places where they are used: a number in the code costs a board less than a global."""

from __future__ import annotations

import ast
import re

from tools.shrink.program import Name, Program
from tools.shrink.scopes import Globals

Constant = int | str

TEXT_CHARS = 10
"""MicroPython keeps a longer text once for each place that has it, a short one once for all."""

CONSTANT = re.compile(r"_?[A-Z][A-Z0-9_]*")


def fold(program: Program) -> None:
    """Puts whole numbers and short texts in place of the names that stand for them."""
    known = _constants(program)
    for module, tree in program.modules.items():
        means = program.meaning(module)

        def put(node: ast.Name | ast.Attribute, means=means) -> ast.expr | None:
            name = means(node) if isinstance(node.ctx, ast.Load) else None
            return ast.copy_location(ast.Constant(known[name]), node) if name in known else None

        Globals(put).over(tree)


def _constants(program: Program) -> dict[Name, Constant]:
    """Those of all modules; one may be made of those before it, and of what it imports."""
    found: dict[Name, Constant] = {}
    before = -1
    while len(found) > before:
        before = len(found)
        for module, tree in program.modules.items():
            means = program.meaning(module)
            for node in tree.body:
                if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                    value = _value(node.value, means, found) if CONSTANT.fullmatch(node.targets[0].id) else None
                    if value is not None:
                        found[module, node.targets[0].id] = value
    return found


def _value(node: ast.expr, means, known: dict[Name, Constant]) -> Constant | None:
    """The value of an expression of constants, if it can be folded, else None."""
    names: dict[str, Constant] = {}
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            name = means(part)
            if name not in known:
                return None
            names[part.id] = known[name]
        elif not isinstance(part, ast.Constant | ast.BinOp | ast.UnaryOp | ast.operator | ast.unaryop | ast.Load):
            return None
    value = eval(compile(ast.fix_missing_locations(ast.Expression(node)), "constant", "eval"), {}, names)
    short = type(value) is str and len(value) <= TEXT_CHARS
    return value if type(value) is int or short else None
