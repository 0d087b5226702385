"""The twenty ways in which systems like this one are broken into, most likely first: each has a test with its name."""

import ast
from pathlib import Path

import pytest

FAILURES = (
    "default_passwords",
    "open_broker",
    "routes_without_login",
    "stored_script",
    "unsigned_update",
    "stream_without_login",
    "somebody_elses_window",
    "guessed_ticket_link",
    "forged_or_replayed_rating",
    "client_id_hijack_and_clone",
    "forged_request",
    "formula_in_export",
    "huge_or_deep_input",
    "debug_left_open",
    "secrets_on_a_stolen_board",
    "path_traversal",
    "brute_force_and_lock_out",
    "injection",
    "log_injection",
    "dependencies",
)


def functions() -> set[str]:
    """Names of all test functions of this folder."""
    trees = [ast.parse(file.read_text("utf-8")) for file in Path(__file__).parent.glob("test_*.py")]
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for tree in trees for node in ast.walk(tree) if isinstance(node, kinds)}


@pytest.mark.parametrize(("number", "failure"), list(enumerate(FAILURES, 1)))
def test_it_has_a_test_with_its_name(number: int, failure: str):
    name = f"test_{number:02}_{failure}"
    assert any(found == name or found.startswith(f"{name}_") for found in functions()), f"nothing is called {name}"
