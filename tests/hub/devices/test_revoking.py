"""Revoking while the broker does not answer: the hub is deaf to the board at once, and the broker is told later."""

import asyncio

import pytest

from hub.adapters.memory import MemoryStore
from hub.devices import registry as module
from hub.devices.registry import Registry
from hub.ports import BrokerError, StoreError


class Broker:
    """Who is let in; `away`: answers nothing."""

    def __init__(self):
        self.let_in: set[str] = set()
        self.away = False

    async def grant(self, login):
        self._answer()
        self.let_in.add(login.device)

    async def revoke(self, device):
        self._answer()
        self.let_in.discard(device)

    async def reconcile(self, devices):
        return set()

    def _answer(self):
        if self.away:
            raise BrokerError("nobody answers")


@pytest.fixture
async def hall(monkeypatch):
    monkeypatch.setattr(module, "TELL_AGAIN_S", 0)
    broker = Broker()
    registry = Registry(MemoryStore(), broker, lambda: 1_700_000_000_000)
    await registry.register("pad-1", "rating_pad", "w1")
    telling = asyncio.create_task(registry.keep_telling())
    yield registry, broker
    telling.cancel()
    await asyncio.gather(telling, return_exceptions=True)


async def turns():
    for _ in range(20):
        await asyncio.sleep(0)


async def test_the_hub_is_deaf_at_once_and_the_broker_cuts_it_when_it_answers(hall):
    registry, broker = hall
    broker.away = True
    with pytest.raises(BrokerError):
        await registry.revoke("pad-1")
    assert registry.active("pad-1") is None
    await turns()
    assert broker.let_in == {"pad-1"}
    broker.away = False
    await turns()
    assert broker.let_in == set()


async def test_asking_again_tells_the_broker_again(hall):
    registry, broker = hall
    broker.away = True
    for _ in range(2):
        with pytest.raises(BrokerError):
            await registry.revoke("pad-1")
    broker.away = False
    await registry.revoke("pad-1")
    assert broker.let_in == set()


async def test_who_was_registered_anew_meanwhile_stays(hall):
    registry, broker = hall
    broker.away = True
    with pytest.raises(BrokerError):
        await registry.revoke("pad-1")
    broker.away = False
    await registry.register("pad-1", "rating_pad", "w1")
    await turns()
    assert broker.let_in == {"pad-1"} and registry.active("pad-1")


async def test_a_registration_that_failed_leaves_it_to_be_thrown_out(hall):
    registry, broker = hall
    broker.away = True
    with pytest.raises(BrokerError):
        await registry.revoke("pad-1")
    with pytest.raises(BrokerError):
        await registry.register("pad-1", "rating_pad", "w1")
    broker.away = False
    await turns()
    assert broker.let_in == set() and registry.active("pad-1") is None


async def test_a_revocation_that_could_not_be_kept_throws_nobody_out(hall, monkeypatch):
    registry, broker = hall

    def full(device, at_ms):
        raise StoreError("the disk is full")

    monkeypatch.setattr(registry._book, "keep_device", full)
    with pytest.raises(StoreError):
        await registry.revoke("pad-1")
    await turns()
    assert broker.let_in == {"pad-1"} and registry.active("pad-1")
