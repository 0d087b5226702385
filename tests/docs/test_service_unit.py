"""docs/jiaohao.service is what systemd understands, and as closed as its header says."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hub.service import TICK_S

UNIT = Path(__file__).parents[2] / "docs" / "jiaohao.service"
ANALYZE = shutil.which("systemd-analyze")
MOST_EXPOSED = 20
"""Tenths, of 100. A service without any hardening has 96."""


def setting(name: str) -> str:
    (found,) = re.findall(rf"^{name}=(.*)$", UNIT.read_text(), re.MULTILINE)
    return found


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit with a program that is there: `verify` looks for it."""
    program = Path(sys.executable).parent / "jiaohao"
    text = UNIT.read_text().replace("/opt/jiaohao/.venv/bin/jiaohao", str(program))
    made = tmp_path / "jiaohao.service"
    made.write_text(text)
    return made


@pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not on this machine: the unit is not verified here")
def test_systemd_understands_it_and_finds_it_closed(unit: Path):
    assert ANALYZE
    seen = subprocess.run([ANALYZE, "verify", unit], capture_output=True, text=True, timeout=60)
    assert (seen.returncode, seen.stderr) == (0, "")
    limit = ("--offline=true", f"--threshold={MOST_EXPOSED}")
    exposed = subprocess.run([ANALYZE, "security", *limit, unit], capture_output=True, text=True, timeout=60)
    assert exposed.returncode == 0, exposed.stdout[-500:]


def test_what_the_hub_was_tried_with_is_asked_for():
    """tests/edge/test_draining.py runs the hub so."""
    assert setting("MemoryDenyWriteExecute") == "yes"
    assert setting("Type") == "notify"
    assert " --log json" in UNIT.read_text()


def test_the_watchdog_is_patient_enough():
    assert int(setting("WatchdogSec")) >= 5 * TICK_S
