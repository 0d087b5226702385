"""Renames the attributes that a program makes itself: methods, fields of records, what objects set on themselves."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from pathlib import Path

from tools.shrink.program import Program
from tools.shrink.scopes import bound, local_name

Method = ast.FunctionDef | ast.AsyncFunctionDef

FOREIGN = frozenset((Path(__file__).parent / "foreign_names.txt").read_text("utf-8").split())
"""What is asked of objects that the program did not make: of machine, network, streams, files and exceptions. One of
its own with such a name keeps it."""

BY_TEXT = ("getattr", "hasattr", "namedtuple")
"""Functions whose second argument names attributes."""


def rename_attributes(program: Program, names: Iterator[str], free_of_charge: Collection[str]) -> None:
    """Gives them the next of `names`, but for those that are `free_of_charge` as they are. Private names that never
    meet in one class share one."""
    classes = _classes(program)
    own = set().union(*(own for own, _ in classes)) | _fields(program)
    others = FOREIGN | _of_modules(program) | {name for _, name in program.reached()}
    own = {name for name in own - others - set(free_of_charge) if not name.startswith("__")}
    new: dict[str, str] = {name: next(names) for name in sorted(own) if not name.startswith("_")}
    shared: list[str] = []
    for name in sorted(own - set(new)):
        together = set().union(*(mentioned for _, mentioned in classes if name in mentioned))
        taken = {new[other] for other in together if other in new}
        found = next((it for it in shared if it not in taken), "")
        if not found:
            found = next(names)
            shared.append(found)
        new[name] = found
    _apply(program, new)


def _classes(program: Program) -> list[tuple[set[str], set[str]]]:
    """Of each class: (attributes that it makes, attributes that it mentions)."""
    found = []
    for node in program.nodes():
        if isinstance(node, ast.ClassDef):
            own = bound(node).union(*(_set_on_itself(item) for item in node.body if isinstance(item, Method)))
            found.append((own, own | {item.attr for item in ast.walk(node) if isinstance(item, ast.Attribute)}))
    return found


def _set_on_itself(method: Method) -> set[str]:
    me = method.args.args[0].arg if method.args.args else ""
    nodes = (node for node in ast.walk(method) if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store))
    return {node.attr for node in nodes if isinstance(node.value, ast.Name) and node.value.id == me}


def _named_by_text(node: ast.AST) -> list[ast.Constant]:
    """The texts in a call that name attributes."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in BY_TEXT):
        return []
    return [it for it in ast.walk(node.args[1]) if isinstance(it, ast.Constant) and isinstance(it.value, str)]


def _fields(program: Program) -> set[str]:
    """The fields of all records."""
    records = (
        node for node in program.nodes() if isinstance(node, ast.Call) and ast.unparse(node.func) == "namedtuple"
    )
    return {str(item.value) for node in records for item in _named_by_text(node)}


def _of_modules(program: Program) -> set[str]:
    """Attributes of modules that are not the program's."""
    found: set[str] = set()
    for tree in program.modules.values():
        nodes = list(ast.walk(tree))
        modules = {local_name(alias) for node in nodes if isinstance(node, ast.Import) for alias in node.names}
        for node in nodes:
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
                found.add(node.attr)
    return found


def _apply(program: Program, new: dict[str, str]) -> None:
    for node in program.nodes():
        if isinstance(node, ast.Attribute):
            node.attr = new.get(node.attr, node.attr)
        elif isinstance(node, ast.ClassDef):
            _rename_members(node, new)
        for text in _named_by_text(node):
            text.value = new.get(str(text.value), text.value)


def _rename_members(node: ast.ClassDef, new: dict[str, str]) -> None:
    own = bound(node)
    for item in node.body:
        if isinstance(item, Method):
            item.name = new.get(item.name, item.name)
        else:
            for part in ast.walk(item):  # `count = 0`, `b = a`
                if isinstance(part, ast.Name) and part.id in own:
                    part.id = new.get(part.id, part.id)
