"""Leaves out what a board never uses: functions, classes, methods, globals, imports and whole modules."""

from __future__ import annotations

import ast
from collections.abc import Collection

from tools.shrink.program import Name, Program
from tools.shrink.scopes import DEFINITIONS, local_name

Part = ast.stmt
METHODS = (ast.FunctionDef, ast.AsyncFunctionDef)


def prune(program: Program, kept: Collection[str]) -> None:
    """`kept` are dotted names: of modules, all of which is used by others, and of single globals as `module:name`."""
    used = _Used(program)
    for module, tree in program.modules.items():
        for node in tree.body:
            names = _makes(node)
            if names is None or module in kept or any(f"{module}:{name}" in kept for name in names):
                used.add(module, node)
    used.follow()
    for tree in program.modules.values():
        tree.body = [node for node in tree.body if used.has(node)]
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                node.body = [item for item in node.body if not isinstance(item, METHODS) or used.has(item)]
                node.body = node.body or [ast.copy_location(ast.Pass(), node)]
    for tree in program.modules.values():
        _drop_imports(tree)
    asked = _asked(program)
    for module in [module for module, tree in program.modules.items() if not tree.body]:
        if module not in asked or program.paths[module].endswith("__init__.py"):  # a package needs none
            del program.modules[module]


def _asked(program: Program) -> set[str]:
    """Modules that some import names, and packages of which something is imported."""
    found: set[str] = set()
    for *_, node in program.loads():
        if isinstance(node, ast.ImportFrom):
            found |= {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
        else:
            found |= {alias.name for alias in node.names}
    return found


def _makes(node: ast.stmt) -> list[str] | None:
    """The globals that a statement makes and does nothing besides; None for one that does more."""
    if isinstance(node, DEFINITIONS):
        return [node.name]
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        return [node.targets[0].id]
    return [] if isinstance(node, ast.ImportFrom) else None


class _Used:
    """What is reached from what was added."""

    def __init__(self, program: Program):
        self._program = program
        self._makers: dict[Name, tuple[str, Part]] = {}
        for module, tree in program.modules.items():
            for node in tree.body:
                for name in _makes(node) or ():
                    self._makers[module, name] = module, node
        self._parts: set[int] = set()
        self._attributes: set[str] = set()
        self._methods: list[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]] = []
        self._waiting: list[tuple[str, Part]] = []

    def add(self, module: str, part: Part) -> None:
        if id(part) not in self._parts:
            self._parts.add(id(part))
            self._waiting.append((module, part))

    def has(self, part: ast.stmt) -> bool:
        return id(part) in self._parts or isinstance(part, ast.ImportFrom)

    def follow(self) -> None:
        """Adds all that is mentioned by what was added, until there is no more. A method is used when some attribute
        or short text has its name."""
        while self._waiting:
            while self._waiting:
                self._look(*self._waiting.pop())
            for module, method in self._methods:
                if method.name in self._attributes or method.name.startswith("__"):
                    self.add(module, method)

    def _look(self, module: str, part: Part) -> None:
        looked: ast.AST = part
        if isinstance(part, ast.ClassDef):
            self._methods += [(module, item) for item in part.body if isinstance(item, METHODS)]
            rest = [item for item in part.body if not isinstance(item, METHODS)]
            looked = ast.ClassDef(part.name, part.bases, part.keywords, rest, part.decorator_list)
        for node in ast.walk(looked):
            if isinstance(node, ast.Attribute):
                self._attributes.add(node.attr)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                self._attributes.add(node.value)
        for name in self._program.mentioned(module, looked):
            if name in self._makers:
                self.add(*self._makers[name])


def _drop_imports(tree: ast.Module) -> None:
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    for node in [node for node in tree.body if isinstance(node, ast.ImportFrom)]:
        node.names = [alias for alias in node.names if local_name(alias) in used]
    tree.body = [node for node in tree.body if not (isinstance(node, ast.ImportFrom) and not node.names)]
