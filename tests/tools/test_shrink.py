"""Making programs smaller for a board must not change what they do. They are run here, before and after."""

from __future__ import annotations

import ast
import importlib
import itertools
import sys

import pytest

from tools.shrink import shrink
from tools.shrink.lines import explain
from tools.shrink.names import ROM

NUMBERS = itertools.count()


@pytest.fixture
def run(tmp_path, monkeypatch):
    """What `result` of the module `p.main` is, of path -> text."""

    def run(texts: dict[str, str]):
        folder = tmp_path / str(next(NUMBERS))
        for path, text in texts.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, "utf-8")
        monkeypatch.syspath_prepend(str(folder))
        importlib.invalidate_caches()
        try:
            return importlib.import_module("p.main").result
        finally:
            for name in [name for name in sys.modules if name.partition(".")[0] == "p"]:
                del sys.modules[name]

    return run


@pytest.fixture
def small(run):
    """The smaller programs, whose result is the same."""

    def small(kept: tuple[str, ...] = (), units: dict | None = None, **texts: str) -> dict[str, str]:
        named = {f"p/{name}.py": text for name, text in texts.items()}
        made, lines = shrink(named, ("p.main:result", *kept), units or {})
        assert run(named) == run(made)
        assert {path: len(of) for path, of in lines.items()} == {
            path: len(text.splitlines()) for path, text in made.items()
        }
        return made

    return small


def functions(text: str) -> int:
    return sum(isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) for node in ast.walk(ast.parse(text)))


def test_constants_are_put_where_they_are_used_also_across_files(small):
    made = small(
        limits="SIZE = 2 * 8\nMORE = SIZE + 1\nNAME = 'much longer'\n",
        main="from p import limits\nfrom p.limits import NAME, SIZE\nresult = [SIZE, limits.MORE, NAME]\n",
    )
    assert "[16, 17, " in made["p/main.py"] and "16" not in made["p/limits.py"]


def test_only_whole_numbers_and_short_texts_are(small):
    text = "PAIR = (1, 2)\nHALF = 1.5\nTWO = len('xx')\nTEN = -10\nresult = [PAIR, HALF, TWO, TEN]\n"
    assert "-10]" in small(main=text)["p/main.py"]


def test_a_record_that_is_a_class_becomes_a_plain_one_unless_it_does_something(small):
    made = small(
        main="from collections import namedtuple\n"
        "class A(namedtuple('A', ('x', 'y'))):\n    'It says what it is.'\n"
        "class B(namedtuple('B', ('x',))):\n    def twice(self): return 2 * self.x\n"
        "a = A(1, 2)\nresult = [a.x, a.y, a == A(1, 2), type(a) is A, B(3).twice()]\n",
    )
    assert made["p/main.py"].count("class ") == 1


def test_what_nothing_uses_is_left_out(small):
    made = small(
        other="def used(): return 1\ndef unused(): return helper()\ndef helper(): return 2\n",
        idle="SIZE = 16\n",
        main="from p.other import used, unused\nfrom p.idle import SIZE\n"
        "class A:\n    def go(self): return SIZE\n    def stay(self): return unused()\nresult = [used(), A().go()]\n",
    )
    assert functions(made["p/other.py"]) == 1 and functions(made["p/main.py"]) == 1
    assert "p/idle.py" not in made


def test_what_is_asked_for_by_name_stays(small):
    made = small(
        kept=("p.plugin",),
        plugin="def read(): return SIZE\nSIZE = 3\n",
        main="import p.plugin\nresult = getattr(p.plugin, 'read')()\n",
    )
    assert "def read" in made["p/plugin.py"]


def test_a_method_that_a_text_names_stays(small):
    small(main="class A:\n    def go(self): return 1\nresult = getattr(A(), 'go')()\n")


