"""`jiaohao backup`, `restore`, `verify` and `hub --backup` as an admin meets them, with a real hub."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pyrage
import pytest
from click.testing import CliRunner

from hub.adapters.backup_file import FILES, FOLDERS
from tools.bench.hall import write_hall
from tools.cli import main
from tools.ports import free_port

pytestmark = pytest.mark.edge

PATIENCE_S = 60
NOT_NEEDED = ("lock", "hall.db-wal", "hall.db-shm", "setup-link", "day-keys", "broker")
"""What is in a data folder and in no backup: a hub makes it again, or it must be forgotten (day-keys)."""


def jiaohao(*arguments: object) -> tuple[int, str]:
    """Status and all that was said."""
    done = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


@contextmanager
def hub(folder: Path, *more: str) -> Iterator[str]:
    """A running hub in `folder`; its address."""
    write_hall(folder / "hall.toml", 1)
    port = free_port()
    where = ["--hall", str(folder / "hall.toml"), "--data", str(folder / "data"), *more]
    addresses = ["--listen", f"127.0.0.1:{port}", "--mqtt", f"127.0.0.1:{free_port()}"]
    command = [sys.executable, "-m", "tools.cli", "hub", *where, *addresses]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            while not process.stdout.readline().startswith("ready"):
                assert process.poll() is None
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGTERM)


def test_from_backup_to_restore_as_the_guide_says(tmp_path: Path):
    key = pyrage.x25519.Identity.generate()
    (tmp_path / "key.txt").write_text(f"# of a test\n{key}\n")
    backups, data = tmp_path / "backups", tmp_path / "data"
    identity = ("--identity", tmp_path / "key.txt")
    with hub(tmp_path, "--backup", str(backups), "--backup-recipient", str(key.to_public())) as url:
        end = time.monotonic() + PATIENCE_S
        while not (state := httpx.get(f"{url}/api/v1/health").json()["backup"])["last_good_ms"]:
            assert time.monotonic() < end
            time.sleep(0.1)
        assert state["tested_ms"] and not state["failing"]

        status, said = jiaohao("backup", "--data", data, "--to", tmp_path / "mine")
        assert (status, "verified" in said) == (0, True)
        assert jiaohao("verify", "--data", data)[0] == 0
        status, said = jiaohao("restore", "--from", backups, "--data", data, *identity)
        assert (status, "another hub uses the data folder" in said) == (2, True)

        known = {name.partition("/")[0] for name in (*FILES, *FOLDERS)}
        unknown = {path.name for path in data.iterdir()} - {*known, *NOT_NEEDED, "hall.db"}
        assert not unknown, (
            f"{unknown} is in the data folder: say in backup_file.FILES or here whether a restore needs it"
        )

    status, said = jiaohao("restore", "--from", backups, "--data", data, *identity)
    assert (status, "is not empty" in said, "mv " in said) == (2, True, True)
    status, said = jiaohao("restore", "--from", backups, "--data", tmp_path / "other")
    assert (status, "--identity" in said) == (2, True)
    status, said = jiaohao("restore", "--check", "--from", backups, *identity)
    assert (status, "checked bench-" in said, "last event " in said) == (0, True, True)
    assert "AGE-SECRET" not in said
    data.rename(tmp_path / "data.broken")
    status, said = jiaohao("restore", "--from", backups, "--data", data, *identity)
    assert (status, "restored bench-" in said) == (0, True)
    assert jiaohao("rebuild", "--check", "--data", data)[0] == 0
    with hub(tmp_path) as url:
        health = httpx.get(f"{url}/api/v1/health").json()
        assert health["epoch"] == int(said.partition("epoch ")[2].partition(";")[0])
        assert health["backup"] is None


def test_what_is_wrong_is_told_in_a_line(tmp_path: Path):
    (tmp_path / "empty").mkdir()
    for arguments, words in (
        (("backup", "--data", tmp_path, "--to", tmp_path / "b"), "there is no hall.db"),
        (("restore", "--from", tmp_path / "empty", "--data", tmp_path / "new"), "there is no backup in"),
        (("restore", "--from", tmp_path / "empty"), "--data"),
        (("restore", "--from", tmp_path / "empty", "--check", "--at", "noon"), "must be a time like"),
        (
            ("restore", "--from", tmp_path / "empty", "--check", "--identity", tmp_path / "no"),
            "cannot read the key file",
        ),
    ):
        status, said = jiaohao(*arguments)
        assert (status, words in said) == (2, True), said
    write_hall(tmp_path / "hall.toml", 1)
    hall = ("--hall", tmp_path / "hall.toml", "--data", tmp_path / "data")
    status, said = jiaohao("hub", *hall, "--backup", tmp_path / "b", "--backup-recipient", "age1x")
    assert (status, "no public age key" in said) == (2, True)
