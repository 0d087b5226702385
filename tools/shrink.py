"""Makes Python text smaller for a board, whose 56 KB of heap pay for every name, constant and class that it loads.

Text in, text out, line for line: what is dropped leaves empty lines, so that line numbers in a board's tracebacks are
those of the sources. Six steps:

- definitions that a device never uses (the hub's half of a message) are dropped;
- a record without methods becomes a plain namedtuple, which costs half of a subclass;
- imports that are then used by nothing are dropped;
- numbers and short texts that are constants are folded where they are used, also those imported from other files;
- a file in which nothing is left is left out: MicroPython needs no `__init__.py` in a package;
- private names and parameters become short ones that all files share: each distinct name costs a board about 25 bytes.
"""

import ast
import builtins
import re
from collections.abc import Collection

PRIVATE = re.compile(r"(?<![\w\"'.])_[a-zA-Z]\w*|(?<=\.)_[a-zA-Z]\w*")
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)

Constant = int | str

TEXT_CHARS = 10
"""MicroPython keeps a longer text once for each place that has it, a short one once for all."""

CONSTANT = re.compile(r"[A-Z][A-Z0-9_]*")


def shrink(texts: dict[str, str], unwanted: dict[str, set[str]]) -> dict[str, str]:
    """Path -> text of all files of a bundle, smaller. `unwanted` has names (`function`, `Class`, `Class.method`) to
    drop from a file. Raises ValueError for one that is not there."""
    texts = {path: drop(text, unwanted.get(path, set())) for path, text in texts.items()}
    texts = {path: plain_records(text) for path, text in texts.items()}
    kept = _attributes(texts.values())
    constants = {path: {n: v for n, v in _constants(text).items() if n not in kept} for path, text in texts.items()}
    keywords = _keywords(texts.values())
    texts = {path: fold(unused(text), constants[path], constants) for path, text in texts.items()}
    return {path: shorten(text, keywords) for path, text in texts.items() if path not in _idle(texts)}


def drop(text: str, names: set[str]) -> str:
    """`text` without the definitions of `names`."""
    missing = set(names)
    for node, name in _definitions(ast.parse(text)):
        if name in names:
            text = _put(text, node, "")
            missing.discard(name)
    if missing:
        raise ValueError(f"not there to be dropped: {sorted(missing)}")
    return text


def _definitions(module: ast.Module):
    """(node, name) of the module's names, functions and classes, and of the methods as Class.method."""
    for node in module.body:
        if isinstance(node, ast.Assign):
            yield node, _target(node)
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node, node.name
        if isinstance(node, ast.ClassDef):
            methods = (method for method in node.body if isinstance(method, ast.FunctionDef))
            yield from ((method, f"{node.name}.{method.name}") for method in methods)


def plain_records(text: str) -> str:
    """`class A(namedtuple(...))` with no more than a docstring becomes `A = namedtuple(...)`."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.ClassDef) and _is_plain_record(node):
            text = _put(text, node, f"{node.name} = {ast.unparse(node.bases[0])}")
    return text


def _is_plain_record(node: ast.ClassDef) -> bool:
    bases = [ast.unparse(base) for base in node.bases]
    only_docstring = all(isinstance(item, ast.Expr) for item in node.body)
    return len(bases) == 1 and bases[0].startswith("namedtuple(") and only_docstring


def fold(text: str, own: dict[str, Constant], constants: dict[str, dict[str, Constant]]) -> str:
    """`text` with its `own` constants, and those that it imports, as MicroPython's `const`, which leaves no name."""
    folded = set()
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and (name := _target(node)) in own:
            text = _put(text, node, _const(name, own[name]))
            folded.add(name)
        elif isinstance(node, ast.ImportFrom):
            theirs = constants.get(str(node.module).replace(".", "/") + ".py", {})
            names = [alias.name for alias in node.names]
            found = [name for name in names if name in theirs]
            rest = [f"{alias.name} as {alias.asname}" if alias.asname else alias.name for alias in node.names]
            rest = [name for name in rest if name not in found]
            lines = [f"from {node.module} import {', '.join(rest)}"] if rest else []
            if found:
                text = _put(text, node, "; ".join(lines + [_const(name, theirs[name]) for name in found]))
            folded.update(found)
    return re.sub(r"(?<![\w.])[A-Z][A-Z0-9_]*\b", lambda m: "_" + m[0] if m[0] in folded else m[0], text)


def unused(text: str) -> str:
    """`text` without the module's imports of names that it does not use."""
    module = ast.parse(text)
    used = _names(module)
    for node in module.body:
        if isinstance(node, ast.ImportFrom):
            names = [alias for alias in node.names if (alias.asname or alias.name) in used]
            if len(names) < len(node.names):
                rest = f"from {node.module} import {', '.join(map(ast.unparse, names))}" if names else ""
                text = _put(text, node, rest)
    return text