def test_modules_of_a_unit_become_one_and_names_stay_apart(small):
    made = small(
        units={"p/core.py": ("p/codec.py", "p/up.py", "p/down.py")},
        codec="import json\ndef encode(value): return json.dumps(value)\ndef again(value): return encode(value) + '!'",
        up="from p import codec\ndef encode(value): return 'up ' + codec.encode(value) + codec.again(0)\n",
        down="from p import codec as c\nfrom p.up import encode as up\nKEYS = (1, 2)\n"
        "def encode(value): return 'down ' + c.encode(value) + up(value) + up(KEYS)\n",
        main="from p import down, up\nfrom p.codec import again\n"
        "def late():\n    from p import codec\n    from p.up import encode\n"
        "    return encode(1) + codec.encode(2) + again(3)\n"
        "result = [down.encode(1), up.encode(2), again(3), late(), late()]\n",
    )
    assert set(made) == {"p/core.py", "p/main.py"} and made["p/core.py"].count("import json") == 1


def test_a_function_that_imports_one_name_from_several_places(small):
    small(
        units={"p/core.py": ("p/one.py",)},
        one="class Role:\n    name = 'one'\n",
        two="class Role:\n    name = 'two'\n",
        main="def make(which):\n    if which:\n        from p.one import Role\n"
        "    else:\n        from p.two import Role\n    return Role().name\nresult = [make(0), make(1)]\n",
    )


def test_a_name_that_is_only_tried_to_be_imported(small):
    small(
        units={"p/core.py": ("p/ticks.py",)},
        ticks="try:\n    from time import no_such_thing as ticks\nexcept ImportError:\n    def ticks(): return 5\n",
        main="from p.ticks import ticks\nresult = ticks()\n",
    )


@pytest.mark.parametrize(
    "caller",
    [
        "def go(self, n):\n        self._f(n, n + 1)\n        return self.seen",
        "def go(self, n):\n        x = self._f(n, 2)\n        return x, self.seen",
        "def go(self, n):\n        if n:\n            return self._f(n, 2)\n        return None",
        "def go(self, a):\n        b = 7\n        c = self._f(b, a)\n        return a, b, c",
    ],
)
@pytest.mark.parametrize(
    "callee",
    [
        "def _f(self, a, b):\n        self.seen.append((a, b))",
        "def _f(self, a, b):\n        self.seen.append(a)\n        return a - b",
        "def _f(self, a, b):\n        if a > b:\n            return 1\n        self.seen.append(b)",
        "def _f(self, a, b):\n        a += b\n        x = [a for a in range(b)]\n        return a, x",
        "def _f(self, a, b):\n        try: return a / b\n        except ArithmeticError as c: return str(c)",
        "def _f(self, a, b):\n        x = a\n        for x in range(b):\n            if x: break\n        return x",
        "def _f(self, n, x):\n        return f'{n}-{x}'",
    ],
)
def test_a_function_that_is_called_once_does_the_same_where_it_is_called(small, caller, callee):
    text = f"class A:\n    def __init__(self): self.seen = []\n    {caller}\n    {callee}\n"
    small(main=text + "result = [A().go(n) for n in (1, 0, 3)]\n")


def test_it_is_put_there_when_that_is_plainly_the_same(small):
    text = "def _double(n):\n    n += n\n    return n\ndef go(n):\n    m = _double(n)\n    return m + n\n"
    assert functions(small(main=text + "result = [go(1), go(2)]\n")["p/main.py"]) == 1


def test_it_stays_when_something_follows_an_early_end(small):
    text = "def _f(n):\n    if n: return\n    seen.append(n)\ndef go(n):\n    _f(n)\n    seen.append(9)\n"
    assert functions(small(main=text + "seen = []\ngo(0); go(1)\nresult = seen\n")["p/main.py"]) == 2


def test_it_stays_in_the_loop_of_a_task_whose_frame_would_keep_what_it_forgets(small):
    text = (
        "import asyncio\ndef _read(n):\n    packet = bytes(n)\n    seen.append(len(packet))\n"
        "async def run():\n    for n in range(3):\n        _read(n)\nseen = []\nasyncio.run(run())\nresult = seen\n"
    )
    assert functions(small(main=text)["p/main.py"]) == 2


