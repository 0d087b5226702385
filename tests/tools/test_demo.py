"""`jiaohao demo` from start to end, with a real hub, a real broker and virtual devices."""

import fcntl
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest

from tests.tools.demo_runs import demo
from tests.tools.halls import HALLS

pytestmark = pytest.mark.edge


def test_a_short_demo_loses_nothing_and_leaves_nothing(tmp_path):
    with demo(tmp_path, "--windows", "2", "--seconds", "8", "--speed", "2") as run:
        run.wait_for("open   ")
        status, output, errors = run.end()
        said = json.loads(output)
        assert status == 0, (output, errors)
        assert said["drawn"] >= said["called"] >= 2 and said["shown"] == said["called"]
        assert said["rated"] >= 1 and said["press_to_display_ms"]["p99"] > 0
        assert (said["lost"], said["doubled"], said["differing_displays"]) == (0, 0, 0)
        assert run.left_behind() == [] and not (tmp_path / "pids.json").exists()


def ask(data, sql):
    with closing(sqlite3.connect(data / "hall.db")) as database:
        return database.execute(sql).fetchone()[0]


HOW_THEY_COME = {
    "binhai-bay": "select count(*) > 0 from tickets where klass in ('appointment', 'green', 'priority')",
    "changchun-jingkai": "select count(*) > 0 from log where kind = 'PreCheckPassed'",
    "dongguan-citizens": "select count(*) > 0 and min(booking) != '' from tickets",
    "songshan-lake": "select count(*) > 0 from tickets where klass = 'priority'",
    "zengcheng": "select count(*) > 0 from tickets where number like 'A%'",
}
"""Hall -> what must be true of its people."""


@pytest.mark.parametrize("hall", HALLS)
def test_each_hall_opens_serves_in_its_way_and_ends_right(tmp_path, hall):
    with demo(tmp_path, "--hall", hall, "--windows", "3", "--seconds", "10", "--speed", "1.5") as run:
        run.wait_for("open   ")
        status, output, errors = run.end()
        said = json.loads(output)
        assert status == 0, (output, errors)
        assert (said["hall"], said["windows"]) == (hall, 3) and "its clock says " in errors
        assert said["drawn"] >= said["called"] >= 3 and said["shown"] == said["called"] and said["rated"] >= 1
        assert (said["lost"], said["doubled"], said["differing_displays"]) == (0, 0, 0)
        assert ask(tmp_path, HOW_THEY_COME[hall]) == 1


def test_all_222_windows_have_displays_that_show_what_the_hub_means(tmp_path):
    with demo(tmp_path, "--hall", "zengcheng", "--seconds", "10", "--speed", "0.3") as run:
        run.wait_for("open   ")
        assert "222 windows, 90 devices on " in run.said and "576 lighter ones in one process" in run.said
        pids = run.pids()
        assert len(pids["devices"]) == 90 and pids["rack"] in {process.pid for process in run.known}
        status, output, errors = run.end()
        said = json.loads(output)
        assert status == 0, (output, errors)
        assert said["windows"] == 222 and said["shown"] == said["called"] >= 100
        assert (said["lost"], said["doubled"], said["differing_displays"]) == (0, 0, 0)
        assert run.left_behind() == []


def test_every_process_is_in_the_list(tmp_path):
    with demo(tmp_path, "--windows", "1") as run:
        run.wait_for("open   ")
        pids = run.pids()
        assert pids["supervisor"] == run.process.pid
        assert sorted(pids["devices"]) == ["call-1", "display-1", "rate-1"]
        assert len(run.known) == 5


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_it_in_order(tmp_path, number):
    with demo(tmp_path, "--windows", "1") as run:
        run.wait_for("open   ")
        time.sleep(2)
        run.process.send_signal(number)
        status, output, errors = run.end()
        assert status == 0, errors
        assert json.loads(output)["lost"] == 0
        assert run.left_behind() == []


def test_ctrl_c_before_it_opened_leaves_nothing(tmp_path):
    with demo(tmp_path, "--windows", "1") as run:
        run.wait_for("hub ")
        run.process.send_signal(signal.SIGINT)
        status, output, errors = run.end()
        assert (status, output) == (2, "") and "Traceback" not in errors
        assert run.left_behind() == []


def test_when_the_supervisor_is_killed_nobody_lives_on(tmp_path):
    with demo(tmp_path, "--windows", "1") as run:
        run.wait_for("open   ")
        run.pids()
        run.process.kill()
        deadline = time.monotonic() + 20
        while run.left_behind() and time.monotonic() < deadline:
            time.sleep(0.1)
        assert run.left_behind() == []


def test_a_folder_can_be_used_again(tmp_path):
    for _ in range(2):
        with demo(tmp_path, "--windows", "1", "--seconds", "6", "--speed", "2") as run:
            run.wait_for("open   ")
            status, output, errors = run.end()
            assert status == 0, errors
            assert 1 <= json.loads(output)["called"] <= 4


def test_a_folder_has_one_demo_at_a_time(tmp_path):
    with demo(tmp_path, "--windows", "1") as run:
        run.wait_for("open   ")
        pids = run.pids()
        second = try_to_start(tmp_path)
        assert second.returncode == 2 and "error: another demo uses the data folder" in second.stderr
        assert run.pids() == pids


def test_a_hub_that_cannot_start_says_why(tmp_path):
    with (tmp_path / "lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        shown = try_to_start(tmp_path)
    assert shown.returncode == 2
    assert "error: another hub uses the data folder" in shown.stderr and "Traceback" not in shown.stderr


def test_the_data_folder_must_be_writable(tmp_path):
    (tmp_path / "file").write_text("")
    shown = try_to_start(tmp_path / "file" / "data")
    assert shown.returncode == 2
    assert "error: cannot use the data folder" in shown.stderr and "Traceback" not in shown.stderr


def try_to_start(data):
    command = [sys.executable, "-m", "tools.cli", "demo", "--data", str(data)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_people_see_a_table_and_no_folder_stays(tmp_path):
    command = [sys.executable, "-m", "tools.cli", "demo", "--windows", "1", "--seconds", "4"]
    shown = subprocess.run(
        command, capture_output=True, text=True, timeout=90, check=True, env={**os.environ, "TMPDIR": str(tmp_path)}
    )
    assert shown.stdout.startswith("twin   http://127.0.0.1:")
    assert "clerk-1" in shown.stdout and "lost 0   doubled 0" in shown.stdout
    assert shown.stderr == "" and list(tmp_path.iterdir()) == []
