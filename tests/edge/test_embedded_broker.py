"""The embedded broker as a process: started, watched, adopted, stopped, and what it says when it cannot run."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from edge_brokers import HALL, Device, Hub, device_login, until

from hub.adapters import nats_process
from hub.adapters.mqtt_probe import may_log_in
from hub.adapters.nats import EmbeddedBroker, stop_orphan
from hub.ports import BrokerError
from protocol import topics
from tools.ports import free_port

A_HUB = """
import asyncio, sys
from pathlib import Path
from hub.adapters.nats import EmbeddedBroker

async def main(folder, hall, port):
    broker = EmbeddedBroker(Path(folder), hall, port=int(port))
    await broker.start()
    print(broker.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.fixture
async def broker(tmp_path):
    """In a folder as people name them."""
    broker = EmbeddedBroker(tmp_path / "叫号 broker", HALL, port=free_port())
    await broker.start()
    yield broker
    await broker.stop()


@pytest.fixture
def killed_hub(tmp_path):
    """(folder, port, process id of the broker) that a hub left behind when it was killed."""
    port = free_port()
    arguments = [sys.executable, "-c", A_HUB, str(tmp_path), HALL, str(port)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE) as hub:
        pid = int(hub.stdout.readline())
        hub.kill()
    yield tmp_path, port, pid
    stop_orphan(tmp_path)


async def test_a_killed_broker_is_started_again_with_everything_it_kept(broker):
    login = device_login("pad-1")
    await broker.grant(login)
    hub = Hub(broker.hub_login)
    async with hub.link:
        await until(lambda: hub.link.connected)
        hub.link.publish(topics.window_state(HALL, "w1"), b"A012", retain=True)
        await until(lambda: hub.link.published == 1)
    first = broker.pid
    os.kill(first, signal.SIGKILL)
    await until(lambda: broker.restarts == 1)
    while not await may_log_in("127.0.0.1", broker.hub_login.port, "pad-1", login.password):
        await asyncio.sleep(0.02)
    assert broker.pid != first
    async with Device(broker.hub_login.port, login) as device:
        await device.subscribe(topics.window_state(HALL, "w1"))
        await device.gets(topics.window_state(HALL, "w1"), b"A012")


async def test_a_device_can_be_let_in_while_the_broker_is_down(broker):
    os.kill(broker.pid, signal.SIGKILL)
    login = device_login("pad-1")
    await broker.grant(login)
    assert await may_log_in("127.0.0.1", broker.hub_login.port, "pad-1", login.password)


async def test_logins_outlive_a_restart_of_the_hub(broker):
    login = device_login("pad-1")
    await broker.grant(login)
    before = broker.hub_login
    await broker.stop()
    again = EmbeddedBroker(broker._place.folder, HALL, port=before.port)
    await again.start()
    try:
        assert await may_log_in("127.0.0.1", before.port, "pad-1", login.password)
        assert again.hub_login == before
    finally:
        await again.stop()


async def test_stopping_leaves_no_process_and_frees_the_port(broker):
    pid = broker.pid
    await broker.stop()
    assert broker.pid is None
    assert not psutil.pid_exists(pid)
    nats_process.check_port_free(broker._place)


async def test_the_broker_of_a_killed_hub_is_taken_over(killed_hub):
    folder, port, pid = killed_hub
    broker = EmbeddedBroker(folder, HALL, port=port)
    await broker.start()
    try:
        assert broker.pid == pid
        login = device_login("pad-1")
        await broker.grant(login)
        assert await may_log_in("127.0.0.1", port, "pad-1", login.password)
        os.kill(pid, signal.SIGKILL)
        await until(lambda: broker.restarts == 1 and broker.pid not in (None, pid))
    finally:
        await broker.stop()


async def test_the_broker_of_a_killed_hub_is_replaced_when_the_port_is_another(killed_hub):
    folder, _port, pid = killed_hub
    broker = EmbeddedBroker(folder, HALL, port=free_port())
    await broker.start()
    try:
        assert broker.pid != pid
        assert not _runs(pid)
    finally:
        await broker.stop()


async def test_the_broker_of_a_killed_hub_can_be_ended_without_a_hub(killed_hub):
    folder, _port, pid = killed_hub
    assert stop_orphan(folder)
    assert not _runs(pid)
    assert not stop_orphan(folder)


async def test_the_broker_of_a_living_hub_is_no_orphan(broker):
    assert not stop_orphan(broker._place.folder)
    assert broker.pid is not None


async def test_a_process_id_that_somebody_else_has_now_is_left_alone(tmp_path):
    (tmp_path / "nats.pid").write_text(str(os.getpid()))
    assert not stop_orphan(tmp_path)


async def test_two_hubs_cannot_have_one_broker(broker):
    second = EmbeddedBroker(broker._place.folder, HALL, port=free_port())
    with pytest.raises(BrokerError, match=r"another hub runs the broker in .*: stop it first"):
        await second.start()
    assert broker.pid is not None


async def test_a_port_in_use_is_said(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        broker = EmbeddedBroker(tmp_path, HALL, port=port)
        with pytest.raises(BrokerError, match=f"port {port} on 127.0.0.1 is in use by another program"):
            await broker.start()


async def test_an_address_of_another_machine_is_said(tmp_path):
    broker = EmbeddedBroker(tmp_path, HALL, host="192.0.2.1", port=free_port())
    with pytest.raises(BrokerError, match=r"cannot listen on 192\.0\.2\.1"):
        await broker.start()


async def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("in the way")
    broker = EmbeddedBroker(tmp_path / "file" / "broker", HALL, port=free_port())
    with pytest.raises(BrokerError, match="broker cannot be written: Not a directory"):
        await broker.start()


async def test_a_damaged_file_of_logins_is_said_and_not_overwritten(tmp_path):
    (tmp_path / "logins.json").write_text("{")
    with pytest.raises(BrokerError, match=r"logins\.json cannot be read .*: restore it, or remove it and pair anew"):
        await EmbeddedBroker(tmp_path, HALL, port=free_port()).start()
    assert (tmp_path / "logins.json").read_text() == "{"


async def test_a_server_that_ends_at_once_is_said_with_its_last_words(tmp_path):
    # No configuration of ours is wrong, so the store is put in its way.
    (tmp_path / "store").write_text("in the way")
    broker = EmbeddedBroker(tmp_path, HALL, port=free_port())
    with pytest.raises(BrokerError, match=r"nats-server did not start on 127.0.0.1:\d+: .*storage directory"):
        await broker.start()
    assert broker.pid is None


async def test_before_the_start_nobody_can_be_let_in(tmp_path):
    with pytest.raises(BrokerError, match="start it before"):
        await EmbeddedBroker(tmp_path, HALL, port=free_port()).grant(device_login("pad-1"))


async def test_secrets_are_in_files_of_the_owner_only_and_passwords_of_devices_in_none(broker):
    login = device_login("pad-1")
    await broker.grant(login)
    folder = broker._place.folder
    assert folder.stat().st_mode & 0o077 == 0
    for name in ("nats.conf", "logins.json"):
        assert (folder / name).stat().st_mode & 0o077 == 0
    assert not [path for path in folder.rglob("*") if login.password.encode() in _content(path)]


async def test_nobody_gets_in_through_the_servers_own_protocol(broker):
    login = broker.hub_login
    ports = {at.laddr.port for at in psutil.Process(broker.pid).net_connections("tcp") if at.status == "LISTEN"}
    (own,) = ports - {login.port}
    reader, writer = await asyncio.open_connection("127.0.0.1", own)
    await reader.readline()
    writer.write(f'CONNECT {{"user":"{login.user}","pass":"{login.password}","verbose":true}}\r\n'.encode())
    assert b"Authorization Violation" in await reader.readline()
    writer.close()


def _content(path: Path) -> bytes:
    """What is in the file; the server replaces files of its store at any time, and one that went has nothing."""
    with contextlib.suppress(FileNotFoundError, IsADirectoryError):
        return path.read_bytes()
    return b""


def _runs(pid: int) -> bool:
    """Whether it runs: an orphan that ended may stay a zombie until the system reaps it."""
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
