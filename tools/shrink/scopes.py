"""Which names of a module mean one of its own globals, and how to put something else in their place."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
SCOPES = (*FUNCTIONS, *COMPREHENSIONS, ast.ClassDef)
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
IMPORTS = (ast.Import, ast.ImportFrom)


def inside(scope: ast.AST) -> Iterator[ast.AST]:
    """Every node of `scope`, but of the scopes inside it no more than themselves."""
    waiting = list(ast.iter_child_nodes(scope))
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, SCOPES):
            waiting += ast.iter_child_nodes(node)


def bodies(scope: ast.AST) -> Iterator[list[ast.stmt]]:
    """The lists of statements of `scope`, also those of its `if`, `try` and loops, but not of scopes inside it."""
    waiting: list[ast.AST] = [scope]
    while waiting:
        node = waiting.pop()
        for field in ("body", "orelse", "finalbody"):
            body = getattr(node, field, None)
            if isinstance(body, list) and body:
                yield body
                waiting += [item for item in body if not isinstance(item, SCOPES)]
        waiting += getattr(node, "handlers", [])


def local_name(alias: ast.alias) -> str:
    """What an import calls what it imports."""
    return (alias.asname or alias.name).partition(".")[0]


def bound(scope: ast.AST) -> set[str]:
    """The names that `scope`, a module, class, function or comprehension, binds itself."""
    names: set[str] = set()
    if isinstance(scope, FUNCTIONS):
        given = scope.args
        names = {item.arg for item in (*given.posonlyargs, *given.args, *given.kwonlyargs)}
        names |= {item.arg for item in (given.vararg, given.kwarg) if item}
    for node in inside(scope):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
            names.add(node.id)
        elif isinstance(node, (*DEFINITIONS, ast.ExceptHandler)):
            names.add(node.name or "")
        elif isinstance(node, IMPORTS):
            names |= {local_name(alias) for alias in node.names}
    return names


def defined(module: ast.Module) -> set[str]:
    """The globals that a module makes itself, also by an import that it only tries: all but what it plainly imports."""
    plain = (alias for node in module.body if isinstance(node, IMPORTS) for alias in node.names)
    return bound(module) - {local_name(alias) for alias in plain}


class Globals(ast.NodeTransformer):
    """Puts `put(node)`, unless that is None, in place of each name that means a global of the module, and of each
    attribute of such a name."""

    def __init__(self, put: Callable[[ast.Name | ast.Attribute], ast.expr | None]):
        self._put = put
        self._hidden: list[set[str]] = []

    def over(self, scope: ast.Module | ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """Does so with all statements of `scope`, whose own names count as globals."""
        scope.body[:] = [self.visit(node) for node in scope.body]

    def _is_global(self, name: str) -> bool:
        return not any(name in names for names in self._hidden)

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return (self._put(node) if self._is_global(node.id) else None) or node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        found = None
        if isinstance(node.value, ast.Name) and self._is_global(node.value.id):
            found = self._put(node)
        return found or self.generic_visit(node)

    def _visit_scope(self, node: ast.AST) -> ast.AST:
        self._hidden.append(bound(node))
        self.generic_visit(node)
        self._hidden.pop()
        return node

    visit_Lambda = visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _visit_scope

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        node.args.defaults = [self.visit(item) for item in node.args.defaults]
        return self._visit_scope(node)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.bases = [self.visit(item) for item in node.bases]
        own = bound(node)
        for place, item in enumerate(node.body):  # a method does not see the names of its class
            self._hidden.append(set() if isinstance(item, FUNCTIONS) else own)
            node.body[place] = self.visit(item)
            self._hidden.pop()
        return node
