"""Whoever should not, cannot: the brokers, attacked as such systems are. Delivery counts, never what they answer."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import aiomqtt
import psutil
import pytest
from edge_brokers import HALL, Device, Hub, Mosquitto, Nats, device_login, lets_in, until

from hub.adapters import ca
from hub.adapters.memory import MemoryStore
from hub.adapters.mqtt_probe import may_connect, may_log_in
from hub.bootstrap import Settings, open_hub
from hub.devices.registry import Registry
from protocol import topics
from protocol.upward import Events, Online, Rating, encode, read_online
from tests.hub.web.web_hall import web_hall
from tools.bench.hall import write_hall
from tools.ports import free_port

EVERYTHING = ("#", "+/#", f"q1/{HALL}/#", f"q1/{HALL}/d/+/up/+", "$SYS/#")
REVOKED_WITHIN_S = 5
ANSWER_S = 2


@pytest.fixture(params=[Nats, Mosquitto], ids=lambda kind: kind.name)
async def broker(request, tmp_path: Path) -> AsyncIterator[Nats | Mosquitto]:
    running = request.param(tmp_path)
    try:
        await running.start()
        yield running
    finally:
        await running.stop()


@pytest.fixture
async def hub(broker) -> AsyncIterator[Hub]:
    hub = Hub(broker.adapter.hub_login)
    async with hub.link:
        await until(lambda: hub.link.connected)
        yield hub


def press(epoch: int) -> bytes:
    return encode(Events(epoch, [Rating(1, 0, "w1", "", 5)]))


async def test_02_open_broker(broker, hub):
    with pytest.raises(aiomqtt.MqttError):
        async with aiomqtt.Client("127.0.0.1", broker.port, timeout=ANSWER_S):
            pass
    assert not await may_connect("127.0.0.1", broker.port, None, None)
    for user in ("", "admin", "_hub", f"_hub-{HALL}", "jiaohao"):
        assert not await may_log_in("127.0.0.1", broker.port, user, "")
        assert not await may_log_in("127.0.0.1", broker.port, user, user)
    hub_login = broker.adapter.hub_login
    for password in ("", "wrong", hub_login.user, hub_login.client_id):
        login = (hub_login.user, password)
        assert not await may_connect("127.0.0.1", broker.port, login, None, hub_login.client_id)
    curious, victim = device_login("curious", "w1"), device_login("victim", "w2")
    for login in (curious, victim):
        await broker.adapter.grant(login)
    async with Device(broker.port, curious) as listening, Device(broker.port, victim) as talking:
        for topic in EVERYTHING:
            await listening.subscribe(topic, qos=1)
        await talking.client.publish(topics.up(HALL, "victim", "events"), press(1), qos=1)
        await hub.hears(press(1))
        hub.link.publish(topics.window_state(HALL, "w2"), b"not yours", retain=True)
        await listening.subscribe(topics.down(HALL, "curious", "ack"))
        hub.link.publish(topics.down(HALL, "curious", "ack"), b"end", retain=False)
        await listening.gets(topics.down(HALL, "curious", "ack"), b"end")
        assert set(listening.got) == {topics.down(HALL, "curious", "ack")}


def speaks_plainly(port: int) -> str:
    """What is answered to HTTP or MQTT in plain text; empty: the line is cut, or nothing is said."""
    connect = b"\x10\x10\x00\x04MQTT\x04\x02\x00\x05\x00\x04scan"
    for asked in (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", connect):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), ANSWER_S) as line:
            line.settimeout(ANSWER_S)
            line.sendall(asked)
            answer = line.recv(64)
            if answer and answer[0] != 0x15:  # a TLS alert is no answer
                return repr(answer)
    return ""


async def test_02_open_broker_port_scan(tmp_path: Path):
    """All that the hub and its broker listen on, where others can come, is TLS with the hall's own certificate."""
    data = tmp_path / "data"
    files = ca.init(data, ["hub.example"], datetime.now(UTC)).files
    write_hall(tmp_path / "hall.toml", 1)
    ours = {free_port(), free_port()}
    pages, mqtt = ours
    async with open_hub(Settings(tmp_path / "hall.toml", data, ("0.0.0.0", pages), ("0.0.0.0", mqtt))):
        me = psutil.Process()
        lines = [line for process in (me, *me.children()) for line in process.net_connections("tcp")]
        open_ports = {
            line.laddr.port
            for line in lines
            if line.status == psutil.CONN_LISTEN and not line.laddr.ip.startswith("127.") and line.laddr.ip != "::1"
        }
        assert open_ports == ours
        for port in ours:
            assert await asyncio.to_thread(speaks_plainly, port) == ""
            context = ca.client_context(files.trusted)
            _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname="hub.example")
            writer.close()
            with pytest.raises(ssl.SSLCertVerificationError):
                await asyncio.open_connection("127.0.0.1", port, ssl=ssl.create_default_context())


