"""Puts a function that is called in one place only into that place: on a board each function costs about a hundred
bytes besides its code.

Where that is not plainly the same the function stays: when it is called within an expression and is more than one, when
it gives its result early and something follows, and in the loop of a task that never ends, whose frame would keep what
a function forgets when it returns.
"""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from tools.shrink.program import Program
from tools.shrink.scopes import FUNCTIONS, Globals, bodies, bound

Function = ast.FunctionDef | ast.AsyncFunctionDef

STAYS = (ast.Yield, ast.YieldFrom, ast.Global, ast.Nonlocal, ast.Import, ast.ImportFrom, *FUNCTIONS, ast.ClassDef)
"""A function with one of these inside stays a function."""

PARTS = ("body", "orelse", "finalbody", "handlers")


def inline(program: Program, kept: Collection[str]) -> None:
    """`kept`: as for shrink."""
    mentions = _mentions(program)  # what is put elsewhere is mentioned as often as before
    for module, tree in program.modules.items():
        if module not in kept:
            while _inline_some(tree, module, kept, mentions):
                pass


def _mentions(program: Program) -> Counter[str]:
    """How often each name is mentioned, also by an import or a text; and for `def name`, how often it is defined."""
    found: Counter[str] = Counter()
    for node in program.nodes():
        if isinstance(node, ast.Attribute):
            found[node.attr] += 1
        elif isinstance(node, ast.Name):
            found[node.id] += 1
        elif isinstance(node, ast.alias):
            found[node.name] += 1
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found[node.value] += 1
        elif isinstance(node, Function):
            found[f"def {node.name}"] += 1
    return found


def _inline_some(tree: ast.Module, module: str, kept: Collection[str], mentions: Counter[str]) -> bool:
    """Whether there was one: another may be called in one that was put elsewhere."""
    found = False
    for owner in [tree, *(node for node in tree.body if isinstance(node, ast.ClassDef))]:
        for function in [node for node in owner.body if isinstance(node, Function)]:
            once = mentions[function.name] == mentions[f"def {function.name}"] == 1
            if once and f"{module}:{function.name}" not in kept and _can_move(function):
                place = _find(owner, function)
                if place and place.take():
                    owner.body.remove(function)
                    found = True
    return found


def _can_move(function: Function) -> bool:
    given = function.args
    is_plain = not (given.vararg or given.kwarg or given.kwonlyargs or given.defaults or function.decorator_list)
    inside = (node for node in ast.walk(function) if node is not function)
    return is_plain and not function.name.startswith("__") and not any(isinstance(node, STAYS) for node in inside)


def _find(owner: ast.Module | ast.ClassDef, function: Function) -> _Place | None:
    """Where the function is called, by another of its module or class."""
    for caller in [node for node in ast.walk(owner) if isinstance(node, Function) and node is not function]:
        for body in bodies(caller):
            for statement in body:
                for call in _calls(statement):
                    if _is_of(call, owner, function):
                        return _Place(caller, body, statement, call, function, isinstance(owner, ast.ClassDef))
    return None


def _calls(statement: ast.stmt) -> Iterator[ast.Call]:
    """The calls in the statement's own expressions."""
    waiting: list[object] = [value for field, value in ast.iter_fields(statement) if field not in PARTS]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, ast.AST) and not isinstance(node, FUNCTIONS):
            if isinstance(node, ast.Call):
                yield node
            waiting += ast.iter_child_nodes(node)


def _is_of(call: ast.Call, owner: ast.Module | ast.ClassDef, function: Function) -> bool:
    called = call.func
    if isinstance(owner, ast.ClassDef):
        own = isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) and called.value.id == "self"
        return own and ast.unparse(called) == f"self.{function.name}"
    return isinstance(called, ast.Name) and called.id == function.name