def _idle(texts: dict[str, str]) -> set[str]:
    """Files that hold no more than docstrings and folded constants, and that no other file imports."""
    modules = {path: ast.parse(text) for path, text in texts.items()}
    imports = [node for module in modules.values() for node in ast.walk(module) if isinstance(node, ast.ImportFrom)]
    imported = {str(node.module) for node in imports}
    imported |= {f"{node.module}.{alias.name}" for node in imports for alias in node.names}
    bare = {path for path, module in modules.items() if module.body and all(map(_is_folded, module.body))}
    return {path for path in bare if path.removesuffix(".py").replace("/", ".") not in imported}


def _is_folded(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) or (isinstance(node, ast.Assign) and ast.unparse(node.value).startswith("const("))


def _const(name: str, value: Constant) -> str:
    return f"{name} = const({value!r})"


def _constants(text: str) -> dict[str, Constant]:
    """The module's constants that are whole numbers or short texts."""
    found: dict[str, Constant] = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and CONSTANT.fullmatch(name := _target(node)):
            value = _value(node.value, found)
            if value is not None:
                found[name] = value
    return found


def _target(node: ast.Assign) -> str:
    return node.targets[0].id if len(node.targets) == 1 and isinstance(node.targets[0], ast.Name) else ""


def _value(node: ast.expr, known: dict[str, Constant]) -> Constant | None:
    """The value of an expression of constants and names that are `known`, if it can be folded, else None."""
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and part.id not in known:
            return None
        if not isinstance(part, ast.Constant | ast.Name | ast.BinOp | ast.operator | ast.expr_context):
            return None
    value = eval(compile(ast.Expression(node), "constant", "eval"), {}, dict(known))
    short = type(value) is str and len(value) <= TEXT_CHARS
    return value if type(value) is int or short else None


def _attributes(texts) -> set[str]:
    """Every name that some file reaches through another object: it must stay."""
    return {node.attr for text in texts for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Attribute)}


def _keywords(texts) -> set[str]:
    """Every name that some call gives to an argument: a parameter of that name must keep it."""
    calls = [node for text in texts for node in ast.walk(ast.parse(text)) if isinstance(node, ast.keyword)]
    return {node.arg for node in calls if node.arg}


def shorten(text: str, keywords: Collection[str] = ()) -> str:
    """Private names, and parameters that are not among the `keywords`, by their rank in this file: `_0`, `_1` …"""
    module = ast.parse(text)
    parameters = sorted(_parameters(module).difference(keywords))
    names = sorted(set(PRIVATE.findall(text)))
    short = {name: f"_{number:x}" for number, name in enumerate(parameters + names)}
    text = _rename(text, module, {name: short[name] for name in parameters})
    return PRIVATE.sub(lambda match: short.get(match[0], match[0]), text)


def _parameters(module: ast.Module) -> set[str]:
    """Names that are parameters wherever they stand in the file: no global, no builtin, not inside an f-string, whose
    places Python 3.11 does not tell."""
    functions = [node for node in ast.walk(module) if isinstance(node, FUNCTIONS)]
    found = {item.arg for node in functions for item in (*node.args.args, *node.args.kwonlyargs)}
    formatted = {name for node in ast.walk(module) if isinstance(node, ast.JoinedStr) for name in _names(node)}
    return {name for name in found - formatted - _globals(module) - set(dir(builtins)) if not name.startswith("_")}


def _names(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _globals(module: ast.Module) -> set[str]:
    """Names that mean something besides a variable of a function: what the module assigns, and, anywhere in it, what
    is imported, defined, or caught (Python tells no place for these)."""
    names = {_target(node) for node in module.body if isinstance(node, ast.Assign)}
    for node in ast.walk(module):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef | ast.ExceptHandler):
            names.add(node.name or "")
    return names


def _rename(text: str, module: ast.Module, short: dict[str, str]) -> str:
    """`text` with the names in `short` replaced at their places, from the end so that places before stay right."""
    places = [(n.lineno, n.col_offset, n.id) for n in ast.walk(module) if isinstance(n, ast.Name) and n.id in short]
    places += [(n.lineno, n.col_offset, n.arg) for n in ast.walk(module) if isinstance(n, ast.arg) and n.arg in short]
    lines = [line.encode() for line in text.split("\n")]
    for line, column, name in sorted(places, reverse=True):
        row = lines[line - 1]
        lines[line - 1] = row[:column] + short[name].encode() + row[column + len(name.encode()) :]
    return b"\n".join(lines).decode()


def _put(text: str, node: ast.stmt, replacement: str) -> str:
    """`replacement` in place of the node, on its first line; its other lines are left empty."""
    lines = text.split("\n")
    first = min([node.lineno, *(item.lineno for item in getattr(node, "decorator_list", []))])
    end = node.end_lineno or first
    lines[first - 1 : end] = [replacement] + [""] * (end - first)
    return "\n".join(lines)
