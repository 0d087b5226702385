"""The process that the devices of many windows share is killed: all of them come back, and nothing is lost."""

import json
import os
import signal
import time

import pytest

from tests.tools.demo_runs import demo
from tools.demo.rack import FULL_WINDOWS

pytestmark = pytest.mark.edge

WINDOWS = FULL_WINDOWS + 4


def test_the_windows_without_processes_of_their_own_come_back(tmp_path):
    with demo(tmp_path, "--hall", "zengcheng", "--windows", str(WINDOWS), "--seconds", "20", "--speed", "1") as run:
        run.wait_for("open   ")
        time.sleep(5)  # people are being served
        killed = run.pids()["rack"]
        os.kill(killed, signal.SIGKILL)
        status, output, errors = run.end()
        said = json.loads(output)
        assert status == 0, (said, errors)
        assert said["windows"] == WINDOWS and said["shown"] == said["called"] >= WINDOWS
        assert (said["lost"], said["doubled"], said["differing_displays"]) == (0, 0, 0)
        assert run.left_behind() == []
