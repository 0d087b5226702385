"""The embedded broker's disk was full: when there is room again it takes messages again, by itself."""

from __future__ import annotations

import asyncio
import resource
import time

import aiomqtt
from edge_brokers import EPOCH, HALL, Device, device_login

from hub.adapters.nats import EmbeddedBroker
from protocol import topics
from tools.ports import free_port

WITHIN_S = 40
"""The server gives up a message after 5 s, its restart takes up to 5 s, and then it serves at once."""


def allow_file_bytes(pid: int, most: int) -> None:
    """The kernel refuses writes beyond `most`, as a full disk does."""
    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, hard))


async def is_kept(broker: EmbeddedBroker, port: int, login, payload: bytes) -> bool:
    """Whether the broker acknowledges a message that it must keep."""
    topic = topics.up(HALL, login.device, "online")
    try:
        async with asyncio.timeout(3), Device(port, login) as device:
            await device.client.publish(topic, payload, qos=1, retain=True, timeout=2)
    except (aiomqtt.MqttError, TimeoutError):
        return False
    return True


async def test_messages_are_kept_again_when_there_is_room_again(tmp_path, caplog):
    port = free_port()
    broker = EmbeddedBroker(tmp_path / "broker", HALL, port=port)
    await broker.start()
    try:
        login = device_login("pad-1")
        await broker.grant(login)
        assert await is_kept(broker, port, login, b"before")
        full = broker.pid
        allow_file_bytes(full, 16)
        assert not await is_kept(broker, port, login, b"full"), "the disk was never full"
        if broker.pid == full:
            allow_file_bytes(full, resource.RLIM_INFINITY)
        deadline = time.monotonic() + WITHIN_S
        while not await is_kept(broker, port, login, f"after {EPOCH}".encode()):
            assert time.monotonic() < deadline, "it never kept a message again"
        assert "is the disk full?" in caplog.text
    finally:
        await broker.stop()
