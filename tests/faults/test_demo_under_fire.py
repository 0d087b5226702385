"""A demo whose hub, broker and devices are killed at random moments: nothing that was promised is lost or doubled."""

import json
import os
import random
import signal
import time

import pytest

from tests.tools.demo_runs import demo

pytestmark = pytest.mark.edge

SECONDS = 60
WINDOWS = 10
VICTIMS = ("hub", "broker", "device", "device", "device", "hub", "broker")
PROCESSES = 2 + 3 * WINDOWS
"""Hub, broker and three devices at each window."""

SEED = int(os.environ.get("JIAOHAO_FIRE_SEED", "1"))


def kill(run, victim, chance):
    """Kills one process with -9, if it is there just now; its name."""
    pids = run.pids()
    name = chance.choice(sorted(pids["devices"])) if victim == "device" else victim
    pid = pids["devices"].get(name) or pids.get(name)
    if pid:
        os.kill(pid, signal.SIGKILL)
    return name


def test_nothing_is_lost_or_doubled_while_everything_is_killed(tmp_path):
    chance = random.Random(SEED)
    moments = sorted(chance.uniform(1, SECONDS - 1) for _ in VICTIMS)
    victims = chance.sample(VICTIMS, len(VICTIMS))
    with demo(tmp_path, "--windows", str(WINDOWS), "--seconds", str(SECONDS)) as run:
        run.wait_for("open   ")
        opened_s = time.monotonic()
        killed = []
        for moment_s, victim in zip(moments, victims, strict=True):
            time.sleep(max(0, opened_s + moment_s - time.monotonic()))
            killed.append((round(moment_s, 1), kill(run, victim, chance)))
        status, output, errors = run.end()
        said = json.loads(output)
        assert status == 0, (SEED, killed, said, errors)
        assert (said["lost"], said["doubled"], said["differing_displays"]) == (0, 0, 0)
        assert said["drawn"] >= 60 and said["called"] >= 60 and said["rated"] >= WINDOWS
        assert len(run.known) >= PROCESSES + 3, "somebody was killed, and started again"
        assert run.left_behind() == []
