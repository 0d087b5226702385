"""`jiaohao hub` as an admin meets it: what is wrong is told in a line, without a traceback, and nothing is lost."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from edge_brokers import Mosquitto

from tests.hub.config.files import GOOD
from tools.bench.hall import bench_hub
from tools.bench.http_client import Connection
from tools.ports import free_port

PATIENCE_S = 20


def refused(*arguments: str) -> str:
    """What a hub that cannot start says; it ends with status 2."""
    done = subprocess.run(
        [sys.executable, "-m", "tools.cli", "hub", *arguments], capture_output=True, text=True, timeout=PATIENCE_S
    )
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def start(folder: Path, *arguments: str) -> list[str]:
    """The arguments of a hub in `folder` on free ports, which `arguments` may override."""
    hall = folder / "hall.toml"
    if not hall.exists():
        hall.write_text(GOOD)
    where = ["--listen", f"127.0.0.1:{free_port()}", "--mqtt", f"127.0.0.1:{free_port()}"]
    return ["--hall", str(hall), "--data", str(folder / "data"), *where, *arguments]


def test_a_bad_hall_file_is_refused_with_every_line(tmp_path: Path):
    file = tmp_path / "hall.toml"
    file.write_text(GOOD.replace('prefix = "B"', 'prefix = "A"').replace('services = ["land"]', 'services = ["lnad"]'))
    said = refused(*start(tmp_path))
    assert f"{file}: line 12: services.land.prefix:" in said
    assert f'{file}: line 20: windows.2.services: there is no service "lnad"; allowed: "tax", "land", "*"' in said


def test_a_hall_that_is_not_there(tmp_path: Path):
    assert "songshan-lake" in refused("--hall", "nowhere", "--data", str(tmp_path))


def test_a_port_in_use(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        where = f"127.0.0.1:{other.getsockname()[1]}"
        assert f"cannot listen on {where}" in refused(*start(tmp_path, "--listen", where))
        port = where.rpartition(":")[2]
        assert f"port {port} on 127.0.0.1 is in use" in refused(*start(tmp_path, "--mqtt", where))


def test_a_data_folder_that_cannot_be_one(tmp_path: Path):
    (tmp_path / "data").write_text("a file stands where the folder should be")
    assert f"cannot use the data folder {tmp_path / 'data'}" in refused(*start(tmp_path))


def test_a_database_that_is_none(tmp_path: Path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "hall.db").write_text("a letter" * 1000)
    assert "file is not a database" in refused(*start(tmp_path))


def test_an_address_that_is_none(tmp_path: Path):
    assert "must be HOST:PORT" in refused(*start(tmp_path, "--listen", "8000"))


def test_an_open_board_is_for_loopback_only(tmp_path: Path):
    assert "loopback only" in refused(*start(tmp_path, "--listen", "0.0.0.0:8000", "--open-board"))


def test_a_broker_that_is_away(tmp_path: Path):
    url = f"mqtt://127.0.0.1:{free_port()}"
    assert url.removeprefix("mqtt://") in refused(*start(tmp_path, "--broker", url))


async def test_a_wrong_broker_password(tmp_path: Path):
    broker = Mosquitto(tmp_path)
    await broker.start()
    try:
        (tmp_path / "secret").write_text("not-the-password")
        broker_is = ("--broker", f"mqtt://127.0.0.1:{broker.port}", "--broker-user", "admin")
        said = refused(*start(tmp_path, *broker_is, "--broker-password-file", str(tmp_path / "secret")))
        assert "password" in said
        assert "not-the-password" not in said
    finally:
        await broker.stop()


async def test_a_second_hub_on_the_same_folder(tmp_path: Path):
    async with bench_hub(tmp_path, 1):
        said = refused(*start(tmp_path))
        assert "another hub uses the data folder" in said


async def test_nobody_else_reads_what_a_hall_keeps_whoever_made_the_folder(tmp_path: Path):
    (tmp_path / "data").mkdir(mode=0o755)
    async with bench_hub(tmp_path, 1):
        kept = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
        assert tmp_path / "data" / "hall.db-wal" in kept
        assert [path for path in kept if path.stat().st_mode & 0o077] == []


async def test_a_data_folder_belongs_to_one_hall(tmp_path: Path):
    async with bench_hub(tmp_path, 1):
        pass
    assert "belongs to the hall 'bench'" in refused(*start(tmp_path))


async def test_a_hall_file_that_changed_keeps_who_waits(tmp_path: Path):
    async with bench_hub(tmp_path, 1) as hub:
        connection = await Connection.open("127.0.0.1", hub.port, hub.admin)
        await connection.post("/api/v1/tickets", {"service": "a"})
    changed = (tmp_path / "bench.toml").read_text()
    (tmp_path / "hall.toml").write_text(changed.replace("[services.a]", "[services.z]"))
    assert "Still waiting for a: 1" in refused(*start(tmp_path))


@pytest.mark.parametrize("turns", [3])
async def test_a_hub_killed_at_any_moment_keeps_what_it_answered(tmp_path: Path, turns: int):
    """Draws until the hub is shot; every ticket that was answered is there after the restart, with its number."""
    answered: dict[str, str] = {}
    setup = tmp_path / "data" / "setup-link"
    key = ""
    for turn in range(turns):
        arguments = start(tmp_path)
        process = subprocess.Popen(
            [sys.executable, "-m", "tools.cli", "hub", *arguments], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout
        url = next(line.split()[1] for line in process.stdout if line.startswith("ready"))
        with httpx.Client(base_url=f"{url}/api/v1", headers={"Origin": url}) as client:
            if not key:
                token = setup.read_text().strip().partition("token=")[2]
                client.post("/setup", json={"token": token, "name": "a", "password": token}).raise_for_status()
                client.post("/login", json={"name": "a", "password": token}).raise_for_status()
                key = client.post("/keys", json={"label": "k", "role": "admin"}).json()["token"]
                client.cookies.clear()
            client.headers["Authorization"] = f"Bearer {key}"
            listed = {t["visit"]: t["number"] for t in client.get("/tickets").json()}
            assert answered.items() <= listed.items()
            for number in range(50):
                answer = client.post(
                    "/tickets", json={"service": "tax"}, headers={"Idempotency-Key": f"{turn}-{number}"}
                )
                answered[answer.json()["visit"]] = answer.json()["number"]
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
    assert len(set(answered.values())) == 50 * turns
    _end_broker(tmp_path / "data" / "broker")


def _end_broker(folder: Path) -> None:
    from hub.adapters.nats import stop_orphan

    assert stop_orphan(folder)


async def test_a_killed_broker_is_started_again_and_the_health_page_says_so(tmp_path: Path):
    async with bench_hub(tmp_path, 1) as hub:
        (broker,) = [child for child in hub.process.children() if "nats" in child.name()]
        broker.kill()
        connection = await Connection.open("127.0.0.1", hub.port, hub.admin)
        seen: set[bool] = set()
        connected = False
        async with asyncio.timeout(PATIENCE_S):
            while seen != {True, False} or not connected:
                _, health = await connection.get("/api/v1/health")
                connected = health["broker"]["connected"]
                seen.add(connected)
                await asyncio.sleep(0.01)
        assert broker.pid not in {child.pid for child in hub.process.children()}
        await connection.close()
