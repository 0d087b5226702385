"""A class that only names a namedtuple and says what it is becomes that namedtuple: a class of its own would cost a
board 150 bytes, and each of its records a second object."""

from __future__ import annotations

import ast

from tools.shrink.program import Program


def records(program: Program) -> None:
    """Puts `X = namedtuple(...)` in place of `class X(namedtuple(...))` without methods."""
    for tree in program.modules.values():
        tree.body = [_record(node) if isinstance(node, ast.ClassDef) else node for node in tree.body]


def _record(node: ast.ClassDef) -> ast.stmt:
    is_plain = len(node.bases) == 1 and not node.keywords and not node.decorator_list
    if not (is_plain and _is_namedtuple(node.bases[0]) and all(map(_says_nothing, node.body))):
        return node
    return ast.copy_location(ast.Assign([ast.Name(node.name, ast.Store())], node.bases[0]), node)


def _is_namedtuple(base: ast.expr) -> bool:
    return isinstance(base, ast.Call) and isinstance(base.func, ast.Name) and base.func.id == "namedtuple"


def _says_nothing(node: ast.stmt) -> bool:
    return isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
