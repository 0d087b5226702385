"""Every test of protocol/ and firmware/ runs on MicroPython too. Pytest runs them on CPython by itself."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MICROPYTHON = Path(sys.executable).parent / "micropython"
FILES = sorted(
    str(path.relative_to(ROOT))
    for folder in ("protocol", "firmware")
    for path in (ROOT / "tests" / folder).glob("test_*.py")
)
HEAP = "1000wK"
"""Tests are compiled on the spot and hold both halves of a conversation; the virtual devices' tests have a board's."""


@pytest.mark.parametrize("file", FILES)
def test_on_micropython(file):
    if not MICROPYTHON.exists() and not shutil.which("micropython"):
        pytest.skip("NO MICROPYTHON HERE: its package has no wheel for this machine; the files ran on CPython only")
    done = run(file)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].endswith(" passed, 0 failed")


def run(file: str) -> subprocess.CompletedProcess:
    command = [MICROPYTHON, "-X", f"heapsize={HEAP}", "tests/runner.py", file]
    environment = {"MICROPYPATH": f"{ROOT}:.frozen"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
