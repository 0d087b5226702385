"""Makes one module, a *unit*, of modules that are loaded together: each costs a board a module and its names again."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from tools.shrink.program import Name, Program, module_of
from tools.shrink.scopes import DEFINITIONS, IMPORTS, Globals, bodies, defined, local_name


def merge(program: Program, units: Mapping[str, Sequence[str]]) -> None:
    """`units`: path of a unit -> paths of its modules, each after those that it needs at start."""
    of = {module_of(path): module_of(unit) for unit, paths in units.items() for path in paths}
    of = {module: unit for module, unit in of.items() if module in program.modules}
    names = _names(program, of)
    _import_units(program, of, names)
    for unit, paths in units.items():
        body: list[ast.stmt] = []
        for module in [module_of(path) for path in paths if module_of(path) in of]:
            body += program.modules.pop(module).body
        program.modules[module_of(unit)] = ast.Module(_imports_once(body), [])
        program.paths[module_of(unit)] = unit


def _names(program: Program, of: dict[str, str]) -> dict[Name, str]:
    """What each global of a module is called in its unit: as before, unless two modules have the same name."""
    found: dict[Name, str] = {}
    taken: dict[str, set[str]] = {unit: set() for unit in of.values()}
    for module, unit in of.items():
        for name in sorted(defined(program.modules[module])):
            ours = name
            while ours in taken[unit]:
                ours += "_"
            taken[unit].add(ours)
            found[module, name] = ours
    return found


def _import_units(program: Program, of: dict[str, str], names: dict[Name, str]) -> None:
    """Has all modules use and import the names of units, and those that go into units use their new names."""
    for module in of:
        tree = program.modules[module]
        _rename(tree, {name: names[module, name] for name in defined(tree)})
    loads = list(program.loads())
    for module in program.modules:
        scopes = {id(scope): scope for at, scope, _, _ in loads if at == module}
        for scope in scopes.values():
            _Scope(program, of, names, module, scope).rewrite()


class _Scope:
    """A module or function that imports. A module uses the names of its own unit without importing them. A function
    imports each name as another, since it may have variables of that name, and one name from several places."""

    def __init__(self, program: Program, of: dict[str, str], names: dict[Name, str], module: str, scope):
        self._of = of
        self._names = names
        self._own = of.get(module) if isinstance(scope, ast.Module) else None
        self._scope = scope
        self._is_module = isinstance(scope, ast.Module)
        self._imported, self._modules = program.imports(scope)
        self._wanted: dict[str, dict[str, str]] = {}  # module -> name in its unit -> name here

    def rewrite(self) -> None:
        Globals(self._put).over(self._scope)
        for body in list(bodies(self._scope)):
            for node in [node for node in body if isinstance(node, ast.ImportFrom)]:
                place = body.index(node)
                body[place : place + 1] = self._instead(node)
            if not body:
                body.append(ast.Pass())

    def _put(self, node: ast.Name | ast.Attribute) -> ast.expr | None:
        if isinstance(node, ast.Name):
            name = self._imported.get(node.id) if self._is_module else None
        else:
            module = self._modules.get(node.value.id) if isinstance(node.value, ast.Name) else None
            name = (module, node.attr) if module else None
        if name is None or name[0] not in self._of:
            return None
        ours = here = self._names[name]
        if self._of[name[0]] != self._own:
            here = ours if self._is_module else ast.unparse(node).replace(".", "_")
            self._wanted.setdefault(name[0], {})[ours] = here
        return ast.copy_location(ast.Name(here, node.ctx), node)

    def _instead(self, node: ast.ImportFrom) -> list[ast.stmt]:
        rest: list[ast.alias] = []
        found: list[ast.stmt] = []
        for alias in node.names:
            whole = f"{node.module}.{alias.name}"
            module = whole if whole in self._of else str(node.module)
            if module not in self._of:
                rest.append(alias)
            elif module == whole or self._is_module:
                wanted = sorted(self._wanted.pop(module, {}).items())
                found += [_import(node, self._of[module], name, here) for name, here in wanted]
            else:
                found.append(_import(node, self._of[module], self._names[module, alias.name], local_name(alias)))
        return found + ([ast.copy_location(ast.ImportFrom(node.module, rest, 0), node)] if rest else [])


def _import(at: ast.stmt, unit: str, name: str, local: str) -> ast.stmt:
    return ast.copy_location(ast.ImportFrom(unit, [ast.alias(name, None if local == name else local)], 0), at)


def _rename(tree: ast.Module, names: dict[str, str]) -> None:
    def put(node: ast.Name | ast.Attribute) -> ast.expr | None:
        is_ours = isinstance(node, ast.Name) and node.id in names
        return ast.copy_location(ast.Name(names[node.id], node.ctx), node) if is_ours else None  # type: ignore

    Globals(put).over(tree)
    for node in (node for body in bodies(tree) for node in body):
        if isinstance(node, DEFINITIONS):
            node.name = names[node.name]
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if local_name(alias) in names:  # `try: from a import b`, `except ImportError: def b`
                    alias.asname = names[local_name(alias)]


def _imports_once(body: list[ast.stmt]) -> list[ast.stmt]:
    seen: set[str] = set()
    kept: list[ast.stmt] = []
    for node in body:
        text = ast.unparse(node) if isinstance(node, IMPORTS) else ""
        if not text or text not in seen:
            kept.append(node)
            seen.add(text)
    return kept
