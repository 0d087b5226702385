"""Makes the programs of a board smaller, whose 56 KB of heap pay for every name, constant, function and module.

Texts in, texts out. The programs are taken as one, so that it is known who means what by a name:

- records that are classes become plain ones (records.py);
- constants are put in the places where they are used (fold.py);
- what nothing uses is left out, such as the hub's half of a message (prune.py);
- modules that are loaded together become one (merge.py);
- a function that is called in one place only is put there (inline.py);
- what is left is called by names that the interpreter has anyway (names.py).

For a traceback of a board there is a table of the lines from which each line was made (lines.py).
"""

from __future__ import annotations

import ast
import contextlib
import gc
from collections.abc import Collection, Iterator, Mapping, Sequence

from tools.shrink.fold import fold
from tools.shrink.inline import inline
from tools.shrink.lines import Lines, origins
from tools.shrink.merge import merge
from tools.shrink.names import rename
from tools.shrink.program import Program
from tools.shrink.prune import prune
from tools.shrink.records import records


def shrink(
    texts: Mapping[str, str], kept: Collection[str], units: Mapping[str, Sequence[str]]
) -> tuple[dict[str, str], Lines]:
    """(path -> text of the smaller programs, where each of their lines is from), of path -> text.

    `kept` are names that others ask for: modules by their dotted name, all of whose globals stay and keep their names,
    and single globals as `module:name`. `units`: path of a new module -> paths of the modules that become it, each
    after those that it needs when it is loaded.
    """
    with without_collector():
        return _shrink(texts, kept, units)


@contextlib.contextmanager
def without_collector() -> Iterator[None]:
    """CPython before 3.11.8 raises SystemError now and then when the collector runs a finalizer while a syntax tree is
    made (python/cpython#106905)."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _shrink(
    texts: Mapping[str, str], kept: Collection[str], units: Mapping[str, Sequence[str]]
) -> tuple[dict[str, str], Lines]:
    program = Program(texts)
    records(program)
    fold(program)
    prune(program, kept)
    merge(program, units)
    inline(program, kept)
    rename(program, kept)
    made: dict[str, str] = {}
    lines: Lines = {}
    for module, tree in program.modules.items():
        path = program.paths[module]
        made[path] = ast.unparse(ast.fix_missing_locations(tree)) + "\n"
        lines[path] = origins(tree, made[path])
    return made, lines
