"""The hub's connection on both real brokers: it comes back, and nothing that a device sends can stop it."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time

import pytest
from edge_brokers import EPOCH, HALL, Device, Hub, device_login, until

from hub.adapters import mqtt
from hub.adapters.mqtt import LANE_MESSAGES, OUTGOING_MESSAGES, BrokerLogin, Lanes, Outgoing
from protocol import topics
from protocol.downward import HubOnline, encode
from protocol.limits import UP_BYTES
from tools.ports import free_port

ONLINE = topics.hub_online(HALL)
HERE, GONE = encode(HubOnline(1, EPOCH)), encode(HubOnline(0, EPOCH))

A_HUB = """
import asyncio, sys
from hub.adapters.mqtt import BrokerLogin, MqttLink

async def main(port, user, password, client_id, hall, epoch):
    async def inbox(topic, payload): pass
    login = BrokerLogin("127.0.0.1", int(port), user, password, client_id)
    async with MqttLink(login, hall, int(epoch), inbox, lambda: None):
        await asyncio.Event().wait()

asyncio.run(main(*sys.argv[1:]))
"""


@contextlib.asynccontextmanager
async def pad(broker, device: str = "pad-1"):
    login = device_login(device)
    await broker.adapter.grant(login)
    async with Device(broker.port, login) as connected:
        yield connected


async def test_a_retained_state_reaches_who_comes_late(broker, hub):
    topic = topics.window_state(HALL, "w1")
    hub.link.publish(topic, b"A012", retain=True)
    await until(lambda: hub.link.published == 1)
    async with pad(broker) as late:
        await late.subscribe(topic)
        await late.gets(topic, b"A012")


async def test_the_hub_says_that_it_is_there_and_at_its_end_that_it_is_not(broker):
    hub = Hub(broker.adapter.hub_login)
    async with pad(broker) as device:
        await device.subscribe(ONLINE)
        async with hub.link:
            await device.gets(ONLINE, HERE)
        await device.gets(ONLINE, GONE)


async def test_a_hub_that_is_there_says_so_again_when_that_was_lost(broker, monkeypatch):
    """As when the will of an earlier connection comes late, or somebody clears what the broker retains."""
    monkeypatch.setattr(mqtt, "ONLINE_EVERY_S", 0.2)
    hub = Hub(broker.adapter.hub_login)
    async with pad(broker) as device, hub.link:
        await until(lambda: hub.link.connected)
        await device.subscribe(ONLINE)
        for lost in (GONE, b""):
            hub.link.publish(ONLINE, lost, retain=True)
            await device.gets(ONLINE, lost)
            device.got.clear()
            await device.gets(ONLINE, HERE)
        hub.link.use_epoch(EPOCH + 1)
        await device.gets(ONLINE, encode(HubOnline(1, EPOCH + 1)))
        device.got.clear()
        await until(lambda: device.got)
        assert set(device.got[ONLINE]) == {encode(HubOnline(1, EPOCH + 1))}
    assert hub.link.connects == 1


async def test_an_epoch_that_begins_while_the_hub_connects_is_told(broker):
    hub = Hub(broker.adapter.hub_login)
    async with pad(broker) as device:
        await device.subscribe(ONLINE)
        connect = mqtt.subscribe

        async def slowly(client, topic):
            hub.link.use_epoch(EPOCH + 1)
            await connect(client, topic)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(mqtt, "subscribe", slowly)
            async with hub.link:
                await until(lambda: hub.link.connected)
                await until(lambda: device.got)
        assert device.got[ONLINE][0] == encode(HubOnline(1, EPOCH + 1))


async def test_the_will_of_a_killed_hub_says_that_it_is_gone(broker):
    login = broker.adapter.hub_login
    arguments = [str(login.port), login.user, login.password, login.client_id, HALL, str(EPOCH)]
    async with pad(broker) as device:
        await device.subscribe(ONLINE)
        with subprocess.Popen([sys.executable, "-c", A_HUB, *arguments]) as process:
            await device.gets(ONLINE, HERE)
            process.kill()
            await device.gets(ONLINE, GONE)


async def test_after_a_killed_broker_the_hub_is_back_and_publishes_everything_again(broker, hub):
    await broker.crash()
    await until(lambda: not hub.link.connected)
    hub.link.publish(topics.window_state(HALL, "w1"), b"lost", retain=True)
    assert hub.link.dropped == 1
    await until(lambda: hub.greetings == 2)
    assert (hub.link.connected, hub.link.reconnects, hub.link.last_error) == (True, 1, "")
    async with pad(broker) as device:
        await device.client.publish(topics.up(HALL, "pad-1", "events"), b"a press", qos=1)
        await hub.hears(b"a press")


async def test_devices_that_were_let_in_still_are_after_a_killed_broker(broker, hub):
    login = device_login("pad-1")
    await broker.adapter.grant(login)
    await broker.crash()
    await until(lambda: hub.greetings == 2)
    async with Device(broker.port, login):
        pass


async def test_a_message_far_too_long_stops_nobody(broker, hub):
    async with pad(broker) as shouter, pad(broker, "pad-2") as device:
        await shouter.try_publish(topics.up(HALL, "pad-1", "events"), bytes(1_000_000))
        await device.client.publish(topics.up(HALL, "pad-2", "events"), b"a press", qos=1)
        await hub.hears(b"a press")
    assert hub.greetings == 1


async def test_a_message_over_the_limit_is_handed_over_to_be_judged(broker, hub):
    async with pad(broker) as device:
        await device.client.publish(topics.up(HALL, "pad-1", "events"), bytes(UP_BYTES + 1), qos=1)
        await hub.hears(bytes(UP_BYTES + 1))


async def test_a_refused_subscription_is_noticed(broker):
    login = device_login("pad-1")
    await broker.adapter.grant(login)
    hub = Hub(BrokerLogin("127.0.0.1", broker.port, "pad-1", login.password, login.client_id))
    async with hub.link:
        await until(lambda: "refuses the subscription to q1/north/d/+/up/+" in hub.link.last_error)
    assert not hub.greetings


async def test_a_wrong_password_is_said_without_saying_it(broker):
    hub = Hub(BrokerLogin("127.0.0.1", broker.port, "somebody", "a secret", "some-id"))
    async with hub.link:
        await until(lambda: hub.link.last_error)
    assert "refuses user 'somebody'" in hub.link.last_error
    assert f"127.0.0.1:{broker.port}" in hub.link.last_error
    assert "secret" not in hub.link.last_error + repr(hub.link._login)


async def test_a_mistake_while_greeting_is_logged_and_tried_again(broker, caplog):
    hub = Hub(broker.adapter.hub_login)

    def greet() -> None:
        hub.greetings += 1
        if hub.greetings == 1:
            raise RuntimeError("as planned")

    hub.link._on_connected = greet
    async with hub.link:
        await until(lambda: hub.greetings == 2 and hub.link.connected)
    assert "as planned" in caplog.text


async def test_no_broker_is_said_and_ends_nothing():
    hub = Hub(BrokerLogin("127.0.0.1", free_port(), "hub", "x", "hub-1"))
    async with hub.link:
        await until(lambda: "no connection to the broker" in hub.link.last_error)
        hub.link.publish("q1/north/w/w1/state", b"x", retain=True)
    assert hub.link.dropped == 1


async def test_a_silent_broker_does_not_keep_the_hub_from_ending(broker, hub):
    pid = broker.adapter.pid if broker.name == "nats" else broker.process.pid
    os.kill(pid, signal.SIGSTOP)
    try:
        hub.link.publish(ONLINE, b"unheard", retain=False)
        since = time.monotonic()
        await hub.link.__aexit__()
        assert time.monotonic() - since < 5
    finally:
        os.kill(pid, signal.SIGCONT)


async def test_700_windows_change_within_a_second(broker, hub):
    delays = []
    async with pad(broker) as device:
        await device.subscribe(ONLINE)
        for number in range(700):
            hub.link.publish(topics.window_state(HALL, f"w{number}"), b"x" * 200, retain=True)
        since = time.monotonic()
        await until(lambda: hub.link.published == 700)
        delays.append(time.monotonic() - since)
    assert hub.link.dropped == 0
    assert delays[0] < 1


async def test_a_newer_state_takes_the_place_of_one_that_waits():
    outgoing = Outgoing()
    for payload in (b"1", b"2"):
        outgoing.put("w/1", payload, True)
        outgoing.put("w/2", payload, True)
    outgoing.put("ack", b"1", False)
    outgoing.put("ack", b"2", False)
    assert [await outgoing.get() for _ in range(4)] == [
        ("w/1", b"2", True),
        ("w/2", b"2", True),
        ("ack", b"1", False),
        ("ack", b"2", False),
    ]


def test_what_waits_to_be_sent_is_bounded_but_states_always_have_room():
    outgoing = Outgoing()
    assert all(outgoing.put("ack", b"", False) for _ in range(OUTGOING_MESSAGES))
    assert not outgoing.put("ack", b"", False)
    assert outgoing.put("w/1", b"", True)
    assert outgoing.clear() == OUTGOING_MESSAGES + 1


async def test_a_device_whose_message_hangs_or_fails_holds_up_only_itself(caplog):
    handled = []

    async def inbox(topic: str, payload: bytes) -> None:
        if payload == b"hang":
            await asyncio.Event().wait()
        if payload == b"fail":
            raise RuntimeError("as planned")
        handled.append((topic.split("/")[3], payload))

    lanes = Lanes(inbox)
    for device, payload in (("a", b"hang"), ("a", b"1"), ("b", b"fail"), ("b", b"1"), ("b", b"2"), ("c", b"1")):
        assert lanes.put(topics.up(HALL, device, "events"), payload)
    await until(lambda: len(handled) == 3)
    assert sorted(handled) == [("b", b"1"), ("b", b"2"), ("c", b"1")]
    assert "q1/north/d/b/up/events (4 bytes) could not be handled" in caplog.text
    assert [lanes.put(topics.up(HALL, "a", "events"), b"") for _ in range(LANE_MESSAGES)].count(False) == 2
    await lanes.stop()
