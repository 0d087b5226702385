"""A broker and a database that came apart, because one of them was restored: what the database says counts."""

import asyncio
import contextlib
import logging
import time
from dataclasses import replace

from edge_brokers import HALL, Device, device_login, lets_in

from hub.adapters.memory import MemoryStore
from hub.devices.registry import Registry
from hub.ports import BrokerError
from protocol import topics


def registry_of(broker, store=None) -> Registry:
    return Registry(store or MemoryStore(), broker.adapter, lambda: 1_700_000_000_000)


async def test_who_is_in_the_database_stays_and_is_not_cut(broker, hub):
    registry = registry_of(broker)
    login = await registry.register("pad-1", "rating_pad", "w1")
    async with Device(broker.port, login) as pad:
        await registry.reconcile()
        await pad.client.publish(topics.up(HALL, "pad-1", "events"), b"here", qos=1)
        await hub.hears(b"here")
        assert not pad.cut.is_set()
    assert not registry.seen["pad-1"].is_locked_out


async def test_an_older_brokers_file_lets_nobody_in_who_was_thrown_out(broker):
    before = registry_of(broker)
    revoked = await before.register("pad-1", "rating_pad", "w1")
    async with Device(broker.port, revoked) as pad:
        store = MemoryStore()  # the database that knows of the revocation, and of nobody else
        await registry_of(broker, store).reconcile()
        await pad.cut.wait()
    assert not await lets_in(broker.port, revoked)


async def test_a_secret_of_before_opens_nothing_and_the_admin_is_told(broker, caplog):
    store = MemoryStore()
    registry = registry_of(broker, store)
    old = await registry.register("pad-1", "rating_pad", "w1")
    await registry.register("pad-1", "rating_pad", "w1")
    await broker.adapter.grant(old)  # the broker's file is from before the second registration
    assert await lets_in(broker.port, old)
    restarted = registry_of(broker, store)
    with caplog.at_level(logging.ERROR):
        await restarted.reconcile()
    assert not await lets_in(broker.port, old)
    assert restarted.seen["pad-1"].is_locked_out and "register them anew" in caplog.text
    new = await restarted.register("pad-1", "rating_pad", "w1")
    assert await lets_in(broker.port, new) and not restarted.seen["pad-1"].is_locked_out


async def test_a_broker_that_lost_its_file_is_told_with_all_names(broker, caplog):
    store = MemoryStore()
    registry = registry_of(broker, store)
    for device in ("pad-1", "pad-2"):
        await registry.register(device, "rating_pad", "w1")
        await broker.adapter.revoke(device)
    restarted = registry_of(broker, store)
    await restarted.reconcile()
    assert "pad-1, pad-2" in caplog.text and all(seen.is_locked_out for seen in restarted.seen.values())


async def test_rights_that_are_not_those_of_the_database_become_so(broker, hub):
    store = MemoryStore()
    login = await registry_of(broker, store).register("pad-1", "rating_pad", "w1")
    device = store.kept_devices["pad-1"]
    store.keep_device(replace(device, window="w2"))
    await registry_of(broker, store).reconcile()
    async with Device(broker.port, login) as pad:
        for topic in (topics.window_state(HALL, "w1"), topics.window_state(HALL, "w2")):
            await pad.subscribe(topic)
        hub.link.publish(topics.window_state(HALL, "w1"), b"before", retain=False)
        hub.link.publish(topics.window_state(HALL, "w2"), b"now", retain=False)
        await pad.gets(topics.window_state(HALL, "w2"), b"now")
        assert list(pad.got) == [topics.window_state(HALL, "w2")]


async def test_who_is_revoked_while_the_broker_is_dead_is_out_when_it_is_back(broker):
    registry = registry_of(broker)
    login = await registry.register("pad-1", "rating_pad", "w1")
    assert await lets_in(broker.port, login)
    telling = asyncio.create_task(registry.keep_telling())
    _, back = await asyncio.gather(revoke_anyhow(registry), broker.crash(), return_exceptions=True)
    assert back is None
    await until_out(broker, login)
    telling.cancel()
    await asyncio.gather(telling, return_exceptions=True)


async def revoke_anyhow(registry: Registry) -> None:
    with contextlib.suppress(BrokerError):
        await registry.revoke("pad-1")
    assert registry.active("pad-1") is None


async def until_out(broker, login) -> None:
    """Within 5 s of the broker's return it answers others, and not this one."""
    deadline = time.monotonic() + 15
    other = device_login("other")
    while True:
        with contextlib.suppress(BrokerError):
            await broker.adapter.grant(other)
            if await lets_in(broker.port, other) and not await lets_in(broker.port, login):
                return
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)
