"""A short slice of `jiaohao chaos`: real faults on both brokers lose nothing, and a device that erases too early is
caught. The long run is in docs/chaos.md."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tools.chaos import netns
from tools.chaos.options import NETNS, PROXY

pytestmark = pytest.mark.edge

DEVICES = "12"
START_S = 90
END_S = 240
SEED = os.environ.get("JIAOHAO_CHAOS_SEED", "7")


def chaos(folder: Path, *arguments: str) -> tuple[int, dict, str]:
    """Exit status, what it said in JSON, and what it told meanwhile."""
    command = [sys.executable, "-m", "tools.cli", "chaos", "--json", "--data", str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=END_S, check=False)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout), done.stderr


def naming(folder: Path) -> list[psutil.Process]:
    """Processes that still run and name the folder."""
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if any(str(folder) in argument for argument in process.info["cmdline"] or ())
        and process.status() != psutil.STATUS_ZOMBIE
    ]


@pytest.mark.parametrize(
    ("broker", "network"),
    [
        # Where no namespace is allowed (they need nftables, and root or user namespaces) both go through the proxy.
        pytest.param("nats", "auto", id="nats-netns"),
        pytest.param("mosquitto", PROXY, id="mosquitto-proxy"),
    ],
)
def test_nothing_is_lost(tmp_path, broker, network):
    arguments = ("--broker", broker, "--network", network, "--faults", "26", "--gap", "0.5", "--devices", DEVICES)
    status, said, told = chaos(tmp_path / "run", *arguments, "--seed", SEED)
    assert said["network"] == (PROXY if network == PROXY or netns.missing() else NETNS)
    assert status == 0, (said, told)
    (run,) = said["runs"]
    wrong = {key: run[key] for key in ("lost", "doubled", "altered", "differing_displays", "damaged", "surprises")}
    assert not any(wrong.values()), (said["again"], wrong)
    assert run["promised"] >= 10 and run["tickets"] >= 4 and run["calls"] >= 1, run
    assert run["missed"] <= 2 and len(run["by_kind"]) >= 10, "every kind of fault comes"
    assert naming(tmp_path) == []


def test_a_device_that_erases_on_puback_is_caught(tmp_path):
    arguments = ("--device-mistake", "erase-on-puback", "--broker", "mosquitto", "--faults", "12", "--devices", DEVICES)
    status, said, _ = chaos(tmp_path / "run", *arguments, "--seed", "2")
    assert status == 1
    assert said["runs"][0]["lost"] > 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_stays_behind_when_it_is_stopped_in_the_middle(tmp_path, number):
    """Also when it has no time to clean up: the kernel ends everything inside."""
    log = (tmp_path / "log").open("w+")
    command = [sys.executable, "-m", "tools.cli", "chaos", "--broker", "nats", "--faults", "100", "--devices", "3"]
    with subprocess.Popen([*command, "--data", str(tmp_path / "run")], stdout=log, stderr=log) as process:
        said = Path(log.name)
        deadline = time.monotonic() + START_S
        while "are up" not in said.read_text():
            assert time.monotonic() < deadline and process.poll() is None, said.read_text()
            time.sleep(0.1)
        process.send_signal(number)
        process.wait(END_S)
    deadline = time.monotonic() + START_S
    while naming(tmp_path):
        assert time.monotonic() < deadline, naming(tmp_path)
        time.sleep(0.1)
    assert process.returncode in (130, -number)
    if netns.missing() == "":
        mounts = Path("/proc/mounts").read_text()
        assert str(tmp_path) not in mounts
