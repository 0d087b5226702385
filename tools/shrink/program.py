"""The modules of a bundle as one program: who means what by a name."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from tools.shrink.scopes import FUNCTIONS, IMPORTS, Globals, bodies, defined, local_name

Name = tuple[str, str]
"""Module, and one of its globals."""


def module_of(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")


def parse(path: str, text: str) -> ast.Module:
    """The module without docstrings and annotations, which do nothing on a board. Each node knows where it is from."""
    module = ast.parse(text, path)
    for node in ast.walk(module):
        node.origin = path  # type: ignore[attr-defined]
        for field in ("body", "orelse", "finalbody"):
            body = getattr(node, field, None)
            if isinstance(body, list) and body:
                body[:] = [item for item in body if not _is_text(item)] or [ast.copy_location(ast.Pass(), body[0])]
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.returns = None
        if isinstance(node, ast.arg):
            node.annotation = None
    return module


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


class Program:
    """`modules`: dotted name -> module. What a module means by a name that it imported is found through all of them."""

    def __init__(self, texts: Mapping[str, str]):
        self.paths = {module_of(path): path for path in texts}
        self.modules = {module_of(path): parse(path, text) for path, text in texts.items()}

    def nodes(self) -> Iterator[ast.AST]:
        """Every node of all modules."""
        for tree in self.modules.values():
            yield from ast.walk(tree)

    def imports(self, scope: ast.AST) -> tuple[dict[str, Name], dict[str, str]]:
        """What `scope` imports of the program by `from ... import`: local name -> name, and local name -> module."""
        names: dict[str, Name] = {}
        modules: dict[str, str] = {}
        for node, alias in _imported(scope):
            if f"{node.module}.{alias.name}" in self.modules:
                modules[local_name(alias)] = f"{node.module}.{alias.name}"
            elif node.module in self.modules:
                names[local_name(alias)] = (str(node.module), alias.name)
        return names, modules

    def meaning(self, module: str):
        """A function that says which Name of the program a node of the module's own level means, or None."""
        names, modules = self.imports(self.modules[module])
        own = defined(self.modules[module])

        def means(node: ast.Name | ast.Attribute) -> Name | None:
            if isinstance(node, ast.Attribute):
                owner = modules.get(node.value.id) if isinstance(node.value, ast.Name) else None
                return (owner, node.attr) if owner else None
            if node.id in names:
                return names[node.id]
            return (module, node.id) if node.id in own else None

        return means

    def mentioned(self, module: str, part: ast.AST) -> set[Name]:
        """Every Name of the program that `part` of the module mentions, also by imports inside of functions."""
        found: set[Name] = set()
        means = self.meaning(module)

        def note(node: ast.Name | ast.Attribute) -> None:
            name = means(node)
            if name:
                found.add(name)

        Globals(note).visit(part)
        for scope in (node for node in ast.walk(part) if isinstance(node, FUNCTIONS)):
            _, modules = self.imports(scope)
            found |= {(str(node.module), alias.name) for node, alias in _imported(scope) if node.module in self.modules}
            for node in ast.walk(scope):
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
                    found.add((modules[node.value.id], node.attr))
        return found

    def reached(self) -> set[Name]:
        """Every Name that some module imports of another, or reaches through it."""
        found: set[Name] = set()
        for module, tree in self.modules.items():
            for part in tree.body:
                found |= {name for name in self.mentioned(module, part) if name[0] != module}
            found |= {(str(node.module), alias.name) for node, alias in _imported(tree) if node.module in self.modules
                      and f"{node.module}.{alias.name}" not in self.modules}  # fmt: skip
        return found

    def loads(self) -> Iterator[tuple[str, ast.AST, list[ast.stmt], ast.Import | ast.ImportFrom]]:
        """(module, scope, body, import) of all imports."""
        for module, tree in self.modules.items():
            scopes = [tree, *(node for node in ast.walk(tree) if isinstance(node, FUNCTIONS))]
            for scope in scopes:
                for body in bodies(scope):
                    yield from ((module, scope, body, node) for node in body if isinstance(node, IMPORTS))


def _imported(scope: ast.AST) -> Iterator[tuple[ast.ImportFrom, ast.alias]]:
    for node in (node for body in bodies(scope) for node in body if isinstance(node, ast.ImportFrom)):
        yield from ((node, alias) for alias in node.names)