def test_what_a_task_awaits_once(small):
    text = (
        "import asyncio\nasync def _read(n):\n    await asyncio.sleep(0)\n    return n\n"
        "async def run():\n    n = await _read(1)\n    return n\nresult = asyncio.run(run())\n"
    )
    assert functions(small(main=text)["p/main.py"]) == 1


def test_a_function_that_is_handed_on_stays(small):
    assert (
        functions(
            small(main="def _f(): return 1\ndef go(f): return f()\nresult = [go(_f), go(lambda: 2)]\n")["p/main.py"]
        )
        == 2
    )


def test_names_are_those_that_the_interpreter_has(small):
    text = (
        "from collections import namedtuple\nShow = namedtuple('Show', ('texts', 'mark'))\n"
        "class Window:\n    kind = 'w'\n    same = kind\n"
        "    def __init__(self, shown, other=None):\n        self._shown, self.mode, self.value = shown, other, 3\n"
        "    def draw(self, text_of):\n"
        "        return text_of(self._shown.texts), self.mode, self.value, self.kind, self.same\n"
        "def text_of(texts): return getattr(Show(texts, 1), 'texts')\n"
        "result = [Window(Show('a', 1), other=2).draw(text_of), Window(Show('b', 2)).draw(text_of)]\n"
    )
    made = small(main=text)["p/main.py"]
    for name in ("_shown", "text_of", "Window", "texts", "mode", "draw"):
        assert name not in made
    assert ".value" in made and "other=" in made, "others may ask for these"
    assert {node.name for node in ast.walk(ast.parse(made)) if isinstance(node, ast.ClassDef)} <= set(ROM)


def test_private_names_that_never_meet_share_one(small):
    text = "class A:\n    def go(self): self._one, self._two = 1, 2; return self._one, self._two\n"
    text += "class B:\n    def go(self): self._three, self._four = 3, 4; return self._three, self._four\n"
    made = small(main=text + "result = [A().go(), B().go()]\n")["p/main.py"]
    assert len({node.attr for node in ast.walk(ast.parse(made)) if isinstance(node, ast.Attribute)}) == 3


def test_what_is_reached_through_a_module_is_no_attribute(small):
    small(
        kept=("p.slots:enter",),
        slots="def begin(): return 1\ndef enter(): return CHUNK\nCHUNK = 512\ndef spare(): return (begin(), 2)\n",
        other="class A:\n    def begin(self): return 3\n    def enter(self): return 4\n    def spare(self): return 5\n",
        main="from p import other, slots\na = other.A()\n"
        "def late():\n    from p import slots as s\n    return s.begin(), s.spare(), s.CHUNK\n"
        "result = [slots.begin(), slots.enter(), slots.CHUNK, late(), a.begin(), a.enter(), a.spare()]\n",
    )


def test_what_is_not_there_is_told():
    texts = {"p/a.py": "X = len('a')\n", "p/main.py": "from p import a\nresult = a.Y\n"}
    with pytest.raises(ValueError, match=r"p\.a\.Y"):
        shrink(texts, ("p.main:result",), {})


def test_what_other_objects_have_keeps_its_name(small):
    text = "import io\nclass A:\n    def write(self, text): return text\n    def getvalue(self): return 'a'\n"
    small(
        main=text + "result = []\nfor out in (io.StringIO(), A()):\n    out.write('x'); result.append(out.getvalue())\n"
    )


def test_a_tracebacks_places_are_found_in_the_sources():
    texts = {
        "p/a.py": '"""Says much."""\n\n\ndef fail(n):\n    return 1 / n\n',
        "p/main.py": "from p.a import fail\n\nfail(0)\n",
    }
    made, lines = shrink(texts, (), {"p/core.py": ("p/a.py", "p/main.py")})
    number = made["p/core.py"].splitlines().index("    return 1 / ARRAY") + 1
    said = f'  File "p/core.py", line {number}, in acos\nZeroDivisionError: divide by zero\n'
    assert explain(said, lines) == '  File "p/a.py", line 5\nZeroDivisionError: divide by zero\n'
    assert explain('  File "boot.py", line 1, in f\n', lines) == '  File "boot.py", line 1, in f\n'
