"""Runs `jiaohao demo` as people do, as a process, and looks at what it leaves behind."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

START_S = 240
"""A first start compiles the firmware; then a busy machine starts a hub, a broker and devices, hundreds of them."""

END_S = 90
"""A drain may take 30 s when devices were killed at the end."""


class DemoRun:
    """A running demo. `data` is its folder."""

    def __init__(self, data: Path, *arguments: str):
        self.data = data
        self.known: set[psutil.Process] = set()
        command = [sys.executable, "-m", "tools.cli", "demo", "--data", str(data), *arguments]
        self._talk = data.with_name(data.name + "-said.txt")
        with self._talk.open("w") as talk:
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=talk, text=True)

    @property
    def said(self) -> str:
        """Standard error up to now; with --json that is where a demo talks."""
        return self._talk.read_text()

    def pids(self) -> dict[str, Any]:
        """What pids.json says now; remembers every process in it."""
        try:
            pids = json.loads((self.data / "pids.json").read_text())
        except FileNotFoundError:
            return {"devices": {}}
        for pid in (pids["hub"], pids["broker"], pids["rack"], *pids["devices"].values()):
            with suppress(psutil.NoSuchProcess):  # it may end between two looks
                self.known |= {psutil.Process(pid)} if pid else set()
        return pids

    def wait_for(self, words: str) -> str:
        """Until it said `words`; all that was said."""
        deadline = time.monotonic() + START_S
        while words not in self.said:
            assert time.monotonic() < deadline and self.process.poll() is None, self.said
            self.pids()
            time.sleep(0.05)
        return self.said

    @property
    def url(self) -> str:
        """The twin's page, once it was said."""
        return self.wait_for("twin ").partition("twin")[2].split()[0]

    def end(self) -> tuple[int, str, str]:
        """Waits for the end: exit status, standard output, standard error."""
        self.pids()
        output, _ = self.process.communicate(timeout=END_S)
        return self.process.returncode, output, self.said

    def left_behind(self) -> list[psutil.Process]:
        """Processes of this demo that still run: those that pids.json ever named, and whoever names the folder."""
        return [process for process in {*self.known, *_naming(self.data)} if _runs(process)]


def _naming(data: Path) -> Iterator[psutil.Process]:
    for process in psutil.process_iter(["cmdline"]):
        if any(str(data) in argument for argument in process.info["cmdline"] or ()):
            yield process


def _runs(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


@contextmanager
def demo(data: Path, *arguments: str) -> Iterator[DemoRun]:
    """A demo with --json that is ended whatever happens in the test."""
    run = DemoRun(data, "--json", *arguments)
    try:
        yield run
    finally:
        if run.process.poll() is None:
            run.process.kill()
        for process in run.left_behind():
            process.kill()
        run.process.communicate()
