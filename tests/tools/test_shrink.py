"""Making code smaller for a board must not change what it does, nor where its lines are."""

import pytest

from tools.shrink import drop, fold, plain_records, shorten, shrink, unused


def run(text: str) -> dict:
    """The names of `text` after running it, with a `const` as MicroPython's compiler has."""
    names: dict = {"const": lambda value: value}
    exec(text, names)
    return names


def test_what_is_dropped_leaves_its_lines_empty():
    text = "def a():\n    pass\n\ndef b():\n    return 1\n"
    assert drop(text, {"a"}) == "\n\n\ndef b():\n    return 1\n"


def test_a_method_can_be_dropped():
    text = "class A:\n    def keep(self): pass\n    def go(self):\n        pass\n"
    assert drop(text, {"A.go"}) == "class A:\n    def keep(self): pass\n\n\n"


def test_a_name_that_is_not_there_to_be_dropped_is_a_mistake():
    with pytest.raises(ValueError, match="gone"):
        drop("def a(): pass\n", {"gone"})


def test_a_record_without_methods_becomes_a_plain_namedtuple():
    text = 'from collections import namedtuple\nclass A(namedtuple("A", ("x",))):\n    """Says much."""\n'
    small = plain_records(text)
    assert "class" not in small and small.count("\n") == text.count("\n")
    assert run(small)["A"](5).x == 5


def test_a_record_with_a_method_stays():
    text = 'class A(namedtuple("A", ("x",))):\n    def f(self): pass\n'
    assert plain_records(text) == text


def test_constants_are_folded_also_across_files():
    texts = {
        "p/limits.py": "SIZE = 2 * 8\nNAME = 'much longer'\n",
        "p/user.py": "from p.limits import NAME, SIZE\nMORE = 3\ndef f(): return SIZE + MORE\nx = [NAME]\n",
    }
    small = shrink(texts, {})
    assert "from p.limits import NAME; _1 = const(16)" in small["p/user.py"]
    assert "SIZE" not in small["p/user.py"] and "MORE" not in small["p/user.py"]
    assert run(small["p/user.py"].replace("from p.limits import NAME", "NAME = 0"))["f"]() == 19


def test_a_constant_that_is_reached_through_its_module_stays():
    texts = {"p/a.py": "SIZE = 16\n", "p/b.py": "from p import a\nx = a.SIZE\n"}
    assert shrink(texts, {})["p/a.py"] == "SIZE = 16\n"


def test_only_whole_numbers_and_short_texts_are_folded():
    text = "A = 'much longer'\nB = (1, 2)\nC = 1.5\nD = len('xx')\n"
    assert fold(text, {}, {}) == text
    assert shrink({"p/a.py": text}, {})["p/a.py"] == text
    assert (
        shrink({"p/a.py": "A = 'short'\nb = f'{A}-{A}'\n"}, {})["p/a.py"] == "_0 = const('short')\nb = f'{_0}-{_0}'\n"
    )


def test_an_import_that_nothing_uses_is_dropped():
    text = "from a import b, c\nfrom d import e\nx = c\n"
    assert unused(text) == "from a import c\n\nx = c\n"


def test_a_file_in_which_nothing_is_left_is_left_out():
    texts = {
        "p/__init__.py": '"""A package."""\n',
        "p/limits.py": "SIZE = 16\n",
        "p/kept.py": "WIDTH = 8\n",
        "p/user.py": "from p.limits import SIZE\nfrom p import kept\nx = SIZE, kept\n",
    }
    assert set(shrink(texts, {})) == {"p/kept.py", "p/user.py"}


def test_private_names_become_short_and_stay_apart():
    text = "class A:\n    def __init__(self): self._one, self._two = 1, 2\n"
    text += "    def f(self): return f'{self._one}-{self._two}'\n"
    small = shorten(text)
    assert "_one" not in small and "__init__" in small
    assert run(small)["A"]().f() == "1-2"


def test_public_names_with_an_underscore_inside_stay():
    assert shorten("server_name = 'a_b'\n") == "server_name = 'a_b'\n"


def test_parameters_become_short_where_nobody_names_them():
    text = "def f(first, second):\n    return [first + item for item in second]\n"
    small = shorten(text)
    assert "first" not in small and "second" not in small and "item" in small
    assert run(small)["f"](1, [2]) == [3]


def test_a_parameter_that_some_call_names_stays_in_every_file():
    texts = {"p/a.py": "def f(size):\n    return size\n", "p/b.py": "from p.a import f\nx = f(size=2)\n"}
    assert shrink(texts, {})["p/a.py"] == texts["p/a.py"]


def test_a_parameter_stays_that_is_a_global_a_builtin_or_in_an_f_string():
    text = "import os\nlimit = 1\ndef f(limit, os, len, name):\n    return f'{name}'\n"
    assert shorten(text) == text


def test_a_parameter_stays_whose_name_is_caught_elsewhere():
    text = "def f(error):\n    return error\ndef g():\n    try: f()\n    except TypeError as error: return error\n"
    assert shorten(text) == text


def test_a_parameter_of_a_lambda_and_chinese_before_it():
    text = "def f(number):\n    return '号', (lambda number, other: number + other)(number, 1)\n"
    assert run(shorten(text))["f"](1) == ("号", 2)
