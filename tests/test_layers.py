"""What import-linter cannot see: pure code does no I/O, importing a module does nothing, and hub/core asks no clock."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

PURE = ("protocol", "hub/core", "hub/views.py", "firmware/roles")
"""Rules: events in, decisions out."""

IMPURE_MODULES = {
    *("asyncio", "datetime.datetime", "io", "logging", "machine", "network", "os", "pathlib", "random", "secrets"),
    *("select", "shutil", "socket", "sqlite3", "subprocess", "sys", "threading", "time", "urllib", "uuid"),
}
IMPURE_CALLS = {"print", "open", "input", "exec", "eval", "breakpoint", "__import__"}

RUNS_WHEN_IMPORTED = ("firmware/main.py", "firmware/boot.py")
"""What a board runs by name at its start."""


def sources(*places: str) -> list[Path]:
    files = [ROOT / place for place in places]
    return sorted(f for file in files for f in ([file] if file.is_file() else file.rglob("*.py")))


def imported(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def called(tree: ast.Module) -> set[str]:
    return {n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}


@pytest.mark.parametrize("file", sources(*PURE), ids=lambda file: str(file.relative_to(ROOT)))
def test_pure_code_touches_nothing(file: Path):
    tree = ast.parse(file.read_text("utf-8"))
    assert not imported(tree) & IMPURE_MODULES
    assert not called(tree) & IMPURE_CALLS


@pytest.mark.parametrize(
    "file", sources("protocol", "firmware", "hub", "tools"), ids=lambda file: str(file.relative_to(ROOT))
)
def test_importing_does_nothing(file: Path):
    if str(file.relative_to(ROOT)) in RUNS_WHEN_IMPORTED:
        return
    working = [node.lineno for node in ast.parse(file.read_text("utf-8")).body if _works(node)]
    assert not working, f"{file.name} works while it is imported, in lines {working}"


def _works(node: ast.stmt) -> bool:
    """Whether a statement at the top of a module does something, apart from the usual `if __name__ == "__main__"`."""
    if isinstance(node, ast.Expr):
        return not isinstance(node.value, ast.Constant)
    if isinstance(node, ast.Try):
        return not all(isinstance(n, ast.Import | ast.ImportFrom | ast.Assign) for n in node.body)
    if isinstance(node, ast.If):
        is_main = isinstance(node.test, ast.Compare) and getattr(node.test.left, "id", "") == "__name__"
        return not is_main and any(_works(inner) for inner in node.body)
    return isinstance(node, ast.For | ast.While | ast.With | ast.Delete)


def test_the_two_checks_above_can_fail():
    tree = ast.parse("import time\nfrom datetime import datetime\nprint(time.time())\nfor x in y: pass")
    assert imported(tree) & IMPURE_MODULES == {"time", "datetime.datetime"}
    assert called(tree) & IMPURE_CALLS == {"print"}
    assert [_works(node) for node in tree.body] == [False, False, True, True]


def test_the_top_of_the_tree_is_what_the_readme_says():
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith((".", "__"))}
    assert folders - {"build", "dist", "htmlcov"} == {"docs", "firmware", "hub", "protocol", "tests", "tools"}
