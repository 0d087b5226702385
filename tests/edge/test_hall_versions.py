"""Versions of the hall file at a real hub: what was applied or taken back stays, whatever file the hub starts with."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from tests.tools.halls import source_of
from tools.cli import main
from tools.ports import free_port

pytestmark = pytest.mark.edge

SOURCE = source_of("songshan-lake")
"""A hall with alarms and contacts."""

BIGGER = SOURCE.replace('[windows."10-11"]', '[windows."10-11"]\nprefer = { person = 5 }')
SMALLER = SOURCE.replace("slip_guard_ms = 1500", "slip_guard_ms = 1000")


class Hub:
    """A hub in `folder`; `run` is `jiaohao hall` with a key of its first admin."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    @contextlib.contextmanager
    def started(self, source: str) -> Iterator[str]:
        """What it says until it is ready."""
        file = self.folder / "hall.toml"
        file.write_text(source, "utf-8")
        addresses = ["--listen", f"127.0.0.1:{self.port}", "--mqtt", f"127.0.0.1:{free_port()}"]
        command = [sys.executable, "-m", "tools.cli", "hub", "--hall", str(file), "--data", str(self.folder / "data")]
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        with subprocess.Popen([*command, *addresses], stdout=subprocess.PIPE, text=True, env=environment) as process:
            try:
                said = ""
                while "ready " not in said:
                    line = process.stdout.readline()
                    assert line, said
                    said += line
                self._make_key()
                yield said
            finally:
                process.send_signal(signal.SIGTERM)

    def _make_key(self) -> None:
        link = self.folder / "data" / "setup-link"
        if not link.exists():
            return
        token = link.read_text().strip().partition("token=")[2]
        with httpx.Client(base_url=f"{self.url}/api/v1", headers={"Origin": self.url}) as client:
            for path, body in (("/setup", {"token": token}), ("/login", {})):
                client.post(path, json={**body, "name": "admin", "password": token}).raise_for_status()
            answer = client.post("/keys", json={"label": "laptop", "role": "admin"}).raise_for_status()
            (self.folder / "key").write_text(answer.json()["token"])

    def run(self, *arguments: object) -> str:
        environment = {"JIAOHAO_HUB": self.url, "JIAOHAO_KEY_FILE": str(self.folder / "key")}
        done = CliRunner().invoke(main, ["hall", *map(str, arguments)], env=environment)
        assert done.exit_code == 0, done.output
        return done.stdout

    def file(self, source: str) -> Path:
        path = self.folder / "next.toml"
        path.write_text(source, "utf-8")
        return path


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    return Hub(tmp_path)


def test_a_version_is_applied_compared_taken_back_and_exported(hub: Hub):
    with hub.started(SOURCE):
        assert "would change" in hub.run("apply", hub.file(SMALLER), "--dry")
        assert "hall: slip_guard_ms 1500 -> 1000" in hub.run("diff", hub.file(SMALLER))
        assert "is in force" in hub.run("apply", hub.file(SMALLER), "--note", "faster clerks")
        newest, first = hub.run("versions").splitlines()
        assert newest.endswith(": faster clerks") and "slip_guard_ms = 1000" in hub.run("show")
        number = first.split()[1].rstrip(",")
        assert "hall: slip_guard_ms 1000 -> 1500" in hub.run("revert", number)
        exported = hub.run("export")
        assert "slip_guard_ms 1500 -> 7" in hub.run(
            "diff", hub.file(exported.replace("guard_ms = 1500", "guard_ms = 7"))
        )
        assert "slip_guard_ms = 1500" in exported and "lead@" not in exported


def test_the_file_of_the_first_start_does_not_take_back_what_was_applied(hub: Hub):
    with hub.started(SOURCE) as said:
        assert "hint" not in said
        hub.run("apply", hub.file(SMALLER))
    with hub.started(SOURCE) as said:
        assert "hint: " in said and "jiaohao hall diff" in said
        assert "slip_guard_ms = 1000" in hub.run("show")


def test_a_version_that_was_taken_back_stays_so_with_the_file_that_was_applied(hub: Hub):
    with hub.started(SOURCE):
        hub.run("apply", hub.file(SMALLER))
        first = hub.run("versions").splitlines()[-1].split()[1].rstrip(",")
        hub.run("revert", first)
    with hub.started(SMALLER) as said:
        assert "hint: " in said and "slip_guard_ms = 1500" in hub.run("show")


def test_a_file_that_was_never_in_force_is_put_in_force_at_the_start(hub: Hub):
    with hub.started(SOURCE):
        hub.run("apply", hub.file(SMALLER))
    with hub.started(BIGGER) as said:
        assert "hint" not in said and "prefer = { person = 5 }" in hub.run("show")


def test_the_same_file_again_is_no_new_version(hub: Hub):
    for _ in range(2):
        with hub.started(SOURCE) as said:
            assert "hint" not in said and len(hub.run("versions").splitlines()) == 1