@dataclass(slots=True)
class _Place:
    """Where a function is called: `statement`, one of `body` in `caller`, has the `call`."""

    caller: Function
    body: list[ast.stmt]
    statement: ast.stmt
    call: ast.Call
    function: Function
    is_method: bool

    def take(self) -> bool:
        """Whether the function could be put there."""
        parameters = [item.arg for item in self.function.args.args][self.is_method :]
        plain = len(self.call.args) == len(parameters) and not self.call.keywords
        if not plain or any(isinstance(item, ast.Starred) for item in self.call.args) or self._is_in_a_task():
            return False
        setting, code = self._adapted(dict(zip(parameters, self.call.args, strict=True)))
        if self._is_all():
            new = _instead(self.statement, code)
            if new is not None:
                place = self.body.index(self.statement)
                self.body[place : place + 1] = [*setting, *new]
            return new is not None
        result = code[0].value if isinstance(code[0], ast.Return) and not setting else None
        if result is None or isinstance(self.function, ast.AsyncFunctionDef):
            return False
        _Replace(self.call, result).visit(self.statement)
        return True

    def _is_in_a_task(self) -> bool:
        loops = [node for node in ast.walk(self.caller) if isinstance(node, ast.While | ast.For | ast.AsyncFor)]
        in_a_loop = any(node is self.statement for loop in loops for node in ast.walk(loop))
        return isinstance(self.caller, ast.AsyncFunctionDef) and in_a_loop

    def _is_all(self) -> bool:
        """Whether the statement does no more than call, and maybe keep or give the result."""
        value = self.statement.value if isinstance(self.statement, ast.Expr | ast.Assign | ast.Return) else None
        if isinstance(self.function, ast.AsyncFunctionDef):
            return isinstance(value, ast.Await) and value.value is self.call
        return value is self.call

    def _adapted(self, given: dict[str, ast.expr]) -> tuple[list[ast.stmt], list[ast.stmt]]:
        """(statements that set what were parameters, those of the function), with names that the caller does not have.
        A parameter that is given by a name or a constant, and stays, needs no name of its own."""
        function = self.function
        names = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
        changed = {node.id for node in names if not isinstance(node.ctx, ast.Load)}
        taken = {node.id for node in ast.walk(self.caller) if isinstance(node, ast.Name)} | bound(self.caller)
        taken |= {node.id for node in names}
        new: dict[str, ast.expr] = {}
        setting: list[ast.stmt] = []
        for name in [*given, *sorted(bound(function) - {"self"} - set(given))]:
            value = given.get(name)
            if isinstance(value, ast.Name | ast.Constant) and name not in changed:
                new[name] = value
                continue
            fresh = name
            while fresh in taken:
                fresh += "_"
            taken.add(fresh)
            new[name] = ast.Name(fresh, ast.Load())
            if value is not None:
                target = ast.copy_location(ast.Name(fresh, ast.Store()), value)
                setting.append(ast.copy_location(ast.Assign([target], value), self.statement))
        moved = copy.deepcopy(function)
        _put_names(moved, new)
        return setting, moved.body


def _put_names(function: Function, new: dict[str, ast.expr]) -> None:
    def put(node: ast.Name | ast.Attribute) -> ast.expr | None:
        if not isinstance(node, ast.Name) or node.id not in new:
            return None
        value = copy.deepcopy(new[node.id])
        if isinstance(value, ast.Name):
            value.ctx = node.ctx
        return ast.copy_location(value, node)

    Globals(put).over(function)
    for node in ast.walk(function):
        if isinstance(node, ast.ExceptHandler) and isinstance(name := new.get(node.name or ""), ast.Name):
            node.name = name.id


class _Replace(ast.NodeTransformer):
    def __init__(self, old: ast.expr, new: ast.expr):
        self._old = old
        self._new = new

    def visit(self, node: ast.AST) -> ast.AST:
        return self._new if node is self._old else self.generic_visit(node)


def _instead(at: ast.stmt, code: list[ast.stmt]) -> list[ast.stmt] | None:
    """What stands in place of the statement `at`, which is no more than the call, or keeps or gives its result."""
    last = code[-1]
    if isinstance(at, ast.Return):
        return code if isinstance(last, ast.Return | ast.Raise) else [*code, ast.copy_location(ast.Return(None), at)]
    if any(isinstance(node, ast.Return) and node is not last for part in code for node in ast.walk(part)):
        return None
    result = last.value if isinstance(last, ast.Return) else None
    before = code[:-1] if isinstance(last, ast.Return) else code
    if isinstance(at, ast.Assign):
        kept = result or ast.copy_location(ast.Constant(None), at)
        return [*before, ast.copy_location(ast.Assign(at.targets, kept), at)]
    if result:
        return [*before, ast.copy_location(ast.Expr(result), at)]
    return before or [ast.copy_location(ast.Pass(), at)]
