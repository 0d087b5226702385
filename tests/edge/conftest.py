"""Every test that takes `broker` runs on both real brokers."""

import asyncio

import pytest
from edge_brokers import Hub, Mosquitto, Nats


@pytest.fixture(params=[Nats, Mosquitto], ids=lambda kind: kind.name)
async def broker(request, tmp_path):
    running = request.param(tmp_path)
    try:
        await running.start()
        yield running
    finally:
        await running.stop()


@pytest.fixture
async def hub(broker):
    """A connected hub."""
    hub = Hub(broker.adapter.hub_login)
    async with hub.link:
        async with asyncio.timeout(5):
            while not hub.link.connected:
                await asyncio.sleep(0.01)
        yield hub
