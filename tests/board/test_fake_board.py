"""The fake board is like a board: stock mpremote works with it; resets, watchdog and pulling it do what they do."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.board.fake_board import HARD, POWER_ON, SOFT, WATCHDOG, FakeBoard, fake_board
from tools.demo.runtime import find_micropython

pytestmark = pytest.mark.skipif(find_micropython() is None, reason="NO MICROPYTHON HERE: no wheel for this machine")

MPREMOTE = Path(sys.executable).parent / "mpremote"


def mpremote(board: FakeBoard, *words: str) -> str:
    command = [MPREMOTE, "connect", board.port, *words]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def until_started(board: FakeBoard, causes: list[int]) -> None:
    for _ in range(600):
        if board.starts() == causes:
            return
        time.sleep(0.05)
    raise AssertionError(f"its resets were {board.starts()}")


def test_stock_mpremote_copies_to_a_flash_that_survives_pulling_it(tmp_path: Path):
    file = Path(__file__)
    with fake_board(tmp_path, 7) as board:
        assert mpremote(board, "eval", "2**40").strip() == str(2**40)
        about = mpremote(board, "exec", "import machine, sys; print(machine.unique_id().hex(), sys.platform)")
        assert about.split() == ["240ac4000007", "esp32"]
        mpremote(board, "fs", "cp", str(file), ":kept.py")
        board.unplug()
        assert not Path(board.port).exists()
        board.plug()
        digest = mpremote(board, "fs", "sha256sum", "kept.py").split()[-1]
        assert digest == hashlib.sha256(file.read_bytes()).hexdigest()
        assert board.starts().count(POWER_ON) == 2 and set(board.starts()) == {POWER_ON, SOFT}


def test_resets_are_those_of_a_board_and_its_watchdog_bites(tmp_path: Path):
    main = "import machine; machine.WDT(timeout=1000)"
    with fake_board(tmp_path) as board:
        mpremote(board, "exec", f"with open('main.py', 'w') as file: file.write({main!r})", "reset")
        until_started(board, [POWER_ON, SOFT, HARD, WATCHDOG])
        # A watchdog cannot be stopped, not even by a soft reset: given more time it can be lived with.
        mpremote(board, "exec", "import machine; machine.WDT(timeout=60000)")
        calm = board.starts()
        time.sleep(1.5)
        assert board.starts() == calm
