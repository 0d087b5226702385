"""A board's main.py on the real MicroPython, whose root is a folder like a board's: which version starts, and what
happens when it falls over. The versions have a small `firmware/hal/esp32.py` of their own in place of the hardware."""

from __future__ import annotations

import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

from firmware import slots
from tools.demo import runtime

FIRMWARE = Path(slots.__file__).parent
RESET = 42
"""The exit code that stands for a board's reset."""

START = """
import os, sys, vfs


class Root:
    # All but one as MicroPython's own, whose rename below a root takes the new name for both.
    files = vfs.VfsPosix(sys.argv[1])

    def __getattr__(self, name):
        return getattr(self.files, name)

    def rename(self, before, after):
        vfs.VfsPosix().rename(sys.argv[1] + before, sys.argv[1] + after)


vfs.umount("/")
vfs.mount(Root(), "/")
os.chdir("/")
sys.path[:] = ["", "/lib"]
with open("main.py") as file:
    code = file.read()
exec(code, {"__name__": "__main__"})
"""

MACHINE = f"""import sys

watched_ms = 0


def reset():
    sys.exit({RESET})


def WDT(timeout):
    global watched_ms
    watched_ms = timeout
"""

WORKS = "from firmware.name import NAME\n\n\ndef run(folder):\n    print(NAME, folder)\n"
FALLS_OVER = "def run(folder):\n    raise OSError(5)\n"
CANNOT_BE_LOADED = "import firmware.no_such_part\n"

pytestmark = pytest.mark.skipif(runtime.find_micropython() is None, reason="no MicroPython wheel for this machine")


def version(name: str, board: str = WORKS) -> dict[str, bytes]:
    """Path -> content. `slots` and what it needs is real: main.py has loaded the flashed one before."""
    real = {f"firmware/{file}.py": (FIRMWARE / f"{file}.py").read_bytes() for file in ("files", "slots")}
    own = {"firmware/name.py": f"NAME = {name!r}\n", "firmware/hal/esp32.py": board}
    own |= {"firmware/__init__.py": "import firmware.name\n", "firmware/hal/__init__.py": ""}
    return real | {path: text.encode() for path, text in own.items()}


class Board:
    def __init__(self, root: Path, flashed: str = WORKS):
        self.root = root
        self.keep({"main.py": (FIRMWARE / "main.py").read_bytes()} | version("flashed", flashed))
        self.keep({"lib/machine.py": MACHINE.encode()})

    def keep(self, files: dict[str, bytes]) -> None:
        for path, data in files.items():
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_bytes(data)

    def update(self, files: dict[str, bytes]) -> None:
        folder = slots.spare_folder(str(self.root))
        for _ in slots.clear(folder):
            pass
        for path, data in files.items():
            Path(slots.place(folder, path)).write_bytes(data)
        listed = [(len(files[path]), sha256(files[path]).hexdigest(), path) for path in sorted(files)]
        slots.switch(str(self.root), listed)

    def start(self) -> str:
        """What the version that started said; "reset"; or what the board's REPL said."""
        found = runtime.find_micropython()
        assert found
        command = [found, "-X", "heapsize=56wK", "-c", START, str(self.root)]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=30)
        if ended.returncode == RESET:
            return "reset"
        return (ended.stdout + ended.stderr).strip()

    def confirm(self) -> None:
        slots.confirm(str(self.root), f"{self.root}/slots/{slots.read(str(self.root)).trying}")


def test_a_board_that_never_got_an_update_starts_what_was_flashed(tmp_path):
    assert Board(tmp_path).start() == "flashed /device"


def test_a_new_version_starts_with_all_its_parts_and_stays_when_it_is_confirmed(tmp_path):
    board = Board(tmp_path)
    board.update(version("one"))
    assert board.start() == "one /device"
    board.confirm()
    assert [board.start() for _ in range(4)] == ["one /device"] * 4


@pytest.mark.parametrize("wrong", [FALLS_OVER, CANNOT_BE_LOADED])
def test_a_new_version_that_falls_over_resets_the_board_until_its_tries_run_out(tmp_path, wrong):
    board = Board(tmp_path)
    board.update(version("one"))
    board.start()
    board.confirm()
    board.update(version("two", wrong))
    assert [board.start() for _ in range(5)] == ["reset"] * slots.TRIES + ["one /device"] * 2


def test_a_new_version_that_hangs_while_it_is_loaded_is_watched(tmp_path):
    board = Board(tmp_path)
    board.update(version("one", "import machine\nprint('watched for', machine.watched_ms)\n" + WORKS))
    assert board.start() == "watched for 60000\none /device"


def test_a_pointer_that_cannot_be_read_starts_what_was_flashed(tmp_path):
    board = Board(tmp_path)
    board.update(version("one"))
    board.keep({"slots/pointer": b"\xff" * 20})
    assert board.start() == "flashed /device"


def test_what_was_flashed_and_falls_over_is_not_reset_for_ever_but_says_why(tmp_path):
    assert "OSError" in Board(tmp_path, FALLS_OVER).start()
