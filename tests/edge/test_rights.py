"""Who may say and hear what, tried by delivery: a broker may grant a forbidden subscription and deliver nothing."""

import asyncio
import contextlib

import aiomqtt
import pytest
from edge_brokers import HALL, Device, device_login

from hub.adapters.mqtt_probe import may_log_in
from protocol import topics

ALLOWED = {
    topics.down(HALL, "pad-1", "ack"),
    topics.window_state(HALL, "w1"),
    topics.board_state(HALL, "hall"),
    topics.hub_online(HALL),
}
FORBIDDEN = {
    topics.down(HALL, "pad-2", "ack"),
    topics.window_state(HALL, "w2"),
    topics.up(HALL, "pad-2", "events"),
    topics.up(HALL, "pad-1", "events"),
}
GREEDY = (
    "#",
    "+/#",
    "q1/#",
    "q1/+/#",
    f"q1/{HALL}/#",
    f"q1/{HALL}/d/+/down/+",
    f"q1/{HALL}/d/#",
    f"q1/{HALL}/w/+/state",
)
NATS_INTERNAL = ("$MQTT/sub/#", "$MQTT/#", "$MQTT/+/#", "$JS/#", "$SYS/#", "_INBOX/#")


@pytest.fixture
async def pads(broker):
    """pad-1 at window w1 and pad-2 at w2."""
    logins = device_login("pad-1", "w1"), device_login("pad-2", "w2")
    for login in logins:
        await broker.adapter.grant(login)
    return logins


async def test_a_device_writes_under_its_own_name_and_nowhere_else(broker, hub, pads):
    elsewhere = [
        topics.up(HALL, "pad-2", "events"),
        topics.down(HALL, "pad-2", "ack"),
        topics.down(HALL, "pad-1", "ack"),
        topics.window_state(HALL, "w1"),
        topics.board_state(HALL, "hall"),
        topics.hub_online(HALL),
        f"q1/{HALL}/d/pad-1/up/anything",
        f"q1/{HALL}/d/pad-1/up/events/deeper",
        f"q1/{HALL}/d/up/up/events",
        "q1/south/d/pad-1/up/events",
    ]
    async with Device(broker.port, pads[1]) as victim:
        for topic in ALLOWED | {topics.down(HALL, "pad-2", "ack"), topics.window_state(HALL, "w2")}:
            await victim.subscribe(topic)
        for topic in elsewhere:
            async with Device(broker.port, pads[0]) as liar:
                await liar.try_publish(topic, b"a lie", retain=True)
        async with Device(broker.port, pads[0]) as pad:
            await pad.client.publish(topics.up(HALL, "pad-1", "events"), b"true", qos=1)
        await hub.hears(b"true")
        hub.link.publish(topics.down(HALL, "pad-2", "ack"), b"end", retain=False)
        await victim.gets(topics.down(HALL, "pad-2", "ack"), b"end")
        assert b"a lie" not in [payload for _topic, payload in hub.heard]
        assert b"a lie" not in [payload for payloads in victim.got.values() for payload in payloads]


@pytest.mark.parametrize("qos", [0, 1])
async def test_a_device_hears_what_is_for_it_whatever_it_subscribes_to(broker, hub, pads, qos):
    for topic in FORBIDDEN:
        hub.link.publish(topic, b"kept", retain=True)  # a retained message must not leak at subscribing either
    async with Device(broker.port, pads[0]) as pad, Device(broker.port, pads[1]) as other:
        await other.subscribe(topics.down(HALL, "pad-2", "ack"), qos=1)
        for topic in (*ALLOWED, *FORBIDDEN, *GREEDY, *NATS_INTERNAL):
            await pad.subscribe(topic, qos)
        for topic in ALLOWED | FORBIDDEN:
            hub.link.publish(topic, b"news", retain=False)
        for topic in ALLOWED:
            await pad.gets(topic, b"news")
        await other.gets(topics.down(HALL, "pad-2", "ack"), b"news")
        hub.link.publish(topics.down(HALL, "pad-1", "ack"), b"end", retain=False)
        await pad.gets(topics.down(HALL, "pad-1", "ack"), b"end")
        assert set(pad.got) <= ALLOWED


async def test_a_will_has_no_more_rights_than_its_device(broker, hub, pads):
    for topic, payload in (
        (topics.up(HALL, "pad-2", "online"), b"a lie"),
        (topics.up(HALL, "pad-1", "online"), b"gone"),
    ):
        with contextlib.suppress(aiomqtt.MqttError):  # a broker may refuse such a will at the door
            async with Device(broker.port, pads[0], will=aiomqtt.Will(topic, payload, qos=1, retain=True)) as pad:
                pad.vanish()
                await pad.cut.wait()
    await hub.hears(b"gone")
    assert b"a lie" not in [payload for _topic, payload in hub.heard]


async def test_nobody_gets_in_without_a_name_or_with_a_wrong_password(broker, pads):
    assert await may_log_in("127.0.0.1", broker.port, "pad-1", "wrong") is False
    assert await may_log_in("127.0.0.1", broker.port, "", "") is False
    with pytest.raises(aiomqtt.MqttError):
        async with aiomqtt.Client("127.0.0.1", broker.port, timeout=2):
            pass


async def test_a_revoked_device_is_cut_at_once_and_the_others_stay(broker, hub, pads):
    async with Device(broker.port, pads[0]) as pad, Device(broker.port, pads[1]) as other:
        await broker.adapter.revoke("pad-1")
        await pad.cut.wait()
        await other.client.publish(topics.up(HALL, "pad-2", "events"), b"still here", qos=1)
        await hub.hears(b"still here")
        assert not other.cut.is_set()
    assert hub.greetings == 1
    assert await may_log_in("127.0.0.1", broker.port, "pad-1", pads[0].password) is False


async def test_revoking_twice_or_an_unknown_device_is_no_error(broker):
    await broker.adapter.revoke("nobody")
    await broker.adapter.revoke("nobody")


async def test_a_new_login_ends_the_old_one(broker, pads):
    async with Device(broker.port, pads[0]) as pad:
        new = device_login("pad-1")
        await broker.adapter.grant(new)
        await pad.cut.wait()
    with pytest.raises(aiomqtt.MqttError):
        await Device(broker.port, pads[0]).__aenter__()
    async with Device(broker.port, new):
        pass


async def test_a_device_cannot_throw_another_out_by_taking_its_name(broker, hub, pads):
    async with Device(broker.port, pads[1]) as victim:
        try:
            async with Device(broker.port, pads[0], client_id="pad-2"):
                pass
        except aiomqtt.MqttError:
            pass  # mosquitto ties the client id to the login
        await victim.client.publish(topics.up(HALL, "pad-2", "events"), b"undisturbed", qos=1)
        await hub.hears(b"undisturbed")
        assert not victim.cut.is_set()


async def test_many_devices_can_be_let_in_at_the_same_time(broker):
    logins = [device_login(f"pad-{number}") for number in range(30)]
    await asyncio.gather(*(broker.adapter.grant(login) for login in logins))
    devices = [Device(broker.port, login) for login in logins]
    await asyncio.gather(*(device.__aenter__() for device in devices))
    await asyncio.gather(*(device.__aexit__() for device in devices))