def test_the_port_scan_can_fail():
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            line, _ = server.accept()
            line.recv(64)
            line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            line.close()

        thread = threading.Thread(target=serve)
        thread.start()
        assert "200 OK" in speaks_plainly(server.getsockname()[1])
        thread.join()


async def test_09_forged_or_replayed_rating_at_the_broker(broker, hub):
    liar, victim = device_login("liar"), device_login("victim")
    for login in (liar, victim):
        await broker.adapter.grant(login)
    async with Device(broker.port, liar) as device:
        for name in topics.UP:
            await device.try_publish(topics.up(HALL, "victim", name), press(666))
            await device.try_publish(topics.up(HALL, "victim", name), press(666), retain=True)
    will = aiomqtt.Will(topics.up(HALL, "victim", "events"), press(666), qos=1)
    with contextlib.suppress(aiomqtt.MqttError):
        async with Device(broker.port, liar, will=will) as device:
            device.vanish()
            await device.cut.wait()
    async with Device(broker.port, victim) as device:
        await device.client.publish(topics.up(HALL, "victim", "events"), press(1), qos=1)
    await hub.hears(press(1))
    assert press(666) not in [payload for _, payload in hub.heard]


async def test_10_client_id_hijack_and_clone(broker, hub):
    registry = Registry(MemoryStore(), broker.adapter, lambda: int(time.time() * 1000))
    victim = await registry.register("victim", "rating_pad", "w1")
    liar = await registry.register("liar", "rating_pad", "w2")
    # A hijack: another's credentials, and every client id that can be guessed from outside.
    async with Device(broker.port, victim) as pad:
        for client_id in ("victim", "hub", f"hub-{HALL}", "_hub"):
            with contextlib.suppress(aiomqtt.MqttError):
                async with Device(broker.port, liar, client_id=client_id):
                    pass
        await pad.client.publish(topics.up(HALL, "victim", "events"), press(1), qos=1)
        await hub.hears(press(1))
        assert not pad.cut.is_set() and hub.greetings == 1
    # A clone: two boards with all of the victim's secrets push each other off; both are heard, and it is noticed.
    for turn in range(1, 5):
        for run in (11, 22):
            said = encode(Online(1, turn, turn, run))
            async with Device(broker.port, victim) as board:
                await board.client.publish(topics.up(HALL, "victim", "online"), said, qos=1, retain=True)
            await hub.hears(said)
            registry.saw_online("victim", read_online(said))
    assert registry.seen["victim"].has_clone and not registry.seen["liar"].has_clone
    await registry.register("victim", "rating_pad", "w1")
    assert not registry.seen["victim"].has_clone


async def test_15_secrets_on_a_stolen_board(broker, hub):
    registry = Registry(MemoryStore(), broker.adapter, lambda: int(time.time() * 1000))
    logins = [await registry.register(name, "rating_pad", "w1") for name in ("stolen", "other", "third")]
    assert len({login.password for login in logins}) == len({login.client_id for login in logins}) == 3
    stolen = logins[0]
    for user in ("other", "third", "_hub", f"_hub-{HALL}", "admin", "_probe"):
        assert not await lets_in(broker.port, replace(stolen, device=user))
    async with Device(broker.port, stolen) as thief, Device(broker.port, logins[1]) as other:
        for topic in (*EVERYTHING, topics.down(HALL, "other", "ack")):
            await thief.subscribe(topic, qos=1)
        hub.link.publish(topics.down(HALL, "other", "ack"), b"not yours", retain=False)
        began = time.monotonic()
        await registry.revoke("stolen")
        await asyncio.wait_for(thief.cut.wait(), REVOKED_WITHIN_S)
        assert time.monotonic() - began < REVOKED_WITHIN_S
        await other.client.publish(topics.up(HALL, "other", "events"), press(2), qos=1)
        await hub.hears(press(2))
        assert thief.got == {} and not other.cut.is_set()
    assert not await lets_in(broker.port, stolen) and await lets_in(broker.port, logins[1])


async def test_15_secrets_on_a_stolen_board_open_no_page(tmp_path: Path):
    async with web_hall(tmp_path) as hall:
        admin = await hall.logged_in("admin")
        window = next(iter(hall.service.state.windows))
        body = {"id": "stolen", "role": "rating_pad", "window": window}
        config = (await admin.post("/api/v1/devices", json=body)).raise_for_status().json()
        thief = hall.visitor()
        for secret in (config["password"], config["client_id"]):
            answer = await thief.post("/api/v1/login", json={"name": "stolen", "password": secret})
            assert answer.status_code in (401, 429)
            bearer = {"Authorization": f"Bearer {secret}"}
            assert (await thief.get("/api/v1/devices", headers=bearer)).status_code == 401
