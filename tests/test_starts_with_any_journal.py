"""A rating pad starts on a board's heap whatever its journal holds: a large piece of memory must be left for glyphs."""

from __future__ import annotations

import json
import subprocess

import pytest

from firmware.journal import Journal
from tools.demo import runtime

CONFIG = {
    "hall": "north",
    "device": "rate-8",
    "role": "rating_pad",
    "window": "8",
    "host": "127.0.0.1",
    "port": 1,
    "user": "rate-8",
    "password": "x" * 43,
    "client_id": "rate-8-0123456789abcdef",
}


@pytest.mark.skipif(runtime.find_micropython() is None, reason="no MicroPython wheel for this machine")
def test_with_any_number_of_presses(tmp_path):
    found = runtime.find()
    failed = {}
    for presses in range(0, 121, 6):
        flash = tmp_path / str(presses)
        (flash / "journal").mkdir(parents=True)
        (flash / "config.json").write_text(json.dumps(CONFIG))
        journal = Journal(str(flash / "journal"), lambda: 77)
        for number in range(presses):
            journal.append("8", "0123456789abcdef", 5, number)
            if number % 3:
                journal.settle([press.seq for press in journal.oldest(16, number)])
        program = found.program(flash)
        ended = subprocess.run(
            program.command,
            env=program.environment,
            cwd=flash,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=30,
        )
        if ended.returncode:
            failed[presses] = ended.stderr.decode()[-200:]
    assert failed == {}
