"""Gives a program names that the interpreter has anyway.

Each distinct name costs a board its letters and ten bytes more, for ever, even when what it named is forgotten. The
names of MicroPython's own functions and types lie in ROM and cost nothing. So attributes, globals and parameters of the
program are called by names of ROM that it does not use itself; when these run out, by short ones.
"""

from __future__ import annotations

import ast
import builtins
import itertools
import keyword
import string
from collections.abc import Collection, Iterator
from pathlib import Path

from tools.shrink.attributes import rename_attributes
from tools.shrink.program import Name, Program
from tools.shrink.scopes import DEFINITIONS, FUNCTIONS, Globals, bodies, bound, defined, local_name

ROM = (Path(__file__).parent / "rom_names.txt").read_text("utf-8").split()
"""Names that every build of MicroPython has: what `dir()` tells of its builtin types and modules, on two ports."""

BUILTINS = frozenset(dir(builtins))

PARAMETERS = [name for name in ROM if name not in BUILTINS][:40]
"""The first parameter of every function has the same name, and so on: few names are enough for all."""


def rename(program: Program, kept: Collection[str]) -> None:
    """`kept`: as for shrink."""
    mentioned = _mentioned(program)
    rename_attributes(program, _pool([name for name in ROM if name not in mentioned], mentioned), frozenset(ROM))
    _rename_globals(program, kept)
    _rename_parameters(program)
    check(program)


def check(program: Program) -> None:
    """Raises ValueError for what a module imports of another, or reaches through it, and is not there."""
    there = {module: bound(tree) for module, tree in program.modules.items()}
    wrong = [f"{module}.{name}" for module, name in program.reached() if name not in there[module]]
    if wrong:
        raise ValueError(f"not there: {', '.join(sorted(wrong))}")


def _pool(first: list[str], taken: Collection[str]) -> Iterator[str]:
    """`first`, then one and two letters; none that is taken."""
    letters = string.ascii_letters
    short = itertools.chain(letters, map("".join, itertools.product(letters, letters + string.digits)))
    return (name for name in itertools.chain(first, short) if name not in taken and not keyword.iskeyword(name))


def _mentioned(program: Program) -> set[str]:
    """Every name in the program, and every text, which may be one."""
    found: set[str] = set()
    for node in program.nodes():
        if isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, DEFINITIONS):
            found.add(node.name)
        elif isinstance(node, ast.arg | ast.keyword):
            found.add(node.arg or "")
        elif isinstance(node, ast.alias):
            found |= {node.name, local_name(node)}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
    return found


def _rename_globals(program: Program, kept: Collection[str]) -> None:
    """Those of all modules but the kept. Each gets a name that nothing else in the program has as a variable."""
    taken = {name for scope in program.nodes() if isinstance(scope, (*FUNCTIONS, ast.Module)) for name in bound(scope)}
    taken |= {node.id for node in program.nodes() if isinstance(node, ast.Name)} | BUILTINS
    names = _pool(ROM, taken)
    new: dict[Name, str] = {}
    for module, tree in program.modules.items():
        mine = () if module in kept else sorted(defined(tree))
        new |= {(module, name): next(names) for name in mine if _may_change(module, name, kept)}
    meanings = {module: program.meaning(module) for module in program.modules}
    loads = list(program.loads())
    for module, tree in program.modules.items():
        own = {name: new[module, name] for name in defined(tree) if (module, name) in new}

        def put(node: ast.Name | ast.Attribute, means=meanings[module]) -> ast.expr | None:
            name = means(node)
            if name not in new:
                return None
            if isinstance(node, ast.Attribute):
                return ast.copy_location(ast.Attribute(node.value, new[name], node.ctx), node)
            return ast.copy_location(ast.Name(new[name], node.ctx), node)

        Globals(put).over(tree)
        for node in (node for body in bodies(tree) for node in body if isinstance(node, DEFINITIONS)):
            node.name = own.get(node.name, node.name)
        for _, scope, _, node in (load for load in loads if load[0] == module):
            if not isinstance(scope, ast.Module):
                _rename_reached(program, scope, new)
            if isinstance(node, ast.ImportFrom):
                _rename_import(node, isinstance(scope, ast.Module), new, own)


def _rename_reached(program: Program, function: ast.AST, new: dict[Name, str]) -> None:
    """What a function reaches through a module that it imports itself."""
    _, modules = program.imports(function)
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
            node.attr = new.get((modules[node.value.id], node.attr), node.attr)


def _may_change(module: str, name: str, kept: Collection[str]) -> bool:
    return f"{module}:{name}" not in kept and not name.startswith("__")


def _rename_import(node: ast.ImportFrom, is_global: bool, new: dict[Name, str], own: dict[str, str]) -> None:
    for alias in node.names:
        name, local = new.get((str(node.module), alias.name)), local_name(alias)
        if name:
            alias.name, alias.asname = name, None if is_global else local
        elif is_global and local in own:  # `try: from a import b`, where b is a name of this module
            alias.asname = own[local]


def _rename_parameters(program: Program) -> None:
    """Those of functions without functions inside, but for the ones that some call gives by name."""
    keywords = {node.arg for node in program.nodes() if isinstance(node, ast.keyword) and node.arg}
    for function in [node for node in program.nodes() if isinstance(node, FUNCTIONS)]:
        nodes = list(ast.walk(function))
        if sum(isinstance(node, FUNCTIONS) for node in nodes) > 1:
            continue
        inside = keywords | {node.id for node in nodes if isinstance(node, ast.Name)} | bound(function)
        names = _pool(PARAMETERS, inside)
        new = {item.arg: next(names) for item in function.args.args if item.arg not in keywords}
        for node in nodes:
            if isinstance(node, ast.Name):
                node.id = new.get(node.id, node.id)
            elif isinstance(node, ast.arg):
                node.arg = new.get(node.arg, node.arg)
