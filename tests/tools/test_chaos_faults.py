"""The faults of a run: drawn from the seed alone, every kind among them. The rules of the wire, and its proxy."""

from __future__ import annotations

import asyncio

import pytest

from tools import bundle
from tools.chaos import faults, mistake, netns
from tools.chaos.proxy import ProxyWire
from tools.demo.runtime import RuntimeProblem
from tools.ports import free_port

DEVICES = ("display-1", "call-1", "rate-1")


def test_the_same_seed_draws_the_same_faults():
    assert faults.draw(5, 40, DEVICES) == faults.draw(5, 40, DEVICES) != faults.draw(6, 40, DEVICES)


def test_they_come_in_order_of_time_and_within_the_run():
    drawn = faults.draw(1, 200, DEVICES)
    assert [fault.at_s for fault in drawn] == sorted(fault.at_s for fault in drawn)
    assert drawn[0].at_s > 0 and drawn[-1].at_s <= 200 * faults.GAP_S


@pytest.mark.parametrize("seed", range(20))
def test_every_kind_comes_for_each_of_its_targets(seed):
    drawn = faults.draw(seed, len(faults.WEIGHTS), DEVICES)
    assert {(fault.kind, fault.target) for fault in drawn} == set(faults.WEIGHTS)
    assert all(fault.victim in (*DEVICES, "hub", "broker", "wire") for fault in drawn)


def test_the_rules_drop_only_what_goes_to_and_from_the_broker():
    assert "drop" not in netns.rules(1883, False, False, [])
    lossy = netns.rules(1883, True, False, [])
    assert lossy.count("numgen random mod 100 < 30 drop") == 2 and lossy.count("1883") == 2
    assert netns.rules(1883, True, True, []).count("numgen") == 0
    assert "tcp dport 1883 tcp sport { 5, 7 } drop" in netns.rules(1883, False, False, [7, 5])


def test_a_mistake_that_no_longer_fits_the_firmware_says_so():
    texts = bundle.texts()
    assert mistake.change("erase-on-puback", texts) != texts
    with pytest.raises(RuntimeProblem, match="no longer fits"):
        mistake.change("erase-on-puback", {**texts, "firmware/mqtt.py": ""})


@pytest.fixture
async def echo():
    """A proxy before a server that says everything back."""

    async def serve(reader, writer):
        while piece := await reader.read(100):
            writer.write(piece)
        writer.close()

    port = free_port()
    server = await asyncio.start_server(serve, "127.0.0.1", port)
    wire = ProxyWire(port, 1)
    await wire.open()
    yield wire
    await wire.close()
    server.close()


async def answer(reader, within_s=5.0):
    async with asyncio.timeout(within_s):
        return await reader.read(100)


async def test_the_proxy_holds_everything_back_in_a_black_hole(echo):
    reader, writer = await asyncio.open_connection("127.0.0.1", echo.device_port)
    await echo.set(False, True)
    writer.write(b"one")
    with pytest.raises(TimeoutError):
        await answer(reader, 0.3)
    await echo.heal()
    assert await answer(reader) == b"one"
    writer.close()


async def test_a_half_open_connection_stays_so_and_others_go_on(echo):
    reader, writer = await asyncio.open_connection("127.0.0.1", echo.device_port)
    await echo.half_open([writer.get_extra_info("sockname")[1]])
    writer.write(b"lost")
    await echo.heal()
    other_reader, other = await asyncio.open_connection("127.0.0.1", echo.device_port)
    other.write(b"new")
    assert await answer(other_reader) == b"new"
    with pytest.raises(TimeoutError):
        await answer(reader, 0.3)
    for each in (writer, other):
        each.close()
